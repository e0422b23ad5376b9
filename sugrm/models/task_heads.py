"""From one vector per stream to the output of a system with one head per task.

The multimodal head reads the vectors of all streams that the system reads, joined in the order of
``Modality``, a unimodal head its own. An absent stream, one without a real frame, gives a zero
vector; a stream that the system leaves out gives none.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sugrm.errors import PluginError
from sugrm.types import MODALITY_OF, Modality, ModelOutput, Task


def read_heads(
    heads: nn.ModuleDict, encoded: Mapping[Modality, Tensor], *, lengths: Mapping[Modality, Tensor]
) -> ModelOutput:
    """Return the predictions [B] and features [B, D] of every head's task.

    Args:
        heads: task -> module from a representation to F* [B, D] and the sentiment [B]. The head of
            the multimodal task gets the vectors of all streams joined, in the order text, audio,
            vision; each other head that of its stream.
        encoded: stream -> [B, D] vector, for each stream that the system reads.
        lengths: stream -> [B] int64 number of real frames; 0 marks an absent stream.

    Raises:
        PluginError: a head returns something else than these two tensors.
    """
    present = {m: lengths[m] > 0 for m in Modality if m in encoded}
    vectors = {m: encoded[m].float() * present[m][:, None] for m in present}
    predictions: dict[Task, Tensor] = {}
    features: dict[Task, Tensor] = {}
    there: dict[Task, Tensor] = {}
    # Label generation measures distances between the features: no autocast from here on.
    with torch.autocast(next(iter(present.values())).device.type, enabled=False):
        for name, head in heads.items():
            task = Task(name)
            if task is Task.MULTIMODAL:
                representation = torch.cat(list(vectors.values()), dim=-1)
                there[task] = torch.ones_like(next(iter(present.values())))
            else:
                representation = vectors[MODALITY_OF[task]]
                there[task] = present[MODALITY_OF[task]]
            features[task], predictions[task] = _pair(head(representation), task)
    return ModelOutput(predictions=predictions, features=features, present=there)


def _pair(returned: object, task: Task) -> tuple[Tensor, Tensor]:
    """Return what a head returned: features [B, W] and a prediction [B]."""
    given = list(returned) if isinstance(returned, tuple | list) else [returned]
    match given:
        case [Tensor(ndim=2) as features, Tensor(ndim=1) as prediction]:
            return features, prediction
    got = " and ".join(
        f"a tensor of shape {[*each.shape]}" if isinstance(each, Tensor) else type(each).__name__
        for each in given
    )
    raise PluginError(
        f"the head of the task {task} returned {got}; expected two tensors, the features [B, W] "
        "and the prediction [B]"
    )
