"""The ledger of a run: an append-only record of trials, the one truth about what was computed.

The driver is its only writer. It writes a trial's epochs, labels, predictions and roles before the
row of ``trials``, which commits them. Opening the ledger removes what a killed driver left without
that row, and the trial runs again. Opening also moves each part that cannot be read into
``damaged/``, and the trials that it held run again. ``reports.ledger`` reads the rows.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

import pyarrow as pa

from reports.ledger import schema
from reports.ledger.curves import read_curves
from reports.ledger.parts import left_out
from reports.ledger.places.storage import Place
from reports.ledger.roles import Role, keys_by_role
from reports.ledger.trials import Trial, choose, trial_of, trials_in
from search.ledger import rows
from search.ledger.part_folder import MERGE_COUNT, PartFolder
from search.ledger.recovery import recover
from search.ledger.rows import EndedTrial
from search.ledger.run_index import RunIndex
from search.ledger.shared_runs import SharedRuns


class Ledger:
    """The Parquet tables of one run.

    Opening repairs what an earlier driver left; only one driver may hold a run open.

    Args:
        folder: the run folder. It is made where there is none; later writes do not make it again.
        merge_count: how many small parts of a table are merged into one, at least 2.

    Attributes:
        folder: the run folder.
        warnings: a line for each file that was set aside while opening.
        index: the trials and roles, indexed.
    """

    def __init__(self, folder: Place, *, merge_count: int = MERGE_COUNT) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._merge_count = merge_count
        self._tables = open_tables(folder)
        self.warnings = tuple(recover(folder, self._tables))
        trials, roles = read_trials(self._tables["trials"]), read_roles(self._tables["roles"])
        self.index = RunIndex(trials, roles)
        self._curves: dict[str, dict[str, list[float]]] = {}
        self._shared_runs = SharedRuns(folder)

    @property
    def trials(self) -> Mapping[str, Trial]:
        """Return each trial that ended, by its key."""
        return self.index.trials

    @property
    def roles(self) -> Mapping[Role, str]:
        """Return role -> key of the trial that fills it."""
        return self.index.roles

    def add(self, trial: EndedTrial, roles: Iterable[Role]) -> None:
        """Record a trial that has ended, for every role that it fills."""
        key = trial.key
        for table, lines in (
            ("epochs", rows.epoch_rows(trial)),
            ("labels", rows.label_rows(trial)),
            ("predictions", rows.prediction_rows(trial)),
        ):
            if lines:
                self._tables[table].write(key, lines)
        filled = list(roles)
        for role in filled:
            self._write_role(role, key)
        row = rows.trial_rows(trial, datetime.now(UTC))
        self._tables["trials"].write(key, row)
        self.index.add_trial(trial_of(row[0]))
        for role in filled:
            self.index.add_role(role, key)
        for metric, curves in self._curves.items():
            curves[key] = [_number(epoch.get(f"valid_{metric}")) for epoch in trial.epochs]
        for part_folder in self._tables.values():
            part_folder.merge(at_least=self._merge_count)

    def adopt(self, key: str) -> bool:
        """Copy a finished trial from another run beside this one; return whether there is one."""
        found = self._shared_runs.find(key)
        if found is None:
            return False
        for name in ("epochs", "labels", "predictions", "trials"):  # the row of trials commits it
            part = found[name]
            if len(part.rows):
                self._tables[name].write_table(
                    key, part.rows, without_checksum=part.without_checksum
                )
        (trial,) = trials_in(found["trials"].rows)
        self.index.add_trial(trial)
        for metric, curves in self._curves.items():
            column = f"valid_{metric}"
            curves[key] = [*read_curves(found["epochs"].rows, column).get(key, {}).values()]
        return True

    def add_role(self, role: Role, key: str) -> None:
        """Record that the trial ``key``, which has ended, also fills ``role``."""
        self._write_role(role, key)
        self.index.add_role(role, key)

    def keep_roles(self, keep: Callable[[Role, str], bool]) -> int:
        """Drop the roles for which ``keep`` is false; return how many were dropped.

        Their trials stay in the ledger.

        Args:
            keep: takes a role and the key of its trial, returns whether the role stays.
        """
        dropped = [role for role, key in self.roles.items() if not keep(role, key)]
        if not dropped:
            return 0
        self.index.drop_roles(dropped)
        table = self._tables["roles"]
        lines = [row for role, key in self.roles.items() for row in rows.role_rows(role, key)]
        table.replace(table.paths(), iter([pa.Table.from_pylist(lines, schema=schema.ROLES)]))
        return len(dropped)

    def curve(self, key: str, metric: str) -> list[float]:
        """Return the validation metric of each epoch of a trial in order, NaN where undefined."""
        if metric not in self._curves:
            column = f"valid_{metric}"
            epochs = self._tables["epochs"].read_all(["key", "epoch", column])
            curves = read_curves(epochs, column)
            self._curves[metric] = {key: list(values.values()) for key, values in curves.items()}
        return self._curves[metric].get(key, [])

    def epochs(self) -> pa.Table:
        """Return the rows of ``epochs`` of every trial."""
        return self._tables["epochs"].read_all()

    def _write_role(self, role: Role, key: str) -> None:
        self._tables["roles"].write(rows.role_stem(role, key), rows.role_rows(role, key))


def open_tables(folder: Place) -> dict[str, PartFolder]:
    """Return the tables of the trials of the run ``folder``, whether they exist yet or not."""
    return {
        name: PartFolder(folder / name, fields)
        for name, fields in schema.SCHEMAS.items()
        if "key" in fields.names
    }


def damaged_parts(tables: Mapping[str, PartFolder]) -> tuple[str, ...]:
    """Return a line for each damaged part that reads of the tables have left out so far."""
    return tuple(left_out(line) for table in tables.values() for line in table.damaged)


def read_trials(table: PartFolder) -> dict[str, Trial]:
    """Return each trial by key; of several rows of a key the finished one, then the newest."""
    return choose(trials_in(table.read_all()))


def read_roles(table: PartFolder) -> dict[Role, str]:
    """Return role -> key of its trial; of several rows of a role the last one counts."""
    return keys_by_role(table.read_all())


def _number(value: float | None) -> float:
    return math.nan if value is None else value
