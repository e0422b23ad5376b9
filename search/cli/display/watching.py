"""Lines that are shown again and again until nothing changes any more."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from search.cli.display.output import drawing_stream, guarded_streams, one_line, say


class Shown(NamedTuple):
    """What one look shows.

    Attributes:
        lines: the lines.
        is_final: whether another look would show the same.
    """

    lines: Sequence[str]
    is_final: bool


def watch(look: Callable[[], Shown], *, seconds: float) -> None:
    """Show what ``look`` returns, every so many seconds, until it is final.

    On a terminal the lines are drawn anew in their place; elsewhere each look prints them, with an
    empty line between two looks.
    """
    if sys.stdout.isatty():
        _draw(look, seconds=seconds)
        return
    shown = look()
    _print(shown)
    while not shown.is_final:
        time.sleep(seconds)
        shown = look()
        say("")
        _print(shown)


def _print(shown: Shown) -> None:
    for line in shown.lines:
        say(line)


def _draw(look: Callable[[], Shown], *, seconds: float) -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(file=drawing_stream(), markup=False, emoji=False, highlight=False)

    def text(shown: Shown) -> Text:
        return Text("\n".join(map(one_line, shown.lines)))

    shown = look()
    with guarded_streams(), Live(text(shown), console=console, auto_refresh=False) as live:
        while not shown.is_final:
            time.sleep(seconds)
            shown = look()
            live.update(text(shown), refresh=True)
