"""A report: what was computed of one run, of all runs together, or of two runs side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from reports.compare import compare
from reports.content.display import Displayed
from reports.content.figure import Figure
from reports.content.overview import Overview
from reports.content.table import Table
from reports.errors import ReportError, UnknownNameError
from reports.figures import FIGURES
from reports.ledger.places.storage import REPORT_OF_ALL, Place
from reports.ledger.reading.load import Results, load_run
from reports.overview import overview_of, overview_of_all
from reports.overview.key_numbers import key_numbers
from reports.paper import PAPER_TABLES, PaperTableBuilder, available_tables
from reports.paper.table_5 import table_5
from reports.tables import TABLES
from reports.tables.runs import runs_table
from reports.tables.summary import attention, summary
from reports.tables.trials import trials

T = TypeVar("T", Table, Figure)

REPORT = "report"
"""Folder of a report in that of its run."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Report(Displayed):
    """What a report holds, computed; a notebook and ``print`` show it.

    Attributes:
        name: name of its folder where several reports are written into one.
        title: what the report is about: one run, or several.
        folder: default folder of its files.
        tables: its tables, in the order of the report.
        figures: its figures, in the order of the report; empty if none were asked for.
        overview: what fits on one screen; None for a comparison of two runs.
        key_numbers: test metrics of what validation chose; None before anything has finished.
        trials: every trial of the run; None for several runs.
        provenance: where the results come from, as pairs of label and value.
        command: the command that repeats the run.
        space: the text of its space file.
    """

    name: str
    title: str
    folder: Place
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...] = ()
    overview: Overview | None = None
    key_numbers: Table | None = None
    trials: Table | None = None
    provenance: tuple[tuple[str, str], ...] = ()
    command: str = ""
    space: str = ""

    def table(self, name: str) -> Table:
        """Return a table of the report by its name, as in ``report.table("leaderboard")``.

        Raises:
            UnknownNameError: the report has no such table; the message lists those that it has.
        """
        own = (*self.tables, self.key_numbers, self.trials)
        return _named("table", name, known={each.name: each for each in own if each is not None})

    def figure(self, name: str) -> Figure:
        """Return a figure of the report by its name, as in ``report.figure("residuals")``.

        Raises:
            UnknownNameError: the report has no such figure; the message lists those that it has.
            ReportError: it was made without figures.
        """
        return _named("figure", name, known={each.name: each for each in self.figures})

    def __repr__(self) -> str:
        """Return the title and the names of its tables and figures."""
        tables = ", ".join(each.name for each in self.tables)
        figures = ", ".join(each.name for each in self.figures) or "none"
        return f"Report({self.title!r}; tables: {tables}; figures: {figures})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The contents of a report.

    Attributes:
        tables: names of ``TABLES`` and numbers of ``PAPER_TABLES``; None for a run's own tables
            and those of the paper that have a value of some run.
        with_figures: whether its figures are computed.
        with_text: whether it may show transcripts of utterances.
        with_unrun: whether LaTeX keeps the rows of the paper's tables for which nothing has run.

    Raises:
        UnknownNameError: a table that neither a run nor the paper has.
    """

    tables: tuple[str, ...] | None = None
    with_figures: bool = True
    with_text: bool = True
    with_unrun: bool = False

    def __post_init__(self) -> None:
        """Refuse unknown names."""
        known = [*TABLES, *PAPER_TABLES]
        for name in self.tables or ():
            if name not in known:
                raise UnknownNameError("table", name, known=known)

    @property
    def has_own_tables(self) -> bool:
        """Return whether any table of a run itself is wanted."""
        return self.tables is None or any(name in TABLES for name in self.tables)


DEFAULT_CHOICE = Choice()
_LATER = tuple(name for name, builder in TABLES.items() if builder is not summary)


def build_report(folder: Place, choice: Choice = DEFAULT_CHOICE) -> Report:
    """Compute the report of the run in ``folder``; it always begins with the summary.

    Raises:
        RunNotFoundError: ``folder`` is not a run.
        ReportError: the run holds no trial that ended.
    """
    return report_of(load_run(folder), choice)


def report_of(
    results: Results, choice: Choice = DEFAULT_CHOICE, *, with_paper: bool = True
) -> Report:
    """Compute the report of one run; its files go to ``report/`` in its folder.

    Args:
        results: the run.
        choice: the contents of the report.
        with_paper: whether it includes the paper's tables that have a value of this run.
    """
    experiment = results.experiment
    tables = tuple(_tables(results, choice, with_paper=with_paper))
    builders = FIGURES.values() if choice.with_figures and choice.tables is None else ()
    figures = tuple(figure for builder in builders for figure in builder(results))
    listed, numbers = trials(results), key_numbers(results)
    tables = (*summary(results), *tables)  # computed last: it names what could not be read
    return Report(
        name=results.folder.name,
        title=experiment.name,
        folder=results.folder / REPORT,
        tables=tables,
        figures=figures,
        overview=overview_of(results, tables=tables, numbers=numbers),
        key_numbers=numbers,
        trials=listed,
        provenance=(*_fingerprints(results), *experiment.provenance),
        command=results.command,
        space=experiment.source,
    )


def _tables(results: Results, choice: Choice, *, with_paper: bool) -> Iterator[Table]:
    """Yield the tables of a run after its summary."""
    wanted = TABLES if choice.tables is None else choice.tables
    for name in _LATER:
        if name in wanted:
            yield from TABLES[name](results)
    if with_paper:
        yield from _paper_tables([results], choice)


def report_of_all(
    runs: Sequence[Results], folder: Place, *, choice: Choice = DEFAULT_CHOICE
) -> Report:
    """Compute the paper's tables from all ``runs`` in ``folder`` together.

    Its files go to ``report/`` beside the runs. It has no table if the runs have no value for one.
    """
    tables = _paper_tables(runs, choice)
    opening = runs_table(runs)
    return Report(
        name=REPORT_OF_ALL,
        title=", ".join(sorted(results.experiment.name for results in runs)),
        folder=folder / REPORT_OF_ALL,
        tables=(opening, *tables) if tables else (),
        overview=overview_of_all(opening, tables),
    )


def comparison_of(first: Results, second: Results) -> Report:
    """Set two runs side by side; files go to ``report/beside_SECOND/`` in the first's folder."""
    opening, *tables = compare(first, second)
    notes = (
        note for results in (first, second) for note in attention(results, str(results.folder))
    )
    return Report(
        name=REPORT,
        title=f"{first.experiment.name} and {second.experiment.name} compared",
        folder=first.folder / REPORT / f"beside_{second.folder.name}",
        tables=(replace(opening, notes=(*opening.notes, *notes)), *tables),
    )


def _named(what: str, name: str, *, known: Mapping[str, T]) -> T:
    if not known:
        raise ReportError(f"no {what} {name!r}: this report was made without any {what}s")
    if name not in known:
        raise UnknownNameError(what, name, known=known)
    return known[name]


def _fingerprints(results: Results) -> Iterator[tuple[str, str]]:
    """Yield the fingerprints of the data that the trials of each alignment read."""
    read = {
        (str(trial.alignment), str(trial.data_fingerprint)) for trial in results.trials.values()
    }
    yield from ((f"{alignment} data, fingerprint", value) for alignment, value in sorted(read))


def _paper_tables(runs: Sequence[Results], choice: Choice) -> tuple[Table, ...]:
    wanted = available_tables(runs) if choice.tables is None else choice.tables
    table_of_texts = partial(table_5, with_text=choice.with_text)
    builders: dict[str, PaperTableBuilder] = {**PAPER_TABLES, "5": table_of_texts}
    return tuple(
        replace(table, unrun=()) if choice.with_unrun else table
        for number in PAPER_TABLES
        if number in wanted
        for table in builders[number](runs)
    )
