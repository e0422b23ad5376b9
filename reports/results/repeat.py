"""The command that computes one trial of a run again, alone.

It runs the space of the recorded command as an ablation of one cell at one seed, whose changes are
those of the trial's role. Resolved configuration, seed and data are then those of the trial, hence
its key, and on a CPU its numbers to the last bit, given the same versions of code and packages.
A trial that the search stopped early goes on to its end; its epochs up to there are the same.
"""

import json
import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from reports.errors import NotRepeatableError
from reports.ledger.reading.load import Results
from reports.ledger.reading.record import FILE
from reports.ledger.reading.recorded_experiment import Experiment
from reports.ledger.reading.run_command import key_of, run_words
from reports.ledger.roles import RecordedRole
from reports.ledger.trials import Trial

RUNS = "repeated"
"""Folder of the repetitions; beside the original run a trial would be reused, not computed."""

_EMPTIED = ("search", "confirm", "baselines")
_SOURCE = "start_from"
_REPLACED = ("name", "ablations", "seeds", *_EMPTIED)


class Repeater:
    """The commands that repeat a run's trials, each alone."""

    def __init__(self, results: Results) -> None:
        self._trials = results.trials
        self._experiment = results.experiment
        self._eras = _eras(results.experiment)
        numerics = (trial.numerics for trial in results.trials.values())
        self._numerics = max((one for one in numerics if one is not None), default=None)
        self._start = self._why = ""
        self._runs = results.folder.parent
        try:
            self._start = shlex.join([*_kept_words(results.experiment), *self._fixed_source()])
        except NotRepeatableError as error:
            self._why = str(error)

    def command(self, role: RecordedRole) -> str:
        """Return the command line, for a POSIX shell, that repeats the trial of ``role``.

        Raises:
            NotRepeatableError: no command repeats it; the message says why.
        """
        if self._why:
            raise NotRepeatableError(self._why)
        trial = self._trials.get(role.key)
        if trial is not None:
            self._check(trial)
        changes_of_trial = {
            option: self._placed(value) if option.split(".")[0] == _SOURCE else value
            for option, value in role.changes.items()
        }
        cell = json.dumps({"repeat": {"trial": changes_of_trial}}, ensure_ascii=False)
        changes = (f"name=repeat-{role.key}", f"ablations={cell}", f"seeds=[{role.seed}]")
        return " ".join([self._start, *(f"--set {shlex.quote(change)}" for change in changes)])

    def _fixed_source(self) -> Iterator[str]:
        """Yield the option that sets the model from which all trials start."""
        value = (self._experiment.newest.space.get("experiment") or {}).get(_SOURCE)
        if value and self._placed(value) != value:
            yield from ("--set", f"experiment.{_SOURCE}={json.dumps(self._placed(value))}")

    def _placed(self, value: Any) -> Any:  # noqa: ANN401 - a value of a space
        """Return a name of a model with the folder of its run, which lies beside this run."""
        if isinstance(value, Mapping):
            return {**value, "model": self._placed(value.get("model"))}
        if not isinstance(value, str) or not (self._runs / value.partition("/")[0] / FILE).exists():
            return value
        return f"{self._runs}/{value}"

    def _check(self, trial: Trial) -> None:
        """Raise unless the newest version of the space would give this trial again."""
        data = self._experiment.newest.data
        if data and trial.data_fingerprint not in data.values():
            raise NotRepeatableError("other data than the newest version of the space")
        if trial.numerics != self._numerics:
            raise NotRepeatableError("an earlier version of the code, which gave other numbers")
        self._check_era(trial)

    def _check_era(self, trial: Trial) -> None:
        """Raise if other fixed values held when the trial ended: presets hide its own."""
        if all(fixed == self._eras[-1][1] for _, fixed in self._eras):
            return
        held = [fixed for start, fixed in self._eras if start <= trial.ended_at]
        if trial.adopted_from or not held:
            raise NotRepeatableError(
                "taken over from another run at one of several versions of the fixed values"
            )
        if held[-1] != self._eras[-1][1]:
            raise NotRepeatableError("fixed values of an earlier version of the space")


def _eras(experiment: Experiment) -> list[tuple[datetime, Mapping[str, Any]]]:
    """Return the start time and the fixed values of each version of the space, oldest first."""
    return [
        (
            datetime.fromisoformat(version.started_at).astimezone(UTC),
            version.space.get("experiment") or {},
        )
        for version in experiment.versions
    ]


def _kept_words(experiment: Experiment) -> Iterator[str]:
    """Yield the words of the recorded command that are kept: its space, data and values.

    Raises:
        NotRepeatableError: no such command is recorded.
    """
    places, options = run_words(experiment.command)
    if len(places) != 1:
        raise NotRepeatableError("the recorded command names no space file")
    yield from ("sugrm-search", "run", *places)
    for option, value in options:
        section = key_of(option, value).partition(".")[0]
        if option in ("--set", "--data") and section not in _REPLACED:
            yield from (option, value)
    yield from ("--runs", RUNS)
    # All of them: the space file may have gained a section since.
    for section in _EMPTIED:
        yield from ("--set", f"{section}=null")
