"""What figures call the trials and the objective of a search."""

import math
from zlib import crc32

from reports.ledger.run.load import Results
from reports.ledger.schema import FAILED
from reports.results.seed_groups import Entry, search_entries
from reports.tables.metrics import SHOWN


def scored_entries(results: Results) -> list[Entry]:
    """Return the trials of the search that have a value of the objective, by rank."""
    metric = results.experiment.metric
    return [
        entry
        for entry in search_entries(results)
        if entry.trial.status != FAILED and math.isfinite(entry.trial.valid.get(metric, math.nan))
    ]


def objective_title(results: Results) -> str:
    """Return what figures call the objective: ``validation MAE``."""
    metric = results.experiment.metric
    return f"validation {next((m.title for m in SHOWN if m.name == metric), metric)}"


def capitalised(text: str) -> str:
    """Return ``text`` with a capital at its start."""
    return text[:1].upper() + text[1:]


def numbered(entry: Entry) -> str:
    """Return what figures call a trial: ``trial 3``."""
    return f"trial {entry.numbers[0]}"


def jitter(key: str, width: float) -> float:
    """Return a shift of at most ``width`` / 2 either way, always the same for the same ``key``."""
    return (crc32(key.encode()) / 2**32 - 0.5) * width
