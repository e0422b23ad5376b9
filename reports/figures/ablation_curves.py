"""The objective by epoch for the seeds of the cells of an ablation."""

from collections.abc import Mapping, Sequence

from reports.content.figure import Figure
from reports.content.mark import Line, Look
from reports.figures.curves import (
    Curve,
    curve_line,
    curve_panel,
    curves_of,
    finite_values,
    without_excess_hover,
)
from reports.figures.trial_labels import capitalised, objective_title
from reports.ledger.reading.load import Results
from reports.ledger.trials import Trial
from reports.results.seed_groups import SeedGroup, baseline_first

_CELLS = 6


def ablation_curves(results: Results, group: str, *, cells: Sequence[SeedGroup]) -> Figure | None:
    """Return the figure of the cells of the ablation ``group``; None without a finite value."""
    baseline, *others = baseline_first(results, cells)
    ran = [cell for cell in (baseline, *others) if cell.finished]
    shown = [(cell, trial) for cell in ran[:_CELLS] for trial in cell.trials]
    trials = [trial for _, trial in shown]
    curves = curves_of(results, trials)
    lines = without_excess_hover(_lines(curves, shown, baseline=baseline))
    values = finite_values(curves, trials)
    drawn = curve_panel(results, "", marks=lines, values=values, what="epochs")
    if drawn is None:
        return None
    panel, cut = drawn
    return Figure(
        name=f"learning_curves_{group}",
        title=f"{capitalised(objective_title(results))} by epoch: {group}",
        summary=_summary(results, ran[:_CELLS]),
        panels=(panel,),
        notes=(_note(group, len(shown), ran=len(ran)), *cut),
    )


def _lines(
    curves: Mapping[str, Curve],
    shown: Sequence[tuple[SeedGroup, Trial]],
    *,
    baseline: SeedGroup,
) -> list[Line]:
    """Return the curve of each trial under the name of its cell; the baseline's are strong."""
    return [
        curve_line(
            curves, trial, series=cell.cell, look=Look.STRONG if cell is baseline else Look.NORMAL
        )
        for cell, trial in shown
    ]


def _summary(results: Results, cells: Sequence[SeedGroup]) -> str:
    """Return a sentence with the mean objective of each cell."""
    metric = results.experiment.metric
    values = {cell.cell: list(cell.values("valid", metric).values()) for cell in cells}
    means = ", ".join(f"{name} {sum(v) / len(v):.4g}" for name, v in values.items() if v)
    return f"{capitalised(objective_title(results))} at the best epoch, mean over seeds: {means}."


def _note(group: str, trials: int, *, ran: int) -> str:
    left_out = f"; {ran - _CELLS} more cells are left out" if ran > _CELLS else ""
    return (
        f"Ablation {group}: one line per finished seed, on validation. n = {trials} trials of "
        f"{min(ran, _CELLS)} cells{left_out}."
    )
