"""The rows of speed as lines of text."""

from benchmarks.measuring.row import Aim, Row

HEADER = f"{'case':<58} {'ours':>18} {'base':>9} {'ratio':>8} {'wall':>7}  aim"


def _number(number: float | None, *, digits: int = 3) -> str:
    if number is None:
        return "-"
    if abs(number) >= 10 ** (digits - 1):
        return f"{number:,.0f}"
    return f"{number:.{digits}g}"


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}x" if ratio < 100 else f"{ratio:.0f}x"


def _aim(aim: Aim | None, met: bool | None) -> str:
    if aim is None:
        return ""
    return f"{aim.kind} {aim.bound:g}: {'met' if met else 'missed'}"


def line(row: Row) -> str:
    """Return the line of a row under `HEADER`."""
    ours = f"{_number(row.ours)} {row.unit}"
    return (
        f"{row.case:<58} {ours:>18} {_number(row.base):>9} {_times(row.ratio):>8}"
        f" {_times(row.wall):>7}  {_aim(row.aim, row.met)}"
    ).rstrip()
