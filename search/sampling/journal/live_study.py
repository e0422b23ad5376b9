"""The study of a search in a journal file, written while the search runs.

A trial of the study is a configuration of the search. It is found again by the attribute ``key``,
the key of its leading trial, so a continued run goes on in it.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from optuna.storages import JournalStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from search.option_values import Changes
from search.sampling.journal.file import JournalFile
from search.sampling.study import known_values, named_study
from search.space.sections import SearchConfig

_SEARCH, _KEY = "sugrm.search", "key"
_DEFINING = {"parameters", "objective", "seed", "seeds"}
"""The options of a search that all trials of one study share."""


class OtherStudyError(ValueError):
    """The journal holds something else than the study of this search."""


@dataclass(slots=True)
class _Entry:
    """The newest trial of a key: its place in the storage, its state, its epochs."""

    place: int
    state: TrialState
    epochs: set[int] = field(default_factory=set)


class LiveStudy:
    """Append the trials of a search to a journal.

    Args:
        file: the journal; it is made where there is none.
        search: the space's search section.
        name: the name of the study.
        identity: what no other run has.

    Raises:
        OtherStudyError: the journal is that of another run, or of a search with other parameters,
            objectives or seeds.
        OSError: the file cannot be read or written to.
        Exception: whatever Optuna raises when the file is no journal.
    """

    def __init__(self, file: Path, search: SearchConfig, *, name: str, identity: str) -> None:
        self._search = search
        self._storage = JournalStorage(JournalFile(file))
        options = search.model_dump(mode="json", include=_DEFINING)
        digest = hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()[:16]
        self._study = self._open(name, f"{identity}-{digest}")
        self._entries: dict[str, _Entry] = {}
        for trial in self._storage.get_all_trials(self._study, deepcopy=False):
            if not isinstance(key := trial.user_attrs.get(_KEY), str):
                raise OtherStudyError("it holds trials of another program")
            place = self._storage.get_trial_id_from_study_id_trial_number(self._study, trial.number)
            self._entries[key] = _Entry(place, trial.state, set(trial.intermediate_values))

    @property
    def scored(self) -> set[str]:
        """Return the keys of the trials that ended with a value."""
        states = (TrialState.COMPLETE, TrialState.PRUNED)
        return {key for key, entry in self._entries.items() if entry.state in states}

    def state(self, key: str) -> TrialState | None:
        """Return the state of a trial, None if the study does not have it."""
        entry = self._entries.get(key)
        return None if entry is None else entry.state

    def start(self, key: str, values: Changes, *, attributes: Mapping[str, object]) -> None:
        """Add a running trial, unless it runs or is complete; one that failed is added again."""
        if self.state(key) in (TrialState.RUNNING, TrialState.COMPLETE):
            return
        found, known = known_values(self._search.parameters, values)
        trial = create_trial(
            state=TrialState.RUNNING,
            params=known,
            distributions=found,
            user_attrs={_KEY: key, **attributes},
        )
        self._add(key, trial)

    def report(self, key: str, values: Mapping[int, float]) -> None:
        """Write epoch -> value of a running trial; epochs that it has are left out."""
        entry = self._entries.get(key)
        if entry is None or entry.state is not TrialState.RUNNING:
            return
        for epoch, value in values.items():
            if epoch not in entry.epochs and math.isfinite(value):
                self._storage.set_trial_intermediate_value(entry.place, epoch, value)
                entry.epochs.add(epoch)

    def end(self, key: str, ended: FrozenTrial) -> None:
        """Write how a trial has ended; one that is not running is added, unless it ended so."""
        entry = self._entries.get(key)
        if entry is None or (entry.state.is_finished() and entry.state is not ended.state):
            self._add(key, ended)
        elif entry.state is TrialState.RUNNING:
            self._end(entry, ended)

    def fail_running(self, reason: str) -> None:
        """Let every running trial fail for a reason."""
        for entry in self._entries.values():
            if entry.state is TrialState.RUNNING:
                failed = create_trial(state=TrialState.FAIL, user_attrs={"message": reason})
                self._end(entry, failed)

    def _open(self, name: str, wanted: str) -> int:
        """Return the study of the journal, made in an empty one."""
        studies = self._storage.get_all_studies()
        if not studies:
            named_study(self._storage, self._search, name=name).set_user_attr(_SEARCH, wanted)
            return self._storage.get_study_id_from_name(name)
        first, *others = studies
        if others or first.study_name != name or first.user_attrs.get(_SEARCH) != wanted:
            raise OtherStudyError(f"it holds the study {first.study_name}")
        return self._storage.get_study_id_from_name(name)

    def _add(self, key: str, trial: FrozenTrial) -> None:
        place = self._storage.create_new_trial(self._study, template_trial=trial)
        self._entries[key] = _Entry(place, trial.state, set(trial.intermediate_values))

    def _end(self, entry: _Entry, ended: FrozenTrial) -> None:
        for name, value in ended.user_attrs.items():
            self._storage.set_trial_user_attr(entry.place, name, value)
        self._storage.set_trial_state_values(entry.place, ended.state, ended.values)
        entry.state = ended.state
