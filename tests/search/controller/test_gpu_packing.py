import pytest

from search.controller.gpu_packing import GpuShares
from search.trials.protocol import GpuMemory


def memory(peak, *, reserved=None, used=None, total=10_000):
    """The memory of a worker that is alone on its GPU, with 500 MiB of context."""
    reserved = peak if reserved is None else reserved
    used = reserved + 500 if used is None else used
    return GpuMemory(peak_mib=peak, reserved_mib=reserved, used_mib=used, total_mib=total)


def shares(gpus, *peaks):
    found = GpuShares(gpus)
    warnings = [found.measure(memory(peak)) for peak in peaks]
    return found, warnings


@pytest.mark.parametrize("gpus", [0.0, 1.0])
def test_a_whole_gpu_and_none_are_left_as_they_are(gpus):
    found, warnings = shares(gpus, 9_000)
    assert (found.share, found.alone, warnings) == (gpus, gpus, [None])


def test_the_first_trial_has_a_gpu_to_itself():
    found, _ = shares(0.25)
    assert (found.share, found.alone) == (1.0, 1.0)


def test_trials_that_fit_get_the_share_that_was_asked_for():
    """4 x (1000 + 500) MiB of 9000."""
    found, warnings = shares(0.25, 1_000)
    assert (found.share, warnings) == (0.25, [None])


def test_fewer_trials_share_a_gpu_where_the_memory_says_so():
    """3 x (2500 + 500) MiB fill the 9000; a share of 1/3 is rounded down to Ray's digits."""
    found, (warning,) = shares(0.25, 2_500)
    assert found.share == 0.3333
    assert warning == (
        "a trial takes 3000 MiB of a GPU's 10000: 3 fit on one, so each asks for 0.3333 of it and "
        "not 0.25"
    )


@pytest.mark.parametrize(("peak", "share"), [(1_750, 0.25), (1_751, 0.3333)])
def test_a_tenth_of_a_gpu_is_left_for_memory_that_fragments(peak, share):
    """4 x (1750 + 500) MiB fill 9000 of the 10000; four that take a MiB more do not fit."""
    found, _ = shares(0.25, peak)
    assert found.share == share


def test_the_hungriest_trial_decides_and_is_said_once():
    found, warnings = shares(0.25, 1_000, 4_000, 1_000, 4_000)
    assert found.share == 0.5
    assert [warning is not None for warning in warnings] == [False, True, False, False]


def test_a_trial_that_fills_a_gpu_has_it_alone():
    found, _ = shares(0.5, 9_800)
    assert found.share == 1.0


def test_what_others_take_of_a_shared_gpu_counts_for_nobody_twice():
    """Later trials see each other's memory as used; the context was measured on the first."""
    found, _ = shares(0.25, 1_000)
    found.measure(memory(1_000, used=8_000))
    assert found.share == 0.25


def test_trials_that_compute_on_the_cpu_share_as_asked():
    found = GpuShares(0.5)
    assert found.measure(None) is None
    assert found.share == 0.5
