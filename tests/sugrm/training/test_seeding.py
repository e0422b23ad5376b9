import pytest
import torch

from sugrm.errors import SugrmError
from sugrm.training.seeding import choose_device, generator_state, restore_generator_state

CPU = torch.device("cpu")


def test_a_restored_state_draws_the_same_again():
    state = generator_state(CPU)
    first = torch.rand(3)
    restore_generator_state(state, CPU)
    assert torch.equal(torch.rand(3), first)


def test_the_state_of_a_run_on_a_gpu_can_go_on_without_one():
    state = {**generator_state(CPU), "gpu": [torch.get_rng_state()]}
    restore_generator_state(state, CPU)


def test_another_value_is_no_generator_state():
    with pytest.raises(SugrmError, match="not a generator state: int, list"):
        restore_generator_state({"cpu": 1, "gpu": []}, CPU)


@pytest.mark.parametrize("name", ["gpu", "mps", "meta"])
def test_only_cpus_and_cuda_gpus_are_devices(name):
    with pytest.raises(SugrmError, match=f"'{name}' is not a device; expected auto, cpu, cuda"):
        choose_device(name)


@pytest.mark.parametrize(
    ("gpus", "name", "found"),
    [(0, "cuda", "no GPU"), (1, "cuda:1", "1 GPU"), (2, "cuda:2", "2 GPUs")],
)
def test_a_gpu_that_is_not_there_is_refused(monkeypatch, gpus, name, found):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    with pytest.raises(SugrmError, match=f"'{name}', but torch finds {found} here"):
        choose_device(name)
