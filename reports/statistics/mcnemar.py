"""Two classifiers compared on the same utterances: the exact McNemar test."""

from dataclasses import dataclass

from reports.statistics.classes import Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """Where two systems differ in which utterances they classify correctly.

    Attributes:
        utterances: number of utterances compared.
        first_only: number of utterances that only the first system has right.
        second_only: number of utterances that only the second system has right.
        p: two-sided exact p value.
    """

    utterances: int
    first_only: int
    second_only: int
    p: float


def mcnemar_test(first: Flags, second: Flags) -> McNemar:
    """Return the test of whether two systems are equally often right on the same utterances.

    Given how many utterances one system alone has right, under the null hypothesis each is the
    first's with probability 1/2: the two-sided binomial test of that count. Without such an
    utterance p is 1.

    Source: McNemar, Psychometrika 12 (2), 1947, in its exact form: a sign test of the utterances
    on which the two differ.

    Args:
        first: [N] whether the first system has each utterance right.
        second: [N] whether the second system has each utterance right.

    Raises:
        ValueError: the two are not vectors of one length.
    """
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError(
            f"mcnemar_test: got shapes {first.shape} and {second.shape}; expected two vectors of "
            "one length, the same utterances in the same order"
        )
    first_only, second_only = int((first & ~second).sum()), int((second & ~first).sum())
    discordant = first_only + second_only
    if not discordant:
        return McNemar(utterances=len(first), first_only=0, second_only=0, p=1.0)
    from scipy.stats import binomtest  # type: ignore[import-untyped]

    p = float(binomtest(first_only, discordant).pvalue)
    return McNemar(utterances=len(first), first_only=first_only, second_only=second_only, p=p)
