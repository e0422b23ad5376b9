"""What docs/results.md begins with: the best systems, and what changes them, over several runs.

docs/results/answer.yaml lists the rows: ``systems`` for the table, ``published`` for rows of the
paper's tables, ``effects`` for the paired differences, in groups of which each is one family of
tests. Every setting there was named before its test scores were read, or chosen on validation.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from math import nan
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from reports import Results
from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Intervals, Look, Points, Rule
from reports.content.table import (
    Cell,
    Column,
    Dual,
    Estimate,
    Missing,
    Number,
    Scalar,
    Style,
    Table,
    Text,
)
from reports.figures.interval_ends import interval_ends
from reports.published.cells import published_row
from reports.results.confirmation import confirmation_of
from reports.results.seed_groups import SeedGroup, ablation_cells
from reports.statistics import Summary, holm_adjusted, paired_test, summarise
from reports.tables.few_seeds import FEW_SEEDS
from reports.tables.metrics import METRICS
from reports.tables.verdicts import BETTER, WORSE, least_adjusted, verdict_of_test

FILE = Path(__file__).resolve().parents[1] / "docs" / "results" / "answer.yaml"
_ACC2 = ("acc2_negative_nonnegative", "acc2_negative_positive")
_WORDS = {BETTER: "helps", WORSE: "harms"}
_ASIDE = 0.22  # rows: single seeds lie below the mean

RunOf = Callable[[str], Results]


class UnknownSettingError(Exception):
    """docs/results/answer.yaml names a configuration or a cell that the run does not have."""


class Effect(NamedTuple):
    """A change and its paired difference of test MAE.

    Attributes:
        group: what was measured: the corpus, and what all its trials share.
        name: the change.
        by_seed: seed -> with the change - without it.
        difference: their mean with its 95 % t interval.
        p: of the sign-flip test; None with fewer than three pairs.
        acc2: mean difference of Acc-2 (negative / positive), as a fraction.
        is_finished: whether every cell of the run has all its seeds.
    """

    group: str
    name: str
    by_seed: Mapping[int, float]
    difference: Summary
    p: float | None
    acc2: Summary | None
    is_finished: bool

    @property
    def title(self) -> str:
        """Return group and change."""
        return f"{self.group}: {self.name}"


@cache
def answer() -> Mapping[str, Any]:
    """Return what docs/results/answer.yaml holds."""
    found: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def setting(results: Results, cell: str | None) -> SeedGroup:
    """Return the cell ``GROUP/CELL`` of a run, or without one its chosen configuration.

    Raises:
        UnknownSettingError: the run does not have it.
    """
    if cell is None:
        best = confirmation_of(results).best
        if best is None:
            raise UnknownSettingError(f"{results.folder.name} has confirmed no configuration")
        return best
    cells = {
        f"{group}/{each.cell}": each
        for group, found in ablation_cells(results).items()
        for each in found
    }
    if cell not in cells:
        raise UnknownSettingError(f"{results.folder.name} has no cell {cell!r}: {', '.join(cells)}")
    return cells[cell]


def best_table(run: RunOf) -> Table:
    """Return the table of systems, ours by their mean validation MAE, then the published ones."""
    ours = [
        (each["name"], setting(run(each["run"]), each.get("cell"))) for each in answer()["systems"]
    ]
    ours.sort(key=lambda row: _mean(row[1], "valid", metric="mae"))
    rows = [(Text(name), *_scores(group)) for name, group in ours]
    rows += [
        (Text(name), *_published(published_row(str(table), "mosi", row=row)))
        for name, table, row in answer()["published"]
    ]
    return Table(
        name="best",
        title="",
        columns=(
            Column("system", "system", is_text=True),
            Column("seeds", "seeds"),
            Column("valid_mae", "valid MAE"),
            Column("mae", "test MAE"),
            Column("corr", "Corr"),
            Column("acc2", "Acc-2"),
            Column("hours", "hours, all seeds"),
        ),
        rows=tuple(rows),
    )


def effects(run: RunOf) -> list[Effect]:
    """Return the effects that are listed, in their order."""
    return list(_effects(run))


def effects_table(run: RunOf) -> Table:
    """Return the table of effects; p is corrected by Holm's method in each group, and in all."""
    of_all = holm_adjusted([each.p for each in effects(run)])
    groups = [list(members) for _, members in groupby(effects(run), key=lambda each: each.group)]
    adjusted = [row for members in groups for row in _adjusted(members)]
    rows = [
        (
            Text(effect.title),
            Number(len(effect.by_seed), Style.INTEGER),
            Estimate(effect.difference, Style.SCORE, signed=True),
            Missing() if p is None else Number(p, Style.P_VALUE),
            Missing() if whole is None else Number(whole, Style.P_VALUE),
            Missing() if effect.acc2 is None else Estimate(effect.acc2, Style.PERCENT, signed=True),
            Text(_verdict(effect, p, least=least)),
        )
        for (effect, p, least), whole in zip(adjusted, of_all, strict=True)
    ]
    return Table(
        name="effects",
        title="",
        columns=(
            Column("change", "change", is_text=True),
            Column("pairs", "pairs"),
            Column("mae", "Δ test MAE"),
            Column("holm_p", "Holm p"),
            Column("holm_p_all", "of all rows"),
            Column("acc2", "Δ Acc-2"),
            Column("verdict", "verdict", is_text=True),
        ),
        rows=tuple(rows),
    )


def effects_figure(run: RunOf) -> Figure:
    """Return the figure of effects: single seeds, mean and 95 % interval."""
    found = effects(run)
    means = [effect.difference.mean for effect in found]
    rows = [effect.title for effect in found]
    single = [
        (value, place + _ASIDE)
        for place, effect in enumerate(found)
        for value in effect.by_seed.values()
    ]
    panel = Panel(
        x=Axis(title="Δ test MAE (← better)"),
        y=Axis(categories=rows, low=-0.5, high=len(rows) - 0.5, reverse=True),
        marks=(
            Rule(x=0.0),
            Points(
                x=[value for value, _ in single],
                y=[place for _, place in single],
                series="single seeds",
                look=Look.FAINT,
            ),
            Intervals(
                x=means,
                y=[float(place) for place in range(len(found))],
                low=[interval_ends(effect.difference)[0] for effect in found],
                high=[interval_ends(effect.difference)[1] for effect in found],
                series="mean, 95 % interval",
                horizontal=True,
            ),
        ),
    )
    shown = ", ".join(f"{effect.title} {effect.difference.mean:+.3f}" for effect in found)
    return Figure(
        name="effects",
        title="What changes test MAE",
        summary=f"Mean difference of test MAE with each change: {shown}.",
        panels=(panel,),
        notes=("Paired over seeds; bars: two-sided 95 % t interval of the mean difference.",),
    )


def _effects(run: RunOf) -> Iterator[Effect]:
    listed = ((group, each) for group, members in answer()["effects"].items() for each in members)
    for group, each in listed:
        after = setting(run(each["run"]), each["cell"])
        before = setting(run(each.get("against_run", each["run"])), each["against"])
        theirs, ours = before.values("test", "mae"), after.values("test", "mae")
        tested = paired_test(theirs, ours)
        if tested is None:
            raise UnknownSettingError(f"{group}: {each['name']}: no seed that both settings have")
        acc2 = paired_test(before.values("test", _ACC2[1]), after.values("test", _ACC2[1]))
        yield Effect(
            group=group,
            name=each["name"],
            by_seed={
                seed: ours[seed] - theirs[seed] for seed in sorted(ours.keys() & theirs.keys())
            },
            difference=tested.difference,
            p=tested.p,
            acc2=None if acc2 is None else acc2.difference,
            is_finished=not any(
                cell.missing
                for cells in ablation_cells(run(each["run"])).values()
                for cell in cells
            ),
        )


def _adjusted(members: Sequence[Effect]) -> Iterator[tuple[Effect, float | None, float | None]]:
    """Yield each effect of a group with its corrected p and the least that this could be."""
    pairs = [len(each.by_seed) if each.p is not None else None for each in members]
    corrected = holm_adjusted([each.p for each in members])
    yield from zip(members, corrected, least_adjusted(pairs), strict=True)


def _verdict(effect: Effect, p: float | None, *, least: float | None) -> str:
    """Return what ``p``, corrected for its group, and the ``least`` it could be say of test MAE."""
    if not effect.is_finished:
        return "run unfinished"
    if p is None or least is None:
        return FEW_SEEDS
    verdict = verdict_of_test(effect.difference, p, least=least, metric=METRICS["mae"])
    return _WORDS.get(verdict, verdict)


def _scores(group: SeedGroup) -> Sequence[Cell]:
    seconds = sum(trial.seconds or 0.0 for trial in group.trials)
    return (
        Number(len(group.trials), Style.INTEGER),
        _estimate(group, "valid", metric="mae"),
        _estimate(group, "test", metric="mae"),
        _estimate(group, "test", metric="corr"),
        Dual(*(_mean_cell(group, metric) for metric in _ACC2)),
        Number(round(seconds / 3600, 2), Style.GENERAL),
    )


def _published(metrics: Mapping[str, float]) -> Sequence[Cell]:
    acc2 = Dual(
        *(Number(metrics[name], Style.PERCENT) if name in metrics else Missing() for name in _ACC2)
    )
    return (
        Missing("not stated"),
        Missing(),
        Number(metrics["mae"], Style.SCORE),
        Number(metrics["corr"], Style.SCORE),
        acc2,
        Missing(),
    )


def _mean_cell(group: SeedGroup, metric: str) -> Scalar:
    found = summarise(list(group.values("test", metric).values()))
    return Missing() if found is None else Number(found.mean, Style.PERCENT)


def _estimate(group: SeedGroup, split: str, *, metric: str) -> Scalar:
    found = summarise(list(group.values(split, metric).values()))
    return Missing() if found is None else Estimate(found, Style.SCORE)


def _mean(group: SeedGroup, split: str, *, metric: str) -> float:
    found = summarise(list(group.values(split, metric).values()))
    return nan if found is None else found.mean
