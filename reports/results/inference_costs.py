"""Inference time and mean absolute error of trials and of settings over seeds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan

from reports.ledger.goals import pareto_set
from reports.ledger.reading.load import Results
from reports.ledger.trials import Trial
from reports.results.confirmation import confirmation_of
from reports.results.search_entries import search_entries
from reports.results.seed_groups import SeedGroup, ablation_cells
from reports.statistics import Summary, summarise


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Inference time and error of one trial, or of one setting over its seeds.

    Attributes:
        name: its name in hover texts.
        kind: name of its ablation, "confirmed configurations" or "search".
        seconds: inference time on the test split in seconds, mean over seeds.
        mae: mean absolute error over seeds: on validation for the search, else on test.
    """

    name: str
    kind: str
    seconds: float
    mae: Summary


def search_costs(results: Results) -> Iterator[Cost]:
    """Yield the finished trials of the search by rank, without their test metrics."""
    for entry in search_entries(results):
        seconds, mae = seconds_of(entry.trial), entry.trial.valid.get("mae", nan)
        if entry.rank is not None and seconds is not None and isfinite(mae):
            numbers = ", ".join(map(str, entry.numbers))
            over_seeds = Summary(mae, len(entry.trials))
            yield Cost(name=f"trial {numbers}", kind="search", seconds=seconds, mae=over_seeds)


def seed_costs(results: Results) -> Iterator[Cost]:
    """Yield what was repeated over seeds; a cell that ablations share appears once."""
    seen: set[frozenset[str]] = set()
    for kind, name, setting in _named(results):
        trials = frozenset(trial.key for trial in setting.finished.values())
        cost = _cost(kind, name, setting=setting)
        if cost is not None and trials not in seen:
            seen.add(trials)
            yield cost


def _named(results: Results) -> Iterator[tuple[str, str, SeedGroup]]:
    confirmation = confirmation_of(results)
    for place, configuration in enumerate(confirmation.configurations):
        yield "confirmed configurations", f"confirmed {confirmation.label(place)}", configuration
    for group, cells in ablation_cells(results).items():
        yield from ((group, cell.cell, cell) for cell in cells)


def _cost(kind: str, name: str, *, setting: SeedGroup) -> Cost | None:
    times = [seconds_of(trial) for trial in setting.finished.values()]
    seconds = summarise([time for time in times if time is not None])
    mae = summarise(list(setting.values("test", "mae").values()))
    if seconds is None or mae is None or isnan(mae.mean):
        return None
    return Cost(name=name, kind=kind, seconds=seconds.mean, mae=mae)


def seconds_of(trial: Trial) -> float | None:
    """Return the inference time; None where none above 0 is recorded."""
    seconds: float | None = trial.inference_seconds
    return seconds if seconds is not None and seconds > 0 and isfinite(seconds) else None


def front_of(costs: Sequence[Cost]) -> list[Cost]:
    """Return the Pareto front, fastest first."""
    return [costs[place] for place in pareto_set([(cost.seconds, cost.mae.mean) for cost in costs])]
