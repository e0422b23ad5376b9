"""The settings of our rows that differ from the packaged spaces for the paper's rows."""

from collections.abc import Iterator, Mapping

from reports.content.table import Note
from reports.paper.rows.grid import Grid
from reports.paper.rows.layouts import dataset_title
from reports.published.differing_settings import Settings, in_words, other_values
from reports.published.rows import row_settings


def other_settings(grid: Grid, dataset: str, *, row: str) -> Settings:
    """Return the options of a row that differ from its system's preset; none before it has run."""
    source = grid.source(dataset, row)
    if source is None or not source.cell.finished:
        return {}
    usual = row_settings(grid.layout.number, grid.space_dataset(dataset), row=row)
    return other_values(next(iter(source.cell.finished.values())).config, usual)


def settings_notes(grid: Grid) -> Iterator[Note]:
    """Yield for each dataset the options that differ in all its rows, and in some of them."""
    for dataset in grid.filled:
        rows = {
            row: other_settings(grid, dataset, row=row)
            for row in grid.rows
            if grid.has_run(dataset, row)
        }
        listed = "; ".join(f"{what}: {in_words(settings)}" for what, settings in _parts(rows))
        if listed:
            yield Note(
                f"{dataset_title(dataset)}: settings that differ from the systems' presets in the "
                f"packaged spaces. {listed}."
            )


def _parts(rows: Mapping[str, Settings]) -> Iterator[tuple[str, Settings]]:
    """Yield the options that all rows share, then those of each row alone; none that is empty."""
    first, *others = rows.values()
    shared = {
        option: value
        for option, value in first.items()
        if all(other.get(option) == value for other in others)
    }
    if shared:
        yield "every row", shared
    for row, settings in rows.items():
        own = {name: value for name, value in settings.items() if name not in shared}
        if own:
            yield row, own
