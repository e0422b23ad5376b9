"""The configuration that validation chose, with its options and its metrics over seeds."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.errors import UnknownNameError
from reports.ledger.places.storage import Place
from reports.ledger.reading.load import Results
from reports.ledger.schema import METRICS
from reports.ledger.trials import Trial
from reports.results.confirmation import confirmation_of
from reports.results.search_entries import search_entries
from reports.results.seed_groups import SeedGroup, ablation_cells
from reports.statistics import Summary, best_index, summarise

if TYPE_CHECKING:
    import pandas as pd

_SPLITS = ("valid", "test")
_VALUES = ("mean", "deviation", "low", "high")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BestConfiguration:
    """One configuration over seeds.

    Attributes:
        title: what it is and how it was chosen, for use within a sentence.
        options: every option of the experiment, nested as in a space, presets expanded;
            ``sugrm.resolve`` takes it.
        changes: dotted option -> value that the search or the cell sets, over the fixed values of
            the space; some of them may equal these.
        trials: its finished trials in the order of their seeds.
        models: seed -> folder of the model that the run kept, as ``sugrm.load_trained`` takes it.
        with_test: whether its test metrics are shown: not those of a search's trial, because
            choosing by them makes the result look better than it is.
    """

    title: str
    options: Mapping[str, Any]
    changes: Mapping[str, Any]
    trials: tuple[Trial, ...]
    models: Mapping[int, Place]
    with_test: bool

    @property
    def seeds(self) -> tuple[int, ...]:
        """Return the seeds of its finished trials."""
        return tuple(trial.seed for trial in self.trials)

    def over_seeds(self, split: str, metric: str) -> Summary | None:
        """Return mean, standard deviation and 95 % interval of a metric over the seeds.

        Args:
            split: ``valid`` or ``test``.
            metric: a metric of the ledger, as in ``mae``.

        Returns:
            The summary, with an interval from three seeds on; None where there is no value.

        Raises:
            UnknownNameError: there is no such split or metric.
        """
        _check_name("split", split, known=_SPLITS)
        _check_name("metric", metric, known=METRICS)
        if split == "test" and not self.with_test:
            return None
        found = (getattr(trial, split).get(metric) for trial in self.trials)
        return summarise([value for value in found if value is not None])

    @property
    def metrics(self) -> "pd.DataFrame":
        """Return a data frame with a row for each metric.

        Its columns are ``valid_mean``, ``valid_deviation`` (standard deviation, n - 1),
        ``valid_low`` and ``valid_high`` (95 % t interval of the mean, from three seeds on),
        ``valid_seeds``, and the same of ``test``.
        """
        import pandas as pd

        names = [name for name in METRICS if self.over_seeds("valid", name) is not None]
        rows = [dict(self._row(name)) for name in names]
        return pd.DataFrame(rows, index=pd.Index(names, name="metric"))

    def _row(self, metric: str) -> Iterator[tuple[str, float | None]]:
        for split in _SPLITS:
            found = self.over_seeds(split, metric)
            for name in _VALUES:
                value = getattr(found, name, None)
                yield f"{split}_{name}", math.nan if value is None else value
            yield f"{split}_seeds", 0 if found is None else found.count

    def __repr__(self) -> str:
        """Return what it is, its MAE and its changes."""
        scores = [
            f"{split} mae {found.mean:.4g}"
            for split in _SPLITS
            if (found := self.over_seeds(split, "mae")) is not None
        ]
        count = f"{len(self.seeds)} seed{'' if len(self.seeds) == 1 else 's'}"
        changes = ", ".join(f"{name}={value!r}" for name, value in self.changes.items())
        parts = [self.title, ", ".join([*scores, count]), changes or "the fixed values"]
        return f"BestConfiguration({'; '.join(parts)})"


def _check_name(what: str, name: str, *, known: Sequence[str]) -> None:
    if name not in known:
        raise UnknownNameError(what, name, known=known)


def best_configuration(results: Results) -> BestConfiguration | None:
    """Return the configuration that validation chose, by the first objective of the search.

    That is the best confirmed configuration. Where none is confirmed yet it is the best trial of
    the search; in a run without a search it is the best cell of the ablations, of those with the
    most finished seeds.

    Returns:
        The configuration; None before any trial has finished.
    """
    confirmation = confirmation_of(results)
    if confirmation.best is not None:
        return _of_group(results, confirmation.best, title=confirmation.best_title)
    for entry in search_entries(results):
        if entry.rank == 1:
            title = f"search trial {entry.numbers[0]}, the best on validation, not confirmed"
            return _made(results, entry.trials, title=title, changes=entry.changes, with_test=False)
    cell = best_cell(results)
    if cell is None:
        return None
    title = f"cell {cell.cell} of {cell.group}, the best on validation"
    return _of_group(results, cell, title=title)


def best_cell(results: Results) -> SeedGroup | None:
    """Return the best cell on validation among those with the most finished seeds, if any."""
    cells = [cell for cells in ablation_cells(results).values() for cell in cells]
    most = max((len(cell.finished) for cell in cells), default=0)
    means = []
    for cell in cells:
        values = list(cell.values("valid", results.experiment.metric).values())
        found = summarise(values) if len(cell.finished) == most else None
        means.append(math.nan if found is None else found.mean)
    best = best_index(means, results.experiment.mode)
    return None if best is None else cells[best]


def _of_group(results: Results, group: SeedGroup, *, title: str) -> BestConfiguration:
    return _made(results, group.trials, title=title, changes=group.changes)


def _made(
    results: Results,
    trials: Sequence[Trial],
    *,
    title: str,
    changes: Mapping[str, Any],
    with_test: bool = True,
) -> BestConfiguration:
    kept = results.kept_models()
    return BestConfiguration(
        title=title,
        options=json.loads(trials[0].config),
        changes=changes,
        trials=tuple(trials),
        models={trial.seed: kept[trial.key].parent for trial in trials if trial.key in kept},
        with_test=with_test,
    )
