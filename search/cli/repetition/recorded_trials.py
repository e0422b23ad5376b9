"""The recorded trials that are computed again, and the space that computes them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reports.errors import NotRepeatableError
from reports.ledger.reading.results import Results
from reports.ledger.trials import Trial
from reports.results.repeat import check_repeatable, placed_start
from search.errors import SearchError
from search.model_choice.configurations import Choice, configuration_of, trial_name, trial_of
from search.space.reading import load_space
from search.space.sections import SEQUENTIAL
from search.space.space import Space

GROUP, CELL = "repeat", "trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTrials:
    """The trials of one configuration that are computed again.

    Attributes:
        name: what the configuration is, for use within a sentence.
        by_seed: seed -> the recorded trial, at least one; their configuration is the same.
    """

    name: str
    by_seed: Mapping[int, Trial]

    @property
    def seeds(self) -> list[int]:
        """Return the seeds, ascending."""
        return sorted(self.by_seed)

    @property
    def title(self) -> str:
        """Return what the configuration is, with its seeds."""
        seeds = ", ".join(map(str, self.seeds))
        return f"{self.name}; seed{'s' if len(self.seeds) > 1 else ''} {seeds}"

    @property
    def first(self) -> Trial:
        """Return the trial of the lowest seed."""
        return self.by_seed[self.seeds[0]]


def recorded_trials(results: Results, choice: Choice) -> RecordedTrials:
    """Return the trials of a run that a command line asks for.

    Raises:
        SearchError: there is no such configuration, trial or seed, or its record is not enough.
    """
    name, by_seed = _chosen(results, choice)
    if choice.seed is not None and choice.seed not in by_seed:
        raise SearchError(
            f"--seed {choice.seed}: {name} has finished with the seeds "
            f"{', '.join(map(str, sorted(by_seed)))}; name one of them"
        )
    wanted = {seed: by_seed[seed] for seed in by_seed if choice.seed in (None, seed)}
    found = RecordedTrials(name=name, by_seed=wanted)
    _check(results, found)
    return found


def _chosen(results: Results, choice: Choice) -> tuple[str, Mapping[int, Trial]]:
    if choice.key is None:
        configuration = configuration_of(results, choice)
        return configuration.name, configuration.setting.finished
    trial = trial_of(results, choice.key)
    return trial_name(results, trial.key), {trial.seed: trial}


def _check(results: Results, trials: RecordedTrials) -> None:
    run = results.experiment.name
    if not trials.by_seed:
        raise SearchError(
            f"{trials.name} of {run} has no finished trial yet; continue the run first: "
            f"{results.command or 'sugrm-search run SPACE'}"
        )
    try:
        check_repeatable(results, trials.first)
    except NotRepeatableError as error:
        raise SearchError(
            f"the trial {trials.first.key} of {run} cannot be computed again: {error}"
        ) from error


def space_to_repeat(
    results: Results, trials: RecordedTrials, *, data: Sequence[str], launcher: str | None
) -> Space:
    """Return the space that computes recorded trials again: one cell over their seeds.

    Args:
        results: the run of the record.
        trials: its trials.
        data: the values of ``--data``; without any the files of the record are read.
        launcher: what starts the trials; None computes a single trial in this process, and several
            ones with workers.

    Raises:
        SearchError: the data of the trials are not those of the newest version of the run.
        SpaceError: a data file of the record is not there, or the record does not fit this code.
    """
    recorded, read = results.experiment.space, results.experiment.newest.data
    fingerprint = trials.first.data_fingerprint
    if not data and read and fingerprint not in read.values():
        raise SearchError(
            f"the trial {trials.first.key} read data with the fingerprint {str(fingerprint)[:12]}, "
            "which are not those that its run read last; name their file: --data PATH"
        )
    starter = launcher or (SEQUENTIAL if len(trials.seeds) == 1 else "ray")
    values: dict[str, Any] = {
        "name": f"repeat-{trials.first.key}",
        "plugins": [],  # those of the record are loaded already, and named by the configuration
        "data": recorded.get("data"),
        "experiment": _experiment(results, trials.first),
        "ablations": {GROUP: {CELL: {}}},
        "seeds": trials.seeds,
        "resources": {**(recorded.get("resources") or {}), "launcher": starter},
        "tracking": [],
    }
    return load_space(values, data=data)


def _experiment(results: Results, trial: Trial) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(trial.config)
    if config.get("start_from"):
        config["start_from"] = placed_start(config["start_from"], results.folder.parent)
    return config
