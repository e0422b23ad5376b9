"""The recorded command of a run: its words, and the same command with other values."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from posixpath import normpath

from reports.errors import NotRepeatableError

USUAL_FOLDER = "runs"
"""The folder of runs that ``sugrm-search`` uses without ``--runs``."""

_RUNS = "--runs"
_PROGRAMS = ("sugrm-search", "main.py", "__main__.py")  # the last two as ``python -m`` has them
_WITH_VALUE = (
    *("--set", "--data", "--row", _RUNS, "--trials", "--address", "--concurrency"),
    *("--launcher", "--track"),
)
_FLAGS = ("--dry-run", "--quiet", "--debug")


def _key_of(option: str, value: str) -> str:
    """Return the key of the space that an option sets; "" if it sets none."""
    return value.partition("=")[0].strip() if option == "--set" else ""


def run_words(command: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the arguments and the options with their values of a ``run`` command line.

    Raises:
        NotRepeatableError: it is not a command of ``sugrm-search run``.
    """
    try:
        words = [word for word in shlex.split(command) if word != "--debug"]
    except ValueError:
        words = []
    if len(words) < 2 or words[0] not in _PROGRAMS or words[1] != "run":
        raise NotRepeatableError("no command of `sugrm-search run` is recorded")
    return _arguments(words[2:])


def with_values(command: str, values: Mapping[str, str]) -> str:
    """Return a ``run`` command that sets these keys of its space, instead of what it sets them to.

    Args:
        command: the recorded command.
        values: dotted key of the space -> value as ``--set`` takes it.

    Raises:
        NotRepeatableError: it is not a command of ``sugrm-search run``.
    """
    places, options = run_words(command)
    kept = chain(*(one for one in options if _key_of(*one) not in values))
    changes = chain(*(("--set", f"{key}={value}") for key, value in values.items()))
    return shlex.join(["sugrm-search", "run", *places, *kept, *changes])


def in_folder(command: str, runs: str) -> str:
    """Return a ``run`` command that continues the run in the folder ``runs``.

    A run may be reported where its recorded command did not write it: a published copy, a run that
    was moved. Any other command, as that of a script, is returned unchanged.

    >>> in_folder("sugrm-search run spaces/demo.yaml", "results")
    'sugrm-search run spaces/demo.yaml --runs results'
    >>> in_folder("sugrm-search run spaces/demo.yaml --runs results", "runs")
    'sugrm-search run spaces/demo.yaml'
    """
    try:
        _, options = run_words(command)
    except NotRepeatableError:
        return command
    recorded = next((value for name, value in reversed(options) if name == _RUNS), USUAL_FOLDER)
    if _plain(recorded) == _plain(runs):
        return command
    words = list(_without_folder(shlex.split(command)))
    place = words.index("--") if "--" in words else len(words)
    words[place:place] = [_RUNS, runs] if _plain(runs) != USUAL_FOLDER else []
    return shlex.join(words)


def _without_folder(words: Sequence[str]) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word == _RUNS:
            next(rest, None)
        elif not word.startswith(f"{_RUNS}="):
            yield word


def _plain(folder: str) -> str:
    """Return a folder so that equal ones compare equal; an address stays as it is."""
    return folder if "://" in folder else normpath(folder)


def _arguments(words: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    arguments: list[str] = []
    options: list[tuple[str, str]] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word == "--":
            arguments += rest
        elif not word.startswith("-"):
            arguments.append(word)
        elif name in _WITH_VALUE:
            options.append((name, value if equals else next(rest, "")))
        elif word not in _FLAGS:
            raise NotRepeatableError(f"the recorded command has an unknown option {name}")
    return arguments, options
