"""The text of an error for the user: what was wrong, what was given, what is expected."""

import re

import typer

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
    return f"{_cut(_with_value(error, text))}{suggestion}; see '{command} --help'"


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
