"""Whether a copy may be written: what lies at its place must be an earlier copy of the run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reports.ledger.reading.recorded_experiment import Experiment
from search.cli.publishing.contents import FILES, REPORT_FOLDER, plugin_files
from search.errors import SearchError
from search.ledger.experiment_file import RunFolderError, read_experiment
from search.ledger.published.tables import TABLES, holds_data

if TYPE_CHECKING:
    from reports.ledger.places.storage import Place

_MOST_NAMED = 3


class PublishError(SearchError):
    """A copy of a run cannot be written."""


def check_out(out: Path, runs: "Place", *, names: Sequence[str]) -> None:
    """Check that copies go beside the runs, not into them.

    Raises:
        PublishError: ``out`` is a file, the folder of the runs, or a folder in one of them.
    """
    if out.exists() and not out.is_dir():
        raise PublishError(f"{out} is a file; expected a folder, which need not exist yet")
    if not isinstance(runs, Path):
        return
    place, own = out.resolve(), runs.resolve()
    inside = [name for name in names if (own / name) in (place, *place.parents)]
    if place == own or inside:
        what = f"in the run {inside[0]}" if inside else "the folder of the runs"
        raise PublishError(
            f"--out {out} is {what}, where a copy would replace or mix with data; expected another "
            "folder, which need not exist yet; name one with --out"
        )


def check_target(target: Path, name: str) -> None:
    """Check that nothing but an earlier copy of the run ``name`` would be replaced.

    Raises:
        PublishError: something else is there.
    """
    problem = _problem(target, name)
    if problem:
        raise PublishError(
            f"{target} {problem}; expected nothing there, or an earlier published copy of the run "
            f"{name}, which is replaced as a whole; name another folder with --out, or move "
            f"{target.name} away"
        )


def _problem(target: Path, name: str) -> str:
    """Return what lies there instead, "" where a copy may be written."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        return "is a link or a file"
    found = sorted(path.name for path in target.iterdir()) if target.exists() else []
    if not found:
        return ""
    try:
        experiment = read_experiment(target)
    except RunFolderError as error:
        return f"cannot be recognised: {error}"
    if experiment is None:
        return "holds other files and no experiment.json"
    if experiment.name != name:
        return f"belongs to the run {experiment.name}"
    others = [each for each in found if each not in _names(experiment)]
    if others:
        more = ", ..." if len(others) > _MOST_NAMED else ""
        named = f"{', '.join(others[:_MOST_NAMED])}{more}"
        return f"holds what no published copy holds: {named} (move it elsewhere)"
    return "is a run, not a published copy of one" if holds_data(target) else ""


def _names(experiment: Experiment) -> set[str]:
    """Return what the folder of a copy of a run may hold."""
    plugins = {path.split("/")[0] for path in plugin_files(experiment.newest)}
    return {*FILES, *TABLES, REPORT_FOLDER, *plugins}
