"""The reference of the command line: each command with its options, defaults and examples."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import typer

from search.cli import main
from search.cli.help_text import help_row, usage_pieces

NAME = "sugrm-search"
Command = Any  # Typer publishes no classes for its commands and their parameters
_FACTS = re.compile(r"\s*\[(?P<facts>(?:default: |required|at least )[^\]]*)\]$")
# What reads as code: options, 'quoted text', and words with = / _ or the ending of a file.
_CODE = re.compile(
    r"`[^`]*`|(?<!\w)'[^']+'(?!\w)|(?<!\w)--\w[\w-]*"
    r"|[\w.]*[=/_][\w./:=-]*\w|\b\w+\.(?:yaml|json|pt2)\b|\bs3://\w+/\w+"
)


def command_reference() -> Iterator[str]:
    """Yield the lines of the page below its heading."""
    whole: Command = typer.main.get_command(main.app)
    yield f"`{NAME} COMMAND --help` prints the same in the terminal. [A tour](tour.md) shows the"
    yield from ["commands at work. A first run, without any data or download:", ""]
    yield from _examples(whole)
    (debug,) = (each for each in whole.params if each.name == "debug")
    yield f"Every command also takes `-h` or `--help`, and `--debug`: {_lower(debug.help)}"
    yield f"`{NAME} --version` shows the version."
    yield from ["", _exit_codes(), "", "| command | what it does |", "|---|---|"]
    commands = list(_commands(whole, NAME))
    for path, command in commands:
        yield f"| {_link(path)} | {_text(_paragraphs(command)[0])} |"
    yield ""
    described: dict[tuple[str, str], str] = {}
    for path, command in commands:
        yield from _section(path, command, described)


def _commands(group: Command, path: str) -> Iterator[tuple[str, Command]]:
    """Yield the words and the command of each command and group of commands, in order."""
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if hasattr(command, "commands"):
            yield from _commands(command, f"{path} {name}")


def _section(path: str, command: Command, described: dict[tuple[str, str], str]) -> Iterator[str]:
    """Yield the section of a command.

    Args:
        path: the words of the command.
        command: the command.
        described: name and meaning of each option so far -> the command that describes it.
    """
    context = command.make_context(path, [], resilient_parsing=True)
    rows, known = [], dict[str, list[str]]()
    for name, text in filter(None, (help_row(each, context) for each in command.params)):
        if (name, text) in described:
            known.setdefault(described[name, text], []).append(_code(name.split()[0]))
        else:
            described[name, text] = path
            rows.append(_row(name, text))
    yield from [f"## `{path}`", "", "```text"]
    pieces = usage_pieces(command, context) if rows or known else ["COMMAND"]
    yield from [" ".join([path, *pieces]), "```"]
    for paragraph in _paragraphs(command):
        yield from ["", _text(paragraph)]
    yield ""
    if rows:
        yield from ["| argument or option | default | meaning |", "|---|---|---|", *rows, ""]
    for other, names in known.items():
        yield from [f"{', '.join(names)}: as in {_link(other)}.", ""]
    yield from _examples(command)


def _row(name: str, text: str) -> str:
    """Return the row of an argument or option; its default is in a column of its own."""
    found, default = _FACTS.search(text), ""
    text = _FACTS.sub("", text)
    for fact in found["facts"].split("; ") if found else []:
        if fact.startswith("default: "):
            default = _code(fact.removeprefix("default: "))
        elif fact == "required":
            default = fact
        else:
            text += f" {fact.capitalize()}."
    return f"| {_code(name)} | {default} | {_text(text)} |".replace("|  |", "| |")


def _examples(command: Command) -> Iterator[str]:
    """Yield the examples that ``--help`` shows; they are the lines that are indented."""
    lines = (command.epilog or "").splitlines()
    examples = [line[2:] for line in lines if line.startswith("  ")]
    if examples:
        yield from ["```text", *examples, "```", ""]


def _exit_codes() -> str:
    """Return the sentence of the command line's docstring on its exit codes."""
    (found,) = re.findall(r"Exit codes: .*?\.\n", main.__doc__ or "", re.DOTALL)
    return " ".join(found.split())


def _paragraphs(command: Command) -> list[str]:
    return [" ".join(each.split()) for each in inspect.cleandoc(command.help).split("\n\n")]


def _link(path: str) -> str:
    """Return a link to the section of a command; its anchor follows from the heading."""
    return f"[`{path.removeprefix(NAME).strip()}`](#{path.replace(' ', '-')})"


def _text(text: str) -> str:
    """Return a text with options, paths and values as code."""
    return _CODE.sub(lambda found: _code(found[0].strip("`")), text)


def _code(text: str) -> str:
    """Return a text as code; a table needs its vertical bars escaped."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
