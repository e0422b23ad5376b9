"""The overview of a run: what fits on one screen, apart from how it is drawn.

A builder in ``reports.overview`` computes it; the terminal, the page, Markdown and a notebook draw
the same one.
"""

from dataclasses import dataclass

from reports.content.display import Displayed
from reports.content.table import Note, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section: a title, then a short table, then lines of text.

    Attributes:
        name: what it is about: ``run``, ``configuration``, ``scores``, ``effects`` or ``next``.
        title: its heading, a phrase.
        table: its table without notes, the most important row first; None without one.
        notes: its lines, each with the command to run, if any.
    """

    name: str
    title: str
    table: Table | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Overview(Displayed):
    """The overview of a run, or of several runs together."""

    title: str
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """Return the section of that name; None if there is none."""
        return next((each for each in self.sections if each.name == name), None)

    def __repr__(self) -> str:
        """Return the title and the names of its sections."""
        return f"Overview({self.title!r}; {', '.join(each.name for each in self.sections)})"
