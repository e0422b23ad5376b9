"""From the lengths of a batch to the tables of every layer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from sugrm.modules.sparse.pruning import pruned
from sugrm.modules.sparse.rows import Rows, packed_rows, padded_rows
from sugrm.modules.sparse.slots import Slots, cross_stage
from sugrm.modules.sparse.stages import Layer, Plan, Stage
from sugrm.modules.sparse.windows import Back, Windows, inverse, shifted, window_table
from sugrm.modules.sparse_pattern import SparsePattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Builds the tables of a batch.

    Attributes:
        pattern: the keys that each query sees.
        layers: how often the shared layer is applied, at least 1.
        pairs: the crossmodal pairs, as numbers of streams.
    """

    pattern: SparsePattern
    layers: int
    pairs: tuple[tuple[int, int], ...]

    def packed(self, lengths: Tensor, *, training: bool, gradient: bool) -> Plan:
        """Return the tables of the real steps alone, which reads the lengths on the host.

        The last layer computes only what reaches the last hidden steps.

        Args:
            lengths: [S, B] int64 number of frames of each stream; 0 marks an absent one.
            training: whether the phase has noise.
            gradient: whether a backward pass follows.
        """
        inverted = gradient and lengths.device.type == "cpu"  # elsewhere the device sums itself
        frames, steps = self._counts(lengths)
        hidden, frame_rows = packed_rows(steps), packed_rows(frames)
        slots = Slots.of(hidden, lengths > 0, pairs=self.pairs, packed=True) if self.pairs else None
        layers = self._layers(frame_rows, hidden, slots=slots, training=training, back=inverted)
        last = hidden.first + hidden.count - 1
        final = pruned(layers[-1], hidden, slots=slots, last=last)
        if inverted:
            final = _inverted(final, frames=len(frame_rows.owner))
        return Plan(
            frames=frame_rows,
            hidden=hidden,
            layers=(*layers[:-1], final),
            last=torch.arange(len(last), device=last.device),
            uniform=False,
            packed=True,
        )

    def padded(
        self, lengths: Tensor, padded: Sequence[int], *, training: bool, uniform: bool
    ) -> Plan:
        """Return the tables of padded sequences, without a wait for the device.

        Args:
            lengths: [S, B] int64 number of frames of each stream; 0 marks an absent one.
            padded: number of frames to which each stream is padded.
            training: whether the phase has noise.
            uniform: True pads all hidden sequences to the longest, so that one operation serves all
                streams.
        """
        frames, steps = self._counts(lengths)
        most = [-(-one // self.pattern.stride) for one in padded]
        if uniform:
            most = [max(most)] * len(most)
        hidden, frame_rows = padded_rows(steps, most), padded_rows(frames, padded)
        slots = None
        if self.pairs:
            slots = Slots.of(hidden, lengths > 0, pairs=self.pairs, packed=False)
        layers = self._layers(frame_rows, hidden, slots=slots, training=training, back=False)
        return Plan(
            frames=frame_rows,
            hidden=hidden,
            layers=tuple(layers),
            last=hidden.first + hidden.count - 1,
            uniform=uniform,
            packed=False,
        )

    def _counts(self, lengths: Tensor) -> tuple[Tensor, Tensor]:
        frames = lengths.clamp(min=1)
        return frames, (frames + self.pattern.stride - 1) // self.pattern.stride

    def _layers(
        self, frames: Rows, hidden: Rows, *, slots: Slots | None, training: bool, back: bool
    ) -> list[Layer]:
        _, cross, near = self.pattern.windows
        inputs = self._input_windows(frames, hidden, training=training, back=back)
        first, count = hidden.first[hidden.owner], hidden.count[hidden.owner]
        table = window_table(hidden.place + 1 - near, near, first=first, count=count)
        own = layered(table, hidden, layers=self.layers, back=back)
        result = [
            Layer(input=_all(inputs[layer], hidden), cross=None, own=_all(own[layer], hidden))
            for layer in range(self.layers)
        ]
        if slots is None:
            return result
        others = layered(slots.table(cross), slots.rows, layers=self.layers, back=back)
        stage = cross_stage(slots, others[0])
        return [
            replace(layer, cross=replace(stage, windows=windows))
            for layer, windows in zip(result, others, strict=True)
        ]

    def _input_windows(
        self, frames: Rows, hidden: Rows, *, training: bool, back: bool
    ) -> list[Windows]:
        pattern = self.pattern
        window = pattern.windows[0]
        first, count = frames.first[hidden.owner], frames.count[hidden.owner]
        start = (
            (hidden.place + 1) * pattern.stride - window + pattern.phase_shift(hidden.place, count)
        )
        if not (training and pattern.noisy):
            table = window_table(start, window, first=first, count=count)
            if not pattern.phase:
                return [_windows(table, frames, back=back)] * self.layers
            return layered(table, frames, layers=self.layers, back=back)
        steps = hidden.count[hidden.owner]
        starts = [start + layer + pattern.noise(count, steps) for layer in range(self.layers)]
        tables = [window_table(one, window, first=first, count=count) for one in starts]
        return [_windows(table, frames, back=back) for table in tables]


def _windows(table: Tensor, keys: Rows, *, back: bool) -> Windows:
    return Windows(table=table, back=inverse(table, len(keys.owner)) if back else None)


def _all(windows: Windows, rows: Rows) -> Stage:
    return Stage(windows=windows, keep=None, sizes=rows.sizes, given=rows.sizes)


def _inverted(layer: Layer, *, frames: int) -> Layer:
    """Return the layer with the inverses of its tables."""

    def with_back(windows: Windows, keys: int) -> Windows:
        return replace(windows, back=inverse(windows.table, keys))

    cross = layer.cross
    return Layer(
        input=replace(layer.input, windows=with_back(layer.input.windows, frames)),
        cross=cross and replace(cross, windows=with_back(cross.windows, len(cross.slots))),
        own=replace(layer.own, windows=with_back(layer.own.windows, sum(layer.own.given))),
    )


def layered(table: Tensor, keys: Rows, *, layers: int, back: bool) -> list[Windows]:
    """Return the windows of every layer: each sees one place later than the layer before.

    Args:
        table: [window, M] int64 key rows of layer 0.
        keys: the rows of the keys.
        layers: number of layers.
        back: whether the inverses are wanted.
    """
    first, count = keys.first[keys.owner], keys.count[keys.owner]
    inverted = inverse(table, len(keys.owner)) if back else None
    result = [Windows(table=table, back=inverted)]
    for layer in range(1, layers):
        later = shifted(keys.place, layer, first=first, count=count)
        own = inverted and Back(
            order=inverted.order,
            offsets=inverted.offsets,
            undo=shifted(keys.place, -layer, first=first, count=count),
        )
        moved = later.index_select(0, table.flatten()).view_as(table)
        result.append(Windows(table=moved, back=own))
    return result
