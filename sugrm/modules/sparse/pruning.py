"""The last layer, reduced to what reaches the last hidden steps.

Only they are read, so the last self attention has one query for each stream of an utterance, the
crossmodal attentions those that its window sees, and the input attention those and their sources.
"""

import torch
from torch import Tensor

from sugrm.modules.sparse.rows import Rows
from sugrm.modules.sparse.slots import Slots, by_pair, group_sizes, numbers
from sugrm.modules.sparse.stages import CrossStage, Layer, Stage
from sugrm.modules.sparse.windows import Windows


def pruned(layer: Layer, hidden: Rows, *, slots: Slots | None, last: Tensor) -> Layer:
    """Return the layer with the needed rows alone, its tables without inverses.

    Args:
        layer: the whole layer, of packed rows.
        hidden: the rows of the hidden sequences.
        slots: the crossmodal attentions; None for a single stream.
        last: [U] int64 the rows of the last hidden steps, in their order.
    """
    table = layer.own.windows.table[:, last]
    read = _some(len(hidden.owner), last, table)  # by the self attention
    given, cross = read, None
    if slots is not None and layer.cross is not None:
        given, cross = _cross(layer.cross, slots, hidden=hidden, read=read)
    number = numbers(read, len(hidden.owner))
    own = Stage(
        windows=Windows(table=number[table]),
        keep=number[last],
        sizes=group_sizes(hidden, last),
        given=group_sizes(hidden, read),
    )
    inputs = Stage(
        windows=Windows(table=layer.input.windows.table[:, given]),
        keep=given,
        sizes=group_sizes(hidden, given),
        given=hidden.sizes,
    )
    return Layer(input=inputs, cross=cross, own=own)


def _cross(
    cross: CrossStage, slots: Slots, *, hidden: Rows, read: Tensor
) -> tuple[Tensor, CrossStage]:
    """Return the hidden rows that the crossmodal attentions need, and their stage."""
    steps, slot_rows = len(hidden.owner), len(slots.rows.owner)
    computed = slots.computed()
    places = _mask(steps, read)[slots.hidden[computed]].nonzero()[:, 0]
    keep, table = computed[places], cross.windows.table[:, places]
    given = _some(steps, read, slots.hidden[table])
    available = _mask(steps, given)[slots.hidden].nonzero()[:, 0]
    number, hidden_number = numbers(available, slot_rows), numbers(given, steps)
    first, second = slots.sums(
        numbers(keep, slot_rows), hidden_number, computed=len(keep), given=len(given)
    )
    return given, CrossStage(
        windows=Windows(table=number[table]),
        keep=number[keep],
        sizes=by_pair(group_sizes(slots.rows, keep)),
        given=group_sizes(slots.rows, available),
        slots=hidden_number[slots.hidden[available]],
        first=first[read],
        second=None if second is None else second[read],
    )


def _some(size: int, *rows: Tensor) -> Tensor:
    """Return the rows that are named, each once, in their order."""
    return _mask(size, *rows).nonzero()[:, 0]


def _mask(size: int, *rows: Tensor) -> Tensor:
    mask = torch.zeros(size, dtype=torch.bool, device=rows[0].device)
    for some in rows:
        mask[some.flatten()] = True
    return mask
