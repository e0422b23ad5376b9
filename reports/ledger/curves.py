"""Learning curves: a metric of each trial by epoch."""

import math

import pyarrow as pa


def read_curves(rows: pa.Table, column: str) -> dict[str, dict[int, float]]:
    """Return key -> epoch -> value of a column of ``epochs``, epochs in ascending order.

    A null is NaN. Of several rows of one epoch the last one counts.

    Args:
        rows: rows of ``epochs`` with the columns ``key``, ``epoch`` and ``column``.
        column: a column of numbers, such as ``valid_mae``.
    """
    ordered = rows.select(["key", "epoch", column]).sort_by("epoch")
    found: dict[str, dict[int, float]] = {}
    for key, epoch, value in zip(*(each.to_pylist() for each in ordered.columns), strict=True):
        found.setdefault(key, {})[epoch] = math.nan if value is None else float(value)
    return found
