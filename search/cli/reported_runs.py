"""The runs that ``report`` shows: those that were named, or all that can be read."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from reports import Results
    from reports.ledger.places.storage import Place


def load_runs(runs: "Place", names: list[str] | None) -> tuple[list["Results"], list[str]]:
    """Return the runs that can be reported, and an error message for each of the others."""
    from reports import ReportError
    from search.errors import SearchError

    loaded: list[Results] = []
    left_out: dict[str, None] = {}  # a folder of runs that is not there has one message
    given = [name.rstrip("/") or name for name in _names(runs, names)]
    for name in {runs / name: name for name in given}.values():
        try:
            loaded.append(load_run(runs, name))
        except (ReportError, SearchError) as error:
            left_out[str(error)] = None
    return loaded, list(left_out)


def _names(runs: "Place", names: list[str] | None) -> list[str]:
    """Return the names that were given, else those of all runs."""
    from search.cli.display import wording

    chosen = names or sorted(path.parent.name for path in runs.glob("*/experiment.json"))
    if not chosen and (runs / "experiment.json").is_file():
        raise typer.BadParameter(
            f"{runs} is itself a run; expected the folder that holds it: sugrm-search report "
            f"{runs.name} --runs {runs.parent}",
            param_hint="--runs",
        )
    if not chosen:
        check_folder(runs)
        raise typer.BadParameter(
            f"{runs} holds no run; start one with: {wording.first_command(runs)}",
            param_hint="--runs",
        )
    return chosen


def check_folder(runs: "Place") -> None:
    """Raise ``BadParameter`` if there is no folder of runs: its name may be mistyped."""
    from search.cli.display import wording

    if not runs.exists():
        raise typer.BadParameter(
            f"there is no folder {runs}; expected a folder of runs; start one with: "
            f"{wording.first_command(runs)}",
            param_hint="--runs",
        )


def load_run(runs: "Place", name: str) -> "Results":
    """Return the run ``name`` of a folder of runs after checking that its folder has its name.

    Raises:
        SearchError: there is no such folder, or it was renamed.
        ReportError: the folder cannot be read as a run.
    """
    from reports import load_run as load_results
    from search.ledger.experiment_file import check_name
    from search.status.runs import unknown_run

    folder = runs / name
    if not folder.is_dir():
        raise unknown_run(runs, name)
    results = load_results(folder)
    check_name(folder, results.experiment)
    return results
