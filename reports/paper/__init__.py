"""The paper's tables, each computed from several runs; ``PAPER_TABLES`` has them by number."""

from collections.abc import Callable, Sequence
from functools import partial

from reports.content.table import Table
from reports.ledger.reading.load import Results
from reports.paper.available import available_tables
from reports.paper.hyperparameters import hyperparameters
from reports.paper.rows.layouts import LAYOUTS
from reports.paper.scores import paper_table
from reports.paper.splits import splits
from reports.paper.table_5 import table_5

__all__ = ["PAPER_TABLES", "PaperTableBuilder", "available_tables"]

PaperTableBuilder = Callable[[Sequence[Results]], tuple[Table, ...]]

PAPER_TABLES: dict[str, PaperTableBuilder] = {
    "1": partial(paper_table, LAYOUTS["1"]),
    "2": partial(paper_table, LAYOUTS["2"]),
    "3": partial(paper_table, LAYOUTS["3"]),
    "4": partial(paper_table, LAYOUTS["4"]),
    "5": table_5,
    "6": splits,
    "7": hyperparameters,
    "8": partial(paper_table, LAYOUTS["8"]),
}
"""In the paper's order."""
