"""Label steps equal those of the paper's released code."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sugrm.labels import SugrmLabels, ulgm
from sugrm.objectives import losses, multitask
from sugrm.types import Batch, ModelOutput, Task
from tests.golden.extract_ulgm import read_archive, read_extract

ARCHIVE = Path(__file__).parents[4] / "shared" / "golden" / "sugrm-mosi-aligned.npz"
NAMES = {
    Task.MULTIMODAL: "fusion",
    Task.TEXT: "text",
    Task.AUDIO: "audio",
    Task.VISION: "vision",
}
TOLERANCE = {"rtol": 0.0, "atol": 1e-5}


@pytest.fixture(scope="module", params=["extract", "archive"])
def golden(request):
    if request.param == "extract":
        return read_extract()
    if not ARCHIVE.exists():
        pytest.skip(f"the whole archive is not at ../shared/golden/{ARCHIVE.name}")
    return read_archive(ARCHIVE)


@pytest.fixture
def generator(golden):
    labels = SugrmLabels(clamp=3.0, zero_is_positive=True, extremes="shuffle", first_epoch=2)
    human = torch.tensor(golden["labels_m"])
    order = torch.tensor(golden["init_perm"])
    labels.reset(human, order, batch_size=int(golden["init_bs"]))
    bank = torch.tensor(golden["bank_start"])
    means = labels.state.mean_weights @ bank.double()
    labels.load_state_dict({**labels.state_dict(), "bank": bank, "means": means})
    return labels


def steps(golden):
    count = sum(name.endswith("/epoch") for name in golden)
    for number in range(count):
        prefix = f"steps/{number}/"
        yield {
            name.removeprefix(prefix): torch.tensor(array)
            for name, array in golden.items()
            if name.startswith(prefix)
        }


def output_of(step):
    features = {task: step[f"f_{name}"] for task, name in NAMES.items()}
    predictions = {task: step[f"pred/{task}"].flatten() for task in NAMES}
    present = {task: torch.ones(len(step["index"]), dtype=torch.bool) for task in NAMES}
    return ModelOutput(predictions=predictions, features=features, present=present)


def test_extremes_are_repeated_as_the_released_first_pass_repeats_them(golden, generator):
    for row, name in ((2, "feat_p3"), (3, "feat_n3")):
        counts = np.bincount(golden[name], minlength=96)
        assert generator.state.mean_weights[row].tolist() == (counts / counts.sum()).tolist()


def test_bound_labels_and_centres_equal_the_released_codes(golden, generator):
    for step in steps(golden):
        bound = ulgm.label_bound(*generator.state.means[2:].float())
        torch.testing.assert_close(bound, step["d_max"], **TOLERANCE)
        generator.after_backward(output_of(step), step["index"], epoch=int(step["epoch"]))
        generated = generator.generated()
        for task, labels in generated.items():
            expected = step[f"labels_after/{NAMES[task]}"]
            torch.testing.assert_close(labels, expected, **TOLERANCE)
        for row, sign in enumerate(("pos", "neg")):
            expected = step[f"centers_after/{sign}"]
            torch.testing.assert_close(generator.state.means[row].float(), expected, **TOLERANCE)
    assert not any(generator.take_counters().values())


def test_weighted_losses_equal_the_released_codes(golden, generator):
    human = torch.tensor(golden["labels_m"])
    for step in steps(golden):
        output, index = output_of(step), step["index"]
        generator.after_backward(output, index, epoch=int(step["epoch"]))
        for tasks in ((Task.MULTIMODAL,), *[(Task.MULTIMODAL, task) for task in list(NAMES)[1:]]):
            objective = multitask.MultitaskObjective(
                tasks=tasks,
                elementwise=losses.l1,
                weigh=lambda unimodal, y: losses.disagreement_weight(unimodal, y, floor=0.0),
                generator=generator,
                batch_size=16,
            )
            batch = Batch(audio=index, vision=index, labels=human[index], index=index)
            expected = sum(step[f"loss/{task}"] for task in tasks)
            torch.testing.assert_close(objective.loss(output, batch), expected, **TOLERANCE)
