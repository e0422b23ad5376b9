"""Trials of the other runs in the same folder of runs.

Tables share cells: SUGRM as published stands in four of them. A trial's key says everything that
decides its numbers, so one that has finished in any run beside this one need not run again. The
other runs are read, never written.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from reports import schema
from search.ledger.experiment import FILE
from search.ledger.parts import PartFolder

Tables = dict[str, pa.Table]


class Siblings:
    """The finished trials of the runs beside ``folder``; they are looked up on first use.

    Args:
        folder: of the run that asks.
    """

    def __init__(self, folder: Path) -> None:
        self._own = folder.absolute()
        self._runs: dict[str, Path] | None = None

    def find(self, key: str) -> Tables | None:
        """Return the rows of the finished trial ``key`` in every table but ``roles``.

        None where no run has it whole; a run that is being written meanwhile may lack a part.
        """
        if self._runs is None:
            self._runs = self._index()
        run = self._runs.get(key)
        if run is None:
            return None
        found = {
            name: PartFolder(run / name, fields).read_key(key)
            for name, fields in schema.SCHEMAS.items()
            if name != "roles"
        }
        finished = pc.equal(found["trials"]["status"], pa.scalar(schema.FINISHED))
        found["trials"] = found["trials"].filter(finished).slice(0, 1)
        whole = all(len(found[name]) for name in ("trials", "epochs", "predictions"))
        return found if whole else None

    def _index(self) -> dict[str, Path]:
        finished: dict[str, Path] = {}
        for record in sorted(self._own.parent.glob(f"*/{FILE}")):
            run = record.parent
            if run != self._own:
                rows = PartFolder(run / "trials", schema.TRIALS).read_all(["key", "status"])
                for row in rows.to_pylist():
                    if row["status"] == schema.FINISHED:
                        finished[row["key"]] = run
        return finished
