"""How ``--help`` and the reference of the commands write arguments, options and usage lines."""

import re
from typing import Any

import typer.core

Command = Any  # Typer publishes no classes for its commands and their parameters
_TYPES = {" <int>": " N", " <int range>": " N"}
_CHOICES = re.compile(r" <(?:list\[)?([^<>\[\] ]+(?:\|[^<>\[\] ]+)+)\]?>")
_TYPE = re.compile(r" <[^<>]+>")


class PlainCommand(typer.core.TyperCommand):
    """A command whose ``--help`` shows what a user types, without the types of Python."""

    def collect_usage_pieces(self, ctx: Command) -> list[str]:
        """Return the arguments, optional ones in brackets, and ``[OPTIONS]`` behind them."""
        return usage_pieces(self, ctx)

    def format_options(self, ctx: Command, formatter: Command) -> None:
        """Write the lists of arguments and options."""
        for title, kind in (("Arguments", "argument"), ("Options", "option")):
            given = (each for each in self.get_params(ctx) if each.param_type_name == kind)
            rows = [row for each in given if (row := help_row(each, ctx)) is not None]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def usage_pieces(command: Command, context: Command) -> list[str]:
    """Return what follows the name of a command: ``SPACE [OPTIONS]``.

    Args:
        command: the command.
        context: its context.
    """
    given = [each for each in command.get_params(context) if each.param_type_name == "argument"]
    names = [(_argument(each), each.required) for each in given]
    pieces = [name if is_required else f"[{name}]" for name, is_required in names]
    return [*pieces, "[OPTIONS]"]


def help_row(parameter: Command, context: Command) -> tuple[str, str] | None:
    """Return an argument or option as a user types it, and its meaning; None for a hidden one."""
    record = parameter.get_help_record(context)
    if record is None:
        return None
    name, text = record
    if parameter.param_type_name == "argument":
        name = _argument(parameter)
    for shown, plain in _TYPES.items():
        name = name.replace(shown, plain)
    name = _TYPE.sub("", _CHOICES.sub(r" \1", name))
    return name, re.sub(r"\bx>=(-?[\d.]+)(?=\]|;)", r"at least \1", text)


def _argument(parameter: Command) -> str:
    """Return the name of an argument, with dots where it may be given several times."""
    name = (parameter.metavar or parameter.name.upper()).strip("[].")
    return name if parameter.nargs == 1 else f"{name}..."
