"""Writing and recognising the tables of a published copy."""

from pathlib import Path

import pyarrow as pa

from reports.ledger import schema
from reports.ledger.part import MERGED
from reports.ledger.trials import trials_in
from search.ledger.part_folder import PartFolder
from search.ledger.published.snapshot import Snapshot

PART = f"{MERGED}published"
"""The name of the one part of each table: rows of several trials are in merged parts."""
MARK = "data_left_out"
TABLES = ("trials", "roles", "epochs")


def write_tables(folder: Path, snapshot: Snapshot) -> None:
    """Write a dense part for each table; every row of ``trials`` says that its data were left out.

    Args:
        folder: the folder of the copy, which exists.
        snapshot: the rows.
    """
    for name in TABLES:
        rows = snapshot.tables[name]
        PartFolder(folder / name, schema.SCHEMAS[name]).write_table(
            PART,
            _marked(rows) if name == "trials" else rows,
            dense=True,
            without_checksum=snapshot.without_checksum[name],
        )


def holds_data(folder: Path) -> bool:
    """Return whether some trial of a run folder is none of a published copy."""
    rows = PartFolder(folder / "trials", schema.TRIALS).read_all(["key", "status", "seed", MARK])
    return any(not trial.data_left_out for trial in trials_in(rows))


def _marked(rows: pa.Table) -> pa.Table:
    place = schema.TRIALS.get_field_index(MARK)
    marks = pa.repeat(pa.scalar(True), len(rows))
    return rows.set_column(place, schema.TRIALS.field(place), marks)
