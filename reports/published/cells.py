"""The values that the paper reports for a system and for any row of its tables.

Source: Hwang & Kim, Findings of EACL 2023, Tables 1 (systems, aligned), 2 (systems, unaligned),
3 (tasks), 4 (modules) and 8 (losses).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_TABLE_OF = {"aligned": "1", "unaligned": "2"}
_ROW_OF = {
    "ef_lstm": "EF-LSTM",
    "lf_lstm": "LF-LSTM",
    "tfn": "TFN",
    "raven": "RAVEN",
    "mctn": "MCTN",
    "mult": "MulT",
    "spt": "SPT",
    "mag_bert": "MAG-BERT",
    "self_mm": "Self-MM",
    "sugrm": "SUGRM",
}
_BOTH_WAYS = ("negative_nonnegative", "negative_positive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Misprint:
    """A misprinted cell of the paper, with a note on how it is read here."""

    dataset: str
    row: str
    metric: str
    note: str


def published_table(alignment: str) -> str:
    """Return the number of the paper's table of systems on ``alignment`` input, "" if none."""
    return _TABLE_OF.get(alignment, "")


def published_metrics(dataset: str, alignment: str, *, model: str) -> Mapping[str, float]:
    """Return the published test metrics of ``model`` by the names of ``schema.METRICS``.

    Empty where the paper has no such row.

    >>> published_metrics("mosi", "unaligned", model="sugrm")["mae"]
    0.703
    """
    row, table = _ROW_OF.get(model, ""), published_table(alignment)
    # The paper adds the alignment method to the names of systems that align their input.
    return published_row(table, dataset, row=row) or published_row(table, dataset, row=f"{row}+CTC")


def published_row(table: str, dataset: str, *, row: str) -> Mapping[str, float]:
    """Return the metrics of one row, shares as fractions like in the ledger; empty without it.

    >>> published_row("8", "mosi", row="Huber")["corr"]
    0.744
    """
    found: dict[str, float] = {}
    for cell in _of(table):
        if (cell["dataset"], cell["row"]) != (dataset, row):
            continue
        if cell["value"]:
            found[cell["metric"]] = float(cell["value"])
        for way in _BOTH_WAYS:
            if cell[way]:
                found[f"{cell['metric']}_{way}"] = round(float(cell[way]) / 100, 4)
    return found


def tables_with(dataset: str, alignment: str, *, row: str) -> tuple[str, ...]:
    """Return the numbers of the tables that have a row of that name, in the paper's order.

    >>> tables_with("mosi", "unaligned", row="Self-MM")
    ('2', '4')
    """
    wanted = (dataset, alignment, row)
    numbers = [
        cell["table"]
        for cell in _cells()
        if (cell["dataset"], cell["alignment"], cell["row"]) == wanted
    ]
    return tuple(dict.fromkeys(numbers))


def published_rows(table: str) -> tuple[str, ...]:
    """Return the rows of a table, in the paper's order.

    >>> published_rows("8")
    ('L1', 'L2', 'Huber')
    """
    return tuple(dict.fromkeys(cell["row"] for cell in _of(table)))


def published_datasets(table: str) -> tuple[str, ...]:
    """Return the datasets of a table, in the paper's order."""
    return tuple(dict.fromkeys(cell["dataset"] for cell in _of(table)))


def published_alignment(table: str) -> str:
    """Return the alignment of the input of a table, which is one for all of it."""
    (alignment,) = {cell["alignment"] for cell in _of(table)}
    return alignment


def published_baseline(table: str, row: str) -> str:
    """Return the system that a row changes; "" if the row is a system of its own."""
    return next((cell["baseline"] for cell in _of(table) if cell["row"] == row), "")


def misprints(table: str) -> tuple[Misprint, ...]:
    """Return the cells of a table that the paper misprints."""
    return tuple(
        Misprint(dataset=cell["dataset"], row=cell["row"], metric=cell["metric"], note=cell["note"])
        for cell in _of(table)
        if cell["note"]
    )


@cache
def _of(table: str) -> tuple[dict[str, str], ...]:
    return tuple(cell for cell in _cells() if cell["table"] == table)


@cache
def _cells() -> tuple[dict[str, str], ...]:
    text = files("reports.published").joinpath("published.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
