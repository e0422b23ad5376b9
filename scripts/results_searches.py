"""Table of docs/results.md: how far the best of a search falls back over fresh seeds.

docs/results/answer.yaml lists under ``searches`` kinds of search, each with the runs that repeat
it. The first kind of a corpus is the one that the others are compared with, run by run in order:
runs at the same place have the same seed of the sampler.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from reports import Results
from reports.content.table import Cell, Column, Estimate, Missing, Number, Style, Table, Text
from reports.results.confirmation import confirmation_of
from reports.results.search_entries import search_entries
from reports.statistics import paired_test, summarise
from scripts.results_answer import UnknownSettingError, answer

RunOf = Callable[[str], Results]


class Search(NamedTuple):
    """What one search found.

    Attributes:
        configurations: how many it tried.
        epochs: how many epochs its trials had, without the confirmation.
        searched: validation MAE of the confirmed configuration, in the search.
        confirmed: its mean validation MAE over the seeds of the confirmation.
        test: its mean test MAE over these seeds.
    """

    configurations: int
    epochs: int
    searched: float
    confirmed: float
    test: float

    @property
    def drop(self) -> float:
        """Return by how much the validation MAE is worse over fresh seeds."""
        return self.confirmed - self.searched


def search_of(results: Results) -> Search:
    """Return what a run's search found.

    Raises:
        UnknownSettingError: the run has not confirmed the best configuration with every seed.
    """
    best = confirmation_of(results).best
    if best is None or best.missing:
        raise UnknownSettingError(f"{results.folder.name} has not confirmed a configuration")
    entries = search_entries(results)
    (entry,) = (each for each in entries if each.trial.key == best.group)
    return Search(
        configurations=len(entries),
        epochs=sum(trial.epochs or 0 for each in entries for trial in each.trials),
        searched=entry.trial.valid["mae"],
        confirmed=fmean(best.values("valid", "mae").values()),
        test=fmean(best.values("test", "mae").values()),
    )


def searches_table(run: RunOf) -> Table:
    """Return the table of the kinds of search that are listed."""
    rows: list[tuple[Cell, ...]] = []
    for corpus, kinds in answer()["searches"].items():
        found = {kind: [search_of(run(name)) for name in names] for kind, names in kinds.items()}
        first = next(iter(found.values()))
        rows += [_row(f"{corpus}: {kind}", searches, first) for kind, searches in found.items()]
    return Table(
        name="searches",
        title="",
        columns=(
            Column("kind", "search", is_text=True),
            Column("searches", "searches"),
            Column("configurations", "configurations"),
            Column("epochs", "epochs"),
            Column("searched", "valid MAE in the search"),
            Column("confirmed", "over fresh seeds"),
            Column("drop", "drop"),
            Column("drop_difference", "Δ drop"),
            Column("confirmed_difference", "Δ over fresh seeds"),
            Column("test", "test MAE"),
            Column("test_difference", "Δ test MAE"),
        ),
        rows=tuple(rows),
    )


def _row(name: str, searches: Sequence[Search], first: Sequence[Search]) -> tuple[Cell, ...]:
    def difference(of: Callable[[Search], float]) -> Cell:
        """Return the mean difference from the first kind, paired by place; nothing for itself."""
        if searches is first:
            return Missing("")
        tested = paired_test(_by_place(map(of, first)), _by_place(map(of, searches)))
        return (
            Missing() if tested is None else Estimate(tested.difference, Style.SCORE, signed=True)
        )

    return (
        Text(name),
        Number(len(searches), Style.INTEGER),
        Number(round(fmean(each.configurations for each in searches)), Style.INTEGER),
        Number(round(fmean(each.epochs for each in searches)), Style.INTEGER),
        _mean([each.searched for each in searches]),
        _mean([each.confirmed for each in searches]),
        _mean([each.drop for each in searches]),
        difference(lambda each: each.drop),
        difference(lambda each: each.confirmed),
        _mean([each.test for each in searches]),
        difference(lambda each: each.test),
    )


def _mean(values: Sequence[float]) -> Cell:
    found = summarise(values)
    return Missing() if found is None else Estimate(found, Style.SCORE)


def _by_place(values: Iterable[float]) -> Mapping[int, float]:
    return dict(enumerate(values))
