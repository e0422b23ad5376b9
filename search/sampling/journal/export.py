"""A run's search as an Optuna journal, which optuna-dashboard and Optuna itself open.

The study is the one that the run's sampler learns from. Each trial is in it once, even if it was
suggested several times. In a search with several seeds a configuration is one trial of the study,
with the mean over the seeds that have ended. It holds only what the search may see, so nothing of
the test split.
"""

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial
from pydantic import ValidationError

from reports.ledger.curves import read_curves
from reports.ledger.places.storage import Place
from reports.ledger.reading.searched import Searched, searched_configurations
from reports.ledger.roles import Role
from reports.ledger.trials import Trial
from search.errors import SearchError
from search.ledger.experiment_file import FILE, read_experiment
from search.ledger.ledger import damaged_parts, open_tables, read_roles, read_trials
from search.ledger.part_folder import PartFolder
from search.option_values import Changes
from search.sampling.compatibility import parameter_values
from search.sampling.journal.record import recorded_trial
from search.sampling.observation import to_observation
from search.sampling.study import SearchStudy, named_study
from search.space import Space
from search.space.sections import SamplerConfig, SearchConfig
from search.space.start import starting_values
from search.trials.recorded_space import UnreadableSpaceError, recorded_space
from sugrm import SugrmError


class ExportError(SearchError):
    """A run cannot be exported to that file."""


def export_journal(
    run: Place,
    file: Path,
    *,
    replace: bool = False,
    warn: Callable[[str], None] = lambda line: None,
) -> int:
    """Write the search of ``run`` as an Optuna journal; the study has the run's name.

    Args:
        run: the folder of the run, which is only read.
        file: the journal to write; it is written whole or not at all.
        replace: whether to replace an existing file.
        warn: is called with a line for each part of the ledger that cannot be read, and for each
            trial that is left out.

    Returns:
        The number of trials in the journal: those of the search that have ended.

    Raises:
        ExportError: the run has no search, or the file exists or cannot be written.
    """
    _check_file(file, replace=replace)
    space = _space(run)
    if space.search is None:
        raise ExportError(
            f"{run.name} has no search, so there is no study to export; expected a run of a space "
            "with a section search; for its cells run: sugrm-search report " + run.name
        )
    # Nothing is suggested here, so no sampler need keep its state.
    search = space.search.model_copy(update={"sampler": SamplerConfig()})
    study = SearchStudy(search)
    tables = open_tables(run)
    trials = _frozen_trials(tables, space, study=study, warn=warn)
    for line in damaged_parts(tables):
        warn(line)
    _write(file, search, trials=trials, name=run.name)
    return len(trials)


def _write(file: Path, search: SearchConfig, *, trials: list[FrozenTrial], name: str) -> None:
    """Write a study of that name as a journal, whole or not at all."""
    with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as drafts:
        draft = Path(drafts) / file.name
        storage = JournalStorage(JournalFileBackend(str(draft)))
        target = named_study(storage, search, name=name)
        for trial in trials:
            target.add_trial(trial)
        os.replace(draft, file)


def _check_file(file: Path, *, replace: bool) -> None:
    if file.is_dir():
        raise ExportError(f"{file} is a folder; expected the name of a file in it")
    if not file.absolute().parent.is_dir():
        raise ExportError(
            f"{file.parent} is no folder; expected one that exists; make it, or name another place"
        )
    if file.exists() and not replace:
        raise ExportError(
            f"{file} exists already; expected a new file; name another, or add --force to "
            "replace it"
        )


def _space(run: Place) -> Space:
    experiment = read_experiment(run)
    if experiment is None or not experiment.versions:
        raise ExportError(f"{run} records no space; expected a run that has started")
    try:
        return recorded_space(experiment.newest)
    except UnreadableSpaceError as error:
        raise ExportError(
            f"{run / FILE} holds a space that this version cannot read ({error}); "
            "expected what a run writes; run the space again, or restore the file"
        ) from error


def _frozen_trials(
    tables: Mapping[str, PartFolder],
    space: Space,
    *,
    study: SearchStudy,
    warn: Callable[[str], None],
) -> list[FrozenTrial]:
    """Add the search's trials to ``study`` by number; return them as the study holds them."""
    search = space.search
    assert search is not None
    column = search.goals[0].column
    curves = read_curves(tables["epochs"].read_all(["key", "epoch", column]), column)
    added = []
    for each in _ended_suggestions(tables, search):
        role, trial = each.role, each.mean
        assert role is not None  # it was found by its role
        values = _recorded_values(space, search, role=role, trial=trial)
        if values is None:
            warn(f"left out suggestion {role.number}: the space cannot have its recorded values")
            continue
        curve = list(curves.get(trial.key, {}).values())
        study.add(role.number, values, observation=to_observation(trial, curve, goals=search.goals))
        added.append(each)
    return [
        recorded_trial(frozen, each) for frozen, each in zip(study.study.trials, added, strict=True)
    ]


def _recorded_values(
    space: Space, search: SearchConfig, *, role: Role, trial: Trial
) -> Changes | None:
    """Return the values of a suggestion, None if the space cannot have them.

    The space of a run with plug-ins cannot be resolved here, because their code is not executed;
    then the values are those of the recorded experiment.
    """
    try:
        return starting_values(search.parameters, role.changes, experiment_of=space.experiment_of)
    except (ValidationError, SugrmError):
        config = json.loads(trial.config)
        found = parameter_values(search.parameters, config, changes=role.changes)
        return None if isinstance(found, str) else found


def _ended_suggestions(tables: Mapping[str, PartFolder], search: SearchConfig) -> list[Searched]:
    """Return each configuration of the search whose first trial has ended, by its number."""
    trials, roles = read_trials(tables["trials"]), read_roles(tables["roles"])
    return searched_configurations(roles, trials, other_seeds=search.training_seeds[1:])
