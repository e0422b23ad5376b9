"""An epoch of SUGRM on real MOSI with a frozen text encoder, whose states are read.

The environment variable ``MOSI_UNALIGNED`` names the file; without it the part has no rows.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.epoch_shares import measured
from benchmarks.measuring import Row, at_most
from sugrm.data import import_features

BEFORE = 12.2
"""CPU seconds of an epoch at commit 4215d69, on the machine of docs/benchmarks.md."""


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the epoch's CPU seconds, validation included."""
    file = os.environ.get("MOSI_UNALIGNED")
    if file is None:
        return
    text = {"name": "tiny" if quick else "minilm", "finetune": False}
    layers = [{"model": {"text": text}, "training": {"device": "cpu"}}]
    epochs = 1 if quick else 3
    found = measured(import_features(Path(file)), layers, epochs=epochs)
    yield Row(
        case="epoch of SUGRM on MOSI, frozen text encoder",
        ours=found["epoch"],
        unit="CPU s",
        base=None if quick else BEFORE,
        against="commit 4215d69",
        pairs=epochs,
        aim=None if quick else at_most(4),
    )
