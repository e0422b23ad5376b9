"""Dropout's masks: PyTorch's, one number at a time, against four from 64 random bits."""

from collections.abc import Iterator
from functools import partial

import torch
from torch.nn import functional as F

from benchmarks.measuring import Case, Row, compare
from sugrm.modules.dropout import dropout

SIZES = ((2_500, 32), (2_500, 128), (50_000, 32))
PROBABILITY = 0.3


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the time of one dropout for the hidden rows of a batch, wider ones and many."""
    for shape in SIZES[:1] if quick else SIZES:
        values = torch.randn(shape)
        check(values)
        yield compare(
            Case(
                name=f"dropout of {shape[0]:,} x {shape[1]}",
                ours=partial(dropout, values, PROBABILITY, training=True),
                base=partial(F.dropout, values, PROBABILITY, training=True),
                against="torch.nn.functional.dropout",
                pairs=31,
                repeats=10,
            ),
            quick=quick,
        )


def check(values: torch.Tensor) -> None:
    """Raise an error where what is kept is not scaled as PyTorch scales it."""
    found = dropout(values, PROBABILITY, training=True)
    kept = found != 0
    torch.testing.assert_close(found[kept], values[kept] / (1 - PROBABILITY), rtol=1e-4, atol=0)
