"""The ledger of a run, opened for reading: changes stay in memory."""

from collections.abc import Callable, Iterable

from reports.ledger.places.storage import Place
from reports.ledger.roles import Role
from reports.ledger.trials import trials_in
from search.ledger.ledger import Ledger, damaged_parts, open_tables, read_roles
from search.ledger.recovery import whole_trials
from search.ledger.rows import EndedTrial
from search.ledger.shared_runs import SharedRuns


class ReadOnlyLedger(Ledger):
    """What a run would find in its ledger; nothing is written, set aside or repaired.

    Args:
        folder: the run folder, which need not exist yet.
    """

    def __init__(self, folder: Place) -> None:
        self.folder = folder
        self._tables = open_tables(folder)
        self._trials = whole_trials(self._tables)
        roles = read_roles(self._tables["roles"])
        self._roles = {role: key for role, key in roles.items() if key in self._trials}
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
        (self._trials[key],) = trials_in(found["trials"].rows)
        return True

    def keep_roles(self, keep: Callable[[Role, str], bool]) -> int:
        """Drop roles as ``Ledger`` does, in memory; return how many were dropped."""
        before = len(self._roles)
        self._roles = {role: key for role, key in self._roles.items() if keep(role, key)}
        return before - len(self._roles)

    def _write_role(self, role: Role, key: str) -> None:
        self._roles[role] = key
