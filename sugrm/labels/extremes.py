"""How often an utterance with the highest or the lowest possible label counts in D_max.

The paper takes plain means. The released code makes one shuffled pass over the training set before
training: at every batch it appends all these utterances seen so far to its lists, so that
those of an early batch count more often. Both are functions of the order of that pass.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

ExtremeWeights = Callable[[Tensor, int], Tensor]
"""(order [N] int64, batch size) -> [N] repetitions."""


def equal_weights(order: Tensor, batch_size: int) -> Tensor:
    """Return [N] ones: every utterance counts once, whatever the order and ``batch_size``."""
    return torch.ones_like(order)


def shuffle_weights(order: Tensor, batch_size: int) -> Tensor:
    """Return [N] the number of batches from the utterance's own to the last of the pass.

    Args:
        order: [N] int64 rows in the order of the first pass, a permutation.
        batch_size: utterances of a batch, at least 1; the last batch may be smaller.
    """
    batch = torch.arange(len(order), device=order.device) // batch_size
    batches = -(-len(order) // batch_size)
    return torch.empty_like(order).index_copy(0, order, batches - batch)


EXTREME_WEIGHTS: Mapping[str, ExtremeWeights] = {
    "equal": equal_weights,
    "shuffle": shuffle_weights,
}
