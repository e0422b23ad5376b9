"""The runs in a folder of runs, found by their names."""

from pathlib import PurePath

from reports.ledger.places.storage import Place
from reports.ledger.reading.recorded_experiment import Experiment
from search.errors import SearchError
from search.ledger.experiment_file import FILE, check_name, read_experiment
from search.space.findings import nearest


class UnknownRunError(SearchError):
    """There is no run of that name."""


def run_names(runs: Place) -> list[str]:
    """Return the names of the runs in a folder, sorted."""
    return sorted(path.parent.name for path in runs.glob(f"*/{FILE}"))


def run_folder(runs: Place, name: str) -> Place:
    """Return the folder of the run ``name``.

    Raises:
        UnknownRunError: there is no such run.
        RunFolderError: its ``experiment.json`` is damaged, or the folder was renamed.
    """
    run_experiment(runs, name)
    return runs / name


def run_experiment(runs: Place, name: str) -> Experiment:
    """Return what the run ``name`` was asked to do.

    Raises:
        UnknownRunError: there is no such run.
        RunFolderError: its ``experiment.json`` is damaged, or the folder was renamed.
    """
    experiment = read_experiment(runs / name)
    if experiment is None:
        raise unknown_run(runs, name)
    check_name(runs / name, experiment)
    return experiment


def unknown_run(runs: Place, name: str) -> UnknownRunError:
    """Return the error of a run that is not in a folder of runs, with the one that is meant.

    A name may be the path of a run, as the completion of a shell writes it.
    """
    advice = "start one with sugrm-search run SPACE, or name another folder with --runs"
    if not runs.exists():
        return UnknownRunError(f"there is no folder {runs}; expected a folder of runs; {advice}")
    known, usual = run_names(runs), runs / "runs"
    meant = nearest(PurePath(name).name, known)
    if not meant and (usual / name / FILE).is_file():
        meant = f"--runs {usual}"
    expected = f"; did you mean {meant}? Expected" if meant else "; expected"
    return UnknownRunError(
        f"no run {name!r} in {runs}{expected} one of: {', '.join(known) or 'none yet'}; {advice}"
    )
