"""What a trial takes of a GPU, by what the space says and by what is there."""

import pytest

from search.errors import SearchError
from search.gpus import check_precision, declared_gpus, gpu_use, gpus_of
from search.space.findings import SpaceError

CHOICE = "search.parameters={training.device: {choice: [cpu, cuda]}}"
CELLS = "ablations={one: {baseline: {}, fast: {training.device: auto}}}"


def device(name):
    return f"experiment.training.device={name}"


@pytest.mark.parametrize(
    ("changes", "found", "words"),
    [
        ([device("auto")], 2, "1 GPU each (resources.gpus: auto, 2 found)"),
        ([device("auto")], 0, "no GPU (resources.gpus: auto, none found)"),
        ([device("cpu")], 2, "no GPU (resources.gpus: auto, training.device: cpu)"),
        ([device("cuda")], 0, "1 GPU each (resources.gpus: auto, training.device: cuda)"),
        ([device("cpu"), CHOICE], 1, "1 GPU each (resources.gpus: auto, 1 found)"),
        ([device("cpu"), CELLS], 1, "1 GPU each (resources.gpus: auto, 1 found)"),
        ([device("cpu"), CELLS], 0, "no GPU (resources.gpus: auto, none found)"),
        ([device("auto"), "resources.gpus=0"], 2, "no GPU (resources.gpus: 0)"),
        ([device("auto"), "resources.gpus=1"], 0, "1 GPU each (resources.gpus: 1)"),
        ([device("cpu"), "resources.gpus=0.25"], 2, "0.25 of a GPU each (resources.gpus: 0.25)"),
        ([device("cpu"), "resources.gpus=0.2"], 2, "0.2 of a GPU each (resources.gpus: 0.2)"),
        (
            ["resources.gpus=0.4"],
            2,
            "0.4 of a GPU each (resources.gpus: 0.4, 0.2 of each GPU stays unused)",
        ),
    ],
)
def test_auto_is_one_gpu_where_there_is_one_and_a_trial_may_use_it(mini, changes, found, words):
    assert str(gpu_use(mini(*changes), found)) == words


def test_the_resources_of_a_trial_hold_the_number_and_the_rest_of_the_space(mini):
    space = mini(device("auto"), "resources={cpus: 3, timeout_minutes: 5}")
    expected = {**space.resources.model_dump(), "gpus": 1.0}
    assert gpu_use(space, 1).resources(space).model_dump() == expected
    assert (expected["cpus"], expected["timeout_minutes"]) == (3, 5.0)


def test_a_cluster_has_the_gpus_of_its_nodes_together():
    assert gpus_of([{"CPU": 4.0, "GPU": 2.0}, {"CPU": 64.0}, {"GPU": 1.0}]) == 3


@pytest.mark.parametrize(("found", "expected"), [(0, None), (2, 2)])
def test_a_local_ray_declares_the_gpus_that_pytorch_finds(monkeypatch, found, expected):
    """On WSL and a Jetson Ray finds none; where PyTorch finds none, Ray may look by itself."""
    monkeypatch.setattr("torch.cuda.device_count", lambda: found)
    assert declared_gpus() == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2", "a trial cannot use more than one GPU; got 2; expected auto, 0 for none, a share"),
        ("-0.5", "no number of GPUs; got -0.5; expected auto, 0 for none, a share below 1, or 1"),
        ("all", "no number of GPUs; got 'all'; expected auto"),
        (".nan", "no number of GPUs; got NaN; expected auto"),
        ("true", "no number of GPUs; got true; expected auto"),
        ("[1]", "no number of GPUs; got [1]; expected auto"),
    ],
)
def test_other_numbers_of_gpus_are_refused_in_one_line(mini, value, expected):
    with pytest.raises(SpaceError) as refused:
        mini(f"resources.gpus={value}")
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"--set resources.gpus={value}: resources.gpus: {expected}")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([device("cuda"), "resources.gpus=0"], "hides the GPUs from trials that have to use one"),
        ([device("cuda:1")], "a trial sees one GPU, the one assigned to it, as cuda:0"),
    ],
)
def test_a_device_that_no_trial_would_see_is_refused(mini, changes, expected):
    with pytest.raises(SpaceError, match=expected):
        mini(*changes)


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cpu", "auto"])
def test_a_device_that_a_trial_sees_is_not(mini, name):
    assert mini(device(name)).experiment_of().training.device == name


def test_float16_without_a_gpu_is_rejected_before_any_trial(mini):
    half = mini(device("auto"), "experiment.training.precision=float16")
    with pytest.raises(SearchError) as rejected:
        check_precision(half, gpu_use(half, 0))
    assert str(rejected.value) == (
        "training.precision is float16, which needs a GPU, but each trial has no GPU "
        "(resources.gpus: auto, none found); expected auto, float32 or bfloat16 without a GPU; "
        "add --set experiment.training.precision=auto"
    )
    check_precision(half, gpu_use(half, 1))
    check_precision(mini("experiment.training.precision=bfloat16"), gpu_use(half, 0))
