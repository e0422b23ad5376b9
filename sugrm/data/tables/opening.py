"""Opening the tables that a path names, whatever the files are called."""

from dataclasses import dataclass
from pathlib import Path

from sugrm.data.reading.opening import Kind, kind_of
from sugrm.data.reading.problems import Problems
from sugrm.data.tables.arrow_tables import read_arrow
from sugrm.data.tables.folders import TABLE_KINDS, find_tables
from sugrm.data.tables.table import Keep, Table
from sugrm.data.tables.text_tables import read_csv, read_json
from sugrm.errors import DataError
from sugrm.types import Split

_LAYOUTS = {
    Kind.CSV: "CSV table",
    Kind.JSON: "JSON table",
    Kind.PARQUET: "Parquet table",
    Kind.ARROW: "Arrow table",
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OpenTables:
    """The tables of a path.

    Attributes:
        tables: each table, and the split that the folder says it is; None where it says none.
        layout: name of the layout, as messages show it.
        ignored: splits that are not read.
    """

    tables: list[tuple[Split | None, Table]]
    layout: str
    ignored: tuple[str, ...] = ()


def holds_tables(kind: Kind) -> bool:
    """Return whether files of a kind are tables, or a folder may hold some."""
    return kind in TABLE_KINDS or kind is Kind.FOLDER


def open_tables(
    path: Path, keep: Keep, *, problems: Problems, needs_all: bool = True
) -> OpenTables:
    """Return the tables at ``path``, a file or a folder; rows that are none are noted.

    Args:
        path: the file or the folder.
        keep: whether a column of a name is read.
        problems: takes what is wrong.
        needs_all: whether a folder must hold a table for each split.

    Raises:
        DataError: there are none, or a file cannot be read.
    """
    kind = kind_of(path)
    if kind is not Kind.FOLDER:
        table = _read(path, kind, keep=keep, problems=problems)
        return OpenTables(tables=[(None, table)], layout=_LAYOUTS[kind])
    found = find_tables(path, needs_all=needs_all)
    tables = [
        (split, _read(file, kind_of(file), keep=keep, problems=problems))
        for split, files in found.files.items()
        for file in files
    ]
    return OpenTables(tables=tables, layout=found.layout, ignored=found.ignored)


def _read(path: Path, kind: Kind, *, keep: Keep, problems: Problems) -> Table:
    if kind is Kind.CSV:
        return read_csv(path, keep, problems=problems)
    if kind is Kind.JSON:
        return read_json(path, keep, problems=problems)
    if kind in _LAYOUTS:
        return read_arrow(path, kind, keep=keep)
    raise DataError(
        f"{path}: this is {kind}; expected a table with id, text and label: CSV, JSON, Parquet or "
        "Arrow (docs/data.md)"
    )
