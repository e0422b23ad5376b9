"""The command ``sugrm-search``.

Exit codes: 0 all done, 1 some trials failed (in a dry run: will probably fail), the search has
nothing to confirm or a repetition differs from its record, 2 bad usage, configuration or data, an
output that cannot be written, or a run that cannot go on, 130 Ctrl-C, 141 the reader of the output
has closed it, 143 SIGTERM, 129 SIGHUP, 138 SIGUSR1, 140 SIGUSR2 (128 and the signal's number).
Only typer, rich and pydantic are imported here; each command imports its library when it runs.
"""

import contextlib
import gc
import os
import sys
import warnings
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer

from search.cli import data, export, list_options, plan, predict, publish, report, run, status
from search.cli.display import output
from search.cli.display.error_text import error_text
from search.cli.help_text import PlainCommand
from search.cli.repetition import command as repetition

_ERROR_ROOTS = (
    ("sugrm.errors", "SugrmError"),
    ("search.errors", "SearchError"),
    ("reports.errors", "ReportError"),
)
_QUIET = {
    "PYTHONWARNINGS": "ignore",  # Ray's worker processes read it
    "HF_HUB_VERBOSITY": "error",  # else every retry without a connection is a line
    "TRANSFORMERS_VERBOSITY": "error",
}
"""Environment variables that suppress the messages of libraries."""
_GARBAGE_THRESHOLD = 10_000
"""New objects between two searches for garbage; with Python's 700, imports take a third longer."""

EXAMPLES = """\b
A first run, without any data or download:
  sugrm-search run spaces/demo.yaml
  sugrm-search report
"""

app = typer.Typer(
    name="sugrm-search",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=EXAMPLES,
    options_metavar="",
    subcommand_metavar="COMMAND",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(is_asked: bool) -> None:
    """Print the version and end the command."""
    if is_asked:
        output.say(f"sugrm-search {metadata.version('sugrm-search')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show tracebacks and library warnings; allowed at any place."),
    ] = False,
) -> None:
    """Search SUGRM's hyper-parameters, run its ablations, report results and their tests."""


app.command("run", cls=PlainCommand, epilog=run.EXAMPLES)(run.run)
app.command("plan", cls=PlainCommand, epilog=plan.EXAMPLES)(plan.plan)
app.command("report", cls=PlainCommand, epilog=report.EXAMPLES)(report.report)
app.command("status", cls=PlainCommand, epilog=status.EXAMPLES)(status.status)
app.command("repeat", cls=PlainCommand, epilog=repetition.EXAMPLES)(repetition.repeat)
app.command("export", cls=PlainCommand, epilog=export.EXAMPLES)(export.export)
app.command("publish", cls=PlainCommand, epilog=publish.EXAMPLES)(publish.publish)
app.command("predict", cls=PlainCommand, epilog=predict.EXAMPLES)(predict.predict)
app.command("options", cls=PlainCommand, epilog=list_options.EXAMPLES)(list_options.options)
app.add_typer(data.app, name="data")


def main() -> None:
    """Run the command line and exit with its code."""
    gc.set_threshold(_GARBAGE_THRESHOLD)
    output.open_missing_descriptors()
    if "--debug" not in sys.argv:
        warnings.simplefilter("ignore")
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
    out = output.install_guards()  # until the process ends: tracebacks pass it too
    code = execute(sys.argv[1:])
    output.discard_lost_output(out)
    gc.freeze()  # else Python would search the objects of all libraries for garbage once more
    sys.exit(code)


def execute(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; an error is one message on stderr."""
    with output.guarded_streams() as out:
        code = 0
        with contextlib.suppress(output.OutputLostError):
            code = _execute(arguments)
        return output.report_lost_output(out, code)


def _execute(arguments: Sequence[str]) -> int:
    debug = "--debug" in arguments
    rest = [argument for argument in arguments if argument != "--debug"]
    try:
        code = app(rest or ["--help"], prog_name="sugrm-search", standalone_mode=False)
    except Exception as error:
        if debug or not _is_for_the_user(error):
            raise
        text = error_text(error, command=_command(rest))
        gap = "\n" if "\n" in text else " "  # several lines start at the margin
        output.say_text(f"error:{gap}{text}", to_errors=True)
        return 2
    return code if isinstance(code, int) else 0


def _command(arguments: Sequence[str]) -> str:
    """Return the program with the name of the command, where the arguments begin with one."""
    names = [command.name for command in app.registered_commands]
    return " ".join(["sugrm-search", *(name for name in arguments[:1] if name in names)])


def _is_for_the_user(error: Exception) -> bool:
    """Return whether an error is one of input or usage, not a defect.

    The packages' root errors are looked up among the loaded modules: importing sugrm takes more
    than a second, and a package that is not loaded cannot have raised an error.
    """
    roots = [getattr(sys.modules[name], root) for name, root in _ERROR_ROOTS if name in sys.modules]
    if isinstance(error, OSError):
        return error.filename is not None
    return isinstance(error, (typer.TyperException, MemoryError, *roots))
