"""The difference of each ablation cell to its baseline, with intervals over seeds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from math import isnan, nan

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Intervals, Look, Mark, Points, Rule
from reports.figures.interval_ends import interval_ends
from reports.ledger.reading.load import Results
from reports.results.corpora import OTHER_DATA, have_other_splits
from reports.results.missing import why_missing
from reports.results.published_effects import published_differences
from reports.results.seed_groups import SeedGroup, ablation_cells, baseline_of
from reports.statistics import INTERVAL_SEEDS, summarise

_ASIDE = 0.22  # rows: single seeds lie below the mean, the paper's difference above it


@dataclass(frozen=True, slots=True)
class _Metric:
    """A metric, the factor to its axis unit, and the side on which a cell is better."""

    name: str
    title: str
    _: KW_ONLY
    factor: float
    better: str
    digits: int

    @property
    def axis(self) -> str:
        """Return the title of the axis."""
        unit = "Δ, percentage points" if self.factor != 1 else f"Δ {self.title}"
        arrow = "← better" if self.better == "left" else "better →"
        return f"{unit} ({arrow})"

    def text(self, value: float) -> str:
        """Return a difference as text."""
        return f"{value:+.{self.digits}f}"


_METRICS = (
    _Metric("mae", "MAE", factor=1.0, better="left", digits=3),
    _Metric(
        "acc2_negative_positive",
        "Acc-2 negative / positive",
        factor=100.0,
        better="right",
        digits=1,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The paired differences of one metric, cell - baseline, in the unit of its axis.

    Attributes:
        cell: name of the cell.
        by_seed: difference for each seed that both have.
        mean: mean of these differences; NaN without one.
        low: lower end of the 95 % t interval of the mean; NaN with fewer than three pairs.
        high: upper end of the interval; NaN with fewer than three pairs.
        published: the paper's difference; None if the paper lacks one of the two.
    """

    cell: str
    by_seed: Mapping[int, float]
    mean: float
    low: float
    high: float
    published: float | None


def ablation_effects(results: Results) -> tuple[Figure, ...]:
    """Return a figure for each ablation in which a cell and the baseline share a seed."""
    figures = []
    for group, cells in ablation_cells(results).items():
        baseline = baseline_of(results, cells)
        others = [cell for cell in cells if cell is not baseline]
        if any(cell.finished.keys() & baseline.finished.keys() for cell in others):
            figures.append(_figure(results, group, baseline=baseline, cells=others))
    return tuple(figures)


def _figure(
    results: Results, group: str, *, baseline: SeedGroup, cells: Sequence[SeedGroup]
) -> Figure:
    table, published = published_differences(results, baseline, cells=cells)
    effects = {
        metric: [
            _effect(
                published.get(cell.cell, {}),
                metric,
                baseline=_rival(results, baseline, cell=cell),
                cell=cell,
            )
            for cell in cells
        ]
        for metric in _METRICS
    }
    rows = [
        f"{cell.cell} ({gap})"
        if (gap := _gap(results, baseline, cell=cell, effect=effect))
        else cell.cell
        for cell, effect in zip(cells, effects[_METRICS[0]], strict=True)
    ]
    return Figure(
        name=f"ablation_effects_{group}",
        title=f"Ablation {group}: differences from {baseline.cell} on test",
        summary=" ".join(
            _sentence(metric, effects[metric], baseline=baseline) for metric in _METRICS
        ),
        panels=tuple(_panel(metric, effects[metric], rows=rows) for metric in _METRICS),
        columns=2,
        notes=tuple(_notes(effects[_METRICS[0]], baseline, table=table)),
    )


def _rival(results: Results, baseline: SeedGroup, *, cell: SeedGroup) -> SeedGroup:
    """Return the baseline, without trials if they read other splits than those of the cell."""
    return (
        replace(baseline, finished={})
        if have_other_splits(results, baseline, second=cell)
        else baseline
    )


def _effect(
    published: Mapping[str, float], metric: _Metric, *, baseline: SeedGroup, cell: SeedGroup
) -> Effect:
    ours, theirs = cell.values("test", metric.name), baseline.values("test", metric.name)
    by_seed = {
        seed: metric.factor * (ours[seed] - theirs[seed])
        for seed in sorted(ours.keys() & theirs.keys())
    }
    summary = summarise(list(by_seed.values()))
    low, high = (nan, nan) if summary is None else interval_ends(summary)
    return Effect(
        cell=cell.cell,
        by_seed=by_seed,
        mean=nan if summary is None else summary.mean,
        low=low,
        high=high,
        published=metric.factor * published[metric.name] if metric.name in published else None,
    )


def _gap(results: Results, baseline: SeedGroup, *, cell: SeedGroup, effect: Effect) -> str:
    """Return why a cell has no difference; "" if it has one."""
    if effect.by_seed:
        return "undefined" if isnan(effect.mean) else ""
    if have_other_splits(results, baseline, second=cell):
        return OTHER_DATA
    gaps = [why for each in (cell, baseline) if (why := why_missing(results, each)) != "-"]
    return gaps[0] if gaps else "no common seed"


def _panel(metric: _Metric, effects: Sequence[Effect], *, rows: Sequence[str]) -> Panel:
    return Panel(
        title=metric.title,
        x=Axis(title=metric.axis),
        y=Axis(categories=rows, low=-0.5, high=len(rows) - 0.5, reverse=True),
        marks=(Rule(x=0.0), *_marks(metric, effects)),
    )


def _marks(metric: _Metric, effects: Sequence[Effect]) -> Iterator[Mark]:
    seeds = [
        (place, effect, seed, value)
        for place, effect in enumerate(effects)
        for seed, value in effect.by_seed.items()
    ]
    yield Points(
        x=[value for *_, value in seeds],
        y=[place + _ASIDE for place, *_ in seeds],
        series="single seeds",
        look=Look.FAINT,
        hover=[
            f"{effect.cell}, seed {seed}: {metric.text(value)}" for _, effect, seed, value in seeds
        ],
    )
    found = [(place, effect) for place, effect in enumerate(effects) if effect.by_seed]
    measured = any(not isnan(effect.low) for _, effect in found)
    yield Intervals(
        x=[effect.mean for _, effect in found],
        y=[float(place) for place, _ in found],
        low=[effect.low for _, effect in found],
        high=[effect.high for _, effect in found],
        series="mean, 95 % interval" if measured else "mean",
        horizontal=True,
        hover=[_hover(metric, effect) for _, effect in found],
    )
    paper = [
        (place, effect.cell, effect.published)
        for place, effect in enumerate(effects)
        if effect.published is not None
    ]
    if paper:
        yield Points(
            x=[value for *_, value in paper],
            y=[place - _ASIDE for place, *_ in paper],
            series="published",
            marker="diamond",
            hover=[f"{cell}, published: {metric.text(value)}" for _, cell, value in paper],
        )


def _hover(metric: _Metric, effect: Effect) -> str:
    return f"{effect.cell}: Δ {metric.title} {_estimate(metric, effect)}"


def _estimate(metric: _Metric, effect: Effect) -> str:
    pairs = "1 pair" if len(effect.by_seed) == 1 else f"{len(effect.by_seed)} pairs"
    if isnan(effect.low):
        return f"{metric.text(effect.mean)} ({pairs})"
    interval = f"[{metric.text(effect.low)}, {metric.text(effect.high)}]"
    return f"{metric.text(effect.mean)} (95 % interval {interval}, {pairs})"


def _sentence(metric: _Metric, effects: Sequence[Effect], *, baseline: SeedGroup) -> str:
    """Return a sentence on the worst and the best cell, and how many intervals exclude 0."""
    found = [effect for effect in effects if not isnan(effect.mean)]
    if not found:
        return f"Test {metric.title}: undefined."
    sign = 1 if metric.better == "right" else -1
    ranked = sorted(found, key=lambda effect: sign * effect.mean)
    ends_of = [ranked[0]] if len(ranked) == 1 else [ranked[0], ranked[-1]]
    clear = sum(effect.low > 0 or effect.high < 0 for effect in found)
    measured = sum(not isnan(effect.low) for effect in found)
    named = ", ".join(f"{effect.cell} {_estimate(metric, effect)}" for effect in ends_of)
    which = "the worst and the best" if len(ends_of) > 1 else "the cell"
    return f"Δ test {metric.title} against {baseline.cell}, {which}: {named}; " + (
        f"{clear} of {measured} intervals exclude 0." if measured else "no intervals."
    )


def _notes(effects: Sequence[Effect], baseline: SeedGroup, *, table: str) -> Iterator[str]:
    counts = [len(effect.by_seed) for effect in effects if effect.by_seed]
    pairs = str(min(counts)) if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
    yield (
        f"Paired differences of test metrics, cell - {baseline.cell}, over the seeds that both "
        f"have (pairs: {pairs}); faint: single seeds. Bars: two-sided 95 % t interval of the mean; "
        f"it needs {INTERVAL_SEEDS} pairs and is not corrected for the number of cells. No test."
    )
    if any(effect.published is not None for effect in effects):
        yield (
            f"Published: differences within Table {table} of the paper, which states no number of "
            "seeds; only for cells with the name of one of its rows."
        )
    without = [effect.cell for effect in effects if not effect.by_seed]
    if without:
        yield f"Without a difference: {', '.join(without)}; nothing is filled in."
