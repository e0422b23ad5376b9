"""Timing MulT and the Transformer encoder."""

import pytest
import torch

from benchmarks.parts.corpora import TINY
from benchmarks.parts.dense import Setting, peak


@pytest.mark.slow
def test_the_peak_is_that_of_the_step_alone():
    """This process holds 2 GiB while it starts the one whose memory is measured."""
    held = torch.ones(2**29)
    assert peak(Setting(system="MulT", sizes=TINY, count=2), "ours") < 1024
    assert held[-1] == 1
