"""What the model card says of a run: the numbers are those of its report."""

from collections.abc import Iterator

import numpy as np

from reports.content.table import Style
from reports.ledger.reading.results import Results
from reports.results.corpora import data_of, split_sizes
from reports.results.ensembles import Predicted, read_predictions, systems_of
from reports.tables.bounds import exceeds_range
from reports.tables.metrics import Metric, metrics_of, over_seeds
from search.model_choice.selection import Selection
from sugrm.metrics import score
from sugrm.prediction.card.facts import CardFacts, MetricFact


def facts_of(results: Results, selection: Selection) -> CardFacts:
    """Return the facts of a run for the card of its exported models."""
    experiment, trial, shown = results.experiment, selection.trial, metrics_of(results)
    corpus = (trial.alignment or "", trial.data_fingerprint or "")
    missing = ""
    if selection.absent:
        missing = f"Seeds of the configuration that are not in the folder: {selection.absent_text}."
    return CardFacts(
        chosen=selection.configuration.chosen,
        split_sizes=split_sizes(results).get(corpus, {}),
        fingerprint=trial.data_fingerprint or "",
        is_other_data=bool(data_of(results, trial).why_unpublished),
        metrics=tuple(_metrics(results, selection)),
        metric_notes=tuple(note.text for note in shown.notes) if shown.kind == "sims" else (),
        missing=missing,
        changes=selection.configuration.setting.changes,
        provenance=tuple(_provenance(results, selection)),
        command=experiment.command,
        space=experiment.source,
    )


def _provenance(results: Results, selection: Selection) -> Iterator[tuple[str, str]]:
    yield "run", results.experiment.name
    yield "configuration", selection.configuration.name
    finished = selection.configuration.setting.finished
    yield "trials", ", ".join(f"{finished[seed].key} (seed {seed})" for seed in selection.models)
    for name in ("device", "processor", "precision"):
        values = {str(finished[seed].column(name)) for seed in selection.models}
        yield name, ", ".join(sorted(values))
    yield from results.experiment.provenance


def _metrics(results: Results, selection: Selection) -> Iterator[MetricFact]:
    """Yield each metric on test: of the exported models, and over the seeds."""
    exported = _exported(results, selection)
    for metric in metrics_of(results).shown:
        summary = over_seeds(selection.configuration.setting, "test", metric=metric.name)
        if summary is None:
            continue
        is_shown = not exceeds_range(metric, summary)
        yield MetricFact(
            name=metric.name,
            title=metric.title,
            is_fraction=metric.style is Style.PERCENT,
            exported=exported.get(metric.name, _alone(selection, metric)),
            seeds=summary.count or 0,
            mean=summary.mean,
            deviation=summary.deviation,
            low=summary.low if is_shown else None,
            high=summary.high if is_shown else None,
        )


def _alone(selection: Selection, metric: Metric) -> float | None:
    """Return the recorded test metric of a single exported seed; None for an ensemble."""
    return selection.trial.test.get(metric.name) if len(selection.models) == 1 else None


def _exported(results: Results, selection: Selection) -> dict[str, float]:
    """Return the test metrics of the mean prediction; {} for one seed, or without predictions."""
    setting = selection.configuration.setting
    if len(selection.models) == 1:
        return {}
    (system,) = systems_of({"": setting}, read_predictions(results, [setting]))
    if any(seed not in system.seeds for seed in selection.models):
        return {}
    mean: Predicted = system.ensemble(list(selection.models))
    known = np.isfinite(mean.labels)
    kind = metrics_of(results).kind
    return score(mean.values[known], mean.labels[known], metrics=kind) if known.any() else {}
