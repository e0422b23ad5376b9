"""Trials of the other runs in the same folder of runs.

Tables share cells: SUGRM as published stands in four of them. A trial's key says everything that
decides its numbers, so one that has finished in any run beside this one need not run again. The
other runs are read, never written.
"""

from dataclasses import replace
from typing import Any

import pyarrow as pa

from reports.ledger import schema
from reports.ledger.part import Part
from reports.ledger.places.storage import Place
from search.ledger.experiment_file import FILE, RunFolderError, check_name, read_record
from search.ledger.part_folder import PartFolder
from search.ledger.rows import generates_labels

Tables = dict[str, Part]

_TABLES = ("trials", "epochs", "labels", "predictions")
"""What is taken over; ``roles`` are the asking run's own."""


class Siblings:
    """The finished trials of the runs beside ``folder``; they are looked up on first use.

    Args:
        folder: of the run that asks.
    """

    def __init__(self, folder: Place) -> None:
        self._own = folder.absolute()
        self._runs: dict[str, list[Place]] | None = None

    def find(self, key: str) -> Tables | None:
        """Return the rows of the finished trial ``key`` in every table but ``roles``.

        They count as one part without checksums where a part that holds them is or was merged of
        such: what it held may have changed before.

        The row of ``trials`` says in ``adopted_from`` which run computed it. None where no run
        has the trial whole: a run that is being written meanwhile, or damaged, may lack a part.
        """
        if self._runs is None:
            self._runs = self._index()
        for run in self._runs.get(key, ()):
            found = {name: _rows(run, name, key) for name in _TABLES}
            if _is_whole(found):
                return {**found, "trials": _marked(found["trials"], run.name)}
        return None

    def _index(self) -> dict[str, list[Place]]:
        finished: dict[str, list[Place]] = {}
        for record in sorted(self._own.parent.glob(f"*/{FILE}")):
            run = record.parent
            if run != self._own and _is_run(run):
                rows = PartFolder(run / "trials", schema.TRIALS).read_all(["key", "status"])
                for key in {row["key"] for row in rows.to_pylist() if _has_finished(row)}:
                    finished.setdefault(key, []).append(run)
        return finished


def _is_run(folder: Place) -> bool:
    """Return whether the record of a run can be read and is that of this folder."""
    try:
        check_name(folder, read_record(folder))
    except RunFolderError:
        return False
    return True


def _has_finished(row: dict[str, Any]) -> bool:
    return bool(row["status"] == schema.FINISHED)


def _rows(run: Place, table: str, key: str) -> Part:
    """Return the rows of a trial; of ``trials`` the one that says how it finished."""
    found = PartFolder(run / table, schema.SCHEMAS[table]).read_parts(keys=[key])
    if table == "trials":
        finished = [row for row in found.rows.to_pylist() if _has_finished(row)]
        rows = pa.Table.from_pylist(finished[-1:], schema=schema.TRIALS)
    else:
        rows = found.distinct(table)
    unguarded = any(part.unguarded for part in found.parts if len(part.rows))
    return Part(rows, is_merged=False, unguarded=int(unguarded))


def _is_whole(found: Tables) -> bool:
    count = {name: len(part.rows) for name, part in found.items()}
    if not count["trials"] or not count["predictions"]:
        return False
    (trial,) = found["trials"].rows.to_pylist()
    labelled = not generates_labels(trial["config"]) or count["labels"] > 0
    return labelled and count["epochs"] == trial["epochs"]


def _marked(trials: Part, run: str) -> Part:
    (row,) = trials.rows.to_pylist()
    marked = {**row, "adopted_from": row["adopted_from"] or run}
    return replace(trials, rows=pa.Table.from_pylist([marked], schema=trials.rows.schema))
