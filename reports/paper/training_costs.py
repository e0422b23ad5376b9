"""The costs of the rows of a table of the paper: seeds, parameters, time and memory."""

from collections.abc import Iterator

from reports.content.table import Cell, Column, Missing, Note, Number, Style, Table, Text
from reports.paper.rows.grid import Grid
from reports.paper.rows.layouts import dataset_title
from reports.paper.rows.sources import Source
from reports.statistics import summarise
from reports.tables.metrics import seeds_cell

_MEASURED = (
    ("parameters", "parameters", Style.INTEGER),
    ("seconds_per_epoch", "s / epoch", Style.SECONDS),
    ("inference_seconds", "inference s", Style.SECONDS),
    ("peak_memory_mib", "memory MiB", Style.INTEGER),
)


def costs(grid: Grid) -> tuple[Table, ...]:
    """Return the table of the rows that have run; none where none has."""
    used = tuple(grid.used())
    if not used:
        return ()
    number = grid.layout.number
    table = Table(
        name=f"paper_table_{number}_costs",
        title=f"Table {number} of the paper: seeds, parameters, time and memory of ours",
        columns=_columns(grid.layout.heading),
        rows=tuple(
            (Text(row), Text(dataset_title(dataset)), *_costs(source))
            for dataset, row, source in used
        ),
        notes=tuple(_notes([source for _, _, source in used])),
        is_whole=True,
    )
    return (table,)


def _columns(heading: str) -> tuple[Column, ...]:
    return (
        Column("row", heading, is_text=True),
        Column("dataset", "dataset", is_text=True),
        Column("seeds", "seeds"),
        *(Column(name, title) for name, title, _ in _MEASURED),
        Column("source", "run and ablation", is_text=True),
    )


def _costs(source: Source) -> Iterator[Cell]:
    yield seeds_cell(source.cell)
    trials = source.cell.finished.values()
    for name, _, style in _MEASURED:
        values = [trial.column(name) for trial in trials]
        mean = summarise([value for value in values if value is not None])
        yield Missing("not recorded") if mean is None else Number(mean.mean, style)
    yield Text(f"{source.results.experiment.name}, {source.cell.group}")


def _notes(sources: list[Source]) -> Iterator[Note]:
    yield Note(
        "Means over finished seeds. Seeds: finished / planned. Parameters: all, including the text "
        "encoder's. Inference: seconds for one pass over the test set, text encoder included. "
        "Memory: the peak during training."
    )
    devices = {
        str(trial.device)
        for source in sources
        for trial in source.cell.finished.values()
        if trial.device
    }
    if devices:
        yield Note(
            f"Measured on {', '.join(sorted(devices))}; the paper used one TITAN Xp. Times on "
            "different machines, or while other trials ran, cannot be compared."
        )
