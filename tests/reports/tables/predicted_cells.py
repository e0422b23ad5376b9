"""Cells of an ablation with test predictions, and their tables over the utterances."""

import numpy as np

from reports.content.table import Text
from reports.ledger.reading.load import load_results
from reports.tables.utterance_tests import utterance_tests
from tests.reports.ledger_builder import SPACE

LABELS = np.random.default_rng(0).integers(-9, 10, 40).astype(np.float32) / 3


def predicted(builder, key, error, labels=LABELS):
    """Add test predictions that miss the labels by ``error`` times seeded noise."""
    noise = np.random.default_rng(len(builder.rows["predictions"])).normal(size=len(labels))
    values = (labels + error * noise).astype(np.float32)
    builder.rows["predictions"] += [
        {"key": key, "split": "test", "id": f"u{n:03}", "label": label, "prediction_M": value}
        for n, (label, value) in enumerate(zip(labels.tolist(), values.tolist(), strict=True))
    ]
    return values


def cell(builder, name, seed, error, **values):
    builder.cell(name, seed, 0.9, changes={} if name == "baseline" else {"a": 1}, **values)
    return predicted(builder, builder.rows["trials"][-1]["key"], error)


def built(builder, *cells):
    changes = {name: {} if name == "baseline" else {"a": 1} for name in ("baseline", *cells)}
    space = {**SPACE, "ablations": {"modules": changes}, "seeds": [1, 2]}
    return {table.name: table for table in utterance_tests(load_results(builder.write(space)))}


def row(table, *texts):
    (found,) = (row for row in table.rows if row[: len(texts)] == tuple(map(Text, texts)))
    return dict(zip((column.name for column in table.columns), found, strict=True))
