"""The published values beside the chosen setting, and what they may not be compared for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reports.content.table import Note
from reports.ledger.reading.load import Results
from reports.overview.chosen import Chosen
from reports.published.cells import published_row, tables_with
from reports.published.differing_settings import in_words, other_values
from reports.published.rows import row_settings
from reports.published.streams import left_out_streams, why_no_published
from reports.results.confirmation import confirmation_of
from reports.results.corpora import data_of_setting
from reports.results.missing import alignment_of
from reports.results.seed_groups import SeedGroup
from reports.tables.published_values import published_notes, published_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Published test metrics by name; ``source`` is "" without any, ``notes`` limit their use."""

    source: str
    values: Mapping[str, float]
    notes: tuple[Note, ...] = ()


def published_beside(results: Results, chosen: Chosen) -> Published:
    """Return the published values of the chosen system, or of the row with the name of its cell."""
    if chosen.ablation:
        return _of_cell(results, chosen.setting)
    confirmation = confirmation_of(results)
    source, values = published_values(results, confirmation)
    return Published(
        source=source if values else "",
        values=values,
        notes=tuple(published_notes(results, confirmation)),
    )


def _of_cell(results: Results, cell: SeedGroup) -> Published:
    dataset, alignment = results.experiment.dataset, alignment_of(results, cell)
    table = next(iter(tables_with(dataset, alignment, row=cell.cell)), "")
    data = data_of_setting(results, cell)
    if not table or data is None:
        return Published(source="", values={})
    config = cell.trials[0].config
    if why := data.why_unpublished:
        return Published(source="", values={}, notes=(Note(why),))
    if streams := left_out_streams(config):
        note = Note(why_no_published(streams, cell.cell))
        return Published(source="", values={}, notes=(note,))
    return Published(
        source=f"Table {table} of the paper, {alignment}",
        values=published_row(table, dataset, row=cell.cell),
        notes=tuple(_other_settings(config, row_settings(table, dataset, row=cell.cell))),
    )


def _other_settings(config: str, usual: Mapping[str, object]) -> Iterator[Note]:
    if others := in_words(other_values(config, usual)):
        yield Note(f"Settings that differ from the published system's: {others}.")
