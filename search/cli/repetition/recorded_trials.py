"""The recorded trials that are computed again, and the space that computes them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.errors import NotRepeatableError
from reports.ledger.places.storage import Place
from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.reading.results import Results
from reports.ledger.trials import Trial
from reports.results.repeat_command import (
    CELL,
    GROUP,
    check_repeatable,
    placed_start,
    repetition_name,
)
from search.cli.model_export.run_plugins import load_available_plugins, missing_plugin
from search.errors import SearchError, SpaceError
from search.model_choice.configurations import Choice, configuration_of, trial_name, trial_of
from search.space.reading import load_space
from search.space.sections import SEQUENTIAL
from search.space.space import Space
from search.trials.factory import TrialFactory
from sugrm.version import NUMERICS

_RESOURCES = "resources."


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTrials:
    """The trials of one configuration that are computed again.

    Attributes:
        name: what the configuration is, for use within a sentence.
        by_seed: seed -> the recorded trial, at least one; their configuration is the same.
        version: the version of the run's space that they belong to.
    """

    name: str
    by_seed: Mapping[int, Trial]
    version: Version

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """With what recorded trials are computed again.

    Attributes:
        data: the values of ``--data``; without any the files of the record are read.
        plugins: files or modules of own systems; without any they are found as the run left them.
        changes: the values of ``--set``, each of a key of ``resources``.
        launcher: what starts the trials; None computes a single trial in this process, and several
            ones with workers.
    """

    data: Sequence[str] = ()
    plugins: Sequence[str] = ()
    changes: Sequence[str] = ()
    launcher: str | None = None


def recorded_trials(results: Results, choice: Choice) -> RecordedTrials:
    """Return the trials of a run that a command line asks for.

    Raises:
        SearchError: there is no such configuration, trial or seed, or its record is not enough.
    """
    name, by_seed = _chosen(results, choice)
    run = results.experiment.name
    if not by_seed:
        raise SearchError(
            f"{name} of {run} has no finished trial; expected one; failed trials are repeated with "
            f"--key KEY, as `sugrm-search report {run}` lists them, and what is left of the run is "
            f"computed by: {results.command or 'sugrm-search run SPACE'}"
        )
    if choice.seed is not None and choice.seed not in by_seed:
        kind = "the seed" if len(by_seed) == 1 else "finished trials with the seeds"
        raise SearchError(
            f"--seed {choice.seed}: {name} has {kind} {', '.join(map(str, sorted(by_seed)))}; name "
            "one of them"
        )
    wanted = {seed: by_seed[seed] for seed in sorted(by_seed) if choice.seed in (None, seed)}
    first = next(iter(wanted.values()))
    try:
        check_repeatable(results, first)
    except NotRepeatableError as error:
        raise SearchError(f"the trial {first.key} of {run} cannot be repeated: {error}") from error
    return RecordedTrials(name=name, by_seed=wanted, version=results.experiment.version_of(first))


def _chosen(results: Results, choice: Choice) -> tuple[str, Mapping[int, Trial]]:
    if choice.key is None:
        configuration = configuration_of(results, choice)
        return configuration.name, configuration.setting.finished
    trial = trial_of(results, choice.key)
    return trial_name(results, trial.key), {trial.seed: trial}


def space_to_repeat(results: Results, trials: RecordedTrials, means: Means) -> Space:
    """Return the space that computes recorded trials again: one cell over their seeds.

    Raises:
        SearchError: a plug-in of the trials is not here, or a change is not of ``resources``.
        SpaceError: the record does not fit this code, or a value is wrong.
    """
    for change in means.changes:
        if not change.startswith(_RESOURCES):
            raise SearchError(
                f"--set {change}: configuration and data are those of the record; expected a key "
                "of resources, as in --set resources.gpus=0"
            )
    missing = load_available_plugins(trials.version, means.plugins)
    recorded = trials.version.space
    starter = means.launcher or (SEQUENTIAL if len(trials.seeds) == 1 else "ray")
    values: dict[str, Any] = {
        "name": repetition_name(trials.first.key),
        "plugins": list(means.plugins),
        "data": recorded.get("data"),
        "experiment": _experiment(results, trials.first),
        "ablations": {GROUP: {CELL: {}}},
        "seeds": trials.seeds,
        "resources": {**(recorded.get("resources") or {}), "launcher": starter},
        "tracking": [],
    }
    try:
        return load_space(values, data=means.data, overrides=means.changes)
    except SpaceError as error:
        if missing:
            raise missing_plugin(results, missing[0]) from error
        raise


def _experiment(results: Results, trial: Trial) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(trial.config)
    if config.get("start_from"):
        config["start_from"] = placed_start(config["start_from"], results.folder.parent)
    return config


def check_files_of(results: Results, space: Space, *, alignment: str | None) -> None:
    """Check that the data files of a repetition are there.

    Raises:
        SearchError: one is not; the message says how to name it.
    """
    if space.data.dataset == "synthetic":
        return
    for option, path in space.data.named_files(alignment or "unaligned").items():
        if not Path(path).expanduser().exists():
            raise SearchError(
                f"{path}: no such file; the run {results.experiment.name} read it; where it lies "
                f"elsewhere, add --data {option}=PATH"
            )


def check_inputs(trials: RecordedTrials, factory: TrialFactory, *, runs: Place) -> None:
    """Check that data and text encoder are those of the record, before anything is trained.

    Raises:
        SearchError: they are not, so the numbers cannot be the same.
    """
    computed = factory.trial({}, trials.first.seed)
    for what, found, recorded, advice in (
        ("data", computed.data_fingerprint, trials.first.data_fingerprint, "--data PATH"),
        ("text encoder", computed.encoder_fingerprint, trials.first.encoder_fingerprint, ""),
    ):
        if recorded and found != recorded:
            expected = f"; name the file of the record: {advice}" if advice else ""
            raise SearchError(
                f"the {what} of this machine differ{'s' if what != 'data' else ''} from the record "
                f"in {runs} (fingerprint {found[:12] or 'none'}, expected {recorded[:12]}), so the "
                f"numbers cannot be the same{expected}"
            )


def warnings_of(trials: RecordedTrials) -> Iterator[str]:
    """Yield why the numbers may differ that can be said before they are computed."""
    recorded = {trial.numerics for trial in trials.by_seed.values()}
    for version in sorted(recorded - {NUMERICS}, key=str):
        which = "names no version" if version is None else f"is of version {version}"
        yield (
            f"the record {which} of the calculations, and this code has version {NUMERICS}: its "
            "numbers may differ"
        )
