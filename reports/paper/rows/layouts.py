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
        number: number of the table in the paper.
        title: subject of the table.
        heading: heading of the column of row names.
        baselines: baseline row by the system that ``published.csv`` names as a row's baseline,
            "" if it names none.
        why: text on why these are the baselines.
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
        """Return the baseline of ``row``; None if several rows could be meant."""
        if len(self.baselines) == 1:
            return next(iter(self.baselines.values()))
        return self.baselines.get(published_baseline(self.number, row))


_RIVAL = {"": "Self-MM"}
_WHY_RIVAL = "Self-MM, the other system that generates unimodal labels"
_WHY_WHOLE = "the unchanged SUGRM, which every other row changes"

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
            why=f"M,T,A,V, which is {_WHY_WHOLE}",
        ),
        Layout(
            number="4",
            title="modules added, replaced or removed",
            heading="system",
            baselines={"Self-MM": "Self-MM", "SUGRM": "SUGRM"},
            why="the unchanged system of each row: Self-MM or SUGRM",
        ),
        Layout(
            number="8",
            title="loss types",
            heading="loss",
            baselines={"SUGRM": "L1"},
            why=f"L1, which is {_WHY_WHOLE}",
        ),
    )
}
"""By the paper's number, in its order."""


def dataset_title(dataset: str) -> str:
    """Return the title of a dataset in documents."""
    return _TITLES.get(dataset, dataset)
