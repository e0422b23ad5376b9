"""The cells of an ablation beside the rows of the paper's tables that have their names.

A cell stands for a published row by its name alone, on the dataset and the alignment that it
reads: so a space says what it repeats by how it calls its cells, and needs no key for it. Where
several tables have a row of that name (SUGRM stands in Tables 2 and 4), the table that has most
of the ablation's cells counts, then the paper's order.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from reports.gaps import alignment_of, gap_of
from reports.load import Results
from reports.published.cells import published_row, tables_with
from reports.select import Repeated
from reports.table import Cell, Column, Missing, Note, Number, Table, Text
from reports.tables.metrics import SHOWN, number, over_seeds

_COMPARED = {
    "mae": "MAE",
    "corr": "Corr",
    "acc2_negative_positive": "Acc-2",
}
_METRICS = tuple(metric for metric in SHOWN if metric.name in _COMPARED)


def beside_paper(results: Results, group: str, cells: Sequence[Repeated]) -> tuple[Table, ...]:
    """Return the table of the cells that the paper has; none where none of them has run."""
    tables = _published_tables(results, cells)
    beside = [cell for cell in cells if cell.cell in tables]
    if not any(cell.finished for cell in beside):
        return ()
    table = Table(
        name=f"ablation_{group}_published",
        title=f"Ablation: {group}, beside the paper",
        columns=(
            Column("cell", "cell", is_text=True),
            *(column for name, title in _COMPARED.items() for column in _columns(name, title)),
            Column("table", "table"),
        ),
        rows=tuple(tuple(_row(results, cell, tables[cell.cell])) for cell in beside),
        notes=tuple(_notes(results, beside, complete=len(beside) == len(cells))),
        folds=True,
    )
    return (table,)


def _published_tables(results: Results, cells: Sequence[Repeated]) -> Mapping[str, str]:
    """Return the number of the paper's table for each cell that is in one."""
    dataset = results.experiment.dataset
    candidates = {
        cell.cell: tables_with(dataset, alignment_of(results, cell), cell.cell) for cell in cells
    }
    shared = Counter(number for numbers in candidates.values() for number in numbers)
    return {
        name: max(numbers, key=lambda number: shared[number])  # the first of equals
        for name, numbers in candidates.items()
        if numbers
    }


def _columns(name: str, title: str) -> tuple[Column, ...]:
    return (
        Column(f"test_{name}", title),
        Column(f"{name}_published", "paper"),
        Column(f"{name}_difference", "Δ"),
    )


def _row(results: Results, cell: Repeated, table: str) -> Iterator[Cell]:
    published = published_row(table, results.experiment.dataset, cell.cell)
    why = gap_of(results, cell)
    yield Text(cell.cell)
    for metric in _METRICS:
        ours, theirs = over_seeds(cell, "test", metric.name), published.get(metric.name)
        yield Number(ours.mean, metric.style) if ours else Missing(why)
        yield number(published, metric.name, metric.style)
        if ours is None or theirs is None:
            yield Missing()
        else:
            yield Number(ours.mean - theirs, metric.style, signed=True)
    yield Text(table)


def _notes(results: Results, cells: Sequence[Repeated], *, complete: bool) -> Iterator[Note]:
    yield Note(
        "Test metrics, means over our seeds; the paper states no number of seeds. Acc-2 negative / "
        "positive, in percent. Δ: ours - the paper's. Table: the paper's that has a row of the "
        "cell's name on this dataset and alignment."
    )
    if not complete:
        yield Note("Cells of which the paper has no row are left out.")
    encoders: dict[str, list[str]] = {}
    for cell in cells:
        if cell.finished:
            encoders.setdefault(_encoder(cell), []).append(cell.cell)
    if len(encoders) == 1:
        yield Note(f"Text encoder of our cells: {', '.join(encoders)}.")
    elif encoders:
        usual = max(encoders, key=lambda name: len(encoders[name]))
        others = [f"{name}: {', '.join(encoders[name])}" for name in encoders if name != usual]
        yield Note(
            "Attention: the cells differ in their text encoder. "
            f"{'; '.join(others)}. The others: {usual}."
        )


def _encoder(cell: Repeated) -> str:
    config = json.loads(next(iter(cell.finished.values())).config)
    text = (config.get("model") or {}).get("text") or {}
    return f"{text.get('name', 'not recorded')}{'' if text.get('finetune', True) else ' (frozen)'}"
