"""The names of trials and of the objective in figures."""

import math
from zlib import crc32

from reports.ledger.reading.load import Results
from reports.ledger.schema import FAILED
from reports.results.search_entries import Entry, search_entries
from reports.tables.metrics import METRICS


def scored_entries(results: Results) -> list[Entry]:
    """Return the trials of the search that have a value of the objective, by rank."""
    metric = results.experiment.metric
    return [
        entry
        for entry in search_entries(results)
        if entry.trial.status != FAILED and math.isfinite(entry.trial.valid.get(metric, math.nan))
    ]


def objective_title(results: Results) -> str:
    """Return the name of the objective: ``validation MAE``."""
    metric = results.experiment.metric
    return f"validation {METRICS[metric].title if metric in METRICS else metric}"


def capitalised(text: str) -> str:
    """Return ``text`` with a capital first letter."""
    return text[:1].upper() + text[1:]


def numbered(entry: Entry) -> str:
    """Return the name of a trial: ``trial 3``."""
    return f"trial {entry.numbers[0]}"


def jitter(key: str, width: float) -> float:
    """Return a shift of at most ``width`` / 2 in either direction, equal for equal keys."""
    return (crc32(key.encode()) / 2**32 - 0.5) * width
