"""The masks of padding and of the future, for padded queries and keys."""

import torch
from torch import Tensor

from sugrm.modules.positions import real_frames


def visible_keys(
    lengths: Tensor, key_lengths: Tensor, *, steps: int, key_steps: int, future_mask: bool
) -> Tensor:
    """Return which keys each query may attend.

    With the mask, query t sees the keys up to t + abs(K - T) of its utterance's own lengths T
    and K, as MulT's released code widens the causal mask where the two differ.

    Args:
        lengths: [B] int64 number of real queries.
        key_lengths: [B] int64 number of real keys; an absent stream keeps its first key, because
            each query needs one.
        steps: T, the number of steps to which the queries are padded.
        key_steps: K, the number of steps to which the keys are padded.
        future_mask: True hides later keys.

    Returns:
        [B, T, K] bool, or [B, 1, K] where all queries see the same.
    """
    real = real_frames(key_lengths.clamp(min=1), key_steps)[:, None]
    if not future_mask:
        return real
    own = torch.arange(steps, device=lengths.device)
    latest = own + (key_lengths - lengths).abs()[:, None]
    return real & (torch.arange(key_steps, device=lengths.device) <= latest[..., None])
