"""What a table holds, apart from how it is drawn.

A builder in ``reports.tables`` computes a ``Table`` of typed cells; a renderer in
``reports.render`` draws it. Numbers keep their full precision here.
"""

from dataclasses import KW_ONLY, dataclass
from enum import StrEnum

from reports.content.display import Displayed
from reports.statistics import Summary


class Style(StrEnum):
    """How a number is written for people."""

    INTEGER = "integer"
    SCORE = "score"  # three decimals
    PERCENT = "percent"  # a fraction in percent, one decimal
    SECONDS = "seconds"  # one decimal, three below ten
    GENERAL = "general"  # four significant digits
    P_VALUE = "p value"  # three decimals, "< 0.001" below


class Emphasis(StrEnum):
    """How a number is emphasised within its column."""

    NONE = "none"
    BEST = "best"  # bold
    BETTER = "better"  # underlined: better than the baseline
    BEST_AND_BETTER = "best and better"  # both


@dataclass(frozen=True, slots=True)
class Text:
    """Any text, shown as it is; ``code`` formats it as a command."""

    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that does not exist; it is never filled in."""

    why: str = "-"


@dataclass(frozen=True, slots=True)
class Number:
    """One value; ``signed`` writes its plus sign, ``verdict`` is a text after it."""

    value: float
    style: Style
    _: KW_ONLY
    signed: bool = False
    emphasis: Emphasis = Emphasis.NONE
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation of a sample: ``0.703 ± 0.012``, the only cell with that sign."""

    summary: Summary
    style: Style
    _: KW_ONLY
    signed: bool = False
    emphasis: Emphasis = Emphasis.NONE


@dataclass(frozen=True, slots=True)
class Interval:
    """The confidence interval of a sample's mean: ``[0.691, 0.715]``."""

    summary: Summary
    style: Style


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean of a sample and its confidence interval, if any: ``0.703 [0.691, 0.715]``."""

    summary: Summary
    style: Style
    _: KW_ONLY
    signed: bool = False


Scalar = Number | Spread | Interval | Estimate | Missing


@dataclass(frozen=True, slots=True)
class Dual:
    """A metric both ways: negative / non-negative, then negative / positive."""

    nonnegative: Scalar
    positive: Scalar


Cell = Text | Scalar | Dual


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``name`` is its heading in data files, ``title`` in documents.

    Adjacent columns of one ``group`` have it as a common heading.
    """

    name: str
    title: str
    _: KW_ONLY
    is_text: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A line under a table; ``command``, if any, is the command to run."""

    text: str
    command: str | None = None

    @property
    def is_attention(self) -> bool:
        """Return whether a reader must see it: what it says limits what the numbers mean."""
        return self.text.startswith("Attention")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Table(Displayed):
    """A finished table: ``name`` is that of its files, every row has a cell for each column.

    If a terminal is too narrow, a table that ``folds`` continues below with the remaining columns;
    any other table shows them in the written report only. A table that ``is_whole`` shows all its
    rows in the terminal, not only the first ones. A table that ``is_data`` is written as CSV only.
    ``unrun`` are the places of rows for which nothing has run: LaTeX leaves them out.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Note, ...] = ()
    folds: bool = False
    is_whole: bool = False
    is_data: bool = False
    unrun: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a row that does not fit the columns."""
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"row {number} of table {self.name!r} has {len(row)} cells, "
                    f"expected {len(self.columns)}"
                )

    def __repr__(self) -> str:
        """Return name, title and size."""
        size = f"{len(self.rows)} rows x {len(self.columns)} columns"
        return f"Table({self.name!r}, {self.title!r}, {size})"
