"""The peak memory of a fit, in a process that fits one after another."""

import gc
import sys

import pytest
import torch

from sugrm.training import memory
from sugrm.training.run import TrainingRun

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone resets a process's peak")
CPU = torch.device("cpu")


@pytest.fixture
def peak_of(corpus, experiment):
    def fit(width):
        model = {"width": width, "encoder": {"name": "lstm"}}
        config = experiment({"model": model, "training": {"max_epochs": 1, "device": "cpu"}})
        run = TrainingRun(config, corpus, seed=1)
        run.run_epoch()
        peak = run.finish().peak_memory_mib
        del run
        gc.collect()
        return peak

    return fit


@pytest.mark.slow
@LINUX
def test_a_small_fit_after_a_large_one_records_its_own_peak(peak_of):
    """The large model's 5 million weights, gradients and moments take 80 MiB by themselves."""
    before, large, after = peak_of(8), peak_of(512), peak_of(8)
    assert large - before > 60
    assert after - before < (large - before) / 2


@LINUX
def test_memory_that_is_freed_again_counts_in_the_peak():
    assert memory.reset_peak(CPU)
    before = memory.peak_memory_mib(CPU)
    block = torch.ones(100 * 2**18)  # 100 MiB
    del block
    assert 90 < memory.peak_memory_mib(CPU) - before < 150


@pytest.mark.slow
def test_a_peak_that_cannot_be_reset_is_left_empty(monkeypatch, tmp_path, peak_of):
    """As without /proc; the folder is no file to write to."""
    monkeypatch.setattr(memory, "_CLEAR", tmp_path)
    assert not memory.reset_peak(CPU)
    assert peak_of(8) is None


def test_a_gpu_tells_the_peak_of_its_tensors_since_the_reset(monkeypatch):
    """CUDA is made up: its two questions are the narrowest seam."""
    asked = []
    monkeypatch.setattr("torch.cuda.reset_peak_memory_stats", asked.append)
    monkeypatch.setattr("torch.cuda.max_memory_allocated", lambda device: 3 * 2**20)
    device = torch.device("cuda")
    assert memory.reset_peak(device)
    assert asked == [device]
    assert memory.peak_memory_mib(device) == 3
