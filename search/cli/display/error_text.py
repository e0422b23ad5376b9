"""The text of an error for the user: what was wrong, what was given, what is expected."""

import difflib
import re
from collections.abc import Collection

import typer

_LEAST_LIKENESS = 0.7  # typer suggests --help for --model
_LONGEST = 400  # characters of typer's message, which repeats arguments
_AT_LEAST = "greater_than_equal"
_EXPECTED = {"int_parsing": "a whole number", "int_from_float": "a whole number"}


def error_text(error: Exception, *, command: str = "sugrm-search") -> str:
    """Return the text printed after ``error:`` for an error of input or usage.

    Args:
        error: the exception.
        command: the command whose ``--help`` is named where the error does not know its own.
    """
    if isinstance(error, typer.TyperException):
        return _usage(error, command)
    if isinstance(error, OSError):
        return (
            f"cannot use {str(error.filename)!r}: {error.strerror}; check the path and its "
            "permissions, or name another"
        )
    if isinstance(error, MemoryError):
        why = f" ({_cut(str(error))})" if str(error) else ""
        return f"not enough memory{why}; expected smaller sizes, or a machine that has more"
    return str(error)


def _usage(error: typer.TyperException, command: str) -> str:
    context = getattr(error, "ctx", None)
    command = command if context is None else context.command_path
    text, _, hint = error.format_message().partition(" Did you mean ")
    text = text.rstrip(".")
    known = getattr(context.command, "commands", {}) if context is not None else {}
    if known and "command" in text:
        text = f"{text}; expected one of {', '.join(known)}"
    suggestion = f"; did you mean {hint}" if hint else ""
    option = getattr(error, "option_name", None)  # typer does not export the class of this error
    if option is not None and hasattr(error, "possibilities"):
        text = f"No such option: {option}"
        suggestion = _instead(option, error.possibilities or (), context=context)
    return f"{_cut(_with_value(error, text))}{suggestion}; see '{command} --help'"


def _instead(option: str, near: Collection[str], *, context: typer.Context | None) -> str:
    """Return what to type in place of an option that a command does not have."""
    name = option.lstrip("-").replace("-", "_")
    parameters = [] if context is None else context.command.params
    for each in parameters:
        if each.param_type_name == "argument" and each.name in (name, f"{name}s"):
            metavar = (getattr(each, "metavar", None) or name.upper()).strip("[].")
            return f"; {metavar} is an argument: type the value alone"
    close = [each for each in near if each != "--set" and _likeness(option, each) > _LEAST_LIKENESS]
    if close:
        return f"; did you mean {' or '.join(sorted(close))}"
    if any(each.name == "changes" for each in parameters):
        return (
            "; a setting is changed with --set, as in --set experiment.training.max_epochs=3 or "
            "--set seeds=[1,2,3] ('sugrm-search options' lists those of experiment)"
        )
    return ""


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _with_value(error: typer.TyperException, text: str) -> str:
    """Return typer's message ``text`` with the value and the rule; typer names only one."""
    from pydantic import ValidationError

    if not isinstance(error.__cause__, ValidationError):
        return text
    details = error.__cause__.errors()[0]
    listed = re.search(r" is not one of (.+)$", text)
    if listed:
        expected = f"one of {listed[1]}".replace("'", "")
    elif details["type"] == _AT_LEAST:
        expected = f"at least {details['ctx']['ge']}"
    else:
        expected = _EXPECTED.get(details["type"], "")
    if not expected:
        return text
    return f"{text.partition(': ')[0]}: got {_cut(repr(details['input']))}; expected {expected}"
