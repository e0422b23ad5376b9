"""The figures of a report: each entry of ``FIGURES`` computes its figures from ``Results``."""

from collections.abc import Callable

from reports.content.figure import Figure
from reports.figures.ablation_effects import ablation_effects
from reports.figures.confusion import confusion
from reports.figures.human_labels import human_labels_figure
from reports.figures.importance_bars import importance_bars
from reports.figures.label_history import label_history
from reports.figures.label_truth_curves import label_truth_curves
from reports.figures.learning_curves import learning_curves
from reports.figures.parallel import parallel
from reports.figures.pareto_cost import pareto_cost
from reports.figures.residuals import residuals
from reports.figures.slices import slices
from reports.ledger.reading.load import Results

FigureBuilder = Callable[[Results], tuple[Figure, ...]]

FIGURES: dict[str, FigureBuilder] = {
    "learning_curves": learning_curves,
    "importance": importance_bars,
    "slices": slices,
    "parallel": parallel,
    "pareto_cost": pareto_cost,
    "ablation_effects": ablation_effects,
    "residuals": residuals,
    "confusion": confusion,
    "label_history": label_history,
    "human_labels": human_labels_figure,
    "label_truth": label_truth_curves,
}
"""In the order of a report. A builder returns no figure if a run has nothing to show."""
