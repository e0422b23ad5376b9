"""A run as an object: its trials, its best configuration, its report; read when asked for."""

import os
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from reports.ledger.places.storage import Place, place
from search.errors import SearchError
from search.ledger.experiment_file import check_name

if TYPE_CHECKING:
    import pandas as pd

    from reports import BestConfiguration, Report, Results
    from search.controller.run_summary import RunSummary


class RunResult:
    """A run that ``run_search`` has ended, or one that ``open_results`` has opened.

    What it shows is read from the folder of the run when it is first asked for, and then kept;
    ``open_results`` reads again.

    Args:
        folder: the folder of the run.
        summary: how the run ended; None for a run that was only opened.
    """

    def __init__(self, folder: Place, summary: "RunSummary | None" = None) -> None:
        self._folder = folder
        self._summary = summary

    @property
    def folder(self) -> Place:
        """The folder of the run, a ``pathlib.Path`` unless the run is in an object store."""
        return self._folder

    @property
    def summary(self) -> "RunSummary | None":
        """How many trials ended in which way, and what comes next; None for an opened run."""
        return self._summary

    @cached_property
    def results(self) -> "Results":
        """Everything that the run recorded; it has ``epochs_frame``, ``predictions_frame`` ...

        Raises:
            ReportError: the run cannot be read.
            SearchError: its folder was copied or renamed.
        """
        from reports import load_results

        results = load_results(self._folder)
        check_name(self._folder, results.experiment)
        return results

    @cached_property
    def trials(self) -> "pd.DataFrame":
        """The trials as a data frame, a row each (``reports.Results.trials_frame``)."""
        return self.results.trials_frame()

    @property
    def tracebacks(self) -> tuple[str, ...]:
        """The tracebacks of the failed trials, equal ones once, in the order of the trials."""
        from reports.ledger.schema import FAILED

        found = self.trials["traceback"].dropna().loc[self.trials["status"] == FAILED]
        return tuple(text for text in dict.fromkeys(found) if text)

    @cached_property
    def best(self) -> "BestConfiguration | None":
        """The configuration that validation chose; None before any trial has finished."""
        from reports import best_configuration

        return best_configuration(self.results)

    def report(self, tables: Sequence[str] | None = None, *, figures: bool = True) -> "Report":
        """Return the report of the run, computed now; a notebook shows it as it is.

        Args:
            tables: the names of its tables; None for all, and for the figures.
            figures: whether its figures are computed.

        Raises:
            ReportError: no trial has ended, or no table has such a name.
        """
        from reports import Choice, build_report, report_of

        choice = Choice(tables=_names(tables), with_figures=figures)
        if not self.results.trials:
            return build_report(self._folder, choice)  # raises with what to do
        return report_of(self.results, choice)

    def __repr__(self) -> str:
        """Return the name of the run, how its trials ended, and its folder."""
        return f"RunResult({self._folder.name!r}: {self._state()}; folder {self._folder})"

    def _state(self) -> str:
        summary = self._summary
        if summary is None:
            statuses = [trial.status for trial in self.results.trials.values()]
            finished, stopped, failed = map(statuses.count, ("finished", "stopped", "failed"))
            start = f"{len(statuses)} trials"
        else:
            finished, stopped, failed = summary.finished, summary.stopped, summary.failed
            start = f"{finished + stopped + failed} of {summary.total} trials"
        text = f"{start}: {finished} finished, {stopped} stopped early, {failed} failed"
        if summary is not None and summary.interrupted:
            return f"{text}; ended before its plan was done"
        if summary is not None and summary.unconfirmed:
            return f"{text}; {summary.unconfirmed}"
        return text


def _names(tables: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return names of tables as a tuple; a single text is one name."""
    if tables is None or isinstance(tables, str):
        return None if tables is None else (tables,)
    if not isinstance(tables, Sequence):
        raise SearchError(
            f"tables is {tables!r}; expected names of tables, as ['leaderboard'], or None for all"
        )
    return tuple(tables)


def open_results(folder: Place | str | os.PathLike[str]) -> RunResult:
    """Return a run that is in its folder already, as ``open_results("runs/demo")``.

    It may still be running in another process: then it shows the trials that have ended.

    Args:
        folder: the folder of the run: a path, or an address such as ``s3://BUCKET/PREFIX/NAME``.

    Raises:
        ReportError: there is no run, or it cannot be read.
        SearchError: the folder was copied or renamed.
    """
    opened = RunResult(place(folder))
    _ = opened.results  # a mistyped path is rejected here, not later
    return opened
