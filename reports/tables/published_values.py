"""The published values for the system of the confirmed configurations, and notes on them."""

from collections.abc import Iterator, Mapping

from reports.content.table import Note
from reports.ledger.reading.load import Results
from reports.ledger.trials import Trial
from reports.published.cells import published_metrics, published_table
from reports.published.differing_settings import in_words, other_values
from reports.published.rows import system_settings
from reports.published.streams import left_out_streams, why_no_published
from reports.results.confirmation import Confirmation
from reports.results.corpora import data_of


def published_values(
    results: Results, confirmation: Confirmation
) -> tuple[str, Mapping[str, float]]:
    """Return the source and the values of the published metrics of the system that was run.

    There are none if the paper has no such row, if the data do not have the sizes of its splits,
    if a configuration leaves a stream out, or if no confirmation has finished.
    """
    if any(left_out_streams(trial.config) for trial in _finished(confirmation)):
        return "", {}
    return _of_the_system(results, confirmation)


def _of_the_system(results: Results, confirmation: Confirmation) -> tuple[str, Mapping[str, float]]:
    """Return the published metrics of a system, whatever streams the configurations read."""
    finished = _finished(confirmation)
    if not finished or not all(data_of(results, trial).is_published for trial in finished):
        return "", {}
    model, alignment = str(finished[0].model), str(finished[0].alignment)
    metrics = published_metrics(results.experiment.dataset, alignment, model=model)
    return f"Table {published_table(alignment)} of the paper, {alignment}", metrics


def published_notes(results: Results, confirmation: Confirmation) -> Iterator[Note]:
    """Yield why no published value is shown, or which fixed values the published system lacks.

    The configurations themselves differ in what was searched. Fixed values that differ from those
    of the system's preset make all of them another system.
    """
    whys = dict.fromkeys(data_of(results, one).why_unpublished for one in _finished(confirmation))
    yield from (Note(why) for why in whys if why)
    if _of_the_system(results, confirmation)[1]:
        yield from _notes_on_streams(confirmation)
    _, published = published_values(results, confirmation)
    others = {
        in_words(_fixed(results, trial, changes=configuration.changes)): None
        for configuration in confirmation.configurations
        for trial in list(configuration.finished.values())[:1]
        if published
    }
    for other in filter(None, others):
        yield Note(f"Fixed values that differ from the system's preset: {other}.")


def _notes_on_streams(confirmation: Confirmation) -> Iterator[Note]:
    """Yield which configurations leave streams out, so that nothing published stands beside."""
    for place, configuration in enumerate(confirmation.configurations):
        for trial in configuration.trials[:1]:
            if streams := left_out_streams(trial.config):
                what = f"configuration {confirmation.label(place)}"
                yield Note(why_no_published(streams, what))


def _finished(confirmation: Confirmation) -> list[Trial]:
    return [t for c in confirmation.configurations for t in c.finished.values()]


def _fixed(results: Results, trial: Trial, *, changes: Mapping[str, object]) -> Mapping[str, str]:
    """Return the fixed values of a trial that differ from its system's preset."""
    usual = system_settings(results.experiment.dataset, str(trial.model))
    return other_values(trial.config, usual, without=(*changes, *results.experiment.parameters))
