"""Heads of own systems: what they have to return."""

import pytest
import torch
from torch import nn

from sugrm.errors import PluginError
from sugrm.models.task_heads import read_heads
from sugrm.types import Modality


class Head(nn.Module):
    """Return features and a prediction of a vector."""

    def forward(self, vectors):
        return 2 * vectors, vectors.sum(dim=1)


def vectors():
    return {Modality.TEXT: torch.ones(2, 3), Modality.AUDIO: torch.full((2, 1), 5.0)}


def lengths():
    return {Modality.TEXT: torch.tensor([4, 1]), Modality.AUDIO: torch.tensor([2, 0])}


def test_the_multimodal_head_gets_all_streams_and_another_its_own():
    output = read_heads(nn.ModuleDict({"M": Head(), "A": Head()}), vectors(), lengths=lengths())
    assert output.predictions["M"].tolist() == [8.0, 3.0]  # an absent stream is a zero vector
    assert output.predictions["A"].tolist() == [5.0, 0.0]
    assert output.features["M"].tolist() == [[2, 2, 2, 10], [2, 2, 2, 0]]
    assert output.present["A"].tolist() == [True, False]


def test_a_head_may_return_a_list():
    head = Head()
    output = read_heads({"T": lambda given: [*head(given)]}, vectors(), lengths=lengths())
    assert output.predictions["T"].tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("head", "got"),
    [
        (nn.Linear(3, 1), "a tensor of shape [2, 1]"),
        (nn.Linear(3, 2), "a tensor of shape [2, 2]"),
        (lambda given: (given, given[:, :1]), "a tensor of shape [2, 3] and a tensor of shape"),
        (lambda given: (given[:, 0], given), "a tensor of shape [2] and a tensor of shape [2, 3]"),
        (lambda given: (given, None), "a tensor of shape [2, 3] and NoneType"),
        (lambda given: given.sum(), "a tensor of shape []"),
    ],
)
def test_a_head_that_does_not_return_features_and_a_prediction_is_named(head, got):
    """A tensor of two rows could be taken apart, and would train with nonsense."""
    with pytest.raises(PluginError) as caught:
        read_heads({"T": head}, vectors(), lengths=lengths())
    assert f"the head of the task T returned {got}" in str(caught.value)
    assert "; expected two tensors, the features [B, W]" in str(caught.value)
