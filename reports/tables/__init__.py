"""The tables of a report: each entry of ``TABLES`` computes its tables from ``Results``."""

from collections.abc import Callable

from reports.content.table import Table
from reports.ledger.reading.load import Results
from reports.tables.ablations import ablations
from reports.tables.confirmed import confirmed
from reports.tables.human_labels import human_labels_tables
from reports.tables.importance import importance
from reports.tables.label_truth import label_truth
from reports.tables.leaderboard import leaderboard
from reports.tables.models import models
from reports.tables.pareto import pareto
from reports.tables.seed_tests import seed_tests
from reports.tables.summary import failures, summary
from reports.tables.utterance_tests import utterance_tests

TableBuilder = Callable[[Results], tuple[Table, ...]]

TABLES: dict[str, TableBuilder] = {
    "summary": summary,
    "confirmed": confirmed,
    "models": models,
    "ablations": ablations,
    "seed_tests": seed_tests,
    "utterance_tests": utterance_tests,
    "human_labels": human_labels_tables,
    "label_truth": label_truth,
    "pareto": pareto,
    "leaderboard": leaderboard,
    "importance": importance,
    "failures": failures,
}
"""In the order of a report."""
