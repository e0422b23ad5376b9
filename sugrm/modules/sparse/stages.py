"""What every layer of the sparse phased transformer reads, as tables built once for a batch."""

from dataclasses import dataclass

from torch import Tensor

from sugrm.modules.sparse.rows import Rows
from sugrm.modules.sparse.windows import Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One attention with its feed-forward block.

    Attributes:
        windows: the keys of each query that is computed.
        keep: [M] int64 rows of those given that are computed; None computes all.
        sizes: number of computed rows of each group.
        given: number of given rows of each group.
    """

    windows: Windows
    keep: Tensor | None
    sizes: tuple[int, ...]
    given: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossStage(Stage):
    """The crossmodal attentions, each a slot: one target stream that reads one source stream.

    Attributes:
        slots: [M] int64 hidden row of each slot's rows.
        first: [N] int64 for each row that is computed the first row of its sum, among the slots'
            results, then the hidden rows, then one row of zeros.
        second: the second row; None where no stream has two slots.
    """

    slots: Tensor
    first: Tensor
    second: Tensor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer: input, cross and self attention; cross is None for a single stream."""

    input: Stage
    cross: CrossStage | None
    own: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All tables of a batch.

    Attributes:
        frames: rows of the frames, one group for each stream.
        hidden: rows of the hidden sequences, likewise.
        layers: the layers in their order.
        last: [S * B] int64 final row of each stream of each utterance.
        uniform: whether all groups of the hidden rows have equal sizes.
        packed: whether padding is left out.
    """

    frames: Rows
    hidden: Rows
    layers: tuple[Layer, ...]
    last: Tensor
    uniform: bool
    packed: bool
