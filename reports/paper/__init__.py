"""The paper's tables, each made of all runs at hand: ``PAPER_TABLES`` by their number."""

from collections.abc import Callable, Sequence
from functools import partial

from reports.content.table import Table
from reports.ledger.run.load import Results
from reports.paper.available import filled_tables
from reports.paper.hyperparameters import hyperparameters
from reports.paper.rows.layouts import FORMS
from reports.paper.scores import paper_table
from reports.paper.splits import splits
from reports.paper.table_5 import table_5

__all__ = ["PAPER_TABLES", "PaperTableBuilder", "filled_tables"]

PaperTableBuilder = Callable[[Sequence[Results]], tuple[Table, ...]]

PAPER_TABLES: dict[str, PaperTableBuilder] = {
    "1": partial(paper_table, FORMS["1"]),
    "2": partial(paper_table, FORMS["2"]),
    "3": partial(paper_table, FORMS["3"]),
    "4": partial(paper_table, FORMS["4"]),
    "5": table_5,
    "6": splits,
    "7": hyperparameters,
    "8": partial(paper_table, FORMS["8"]),
}
"""In the paper's order."""
