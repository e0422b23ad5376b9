"""The layout of the paper's tables of results: title, rows, datasets, baselines."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.published.cells import (
    published_alignment,
    published_baseline,
    published_datasets,
    published_rows,
)

EXTRA_ROWS = ("text only",)
"""Rows that the packaged spaces run and the paper lacks."""

_TITLES = {"mosi": "MOSI", "mosei": "MOSEI"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One table of the paper.

    Attributes:
        number: the paper's.
        title: what it is about.
        heading: of the column that names the rows.
        baselines: for each system that ``published.csv`` calls a row's baseline ("" where it
            names none) the row that is this system as it stands.
        why: why these are the baselines, in words.
    """

    number: str
    title: str
    heading: str
    baselines: Mapping[str, str]
    why: str

    @property
    def alignment(self) -> str:
        """Return the alignment of the input."""
        return published_alignment(self.number)

    @property
    def rows(self) -> tuple[str, ...]:
        """Return the paper's rows in its order."""
        return published_rows(self.number)

    @property
    def datasets(self) -> tuple[str, ...]:
        """Return the paper's datasets in its order."""
        return published_datasets(self.number)

    def baseline_of(self, row: str) -> str | None:
        """Return the row that ``row`` is to beat; None where several could be meant."""
        if len(self.baselines) == 1:
            return next(iter(self.baselines.values()))
        return self.baselines.get(published_baseline(self.number, row))


_RIVAL = {"": "Self-MM"}
_WHY_RIVAL = "Self-MM, the other system that generates unimodal labels"
_WHY_WHOLE = "SUGRM as it stands, of which every row is a change"

LAYOUTS: dict[str, Layout] = {
    layout.number: layout
    for layout in (
        Layout(
            number="1",
            title="systems on aligned input",
            heading="system",
            baselines=_RIVAL,
            why=_WHY_RIVAL,
        ),
        Layout(
            number="2",
            title="systems on unaligned input",
            heading="system",
            baselines=_RIVAL,
            why=_WHY_RIVAL,
        ),
        Layout(
            number="3",
            title="subsets of the tasks",
            heading="tasks",
            baselines={"SUGRM": "M,T,A,V"},
            why=f"M,T,A,V, that is {_WHY_WHOLE}",
        ),
        Layout(
            number="4",
            title="modules added, replaced or removed",
            heading="system",
            baselines={"Self-MM": "Self-MM", "SUGRM": "SUGRM"},
            why="that of each system: Self-MM or SUGRM as it stands",
        ),
        Layout(
            number="8",
            title="loss types",
            heading="loss",
            baselines={"SUGRM": "L1"},
            why=f"L1, that is {_WHY_WHOLE}",
        ),
    )
}
"""By the paper's number, in its order."""


def dataset_title(dataset: str) -> str:
    """Return what documents call a dataset."""
    return _TITLES.get(dataset, dataset)
