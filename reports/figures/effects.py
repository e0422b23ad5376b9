"""The paired differences of ablation cells from their baseline, in the unit of an axis."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from math import isnan, nan

from reports.content.table import Style
from reports.figures.interval_ends import interval_ends
from reports.ledger.reading.load import Results
from reports.results.corpora import OTHER_DATA, have_other_splits
from reports.results.missing import why_missing
from reports.results.published_effects import Differences
from reports.results.seed_groups import SeedGroup
from reports.statistics import summarise
from reports.tables.metrics import Metric, metrics_of


@dataclass(frozen=True, slots=True)
class EffectMetric:
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


def effect_metrics(results: Results) -> tuple[EffectMetric, ...]:
    """Return the metrics with a panel: MAE, and Acc-2 or, for a dataset without it, Corr."""
    tested = metrics_of(results).tested
    return tuple(map(_effect_metric, (tested[0], tested[-1])))


def _effect_metric(metric: Metric) -> EffectMetric:
    is_share = metric.style is Style.PERCENT
    return EffectMetric(
        metric.name,
        metric.title,
        factor=100.0 if is_share else 1.0,
        better="left" if metric.mode == "min" else "right",
        digits=1 if is_share else 3,
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


def effects_of(
    results: Results,
    metric: EffectMetric,
    *,
    baseline: SeedGroup,
    cells: Sequence[SeedGroup],
    published: Differences,
) -> list[Effect]:
    """Return the effect of each cell; ``published`` has the paper's differences by cell."""
    return [
        _effect(
            published.get(cell.cell, {}),
            metric,
            baseline=_rival(results, baseline, cell=cell),
            cell=cell,
        )
        for cell in cells
    ]


def _rival(results: Results, baseline: SeedGroup, *, cell: SeedGroup) -> SeedGroup:
    """Return the baseline, without trials if they read other splits than those of the cell."""
    return (
        replace(baseline, finished={})
        if have_other_splits(results, baseline, second=cell)
        else baseline
    )


def _effect(
    published: Mapping[str, float], metric: EffectMetric, *, baseline: SeedGroup, cell: SeedGroup
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


def why_no_effect(results: Results, baseline: SeedGroup, *, cell: SeedGroup, effect: Effect) -> str:
    """Return why a cell has no difference; "" if it has one."""
    if effect.by_seed:
        return "undefined" if isnan(effect.mean) else ""
    if have_other_splits(results, baseline, second=cell):
        return OTHER_DATA
    gaps = [why for each in (cell, baseline) if (why := why_missing(results, each)) != "-"]
    return gaps[0] if gaps else "no common seed"
