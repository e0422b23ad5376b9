import pytest
import torch

from sugrm.errors import PluginError
from sugrm.models.inputs import multimodal_output
from sugrm.objectives.output_checks import check_output
from sugrm.types import Batch, ModelOutput, Task

BATCH = Batch(audio=torch.zeros(3, 2, 1), vision=torch.zeros(3, 2, 1))


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (torch.zeros(3), "own returned Tensor; expected a ModelOutput"),
        (
            multimodal_output(torch.zeros(3, 2), torch.zeros(3, 1)),
            r"shape \[3, 1\]; expected \[3\]",
        ),
        (multimodal_output(torch.zeros(3, 2), torch.zeros(2)), r"task M of shape \[2\]"),
        (multimodal_output(torch.zeros(3), torch.zeros(3)), r"features .*; expected \[3, D\]"),
        (ModelOutput(predictions={}, features={}, present={}), "no prediction of the task M"),
        (
            ModelOutput(
                predictions={Task.MULTIMODAL: torch.zeros(3), Task.TEXT: torch.zeros(())},
                features={},
                present={},
            ),
            r"task T of shape \[\]",
        ),
    ],
)
def test_a_shape_that_would_be_broadcast_is_refused(output, message):
    with pytest.raises(PluginError, match=message):
        check_output(output, BATCH, model="own")


def test_one_number_for_each_utterance_passes():
    check_output(multimodal_output(torch.zeros(3, 2), torch.zeros(3)), BATCH, model="own")
