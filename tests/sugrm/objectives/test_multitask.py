import math

import numpy as np
import pytest
import torch

from sugrm.config.sections.objective import (
    HumanLabelsConfig,
    ObjectiveConfig,
    SelfMmLabelsConfig,
    SugrmLabelsConfig,
)
from sugrm.objectives import build_objective
from sugrm.types import Batch, ModelOutput, Task
from tests.host_synchronisation import NoHostSynchronisation

HUMAN = torch.tensor([3.0, -3.0, 1.0, -1.0, 0.0])
CONFIGS = {
    "paper": ObjectiveConfig(),
    "released": ObjectiveConfig(
        labels=SugrmLabelsConfig(clamp=3.0, zero_is_positive=True, extremes="shuffle")
    ),
    "floor, huber": ObjectiveConfig(loss="huber", weight_floor=0.3),
    "self-mm": ObjectiveConfig(labels=SelfMmLabelsConfig()),
    "human labels": ObjectiveConfig(loss="l2", labels=HumanLabelsConfig()),
    "multimodal only": ObjectiveConfig(tasks=(Task.MULTIMODAL,)),
    "two tasks": ObjectiveConfig(tasks=(Task.MULTIMODAL, Task.AUDIO)),
}


def begun(config, human=HUMAN):
    objective = build_objective(config, batch_size=2)
    objective.reset(human, torch.arange(len(human)), device="cpu")
    return objective


def step_input(seed=0, index=(0, 1, 3), tasks=tuple(Task), human=HUMAN):
    random = torch.Generator().manual_seed(seed)
    rows = torch.tensor(index)
    features = {t: torch.randn(len(rows), 4, generator=random, requires_grad=True) for t in tasks}
    predictions = {task: feature.sum(dim=1) for task, feature in features.items()}
    present = {task: torch.ones(len(rows), dtype=torch.bool) for task in tasks}
    frames = torch.zeros(len(rows), 1, 1)
    batch = Batch(audio=frames, vision=frames, labels=human[rows], index=rows)
    return ModelOutput(predictions=predictions, features=features, present=present), batch


def plain_output(predictions, present=None):
    rows = len(next(iter(predictions.values())))
    everyone = {task: torch.ones(rows, dtype=torch.bool) for task in predictions}
    features = {task: torch.zeros(rows, 1) for task in predictions}
    return ModelOutput(
        predictions={task: torch.tensor(values) for task, values in predictions.items()},
        features=features,
        present=everyone | (present or {}),
    )


def train(objective, epochs, start=1):
    for epoch in range(start, start + epochs):
        for number, index in enumerate([(0, 1, 4), (2, 3)]):
            objective.after_backward(*step_input(10 * epoch + number, index), epoch=epoch)


def test_the_papers_loss_by_hand():
    """Labels 1 and -1, text labels moved to 2 and -1; L1.

    M: (|0 - 1| + |1 + 1|) / 2 = 1.5. T: (tanh(1) * |0 - 2| + tanh(0) * |3 + 1|) / 2 = tanh(1).
    """
    human = torch.tensor([1.0, -1.0])
    objective = begun(ObjectiveConfig(tasks=(Task.MULTIMODAL, Task.TEXT)), human)
    labels = human.repeat(3, 1)
    labels[0, 0] = 2.0
    objective.load_state_dict({**objective.state_dict(), "labels": labels})
    output = plain_output({Task.MULTIMODAL: [0.0, 1.0], Task.TEXT: [0.0, 3.0]})
    _, batch = step_input(index=(0, 1), human=human)
    assert objective.loss(output, batch).item() == pytest.approx(1.5 + math.tanh(1.0))


def test_human_labels_learn_every_task_with_weight_1():
    """Labels 1 and -1; L2: M (1 + 4) / 2, T (1 + 16) / 2, A 0, V (4 + 4) / 2."""
    human = torch.tensor([1.0, -1.0])
    objective = begun(CONFIGS["human labels"], human)
    predictions = {
        Task.MULTIMODAL: [0.0, 1.0],
        Task.TEXT: [0.0, 3.0],
        Task.AUDIO: [1.0, -1.0],
        Task.VISION: [-1.0, 1.0],
    }
    _, batch = step_input(index=(0, 1), human=human)
    assert objective.loss(plain_output(predictions), batch).item() == pytest.approx(2.5 + 8.5 + 4.0)


def test_an_absent_stream_adds_nothing_and_gets_no_gradient():
    """Labels 1 and -1, audio of row 0 absent; L2: A (0 + 9) / 2, the rest 0."""
    human = torch.tensor([1.0, -1.0])
    config = ObjectiveConfig(
        tasks=(Task.MULTIMODAL, Task.AUDIO), loss="l2", labels=HumanLabelsConfig()
    )
    objective = begun(config, human)
    output = plain_output(
        {Task.MULTIMODAL: [1.0, -1.0], Task.AUDIO: [5.0, 2.0]},
        {Task.AUDIO: torch.tensor([False, True])},
    )
    audio = output.predictions[Task.AUDIO].requires_grad_()
    _, batch = step_input(index=(0, 1), human=human)
    loss = objective.loss(output, batch)
    loss.backward()
    assert loss.item() == pytest.approx(4.5)
    assert audio.grad.tolist() == [0.0, 3.0]


def test_unimodal_losses_are_0_while_labels_equal_the_human_ones():
    """Epochs 1 and 2 of the paper: the tanh of the difference is 0."""
    objective = begun(CONFIGS["paper"])
    output, batch = step_input()
    expected = objective.evaluation_loss(output.predictions[Task.MULTIMODAL], batch.labels)
    assert objective.loss(output, batch).item() == expected.item()


def test_the_loss_takes_the_labels_from_before_the_step():
    objective = begun(CONFIGS["paper"])
    train(objective, 2)
    output, batch = step_input(5)
    before = objective.loss(output, batch)
    objective.after_backward(output, batch, epoch=3)
    assert objective.loss(output, batch).item() != before.item()


def test_a_task_left_out_has_no_part_in_the_loss():
    everything, audio_only = (
        begun(CONFIGS["floor, huber"]),
        begun(CONFIGS["floor, huber"].model_copy(update={"tasks": (Task.MULTIMODAL, Task.AUDIO)})),
    )
    output, batch = step_input()
    audio_only.loss(output, batch).backward()
    graded = {task for task, feature in output.features.items() if feature.grad is not None}
    assert graded == {Task.MULTIMODAL, Task.AUDIO}
    assert everything.loss(output, batch) > audio_only.loss(output, batch)


def test_a_model_without_unimodal_heads_learns_the_multimodal_task():
    objective = begun(CONFIGS["paper"])
    output, batch = step_input(tasks=(Task.MULTIMODAL,))
    objective.after_backward(output, batch, epoch=2)
    expected = (output.predictions[Task.MULTIMODAL] - batch.labels).abs().mean()
    assert objective.loss(output, batch).item() == pytest.approx(expected.item())


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_a_step_never_waits_for_the_device(name):
    objective = begun(CONFIGS[name])
    output, batch = step_input()
    with NoHostSynchronisation():
        for epoch in (1, 2, 3):
            objective.loss(output, batch).backward(retain_graph=True)
            objective.after_backward(output, batch, epoch=epoch)


def test_the_guard_against_waiting_does_fail():
    with NoHostSynchronisation():
        with pytest.raises(AssertionError, match="_local_scalar_dense"):
            torch.ones(1).item()
        with pytest.raises(AssertionError, match="nonzero"):
            HUMAN[HUMAN > 0]


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_an_objective_continues_bit_for_bit(name):
    whole, resumed = begun(CONFIGS[name]), begun(CONFIGS[name])
    train(whole, 3)
    resumed.load_state_dict({key: value.clone() for key, value in whole.state_dict().items()})
    train(whole, 2, start=4)
    train(resumed, 2, start=4)
    output, batch = step_input(99)
    assert torch.equal(whole.loss(output, batch), resumed.loss(output, batch))
    assert whole.take_counters() == resumed.take_counters()


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("paper", "TAV"),
        ("self-mm", "TAV"),
        ("two tasks", "A"),
        ("multimodal only", ""),
        ("human labels", ""),
    ],
)
def test_labels_are_given_for_the_tasks_that_are_learnt_and_generated(name, letters):
    objective = begun(CONFIGS[name])
    train(objective, 3)
    labels = objective.labels()
    assert "".join(labels) == letters
    assert all(values.dtype == np.float32 and values.shape == (5,) for values in labels.values())


def test_labels_given_out_do_not_change_with_later_steps():
    objective = begun(CONFIGS["paper"])
    train(objective, 2)
    labels = objective.labels()["T"]
    kept = labels.copy()
    train(objective, 2, start=3)
    assert (labels == kept).all()
    assert (objective.labels()["T"] != kept).any()


def test_writing_into_the_labels_given_out_changes_no_loss():
    objective = begun(CONFIGS["paper"])
    train(objective, 2)
    output, batch = step_input(5)
    before = objective.loss(output, batch)
    objective.labels()["T"][:] = 9.0
    assert torch.equal(objective.loss(output, batch), before)


def test_counters_name_what_was_undefined_and_start_again_each_epoch():
    human = torch.tensor([2.0, -3.0, 1.0, -1.0, 0.0])
    objective = begun(CONFIGS["paper"], human)
    train(objective, 2)
    expected = {"undefined_label_bound": 5, "undefined_direction": 0, "undefined_centre": 0}
    assert objective.take_counters() == expected
    assert not any(objective.take_counters().values())


def test_labels_and_indices_are_asked_for():
    objective = begun(CONFIGS["paper"])
    output, batch = step_input()
    bare = Batch(audio=batch.audio, vision=batch.vision, labels=batch.labels)
    with pytest.raises(ValueError, match="has no labels or no index"):
        objective.loss(output, bare)


def test_half_precision_predictions_give_a_full_precision_loss():
    objective = begun(CONFIGS["floor, huber"])
    output, batch = step_input()
    halves = {task: values.bfloat16() for task, values in output.predictions.items()}
    lowered = ModelOutput(predictions=halves, features=output.features, present=output.present)
    assert objective.loss(lowered, batch).dtype == torch.float32
