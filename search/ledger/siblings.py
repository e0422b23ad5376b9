"""Trials of the other runs in the same folder of runs.

Tables share cells: SUGRM as published stands in four of them. A trial's key says everything that
decides its numbers, so one that has finished in any run beside this one need not run again. The
other runs are read, never written.
"""

import json
from typing import Any

import pyarrow as pa

from reports import schema
from reports.storage import Place
from search.ledger.experiment import FILE
from search.ledger.parts import PartFolder

Tables = dict[str, pa.Table]

_IDENTITIES = {
    "trials": ("key",),
    "epochs": ("key", "epoch"),
    "labels": ("key", "epoch", "task"),
    "predictions": ("key", "split", "id"),
}
"""Table -> the columns that tell its rows apart; ``roles`` are the asking run's own."""


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

        The row of ``trials`` says in ``adopted_from`` which run computed it. None where no run
        has the trial whole: a run that is being written meanwhile, or damaged, may lack a part.
        """
        if self._runs is None:
            self._runs = self._index()
        for run in self._runs.get(key, ()):
            found = {
                name: _distinct(PartFolder(run / name, schema.SCHEMAS[name]).read_key(key), names)
                for name, names in _IDENTITIES.items()
            }
            if _is_whole(found):
                return {**found, "trials": _marked(found["trials"], run.name)}
        return None

    def _index(self) -> dict[str, list[Place]]:
        finished: dict[str, list[Place]] = {}
        for record in sorted(self._own.parent.glob(f"*/{FILE}")):
            run = record.parent
            if run != self._own:
                rows = PartFolder(run / "trials", schema.TRIALS).read_all(["key", "status"])
                for key in {row["key"] for row in rows.to_pylist() if _has_finished(row)}:
                    finished.setdefault(key, []).append(run)
        return finished


def _has_finished(row: dict[str, Any]) -> bool:
    return bool(row["status"] == schema.FINISHED)


def _distinct(table: pa.Table, names: tuple[str, ...]) -> pa.Table:
    """Drop rows that a merge of parts, cut short, left twice; of a trial keep how it finished."""
    rows = {
        tuple(row[name] for name in names): row
        for row in table.to_pylist()
        if "status" not in row or _has_finished(row)
    }
    return pa.Table.from_pylist(list(rows.values()), schema=table.schema)


def _is_whole(found: Tables) -> bool:
    if not len(found["trials"]) or not len(found["predictions"]):
        return False
    (trial,) = found["trials"].to_pylist()
    objective = json.loads(trial["config"] or "{}").get("objective", {})
    generates = (objective.get("labels") or {}).get("name", "none") != "none"
    labelled = not generates or len(objective.get("tasks", ())) < 2 or len(found["labels"]) > 0
    return labelled and len(found["epochs"]) == trial["epochs"]


def _marked(trials: pa.Table, run: str) -> pa.Table:
    (row,) = trials.to_pylist()
    marked = {**row, "adopted_from": row["adopted_from"] or run}
    return pa.Table.from_pylist([marked], schema=trials.schema)
