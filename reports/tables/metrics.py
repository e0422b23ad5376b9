"""The columns and cells that all tables of metrics share."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from reports.content.table import (
    Column,
    Dual,
    Interval,
    Missing,
    Number,
    Scalar,
    Spread,
    Style,
    Text,
)
from reports.results.seed_groups import SeedGroup
from reports.statistics import Summary, summarise

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


SHOWN: tuple[Metric, ...] = (
    Metric("mae", "MAE", style=Style.SCORE, mode="min"),
    Metric("corr", "Corr", style=Style.SCORE),
    Metric("acc2_negative_nonnegative", "Acc-2 negative / non-negative", style=Style.PERCENT),
    Metric("acc2_negative_positive", "Acc-2 negative / positive", style=Style.PERCENT),
    Metric("f1_negative_nonnegative", "F1 negative / non-negative", style=Style.PERCENT),
    Metric("f1_negative_positive", "F1 negative / positive", style=Style.PERCENT),
    Metric("acc5", "Acc-5", style=Style.PERCENT),
    Metric("acc7", "Acc-7", style=Style.PERCENT),
)
_COLUMNS = (
    ("mae", "MAE"),
    ("acc2", "Acc-2"),
    ("corr", "Corr"),
    ("f1", "F1"),
    ("acc5", "Acc-5"),
    ("acc7", "Acc-7"),
)
_STYLES = {metric.name: metric.style for metric in SHOWN}
LEGEND = (
    "Acc-2 and F1 in percent, negative / non-negative, then negative / positive; "
    "Acc-5 and Acc-7 in percent."
)


def metric_columns(prefix: str = "", title: str = "") -> tuple[Column, ...]:
    """Return the columns MAE, Acc-2, Corr, F1, Acc-5, Acc-7; ``prefix`` precedes the names."""
    return tuple(Column(prefix + name, title + text) for name, text in _COLUMNS)


def metric_cells(draw: Callable[[str, Style], Scalar]) -> tuple[MetricCell, ...]:
    """Return the cells under ``metric_columns``; ``draw`` makes one of a metric and its style."""
    return tuple(
        draw(name, _STYLES[name]) if name in _STYLES else both_ways(draw, name)
        for name, _ in _COLUMNS
    )


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
