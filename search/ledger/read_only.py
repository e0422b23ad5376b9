"""The ledger of a run, opened for reading: changes stay in memory."""

from collections.abc import Callable, Iterable

from reports.ledger.places.storage import Place
from reports.ledger.roles import Role
from reports.ledger.trials import trials_in
from search.ledger.ledger import Ledger, damaged_parts, open_tables, read_roles
from search.ledger.recovery import whole_trials
from search.ledger.rows import EndedTrial
from search.ledger.run_index import RunIndex
from search.ledger.shared_runs import SharedRuns


class ReadOnlyLedger(Ledger):
    """What a run would find in its ledger; nothing is written, set aside or repaired.

    Args:
        folder: the run folder, which need not exist yet.
    """

    def __init__(self, folder: Place) -> None:
        self.folder = folder
        self._tables = open_tables(folder)
        trials = whole_trials(self._tables)
        self.index = RunIndex(trials, read_roles(self._tables["roles"]))
        self.warnings = damaged_parts(self._tables)
        self._curves = {}
        self._shared_runs = SharedRuns(folder)

    def add(self, trial: EndedTrial, roles: Iterable[Role]) -> None:
        """Raise a TypeError: this ledger records no trials."""
        raise TypeError(f"the ledger of {self.folder} is open for reading; it records no trials")

    def adopt(self, key: str) -> bool:
        """Copy the row of a trial as ``Ledger`` does, in memory; return whether there is one."""
        found = self._shared_runs.find(key)
        if found is None:
            return False
        (trial,) = trials_in(found["trials"].rows)
        self.index.add_trial(trial)
        return True

    def keep_roles(self, keep: Callable[[Role, str], bool]) -> int:
        """Drop roles as ``Ledger`` does, in memory; return how many were dropped."""
        dropped = [role for role, key in self.roles.items() if not keep(role, key)]
        if dropped:
            self.index.drop_roles(dropped)
        return len(dropped)

    def _write_role(self, role: Role, key: str) -> None:
        """Do nothing: the index alone holds the role."""
