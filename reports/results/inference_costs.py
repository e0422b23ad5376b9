"""What trials and settings take and give: seconds of inference, and mean absolute error."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite, isnan, nan

from reports.ledger.goals import pareto_set
from reports.ledger.run.load import Results
from reports.ledger.trials import Trial
from reports.results.seed_groups import SeedGroup, ablation_cells, confirmation_of, search_entries
from reports.statistics import Summary, summarise


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one trial, or one setting over its seeds, takes and gives.

    Attributes:
        name: as hover texts call it.
        kind: the ablation that it is a cell of, or "confirmed configurations".
        seconds: inference on the test split, the mean over seeds.
        mae: over seeds, of validation or of test.
    """

    name: str
    kind: str
    seconds: float
    mae: Summary


def search_costs(results: Results) -> Iterator[Cost]:
    """Yield the finished trials of the search by rank; no test metric is looked at."""
    for entry in search_entries(results):
        seconds, mae = seconds_of(entry.trial), entry.trial.valid.get("mae", nan)
        if entry.rank is not None and seconds is not None and isfinite(mae):
            numbers = ", ".join(map(str, entry.numbers))
            yield Cost(name=f"trial {numbers}", kind="search", seconds=seconds, mae=Summary(mae, 1))


def seed_costs(results: Results) -> Iterator[Cost]:
    """Yield what was repeated over seeds; a cell that ablations share stands once."""
    seen: set[frozenset[str]] = set()
    for kind, name, setting in _named(results):
        trials = frozenset(trial.key for trial in setting.finished.values())
        cost = _cost(kind, name, setting)
        if cost is not None and trials not in seen:
            seen.add(trials)
            yield cost


def _named(results: Results) -> Iterator[tuple[str, str, SeedGroup]]:
    confirmation = confirmation_of(results)
    for place, configuration in enumerate(confirmation.configurations):
        yield "confirmed configurations", f"confirmed {confirmation.label(place)}", configuration
    for group, cells in ablation_cells(results).items():
        yield from ((group, cell.cell, cell) for cell in cells)


def _cost(kind: str, name: str, setting: SeedGroup) -> Cost | None:
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
    """Return those that none is as fast and as accurate as, and better in one; fastest first."""
    return [costs[place] for place in pareto_set([(cost.seconds, cost.mae.mean) for cost in costs])]
