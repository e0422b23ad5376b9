"""Starting a search from the trials of other runs beside it (``search.from``).

It uses the trials that this search could have suggested: with a trial's parameter values, this
space makes a trial of the same key (under that trial's training seed). The trials are written to
``earlier.json`` once (``search.sampling.earlier_trials``).
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from reports.ledger.curves import read_curves
from reports.ledger.places.storage import Place
from reports.ledger.reading.searched import other_seeds_of, searched_configurations
from search.errors import SearchError
from search.ledger.experiment_file import check_name, read_experiment
from search.ledger.ledger import open_tables, read_roles, read_trials
from search.sampling.compatibility import values_or_reason
from search.sampling.earlier_trials import (
    EarlierTrial,
    SourceTrials,
    counted,
    read_sources,
    write_sources,
)
from sugrm import NUMERICS

if TYPE_CHECKING:
    from reports.ledger.reading.recorded_experiment import Experiment
    from reports.ledger.roles import Role
    from reports.ledger.trials import Trial
    from search.space import Space
    from search.trials.factory import TrialFactory


def check_source_runs(space: "Space", factory: "TrialFactory", *, folder: Place) -> None:
    """Refuse a source run that gives this search no trial, before anything is written.

    Args:
        space: the space to run.
        factory: resolves the trials of the space.
        folder: the folder of the run, which need not exist.

    Raises:
        SearchError: a source run that was not read before does not exist, or this search could
            have suggested none of its trials.
    """
    if space.search is not None and space.search.trials:
        _sources(space, factory, folder=folder)


def collect_earlier_trials(
    space: "Space", factory: "TrialFactory", *, folder: Place, record: bool = True
) -> tuple[list[EarlierTrial], list[str]]:
    """Return the trials that the search starts from; record what was read for the first time.

    Args:
        space: the space that is run.
        factory: resolves the trials of the space.
        folder: the folder of the run.
        record: whether to write new trials to the folder.

    Returns:
        The trials, each once, and a line about each source run that was read now.
    """
    if space.search is None or not space.search.sources:
        return [], []
    known, new = _sources(space, factory, folder=folder)
    if new and record:
        write_sources(folder, [*read_sources(folder), *new])
    by_run = known | {source.run: source for source in new}
    ordered = [trial for name in space.search.sources for trial in by_run[name].trials]
    first = {trial.key: trial for trial in reversed(ordered)}
    return [trial for trial in ordered if first[trial.key] is trial], [str(one) for one in new]


def _sources(
    space: "Space", factory: "TrialFactory", *, folder: Place
) -> tuple[dict[str, SourceTrials], list[SourceTrials]]:
    """Return the source runs that the folder records, by name, and those that it does not."""
    if space.search is None or not space.search.sources:
        return {}, []
    search_hash = _search_hash(space, factory)
    known = {one.run: one for one in read_sources(folder) if one.search_hash == search_hash}
    return known, [
        _read(space, factory, run=folder.parent / name, search_hash=search_hash)
        for name in space.search.sources
        if name not in known
    ]


def _search_hash(space: "Space", factory: "TrialFactory") -> str:
    """Return a hash of everything that decides which trials are used, and with which values."""
    assert space.search is not None
    plain = space.to_dict()
    first = factory.trial({}, 0)
    content = {
        "experiment": plain["experiment"],
        "parameters": plain["search"]["parameters"],
        "objectives": [[goal.metric, goal.mode] for goal in space.search.goals],
        "data": dict(factory.fingerprints),
        "encoder": first.encoder_fingerprint,
        "numerics": NUMERICS,
    }
    if first.start is not None:
        content["start"] = first.start.digest
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _read(space: "Space", factory: "TrialFactory", *, run: Place, search_hash: str) -> SourceTrials:
    """Return the trials of a source run that this search could have suggested, each once."""
    assert space.search is not None
    goals = space.search.goals
    experiment = _recorded_experiment(run)
    if experiment.goals != goals:
        count = sum(1 for _ in _ended_suggestions(run, goals[0].column, other_seeds=()))
        raise _nothing_in_common(run, {"another objective": count} if count else {})
    other_seeds = other_seeds_of(experiment.space.get("search") or {})
    used, left_out = _usable_trials(space, factory, run=run, other_seeds=other_seeds)
    if not used:
        raise _nothing_in_common(run, left_out)
    return SourceTrials(
        run=run.name, search_hash=search_hash, trials=tuple(used.values()), left_out=dict(left_out)
    )


def _usable_trials(
    space: "Space", factory: "TrialFactory", *, run: Place, other_seeds: Sequence[int]
) -> tuple[dict[str, EarlierTrial], Counter[str]]:
    """Return the trials that the search could have suggested, and why it could not the others.

    A configuration that ``run`` trained with several seeds is one trial, with their mean.
    """
    assert space.search is not None
    goals = space.search.goals
    used: dict[str, EarlierTrial] = {}
    left_out: Counter[str] = Counter()
    for role, trial, curve in _ended_suggestions(run, goals[0].column, other_seeds=other_seeds):
        found = values_or_reason(space, factory, role=role, trial=trial)
        if isinstance(found, str):
            left_out[found] += 1
            continue
        used[trial.key] = EarlierTrial(
            number=role.number,
            key=trial.key,
            status=trial.status,
            values=found,
            objectives=[goal.value(trial) for goal in goals],
            curve=curve,
        )
    return used, left_out


def _recorded_experiment(run: Place) -> "Experiment":
    """Return what a source run was asked to do.

    Raises:
        SearchError: there is no such run.
    """
    experiment = read_experiment(run)
    if experiment is None:
        raise _unknown(run)
    check_name(run, experiment)
    return experiment


def _ended_suggestions(
    run: Place, column: str, *, other_seeds: Sequence[int]
) -> "Iterator[tuple[Role, Trial, list[float | None]]]":
    """Yield each configuration of a search, by its first number: role, mean trial and curve.

    The curve is that of the trial with the first seed.
    """
    tables = open_tables(run)
    trials, roles = read_trials(tables["trials"]), read_roles(tables["roles"])
    curves = read_curves(tables["epochs"].read_all(["key", "epoch", column]), column)
    for each in searched_configurations(roles, trials, other_seeds=other_seeds):
        if each.role is not None:
            values = curves.get(each.key, {}).values()
            curve = [value if math.isfinite(value) else None for value in values]
            yield each.role, each.mean, curve


def _unknown(run: Place) -> SearchError:
    known = sorted(path.parent.name for path in run.parent.glob("*/experiment.json"))
    return SearchError(
        f"search.from: no run {run.name!r} in {run.parent}; expected one of: "
        f"{', '.join(known) or 'none yet'}; leave it out, or name another folder with --runs"
    )


def _nothing_in_common(run: Place, left_out: Mapping[str, int]) -> SearchError:
    return SearchError(
        f"search.from: {run.name} has no trial that this search could have suggested "
        f"({counted(left_out) or 'no trial of a search has ended there'}); expected the same data, "
        "fixed values and objective, and values of the same parameters; leave it out, or make the "
        "spaces agree"
    )
