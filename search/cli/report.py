"""``sugrm-search report``: tables, figures and pages of finished runs."""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from search.cli.display.output import say, say_text
from search.cli.options import OutFolder, RunsFolder
from search.cli.reported_runs import load_run, load_runs

if TYPE_CHECKING:
    from reports import Choice, Report, Results
    from reports.ledger.places.storage import Place

EXAMPLES = """\b
Examples:
  sugrm-search report demo             one screen, and all tables and figures in files
  sugrm-search report demo --full      all tables in the terminal too
  sugrm-search report demo --tables confirmed --format csv --out tables
  sugrm-search report --tables 1,2 --format tex    tables 1 and 2 of the paper, from all runs
  sugrm-search report demo --format png --format svg
  sugrm-search report --compare mosi mosi_lstm
"""


class Format(StrEnum):
    """A format of files."""

    MARKDOWN = "md"
    LATEX = "tex"
    HTML = "html"
    CSV = "csv"
    SVG = "svg"
    PNG = "png"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    """Where files of a report go, its own folder where ``out`` is None, and their formats."""

    out: "Place | None"
    formats: list[Format] | None

    @property
    def are_wanted(self) -> bool:
        """Return whether an option asks for files."""
        return self.out is not None or bool(self.formats)


def report(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="RUN", help="Names of runs; default: every run.")
    ] = None,
    runs: RunsFolder = Path("runs"),
    tables: Annotated[
        str | None,
        typer.Option(
            "--tables",
            metavar="NAME,...",
            help="Print only these tables: names as in confirmed,ablations, or 1 to 8 for the "
            "paper's tables, filled from the given runs; without names, from all. Files are "
            "written with --format or --out alone, so that they do not replace a whole report.",
        ),
    ] = None,
    formats: Annotated[
        list[Format] | None,
        typer.Option(
            "--format",
            help="Format of files to write; repeatable. Default: md, html (the page) and csv. "
            "svg, png: the figures.",
        ),
    ] = None,
    out: OutFolder = None,
    full: Annotated[
        bool, typer.Option("--full", help="Print all tables, not only one screen for each run.")
    ] = False,
    no_text: Annotated[
        bool,
        typer.Option(
            "--no-text",
            help="Leave out transcripts (Table 5); files of earlier reports are not changed.",
        ),
    ] = False,
    unrun: Annotated[
        bool,
        typer.Option(
            "--unrun", help="Keep rows of the paper's tables that have not run in LaTeX files."
        ),
    ] = False,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--compare",
            metavar="RUN RUN",
            help="Compare two runs: their spaces, their best systems, and whether these differ.",
        ),
    ] = None,
) -> None:
    """Show each run on one screen; write tables, figures, a page."""
    from reports import ReportError
    from reports.ledger.places.storage import check_reachable

    _check_figures(formats, tables, compare=compare)
    for place in (runs, *([] if out is None else [out])):
        check_reachable(place)
    if compare is not None:
        _check_compared_alone(names, tables)
        _compare(compare, runs, formats=formats, out=out)
        return
    choice = _choice(tables, formats, with_text=not no_text, with_unrun=unrun)
    with _garbage_collection_off():
        loaded, left_out = load_runs(runs, names)
        if not loaded or any(not (runs / name).exists() for name in names or ()):
            raise ReportError("\n".join(left_out))  # a wrong name: before any table is printed
        files = _Files(out=out, formats=formats)
        _show_and_write(loaded, choice, runs=runs, files=files, full=full)
    _say_left_out(left_out, are_named=bool(names))


def _choice(
    tables: str | None, formats: list[Format] | None, *, with_text: bool, with_unrun: bool
) -> "Choice":
    from reports import Choice

    drawn = {Format.HTML, Format.SVG, Format.PNG}
    return Choice(
        tables=tuple(table.strip() for table in tables.split(",")) if tables is not None else None,
        with_figures=formats is None or not drawn.isdisjoint(formats),
        with_text=with_text,
        with_unrun=with_unrun,
    )


def _show_and_write(
    loaded: list["Results"],
    choice: "Choice",
    *,
    runs: "Place",
    files: _Files,
    full: bool,
) -> None:
    """Show each report and write its files, those of several reports to a folder each."""
    full = full or choice.tables is not None
    several, taken = len(loaded) > 1, set[str]()
    for made in _reports(loaded, choice, runs=runs):
        folder = _free_name(made.name, taken)
        taken.add(folder)
        _show(made, full=full)
        if files.are_wanted or choice.tables is None:
            out = files.out / folder if files.out and several else files.out
            _write(made, _Files(out=out, formats=files.formats))
        if several:
            gc.collect()  # figures hold reference cycles
    if not full:
        say("all tables in the terminal: --full")


def _say_left_out(messages: list[str], *, are_named: bool) -> None:
    """Print why runs are left out; fail if they were asked for by name."""
    from reports import ReportError

    if messages and are_named:
        raise ReportError("\n".join(messages))
    for message in messages:
        say(f"left out: {message}", to_errors=True)


@contextmanager
def _garbage_collection_off() -> Iterator[None]:
    """Disable the cyclic garbage collector, which costs a fifth of the time of a long report."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _check_compared_alone(names: list[str] | None, tables: str | None) -> None:
    if names or tables:
        raise typer.BadParameter(
            "takes two runs; expected no other RUN and no --tables", param_hint="--compare"
        )


def _check_figures(
    formats: list[Format] | None, tables: str | None, *, compare: tuple[str, str] | None
) -> None:
    drawn = [one for one in formats or () if one in (Format.SVG, Format.PNG)]
    if drawn and (tables is not None or compare is not None):
        raise typer.BadParameter(
            f"got {drawn[0].value} with {'--compare' if compare else '--tables'}; expected "
            "it alone: figures belong to the whole report of a run",
            param_hint="--format",
        )


def _free_name(name: str, taken: set[str]) -> str:
    """Return a folder name for a report that is not in ``taken``, numbered where it has to be."""
    return next(n for n in chain([name], (f"{name}_{i}" for i in count(2))) if n not in taken)


def _reports(loaded: list["Results"], choice: "Choice", *, runs: "Place") -> "Iterator[Report]":
    """Yield the report of each run, then the paper's tables that several runs fill together."""
    from reports import report_of, report_of_all

    several = len(loaded) > 1
    for results in loaded:
        if not several or choice.has_own_tables:
            yield report_of(results, choice, with_paper=not several)
    if several:
        together = report_of_all(loaded, runs, choice=choice)
        if together.tables:
            yield together


def _compare(
    pair: tuple[str, str], runs: "Place", *, formats: list[Format] | None, out: "Place | None"
) -> None:
    from reports import comparison_of

    first, second = (load_run(runs, name) for name in pair)
    made = comparison_of(first, second)
    _show(made, full=True)
    _write(made, _Files(out=out, formats=formats))


def _show(made: "Report", *, full: bool) -> None:
    from reports import overview_text, terminal_text

    text = terminal_text if full else overview_text
    say_text(text(made, width=typer.get_terminal_size((100, 24)).columns))


def _write(made: "Report", files: _Files) -> None:
    """Write the files and print, on one line, what they are."""
    from reports import DEFAULT_FORMATS, save_report

    written = save_report(made, files.out, formats=files.formats or DEFAULT_FORMATS)
    if written:
        say(f"wrote {_listed(written)}")
    elif made.trials is not None:
        say(f"wrote nothing: the run {made.title} has no data for a figure yet")


def _listed(written: "list[Place]") -> str:
    """Return the documents by name, the page first, and how many other files there are."""
    documents = [path for path in written if path.stem == "report"]
    documents.sort(key=lambda path: not path.name.endswith(".html"))
    names = [str(documents[0]), *(path.name for path in documents[1:])] if documents else []
    counts = Counter(
        (str(path.parent), path.name.rpartition(".")[2])
        for path in written
        if path not in documents
    )
    for (folder, kind), number in counts.items():
        files = f"{number} {kind} {'file' if number == 1 else 'files'}"
        below = folder.removeprefix(str(documents[0].parent)).lstrip("/") if documents else folder
        names.append(f"{files} in {below}" if below else files)
    return ", ".join(names)
