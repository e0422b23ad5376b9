"""Self-MM's label steps equal those of its released code."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sugrm.labels import SelfMmLabels
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task
from tests.golden.record_self_mm import read_record

ARCHIVE = Path(__file__).parents[4] / "shared" / "golden" / "selfmm-mosi-aligned.npz"
NAMES = {
    Task.MULTIMODAL: "fusion",
    Task.TEXT: "text",
    Task.AUDIO: "audio",
    Task.VISION: "vision",
}
TOLERANCE = {"rtol": 0.0, "atol": 1e-5}


def begun(human, *, exclude_zero):
    labels = SelfMmLabels(bound=3.0, exclude_zero=exclude_zero, first_epoch=2)
    labels.reset(torch.tensor(human), torch.arange(len(human)), batch_size=16)
    return labels


def output_of(features):
    tensors = {task: torch.tensor(features[name]) for task, name in NAMES.items()}
    rows = len(tensors[Task.MULTIMODAL])
    return ModelOutput(
        predictions={},
        features=tensors,
        present={task: torch.ones(rows, dtype=torch.bool) for task in Task},
    )


def assert_labels(generator, expected):
    for task, labels in generator.generated().items():
        torch.testing.assert_close(labels, torch.tensor(expected[NAMES[task]]), **TOLERANCE)


@pytest.mark.parametrize("zero", ["excluded", "positive"])
def test_labels_equal_those_of_the_released_trainer(zero):
    record = read_record()
    generator = begun(record["human"], exclude_zero=zero == "excluded")
    after = record["labels_after"][f"zero {zero}"]
    for step, expected in zip(record["steps"], after, strict=True):
        output = output_of(step["features"])
        generator.after_backward(output, torch.tensor(step["index"]), epoch=step["epoch"])
        assert_labels(generator, expected)
    assert not any(generator.take_counters().values())


def test_the_two_settings_of_label_0_differ():
    after = read_record()["labels_after"]
    assert after["zero excluded"][-1] != after["zero positive"][-1]


def test_labels_equal_those_of_the_whole_archive():
    """Made with the settings that the release ships: there label 0 is positive."""
    if not ARCHIVE.exists():
        pytest.skip(f"the whole archive is not at ../shared/golden/{ARCHIVE.name}")
    numbers = np.load(ARCHIVE)
    human = numbers["ulgm/labels_m"]
    generator = begun(human, exclude_zero=False)
    state = generator.state_dict()
    for task, name in NAMES.items():
        state[f"features.{task}"] = torch.tensor(numbers[f"ulgm/banks_start/{name}"])
        state[f"filled.{task}"] = torch.ones(len(human), dtype=torch.bool)
    generator.load_state_dict(state)
    for step in range(3):
        prefix = f"ulgm/steps/{step}"
        output = output_of({name: numbers[f"{prefix}/f_{name}"] for name in NAMES.values()})
        index = torch.tensor(numbers[f"{prefix}/index"])
        generator.after_backward(output, index, epoch=int(numbers[f"{prefix}/epoch"]))
        names = [NAMES[task] for task in UNIMODAL_TASKS]
        assert_labels(generator, {name: numbers[f"{prefix}/labels_after/{name}"] for name in names})
    assert not any(generator.take_counters().values())
