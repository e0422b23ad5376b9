"""The models of a configuration that are there to be exported, and what to do without any."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.errors import NotRepeatableError, ReportError
from reports.ledger.places.storage import Place
from reports.ledger.reading.load import load_run
from reports.ledger.reading.results import CHECKPOINTS, MODEL_FILE, Results
from reports.ledger.trials import Trial
from reports.results.repetition.command import (
    CELL,
    GROUP,
    REPEATED,
    repeat_command,
    repetition_name,
)
from reports.results.seed_groups import SeedGroup
from reports.tables.models import purposes
from search.model_choice.configurations import (
    Choice,
    Configuration,
    NoModelError,
    configuration_of,
)

_MOST_NAMED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The models to export.

    Attributes:
        configuration: what they are models of.
        models: seed -> folder of the kept model, for the exported seeds.
        absent: seed -> why it is not exported, for the other seeds of the configuration.
    """

    configuration: Configuration
    models: Mapping[int, Place]
    absent: Mapping[int, str]

    @property
    def trial(self) -> Trial:
        """The trial of the first exported seed; the others differ in nothing but the seed."""
        return self.configuration.setting.finished[min(self.models)]

    @property
    def absent_text(self) -> str:
        """Which seeds are not exported and why, as a phrase; "" for none."""
        return ", ".join(f"{seed} ({why})" for seed, why in sorted(self.absent.items()))


def select_in(run: Place, choice: Choice) -> Selection:
    """Return the models of the run in a folder that a choice asks for.

    Raises:
        NoModelError: the run cannot be read, or as ``select``.
    """
    try:
        return select(load_run(run), choice)
    except ReportError as error:
        raise NoModelError(str(error)) from error


def select(results: Results, choice: Choice) -> Selection:
    """Return the models of a run that a command line asks for.

    Raises:
        NoModelError: there is no such configuration, trial or seed, or no model of it is kept.
    """
    found = configuration_of(results, choice)
    setting, kept = found.setting, results.kept_models()
    seeds = sorted({*setting.planned, *setting.finished})
    if choice.seed is not None and choice.seed not in seeds:
        raise NoModelError(
            f"--seed {choice.seed}: {found.name} has the seeds {', '.join(map(str, seeds))}; name "
            "one of them"
        )
    models = {
        seed: kept[trial.key].parent
        for seed, trial in sorted(setting.finished.items())
        if trial.key in kept and choice.seed in (None, seed)
    }
    if not models:
        raise NoModelError("\n".join(_without_model(results, found, seed=choice.seed)))
    return Selection(
        configuration=found,
        models=models,
        absent={
            seed: _why_absent(setting, seed, kept=kept) for seed in seeds if seed not in models
        },
    )


def _why_absent(setting: SeedGroup, seed: int, *, kept: Mapping[str, Place]) -> str:
    if seed in setting.failed:
        return "failed"
    trial = setting.finished.get(seed)
    if trial is None:
        return "has not run"
    if trial.key in kept:
        return "not asked for"
    whose = "" if trial.adopted_from is None else f" here: the run {trial.adopted_from} computed it"
    return f"no model is kept{whose}"


def _without_model(results: Results, found: Configuration, *, seed: int | None) -> Iterator[str]:
    """Yield the lines that say that no model is kept, which there are, and how to get one."""
    place, setting = results.folder / CHECKPOINTS, found.setting
    seeds = [seed] if seed is not None else sorted({*setting.planned, *setting.finished})
    yield f"{place} holds no model of {found.name}: {_wanted(setting, seeds)}"
    yield _elsewhere(results, found, seed=seed) or (
        f"models that are there: {_listed(results) or 'none'}"
    )
    yield (
        "a run keeps the models of its best configurations (checkpoints.keep: how many; "
        "checkpoints.cells: true also the best cell of each ablation); no trial runs again for its "
        f"model{_retrain(results, found, seed=seed)}"
    )


def _wanted(setting: SeedGroup, seeds: Sequence[int]) -> str:
    """Return why seeds have no model, those with the same reason together."""
    reasons: dict[str, list[int]] = {}
    for seed in seeds:
        reasons.setdefault(_why_absent(setting, seed, kept={}), []).append(seed)
    return "; ".join(
        f"seed{'s' if len(same) > 1 else ''} {', '.join(map(str, same))}: {why}"
        for why, same in reasons.items()
    )


def _elsewhere(results: Results, found: Configuration, *, seed: int | None) -> str:
    """Return how to export from the run that computed reused trials; "" where none has a model."""
    folders = {
        trial.key: results.folder.parent / trial.adopted_from
        for number, trial in sorted(found.setting.finished.items())
        if trial.adopted_from is not None and seed in (None, number)
    }
    kept = {
        key: folder
        for key, folder in folders.items()
        if (folder / CHECKPOINTS / key / MODEL_FILE).is_file()
    }
    if not kept:
        return ""
    (key, folder), *others = kept.items()
    same = [other for other, place in others if place == folder]
    more = f" (then --key {', --key '.join(same)})" if same else ""
    return (
        f"computed by the run {folder.name}, which keeps the model: sugrm-search export "
        f"{shlex.quote(folder.name)} OUT --key {key} --runs {shlex.quote(str(folder.parent))}{more}"
    )


def _listed(results: Results) -> str:
    """Return the kept models with the option that exports each."""
    names = purposes(results)
    kept = sorted(results.kept_models(), key=lambda key: (key not in names, names.get(key, key)))
    lines = [
        f"--key {key} ({names.get(key, 'not of this space')}{_seed_of(results, key)})"
        for key in kept[:_MOST_NAMED]
    ]
    more = len(kept) - len(lines)
    return ", ".join([*lines, *([f"{more} more"] if more > 0 else [])])


def _seed_of(results: Results, key: str) -> str:
    trial = results.trials.get(key)  # its row may be lost
    return "" if trial is None else f", seed {trial.seed}"


def _retrain(results: Results, found: Configuration, *, seed: int | None) -> str:
    """Return how to train one of the missing trials again, "" where no command does."""
    trials = [trial for number, trial in found.setting.finished.items() if seed in (None, number)]
    if not trials:
        return ""
    try:
        command = repeat_command(results, trials[0])
    except NotRepeatableError:
        return ""
    return (
        f". To train seed {trials[0].seed} again: {command} ; then: sugrm-search export "
        f"{repetition_name(trials[0].key)} OUT --cell {GROUP}/{CELL} --runs {REPEATED}"
    )
