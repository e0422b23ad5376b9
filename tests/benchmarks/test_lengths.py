"""The scripts that measure an epoch of a feature file run, at tiny sizes."""

import re
import statistics

import pytest

from benchmarks import epoch_shares, similar_length
from sugrm.config import SyntheticConfig
from sugrm.data import write_synthetic_pickle


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "unaligned.pkl"
    sizes = SyntheticConfig(
        train=12, valid=4, test=4, audio_length=9, vision_length=7, text_length=8
    )
    write_synthetic_pickle(path, sizes)
    return path


@pytest.mark.slow
def test_the_shares_of_an_epoch_add_up(file, capsys):
    epoch_shares.main([str(file), "--epochs", "1", "--text", "tiny", "--set", "model.width=8"])
    frozen, tuned = capsys.readouterr().out.splitlines()[2:]
    assert (frozen.split()[0], tuned.split()[0]) == ("frozen", "fine-tuned")
    for row in (frozen, tuned):
        whole, *parts = map(float, re.findall(r"\d+\.\d+", row))
        assert len(parts) == len(epoch_shares.PARTS)
        assert sum(parts) == pytest.approx(whole, abs=0.05)
    assert re.match(r"frozen +[\d.]+ +0\.00 \(0%\)", frozen)  # its states are read from the cache
    assert not re.match(r"fine-tuned +[\d.]+ +0\.00", tuned)


def test_a_backward_pass_is_divided_where_it_crosses_the_outputs_of_the_encoders(monkeypatch):
    """It reaches the sequence encoder at 10 s, the text encoder at 13 s, and ends at 20 s."""
    clock = epoch_shares.Clock()
    monkeypatch.setattr("time.process_time", lambda: 20.0)
    crossed = {"sequence encoder": 10.0, "text encoder": 13.0}
    clock.backward(lambda: clock.crossed.update(crossed))()
    assert dict(clock.seconds) == {"text encoder": 7.0, "sequence encoder": 3.0}


@pytest.mark.slow
def test_both_ways_of_batches_are_compared(file, capsys):
    similar_length.main([str(file), "2", "1", "--text", "tiny"])
    said = capsys.readouterr().out
    for name in ("valid MAE", "test MAE", "test Corr", "CPU s an epoch"):
        number = r"[+-]?\d+\.\d{3}"
        row = rf"^{name} +{number} +{number} +{number} +\[{number}, {number}\]$"
        assert re.search(row, said, re.MULTILINE)


def test_an_interval_is_that_of_the_t_distribution():
    """Four differences, mean 2.5: t(0.975, 3) = 3.1824."""
    low, high = similar_length.interval([1, 2, 3, 4])
    half = 3.1824 * statistics.stdev([1, 2, 3, 4]) / 2
    assert (low, high) == pytest.approx((2.5 - half, 2.5 + half), abs=1e-3)
