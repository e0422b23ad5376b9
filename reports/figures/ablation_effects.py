"""The difference of each ablation cell to its baseline, with intervals over seeds."""

from collections.abc import Iterator, Sequence
from math import isnan

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Intervals, Look, Mark, Points, Rule
from reports.content.shortened import count_range
from reports.figures.effects import (
    Effect,
    EffectMetric,
    effect_metrics,
    effects_of,
    why_no_effect,
)
from reports.ledger.reading.load import Results
from reports.results.published_effects import published_differences
from reports.results.seed_groups import SeedGroup, ablation_cells, baseline_of
from reports.statistics import INTERVAL_SEEDS

_ASIDE = 0.22  # rows: single seeds lie below the mean, the paper's difference above it


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
        metric: effects_of(results, metric, baseline=baseline, cells=cells, published=published)
        for metric in effect_metrics(results)
    }
    first = next(iter(effects.values()))
    rows = [
        _row(results, baseline, cell=cell, effect=effect)
        for cell, effect in zip(cells, first, strict=True)
    ]
    return Figure(
        name=f"ablation_effects_{group}",
        title=f"Ablation {group}: differences from {baseline.cell} on test",
        summary=" ".join(_sentence(*each, baseline=baseline) for each in effects.items()),
        panels=tuple(_panel(*each, rows=rows) for each in effects.items()),
        columns=2,
        notes=tuple(_notes(first, baseline, table=table)),
    )


def _row(results: Results, baseline: SeedGroup, *, cell: SeedGroup, effect: Effect) -> str:
    """Return the label of a cell's row, with the reason where it has no difference."""
    gap = why_no_effect(results, baseline, cell=cell, effect=effect)
    return f"{cell.cell} ({gap})" if gap else cell.cell


def _panel(metric: EffectMetric, effects: Sequence[Effect], *, rows: Sequence[str]) -> Panel:
    return Panel(
        title=metric.title,
        x=Axis(title=metric.axis),
        y=Axis(categories=rows, low=-0.5, high=len(rows) - 0.5, reverse=True),
        marks=tuple(_marks(metric, effects)),
    )


def _marks(metric: EffectMetric, effects: Sequence[Effect]) -> Iterator[Mark]:
    yield Rule(x=0.0)
    yield _single_seeds(metric, effects)
    yield _means(metric, effects)
    if any(effect.published is not None for effect in effects):
        yield _published(metric, effects)


def _single_seeds(metric: EffectMetric, effects: Sequence[Effect]) -> Points:
    seeds = [
        (place, effect, seed, value)
        for place, effect in enumerate(effects)
        for seed, value in effect.by_seed.items()
    ]
    return Points(
        x=[value for *_, value in seeds],
        y=[place + _ASIDE for place, *_ in seeds],
        series="single seeds",
        look=Look.FAINT,
        hover=[
            f"{effect.cell}, seed {seed}: {metric.text(value)}" for _, effect, seed, value in seeds
        ],
    )


def _means(metric: EffectMetric, effects: Sequence[Effect]) -> Intervals:
    found = [(place, effect) for place, effect in enumerate(effects) if effect.by_seed]
    measured = any(not isnan(effect.low) for _, effect in found)
    return Intervals(
        x=[effect.mean for _, effect in found],
        y=[float(place) for place, _ in found],
        low=[effect.low for _, effect in found],
        high=[effect.high for _, effect in found],
        series="mean, 95 % interval" if measured else "mean",
        horizontal=True,
        hover=[_hover(metric, effect) for _, effect in found],
    )


def _published(metric: EffectMetric, effects: Sequence[Effect]) -> Points:
    paper = [
        (place, effect.cell, effect.published)
        for place, effect in enumerate(effects)
        if effect.published is not None
    ]
    return Points(
        x=[value for *_, value in paper],
        y=[place - _ASIDE for place, *_ in paper],
        series="published",
        marker="diamond",
        hover=[f"{cell}, published: {metric.text(value)}" for _, cell, value in paper],
    )


def _hover(metric: EffectMetric, effect: Effect) -> str:
    return f"{effect.cell}: Δ {metric.title} {_estimate(metric, effect)}"


def _estimate(metric: EffectMetric, effect: Effect) -> str:
    pairs = "1 pair" if len(effect.by_seed) == 1 else f"{len(effect.by_seed)} pairs"
    if isnan(effect.low):
        return f"{metric.text(effect.mean)} ({pairs})"
    interval = f"[{metric.text(effect.low)}, {metric.text(effect.high)}]"
    return f"{metric.text(effect.mean)} (95 % interval {interval}, {pairs})"


def _sentence(metric: EffectMetric, effects: Sequence[Effect], *, baseline: SeedGroup) -> str:
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
    pairs = count_range([len(effect.by_seed) for effect in effects if effect.by_seed])
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
