"""A run's search as an Optuna journal that grows with the run, for optuna-dashboard.

A trial of the study is a configuration of the search, as in ``sugrm-search export --optuna``: with
several seeds its epochs are those of the first seed, and it ends with the mean over its seeds.
Other trials of the run are not in it.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.roles import Role
from reports.ledger.schema import SEARCH
from reports.ledger.trials import Trial
from search.ledger.damage import move_aside
from search.ledger.run_index import RunIndex
from search.sampling.journal.live_study import LiveStudy, OtherStudyError
from search.sampling.journal.record import recorded_trial
from search.sampling.observation import to_observation
from search.sampling.seed_steps import SeedSteps
from search.sampling.study import ended_trial
from search.space.start import starting_values
from search.tracking.protocol import EpochValues, TrackedRun, TrackedTrial

if TYPE_CHECKING:
    from reports.ledger.reading.searched import Searched
    from search.option_values import Changes
    from search.space import Space

FILE = "optuna.journal"
"""The journal, in the folder of the run."""

_ANEW = f"it was moved to damaged/{FILE}, and a new one has every trial of the ledger"
_LONGEST = 80  # characters of an error


class OptunaJournal:
    """Write the search of a run to its journal.

    A journal that cannot be read, or that is not of this search, is moved aside; the ledger has
    what it lost.

    Args:
        space: the space of the run; it has a search.
        folder: the folder of the run.
        run: the run.
        warn: gets a line when a journal is moved aside.
    """

    def __init__(
        self, space: "Space", folder: Path, *, run: TrackedRun, warn: Callable[[str], None]
    ) -> None:
        if space.search is None:
            raise ValueError(f"space {space.name!r} has no search section; expected one")
        self._space, self._search = space, space.search
        self._folder, self._run, self._warn = folder, run, warn
        self._started: dict[str, TrackedTrial] = {}
        self._curves: dict[str, dict[int, float]] = {}
        self._index = RunIndex()
        self._study = self._open()

    def start_trial(self, trial: TrackedTrial) -> None:
        """Add a configuration with its first trial; a trial of the ledger is added as it ends."""
        role = trial.role
        if role.phase != SEARCH:
            return
        self._started[trial.key] = trial
        if not role.leads:
            return
        self._curves[trial.key] = {}
        if not trial.has_ended:
            self._start(trial.key, role)

    def write_epochs(self, key: str, epochs: Sequence[EpochValues]) -> None:
        """Write the primary objective at each epoch of a first trial."""
        if (curve := self._curves.get(key)) is None:
            return
        metric = self._search.primary.metric
        curve.update((each.epoch, each.scalars[metric]) for each in epochs)
        if not self._started[key].has_ended:
            self._report(key)

    def end_trial(self, trial: Trial) -> None:
        """End the configuration of a trial, unless it runs with another seed next."""
        if (started := self._started.get(trial.key)) is None:
            return
        role = started.role
        self._index.add_trial(trial)
        self._index.add_role(role, trial.key)
        lead = role.group or trial.key
        step = SeedSteps(self._search, self._index).step(lead)
        if step.next_seed is None:
            self._end(step.searched)
            self._curves.pop(lead, None)
        elif started.has_ended and role.leads:
            self._start(lead, role)
            self._report(lead)
        del self._started[trial.key]

    def lacking(self, trials: Mapping[str, tuple[Trial, Role]]) -> list[str]:
        """Return the first trials of the configurations that the journal lacks, or shows wrongly.

        A journal with configurations that the search no longer has is begun anew.
        """
        searched = {key: each for key, each in trials.items() if each[1].phase == SEARCH}
        self._index = RunIndex(
            {key: trial for key, (trial, _) in searched.items()},
            {role: key for key, (_, role) in searched.items()},
        )
        if self._study.scored - self._index.first.keys():
            self._move_aside(f"had trials in {FILE} that are no longer part of the search")
            self._study = self._open()
        by_number = sorted(self._index.first.items(), key=lambda each: each[1].number)
        return [key for key, _ in by_number if self._lacks(key)]

    def attach_report(self, page: Path) -> None:
        """Do nothing: a journal holds no pages."""

    def close(self, *, done: bool) -> None:
        """Let a running trial fail if the plan is done, since the search no longer asks for it."""
        if done:
            self._study.fail_running("the search no longer asks for this trial")

    def _open(self) -> LiveStudy:
        file = self._folder / FILE
        name, identity = self._run.name, self._run.identity
        if file.exists() and not file.is_file():
            self._move_aside(f"found no file at {FILE}")
        try:
            return LiveStudy(file, self._search, name=name, identity=identity)
        except OtherStudyError:
            self._move_aside(f"found another search in {FILE}")
        except OSError:
            raise
        except Exception as error:  # Optuna does not check what it reads
            why = " ".join(str(error).split())[:_LONGEST] or type(error).__name__
            self._move_aside(f"cannot read {FILE} ({why})")
        return LiveStudy(file, self._search, name=name, identity=identity)

    def _move_aside(self, what: str) -> None:
        move_aside(self._folder, self._folder / FILE)
        self._warn(f"{what}; {_ANEW}")

    def _lacks(self, key: str) -> bool:
        step = SeedSteps(self._search, self._index).step(key)
        state = self._study.state(key)
        if step.next_seed is not None:  # it goes on
            return state is None
        ended = to_observation(step.searched.mean, (), goals=self._search.goals)
        return state is not ended.optuna_state

    def _start(self, key: str, role: Role) -> None:
        attributes = {"suggestion": role.number, "seed": role.seed}
        self._study.start(key, self._values(role.changes), attributes=attributes)

    def _report(self, key: str) -> None:
        if len(self._search.objectives) == 1:  # as in the study of the sampler
            self._study.report(key, self._curves[key])

    def _end(self, searched: "Searched") -> None:
        """Write the end of a configuration as the sampler gets it, and its record."""
        role = searched.role
        assert role is not None  # the index has it with the trial
        if searched.key in self._curves:
            self._report(searched.key)
        curve = [value for _, value in sorted(self._curves.get(searched.key, {}).items())]
        observation = to_observation(searched.mean, curve, goals=self._search.goals)
        ended = ended_trial(self._search, self._values(role.changes), observation=observation)
        self._study.end(searched.key, recorded_trial(ended, searched))

    def _values(self, changes: "Changes") -> "Changes":
        return starting_values(
            self._search.parameters, changes, experiment_of=self._space.experiment_of
        )
