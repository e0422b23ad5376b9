"""Mean absolute error against inference time.

Trials of a search have a panel of their own, on validation only; settings over seeds are shown on
test.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import isnan

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Intervals, Line, Look, Mark, Points
from reports.figures.interval_ends import interval_ends
from reports.figures.limits import limits
from reports.figures.thinning import POINTS, thinned
from reports.ledger.reading.load import Results
from reports.results.inference_costs import Cost, front_of, search_costs, seconds_of, seed_costs
from reports.statistics import INTERVAL_SEEDS

_SERIES = 6  # most settings with a colour each
_LOG = 20.0  # ratio of inference times from which a linear axis would crowd the fast ones
_NAMED = 6


def pareto_cost(results: Results) -> tuple[Figure, ...]:
    """Return MAE against inference time; none if no time is recorded."""
    trials, settings = list(search_costs(results)), list(seed_costs(results))
    panels = list(_panels(trials, settings))
    if not panels:
        return ()
    figure = Figure(
        name="pareto_cost",
        title="MAE against inference time",
        summary=" ".join(_summary(trials, settings)),
        panels=tuple(panels),
        columns=len(panels),
        notes=tuple(_notes(results, trials, settings=settings)),
    )
    return (figure,)


def _panels(trials: Sequence[Cost], settings: Sequence[Cost]) -> Iterator[Panel]:
    if trials:
        title = "Search trials: validation"
        yield _panel(title, "validation MAE", costs=trials, marks=_points(trials))
    if settings:
        error = "test MAE, mean over seeds"
        yield _panel("Over seeds: test", error, costs=settings, marks=_means(settings))


def _panel(title: str, error: str, *, costs: Sequence[Cost], marks: Iterable[Mark]) -> Panel:
    times = [cost.seconds for cost in costs]
    reach = limits([cost.mae.mean for cost in costs], "min")
    return Panel(
        title=title,
        x=Axis(title="inference, seconds", log=max(times) > _LOG * min(times)),
        y=Axis(title=error, low=reach.low, high=reach.high),
        marks=(_steps(front_of(costs), max(times)), *marks),
    )


def _steps(front: Sequence[Cost], end: float) -> Line:
    """Return the smallest MAE by inference time, up to the slowest."""
    x, y = [front[0].seconds], [front[0].mae.mean]
    for cost in front[1:]:
        x += [cost.seconds, cost.seconds]
        y += [y[-1], cost.mae.mean]
    return Line(x=[*x, end], y=[*y, y[-1]], series="Pareto front", dashed=True)


def _points(costs: Sequence[Cost]) -> Iterator[Mark]:
    """Yield the trials of a search; those on the front are all drawn, and are strong."""
    front = front_of(costs)
    names = {cost.name for cost in front}
    others = [cost for cost in costs if cost.name not in names]
    drawn = [others[place] for place in thinned(len(others))]
    for look, group in ((Look.FAINT, drawn), (Look.STRONG, front)):
        if not group:
            continue
        yield Points(
            x=[cost.seconds for cost in group],
            y=[cost.mae.mean for cost in group],
            series="search trials",
            look=look,
            hover=[_of_trial(cost) for cost in group],
        )


def _means(costs: Sequence[Cost]) -> Iterator[Mark]:
    """Yield the settings over seeds; if they are many, only those on the front have a colour."""
    front = front_of(costs)
    named = costs if len(costs) <= _SERIES else front if len(front) <= _SERIES else ()
    by_series: dict[str, list[Cost]] = {}
    for cost in sorted(costs, key=lambda cost: cost in named):
        by_series.setdefault(cost.name if cost in named else "other settings", []).append(cost)
    for series, group in by_series.items():
        yield Intervals(
            x=[cost.seconds for cost in group],
            y=[cost.mae.mean for cost in group],
            low=[interval_ends(cost.mae)[0] for cost in group],
            high=[interval_ends(cost.mae)[1] for cost in group],
            series=series,
            hover=[_of_setting(cost) for cost in group],
        )


def _of_trial(cost: Cost) -> str:
    return f"{cost.name}: validation MAE {cost.mae.mean:.3f}, {_time(cost)}"


def _of_setting(cost: Cost) -> str:
    low, high = interval_ends(cost.mae)
    interval = "" if isnan(low) else f", 95 % interval [{low:.3f}, {high:.3f}]"
    seeds = "1 seed" if cost.mae.count == 1 else f"mean of {cost.mae.count} seeds"
    mae = f"test MAE {cost.mae.mean:.3f}{interval} ({seeds})"
    return f"{cost.kind}, {cost.name}: {mae}, {_time(cost)}"


def _time(cost: Cost) -> str:
    return f"{cost.seconds:.3g} s"


def _summary(trials: Sequence[Cost], settings: Sequence[Cost]) -> Iterator[str]:
    for what, costs in (("search trials by validation", trials), ("settings by test", settings)):
        if not costs:
            continue
        front = front_of(costs)
        named = front if len(front) <= _NAMED else [front[0], front[-1]]
        ends_only = "" if len(front) <= _NAMED else ", its ends"
        yield (
            f"{len(front)} of {len(costs)} {what} MAE are on the Pareto front{ends_only}: "
            + "; ".join(f"{cost.name} ({_time(cost)}, MAE {cost.mae.mean:.3f})" for cost in named)
            + "."
        )


def _notes(results: Results, trials: Sequence[Cost], *, settings: Sequence[Cost]) -> Iterator[str]:
    yield (
        "Inference: seconds for one pass over the test split, text encoder included, measured on "
        "the machine that ran the trial; another run gives other values. Pareto front: no other is "
        "as good in both and better in one."
    )
    yield from _search_notes(trials)
    if settings:
        yield (
            f"Over seeds: {len(settings)} settings, means with the 95 % t interval of MAE, which "
            f"needs {INTERVAL_SEEDS} seeds; a cell that several ablations share appears once."
        )
    yield from limits([cost.mae.mean for cost in settings], "min").note("settings")
    devices = sorted(_devices(results))
    if len(devices) > 1:
        yield f"Attention: the times were measured on different devices ({', '.join(devices)})."


def _search_notes(trials: Sequence[Cost]) -> Iterator[str]:
    if trials:
        yield (
            f"Search: the {len(trials)} finished trials with a validation MAE and a time; their "
            "test metrics are not shown."
        )
    yield from limits([cost.mae.mean for cost in trials], "min").note("trials")
    if len(trials) > POINTS:
        yield (
            f"All trials on the front are drawn, and at most {POINTS} of the others, evenly spaced "
            "by rank."
        )


def _devices(results: Results) -> set[str]:
    """Return the kinds of device of all timed trials."""
    timed = [trial for trial in results.trials.values() if seconds_of(trial) is not None]
    return {str(trial.device).partition(":")[0] for trial in timed}
