"""From one vector per stream to the output of a system with one head per task.

The multimodal head reads the vectors of all streams that the system reads, joined in the order of
``Modality``, a unimodal head its own. An absent stream, one without a real frame, gives a zero
vector; a stream that the system leaves out gives none.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sugrm.types import MODALITY_OF, Modality, ModelOutput, Task


def read_heads(
    heads: nn.ModuleDict, encoded: Mapping[Modality, Tensor], *, lengths: Mapping[Modality, Tensor]
) -> ModelOutput:
    """Return the predictions [B] and features [B, D] of every head's task.

    Args:
        heads: task -> module from a representation to F* [B, D] and the sentiment [B].
        encoded: stream -> [B, D] vector, for each stream that the system reads.
        lengths: stream -> [B] int64 number of real frames; 0 marks an absent stream.
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
            features[task], predictions[task] = head(representation)
    return ModelOutput(predictions=predictions, features=features, present=there)
