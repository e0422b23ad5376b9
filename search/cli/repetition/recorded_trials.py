"""The recorded trials that are computed again, and the space that computes them."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.errors import NotRepeatableError
from reports.ledger.places.storage import Place
from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.reading.results import Results
from reports.ledger.schema import SEARCH
from reports.ledger.trials import Trial
from reports.results.repetition.command import (
    CELL,
    GROUP,
    check_repeatable,
    placed_start,
    repetition_name,
)
from search.cli.display.wording import duration
from search.cli.model_export.run_plugins import load_available_plugins, missing_plugin
from search.errors import SearchError, SpaceError
from search.model_choice.configurations import Choice, configuration_of, trial_name, trial_of
from search.space.reading import load_space
from search.space.sections import SEQUENTIAL, LauncherName
from search.space.space import Space
from search.trials.factory import TrialFactory
from sugrm.version import NUMERICS

_RESOURCES = "resources."


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTrials:
    """The trials of one configuration that are computed again.

    Attributes:
        name: what the configuration is, for use within a sentence.
        run: the name of the run that repeats trials of this configuration, whatever their seeds.
        by_seed: seed -> the recorded trial, at least one; their configuration is the same.
        version: the version of the run's space that they belong to.
        are_searched: whether they are trials of the search alone.
    """

    name: str
    run: str
    by_seed: Mapping[int, Trial]
    version: Version
    are_searched: bool = False

    @property
    def seeds(self) -> list[int]:
        """Return the seeds, ascending."""
        return sorted(self.by_seed)

    @property
    def title(self) -> str:
        """Return what the configuration is, with its seeds and the time of the record."""
        seeds = ", ".join(map(str, self.seeds))
        took = duration(sum(trial.seconds or 0.0 for trial in self.by_seed.values()))
        return (
            f"{self.name}; seed{'s' if len(self.seeds) > 1 else ''} {seeds}; {took} of computing "
            "in the record"
        )

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
    launcher: LauncherName | None = None


def recorded_trials(results: Results, choice: Choice, *, seeds: Collection[int]) -> RecordedTrials:
    """Return the trials of a run that a command line asks for.

    Args:
        results: the run.
        choice: the configuration.
        seeds: the seeds to repeat; none for all.

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
    known = ", ".join(map(str, sorted(by_seed)))
    for seed in seeds:
        if seed not in by_seed:
            kind = "the seed" if len(by_seed) == 1 else "finished trials with the seeds"
            raise SearchError(f"--seed {seed}: {name} has {kind} {known}")
    wanted = {seed: by_seed[seed] for seed in sorted(by_seed) if not seeds or seed in seeds}
    for trial in wanted.values():
        try:
            check_repeatable(results, trial)
        except NotRepeatableError as error:
            raise SearchError(
                f"the trial {trial.key} of {run} cannot be repeated: {error}"
            ) from error
    keys = {trial.key for trial in wanted.values()}
    phases = {role.phase for role in results.roles if role.key in keys}
    return RecordedTrials(
        name=name,
        run=repetition_name(by_seed[min(by_seed)].key),
        by_seed=wanted,
        version=results.experiment.version_of(wanted[min(wanted)]),
        are_searched=phases == {SEARCH},
    )


def _chosen(results: Results, choice: Choice) -> tuple[str, Mapping[int, Trial]]:
    if choice.key is None:
        configuration = configuration_of(results, choice)
        return configuration.name, configuration.setting.finished
    trial = trial_of(results, choice.key)
    return trial_name(results, trial.key), {trial.seed: trial}


def space_to_repeat(results: Results, trials: RecordedTrials, *, means: Means) -> Space:
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
    starter = SEQUENTIAL if len(trials.seeds) == 1 else "ray"
    values: dict[str, Any] = {
        "name": trials.run,
        "plugins": list(means.plugins),
        "data": recorded.get("data"),
        "experiment": _experiment(results, trials.first),
        "ablations": {GROUP: {CELL: {}}},
        "seeds": trials.seeds,
        "resources": {**(recorded.get("resources") or {}), "launcher": starter},
        "tracking": [],
    }
    try:
        space = load_space(values, data=means.data, overrides=means.changes)
    except SpaceError as error:
        if missing:
            raise missing_plugin(results, missing[0]) from error
        raise
    return space if means.launcher is None else space.launched_by(means.launcher)


def _experiment(results: Results, trial: Trial) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(trial.config)
    if config.get("start_from"):
        config["start_from"] = placed_start(config["start_from"], results.folder.parent)
    return config


def check_files_of(trials: RecordedTrials, space: Space, *, means: Means) -> None:
    """Check that the data files of a repetition are there.

    Raises:
        SearchError: one is not; the message says how to name it.
    """
    if space.data.dataset == "synthetic":
        return
    alignment = trials.first.alignment or "unaligned"
    for option, path in space.data.named_files(alignment).items():
        if Path(path).expanduser().exists():
            continue
        if any(path in each for each in means.data):
            raise SearchError(f"--data {path}: no such file in {Path.cwd()}")
        raise SearchError(
            f"the trials read the {alignment} data {path}, and there is no such file in "
            f"{Path.cwd()}; add --data {option}=PATH"
        )


def check_inputs(trials: RecordedTrials, factory: TrialFactory, *, runs: Place) -> None:
    """Check that data and text encoder are those of the record, before anything is trained.

    Raises:
        SearchError: they are not, so the numbers cannot be the same.
    """
    computed = factory.trial({}, trials.first.seed)
    for what, found, recorded, advice in (
        (
            "data",
            computed.data_fingerprint,
            trials.first.data_fingerprint,
            f"--data {trials.first.alignment}=PATH",
        ),
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
    """Yield what the user should know before the trials are computed."""
    if trials.are_searched:
        yield (
            "this is a trial of the search: the report of its repetition shows test metrics; do "
            "not choose a configuration by them"
        )
    recorded = {trial.numerics for trial in trials.by_seed.values()}
    for version in sorted(recorded - {NUMERICS}, key=str):
        which = "names no version" if version is None else f"is of version {version}"
        yield (
            f"the record {which} of the calculations, and this code has version {NUMERICS}: its "
            "numbers may differ"
        )
