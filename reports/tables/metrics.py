"""The columns and cells that all tables of metrics share."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from reports.content.table import (
    Column,
    Dual,
    Interval,
    Missing,
    Note,
    Number,
    Scalar,
    Spread,
    Style,
    Text,
)
from reports.ledger.reading.load import Results
from reports.results.dataset import dataset_of
from reports.results.seed_groups import SeedGroup
from reports.statistics import Kind, Summary, summarise

MetricCell = Scalar | Dual

ROUNDING = 1e-9
"""Rounding error of a mean over seeds, far below what is printed."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric in tables: its name in the ledger, title, style and direction."""

    name: str
    title: str
    _: KW_ONLY
    style: Style
    mode: Literal["min", "max"] = "max"


_BASIC = (
    Metric("mae", "MAE", style=Style.SCORE, mode="min"),
    Metric("corr", "Corr", style=Style.SCORE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSet:
    """The metrics of one kind of dataset in tables.

    Attributes:
        kind: the kind of metrics, as in a dataset's description.
        shown: its metrics.
        titles: name and title of each column; the two ways of Acc-2 and of F1 share one.
        legend: what the columns mean, "" where their titles say it.
        acc2: what the numbers of Acc-2 mean, "" without it.
    """

    kind: Kind
    shown: tuple[Metric, ...]
    titles: tuple[tuple[str, str], ...]
    legend: str = ""
    acc2: str = ""

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return the legend as a note; none where there is nothing to say."""
        return (Note(self.legend),) if self.legend else ()

    @property
    def key(self) -> tuple[Metric, ...]:
        """Return MAE, Corr and every kind of Acc-2."""
        return tuple(m for m in self.shown if m in _BASIC or m.name.startswith("acc2_"))

    @property
    def tested(self) -> tuple[Metric, ...]:
        """Return the metrics of tests over seeds: MAE, Corr and one kind of Acc-2."""
        return tuple(metric for metric in self.key if metric.name != "acc2_negative_nonnegative")

    def columns(self, prefix: str = "", title: str = "") -> tuple[Column, ...]:
        """Return a column for each of ``titles``; ``prefix`` precedes the names."""
        return tuple(Column(prefix + name, title + text) for name, text in self.titles)

    def cells(self, draw: Callable[[str, Style], Scalar]) -> tuple[MetricCell, ...]:
        """Return the cells under ``columns``; ``draw`` makes one of a metric and its style."""
        return tuple(self.cell(name, draw) for name, _ in self.titles)

    def cell(self, name: str, draw: Callable[[str, Style], Scalar]) -> MetricCell:
        """Return the cell of the column ``name``."""
        return draw(name, METRICS[name].style) if name in METRICS else both_ways(draw, name)


_SETS = (
    MetricSet(
        kind="mosi",
        shown=(
            *_BASIC,
            Metric(
                "acc2_negative_nonnegative", "Acc-2 negative / non-negative", style=Style.PERCENT
            ),
            Metric("acc2_negative_positive", "Acc-2 negative / positive", style=Style.PERCENT),
            Metric("f1_negative_nonnegative", "F1 negative / non-negative", style=Style.PERCENT),
            Metric("f1_negative_positive", "F1 negative / positive", style=Style.PERCENT),
            Metric("acc5", "Acc-5", style=Style.PERCENT),
            Metric("acc7", "Acc-7", style=Style.PERCENT),
        ),
        titles=(
            ("mae", "MAE"),
            ("acc2", "Acc-2"),
            ("corr", "Corr"),
            ("f1", "F1"),
            ("acc5", "Acc-5"),
            ("acc7", "Acc-7"),
        ),
        legend=(
            "Acc-2 and F1 in percent, negative / non-negative, then negative / positive; "
            "Acc-5 and Acc-7 in percent."
        ),
        acc2="Acc-2 in percent, negative / non-negative, then negative / positive.",
    ),
    MetricSet(
        kind="sims",
        shown=(
            *_BASIC,
            Metric("acc2_sims", "Acc-2", style=Style.PERCENT),
            Metric("f1_sims", "F1", style=Style.PERCENT),
            Metric("acc3_sims", "Acc-3", style=Style.PERCENT),
            Metric("acc5_sims", "Acc-5", style=Style.PERCENT),
        ),
        titles=(
            ("mae", "MAE"),
            ("acc2_sims", "Acc-2"),
            ("corr", "Corr"),
            ("f1_sims", "F1"),
            ("acc3_sims", "Acc-3"),
            ("acc5_sims", "Acc-5"),
        ),
        legend=(
            "Accuracies and F1 (weighted) in percent, after MMSA, with predictions and labels "
            "clipped to [-1, 1]. Acc-2 and F1: [-1, 0] / (0, 1]; Acc-3: borders -0.1, 0.1; Acc-5: "
            "borders -0.7, -0.1, 0.1, 0.7; a value on a border is in the class below."
        ),
        acc2="Acc-2 in percent, [-1, 0] / (0, 1].",
    ),
    MetricSet(kind="regression", shown=_BASIC, titles=(("mae", "MAE"), ("corr", "Corr"))),
)
METRIC_SETS: Mapping[Kind, MetricSet] = {each.kind: each for each in _SETS}
METRICS: Mapping[str, Metric] = {m.name: m for each in _SETS for m in each.shown}
"""Every metric by its name in the ledger."""


def metrics_of(results: Results) -> MetricSet:
    """Return the metrics that the tables of a run show: those of its dataset."""
    return METRIC_SETS[dataset_of(results).kind]


def main_metric(results: Results) -> Metric:
    """Return the metric of the objective if tests use it, otherwise the first that they use."""
    tested, name = metrics_of(results).tested, results.experiment.metric
    return next((metric for metric in tested if metric.name == name), tested[0])


def both_ways(draw: Callable[[str, Style], Scalar], name: str) -> MetricCell:
    """Return the dual cell of ``name``; one missing mark where neither way has a value."""
    first, second = (
        draw(f"{name}_{way}", Style.PERCENT)
        for way in ("negative_nonnegative", "negative_positive")
    )
    if isinstance(first, Missing) and isinstance(second, Missing):
        return first
    return Dual(first, second)


def number(values: Mapping[str, float], metric: str, *, style: Style) -> Scalar:
    """Return one value of a trial, or a missing mark."""
    return Number(values[metric], style) if metric in values else Missing()


def spread(
    summary: Summary | None, style: Style, *, signed: bool = False, why: str = "-"
) -> Scalar:
    """Return the spread over seeds, or a missing mark that says ``why``."""
    return Missing(why) if summary is None else Spread(summary, style, signed=signed)


def interval(summary: Summary | None, style: Style) -> Scalar:
    """Return the 95 % interval of a summary, or a missing mark where it has none."""
    return Missing() if summary is None or summary.low is None else Interval(summary, style)


def seeds_cell(setting: SeedGroup) -> Text:
    """Return the numbers of finished, planned and failed seeds."""
    failed = f", {len(setting.failed)} failed" if setting.failed else ""
    return Text(f"{len(setting.finished)} / {len(setting.planned)}{failed}")


def over_seeds(setting: SeedGroup, split: str, *, metric: str) -> Summary | None:
    """Return the summary of a metric of ``setting`` over its finished seeds."""
    return summarise(list(setting.values(split, metric).values()))
