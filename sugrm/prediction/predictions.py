"""Predicted scores of utterances, over the seeds of an ensemble."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sugrm.types import Task

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float32]

CONFIDENCE = 0.95
INTERVAL_SEEDS = 3
"""Fewest seeds of an interval: two leave the spread of their mean unknown."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Predictions:
    """The scores of N utterances, in the order of the input.

    Attributes:
        ids: [N] names of the utterances.
        by_seed: seed -> task letter -> [N] float32 predicted sentiment, as each model gives it.
        present: task letter -> [N] bool, whether the stream of a unimodal task has a step; a task
            that is not there always has its stream.
        labels: [N] human sentiment, NaN where the input has none; None without labels.
        cut: number of texts that were cut at the most tokens that the model reads.
        remarks: sentences for the user, on how the input was read.
    """

    ids: list[str]
    by_seed: Mapping[int, Mapping[str, Floats]]
    present: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    labels: Floats | None = None
    cut: int = 0
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return the number of utterances, and the seeds."""
        return f"Predictions({len(self)} utterances, seeds {', '.join(map(str, self.seeds))})"

    def __len__(self) -> int:
        """Return N."""
        return len(self.ids)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the models, ascending."""
        return tuple(sorted(self.by_seed))

    @property
    def tasks(self) -> tuple[str, ...]:
        """The letters of the scored tasks, M (multimodal), T, A, V (text, audio, vision alone)."""
        return tuple(self.by_seed[self.seeds[0]])

    @property
    def scores(self) -> Floats:
        """[N] multimodal sentiment, the mean over the seeds."""
        return self.mean(Task.MULTIMODAL)

    def mean(self, task: Task | str) -> Floats:
        """Return [N] the mean of a task over the seeds; NaN where its stream is absent.

        Of one seed it is that model's score, to the last bit.
        """
        letter = Task(task).value
        values = self._over_seeds(letter).astype(np.float64).mean(axis=0).astype(np.float32)
        present = self.present.get(letter)
        return values if present is None else np.where(present, values, np.float32(np.nan))

    def interval(self) -> tuple[Floats, Floats] | None:
        """Return the ends [N] of the interval of each score; None below three seeds.

        It is the 95 % t interval of the mean over the seeds: mean ± t(0.975, S - 1) s / sqrt(S) for
        S seeds with the standard deviation s (n - 1). It says how far the score depends on the
        seed of training, not how far it is from the true sentiment.
        """
        count = len(self.seeds)
        if count < INTERVAL_SEEDS:
            return None
        from scipy.special import stdtrit  # type: ignore[import-untyped]

        values = self._over_seeds(Task.MULTIMODAL.value).astype(np.float64)
        deviation = values.std(axis=0, ddof=1)
        half = stdtrit(count - 1, (1 + CONFIDENCE) / 2) * deviation / count**0.5
        mean = values.mean(axis=0)
        return (mean - half).astype(np.float32), (mean + half).astype(np.float32)

    def to_dict(self, *, unimodal: bool = True, per_seed: bool = False) -> dict[str, Any]:
        """Return the columns of the result by name, as lists and arrays of length N.

        ``id``, ``score``, with three seeds or more ``low`` and ``high``, ``score_T``, ``score_A``,
        ``score_V`` where the model has these tasks, and ``label`` where the input has labels.

        Args:
            unimodal: whether the scores of single modalities are among them.
            per_seed: whether the score of each seed is among them, as ``score_seed1111``.
        """
        columns: dict[str, Any] = {"id": self.ids, "score": self.scores}
        ends = self.interval()
        if ends is not None:
            columns |= {"low": ends[0], "high": ends[1]}
        if unimodal:
            letters = [each for each in self.tasks if each != Task.MULTIMODAL.value]
            columns |= {f"score_{letter}": self.mean(letter) for letter in letters}
        if per_seed:
            multimodal = Task.MULTIMODAL.value
            columns |= {f"score_seed{s}": self.by_seed[s][multimodal] for s in self.seeds}
        return columns if self.labels is None else {**columns, "label": self.labels}

    def to_pandas(self, *, unimodal: bool = True, per_seed: bool = False) -> "pd.DataFrame":
        """Return the columns of ``to_dict`` as a DataFrame.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas as pd

        return pd.DataFrame(self.to_dict(unimodal=unimodal, per_seed=per_seed))

    def _over_seeds(self, letter: str) -> Floats:
        """Return [S, N] the scores of a task by seed."""
        return np.stack([self.by_seed[seed][letter] for seed in self.seeds])
