"""The results of a run: trials, roles and ``experiment.json``, read at once.

The other tables are large, so they are read when they are asked for.
"""

import os
from collections.abc import Sequence

from reports.errors import ReportError, RunNotFoundError
from reports.ledger.parts import read_parts
from reports.ledger.places.storage import Place, place
from reports.ledger.reading.record import FILE, RecordError
from reports.ledger.reading.recorded_experiment import Experiment, read_experiment
from reports.ledger.reading.results import Results
from reports.ledger.roles import recorded_roles
from reports.ledger.trials import choose, trials_in

__all__ = ["Results", "load_results", "load_run"]

_FEW = 3  # warnings in a message; each was logged when it was found


def load_results(folder: Place | str | os.PathLike[str]) -> Results:
    """Read the run in ``folder``: a path or an address such as ``s3://BUCKET/PREFIX/NAME``.

    Raises:
        RunNotFoundError: the folder is missing or holds no ledger.
        ReportError: its ``experiment.json`` cannot be read, or an object store does not answer.
    """
    folder = place(folder)
    _check_is_run(folder)
    experiment = _experiment(folder)
    trials, roles = read_parts(folder, "trials"), read_parts(folder, "roles")
    results = Results(
        folder=folder,
        experiment=experiment,
        trials=choose(trials_in(trials.rows)),
        roles=recorded_roles(roles.rows),
    )
    results.note("trials", trials)
    results.note("roles", roles)
    return results


def load_run(folder: Place | str | os.PathLike[str]) -> Results:
    """Return the run in ``folder``; at least one of its trials must have ended.

    Raises:
        RunNotFoundError: ``folder`` is not a run.
        ReportError: the run holds no trial that ended.
    """
    results = load_results(folder)
    if results.trials:
        return results
    raise ReportError(
        f"the run {results.folder} has no trial that ended: expected at least one; start or "
        f"continue it with `{results.command or 'sugrm-search run SPACE'}`"
        + "".join(f"\n{warning}" for warning in _few(results.warnings))
    )


def _few(warnings: Sequence[str]) -> list[str]:
    """Return the first warnings and how many follow."""
    more = len(warnings) - _FEW
    return [*warnings[:_FEW], *([f"and {more} more like them"] if more > 0 else [])]


def _experiment(folder: Place) -> Experiment:
    """Return what the run was asked to do; without ``experiment.json`` only its name is known."""
    try:
        experiment = read_experiment(folder)
        if experiment is not None:
            _check_versions(experiment)
    except RecordError as error:
        raise ReportError(
            f"{folder / FILE} is damaged ({error}): expected what `sugrm-search run` writes; "
            "restore it, or move it away and report the run by its name: that reads the trials "
            "alone"
        ) from error
    return experiment or Experiment(name=folder.name)


def _check_versions(experiment: Experiment) -> None:
    """Refuse a record without a version of a space, or with one that has no time."""
    if not experiment.versions:
        raise RecordError("no version of a space in it")
    for number, version in enumerate(experiment.versions):
        if not version.started_at:
            raise RecordError(f"versions.{number}.started_at is missing")


def _check_is_run(folder: Place) -> None:
    """Refuse a folder that is missing or holds no ledger."""
    if not folder.is_dir():
        raise RunNotFoundError(
            f"no run folder {folder}: expected a folder that `sugrm-search run` wrote; "
            f"{_neighbours(folder)}"
        )
    if not (folder / "trials").is_dir() and not (folder / "experiment.json").is_file():
        raise RunNotFoundError(
            f"{folder} is not a run: it has neither experiment.json nor trials/; "
            f"{_neighbours(folder / 'any')}"
        )


def _neighbours(folder: Place) -> str:
    if not folder.parent.is_dir():
        return f"{folder.parent} does not exist either; name the runs folder with --runs"
    runs = sorted(path.parent.name for path in folder.parent.glob("*/experiment.json"))
    usual = folder.parent / "runs" / folder.name
    if (usual / "experiment.json").is_file():
        return f"did you mean {usual}?"
    if not runs:
        return f"{folder.parent} holds no run yet; make one with `sugrm-search run SPACE`"
    return f"{folder.parent} holds {', '.join(runs)}"
