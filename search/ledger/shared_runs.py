"""Finished trials of the other runs in the same folder of runs.

The paper's tables share cells: SUGRM as published is in four of them. A trial's key covers
everything that decides its numbers, so a trial that has finished in another run need not run
again. The other runs are read, never written.
"""

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from reports.ledger import schema
from reports.ledger.part import Part
from reports.ledger.places.storage import Place
from reports.ledger.trials import trials_in
from search.ledger.experiment_file import FILE, RunFolderError, check_name, read_experiment
from search.ledger.part_folder import PartFolder
from search.ledger.rows import generates_labels

Tables = dict[str, Part]

_TABLES = ("trials", "epochs", "labels", "predictions")
"""The tables whose rows are copied; each run has ``roles`` of its own."""


class SharedRuns:
    """The finished trials of the other runs; their keys are read on first use.

    Args:
        folder: the run folder; the other runs are in its parent folder.
    """

    def __init__(self, folder: Place) -> None:
        self._own = folder.absolute()
        self._runs: dict[str, list[Place]] | None = None

    def find(self, key: str) -> Tables | None:
        """Return the rows of the finished trial ``key`` in every table but ``roles``.

        The row of ``trials`` names in ``adopted_from`` the run that computed it. Rows from a part
        without checksums, or merged from such parts, count as one part without checksums.

        Returns None where no run has all rows of the trial: a run that is being written, or that
        is damaged, may lack a part.
        """
        if self._runs is None:
            self._runs = self._index()
        for run in self._runs.get(key, ()):
            found = {name: _rows(run, name, key=key) for name in _TABLES}
            if _is_whole(found):
                return {**found, "trials": _marked(found["trials"], run.name)}
        return None

    def _index(self) -> dict[str, list[Place]]:
        finished: dict[str, list[Place]] = {}
        for record in sorted(self._own.parent.glob(f"*/{FILE}")):
            run = record.parent
            if run != self._own and _is_run(run):
                rows = PartFolder(run / "trials", schema.TRIALS).read_all(["key", "status"])
                for key in {trial.key for trial in trials_in(rows) if trial.has_finished}:
                    finished.setdefault(key, []).append(run)
        return finished


def _is_run(folder: Place) -> bool:
    """Return whether ``experiment.json`` can be read and names this folder."""
    try:
        check_name(folder, read_experiment(folder))
    except RunFolderError:
        return False
    return True


def _rows(run: Place, table: str, *, key: str) -> Part:
    """Return the rows of a trial in a table; of ``trials`` the row of a finished trial alone.

    A row of a published copy does not count, since the labels and predictions were left out of it.
    """
    found = PartFolder(run / table, schema.SCHEMAS[table]).read_parts(keys=[key])
    if table == "trials":
        finished = found.rows.filter(pc.equal(found.rows["status"], pa.scalar(schema.FINISHED)))
        finished = finished.filter(pc.is_null(finished["data_left_out"]))
        rows = finished.slice(max(0, len(finished) - 1))
    else:
        rows = found.distinct(table)
    without_checksum = any(part.without_checksum for part in found.parts if len(part.rows))
    return Part(rows=rows, is_merged=False, without_checksum=int(without_checksum))


def _is_whole(found: Tables) -> bool:
    count = {name: len(part.rows) for name, part in found.items()}
    if not count["trials"] or not count["predictions"]:
        return False
    (trial,) = trials_in(found["trials"].rows)
    labelled = not generates_labels(trial.config) or count["labels"] > 0
    return labelled and count["epochs"] == trial.epochs


def _marked(trials: Part, run: str) -> Part:
    place = schema.TRIALS.get_field_index("adopted_from")
    first = trials.rows["adopted_from"][0].as_py()
    marked = pa.array([first or run], pa.string())
    rows = trials.rows.set_column(place, schema.TRIALS.field(place), marked)
    return replace(trials, rows=rows)
