"""The crossmodal attentions of a batch: two slots for each pair of streams, one each way.

A slot is a target stream that reads a source stream. Its rows are the target's hidden rows; the
rows of its partner, the slot of the other direction, are its keys.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from sugrm.modules.sparse.rows import Rows, packed_rows, padded_rows
from sugrm.modules.sparse.stages import CrossStage
from sugrm.modules.sparse.windows import Windows, window_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """The rows of the crossmodal attentions.

    Attributes:
        rows: rows of the slots, one group for each.
        hidden: [M] int64 hidden row of each slot row.
        found: for each of at most two slots of a stream: [N] int64 slot row of each hidden row and
            [N] bool whether its source is there; the second is None where streams have one.
        keep: [K] int64 slot rows whose source is there; None where all are computed.
    """

    rows: Rows
    hidden: Tensor
    found: tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor] | None]
    keep: Tensor | None

    @classmethod
    def of(
        cls, hidden: Rows, present: Tensor, *, pairs: tuple[tuple[int, int], ...], packed: bool
    ) -> "Slots":
        """Return the slots of a batch.

        Args:
            hidden: the rows of the hidden sequences.
            present: [S, B] bool, whether a stream of an utterance has a real frame.
            pairs: the crossmodal pairs, as numbers of streams.
            packed: whether the rows are those of real steps alone.
        """
        streams, batch = present.shape
        device = present.device
        targets = [target for pair in pairs for target in pair]
        sources = [source for pair in pairs for source in reversed(pair)]
        counts = hidden.count.view(streams, batch)
        count = torch.stack([counts[target] for target in targets])  # a list would be copied
        if packed:
            rows = packed_rows(count)
        else:
            rows = padded_rows(count, [hidden.sizes[target] // batch for target in targets])
        unit = torch.arange(batch, device=device)
        target_units = torch.cat([unit + target * batch for target in targets])
        heard = torch.cat([present[source] for source in sources])
        first, second = (_nth(targets, number, streams=streams) for number in range(2))
        if first is None:
            raise ValueError("expected every stream to be in a pair")

        def found(slots: list[int]) -> tuple[Tensor, Tensor]:
            own = torch.cat([unit + slot * batch for slot in slots])[hidden.owner]
            return rows.first[own] + hidden.place, heard[own]

        own_heard = heard[rows.owner]
        keep = own_heard.nonzero()[:, 0] if packed and not bool(heard.all()) else None
        return cls(
            rows=rows,
            hidden=hidden.first[target_units[rows.owner]] + rows.place,
            found=(found(first), None if second is None else found(second)),
            keep=keep,
        )

    def table(self, window: int) -> Tensor:
        """Return [window, K] int64: the slot rows that each computed slot row attends to."""
        rows = self.rows
        slots = len(rows.sizes)
        units = torch.arange(len(rows.count), device=rows.place.device).view(slots // 2, 2, -1)
        partner = units.flip(1).flatten()[rows.owner]
        start = rows.place + 1 - window
        table = window_table(start, window, first=rows.first[partner], count=rows.count[partner])
        return table if self.keep is None else table[:, self.keep]

    def computed(self) -> Tensor:
        """Return [K] int64 the slot rows that are computed."""
        if self.keep is None:
            return torch.arange(len(self.rows.owner), device=self.rows.owner.device)
        return self.keep

    def number(self) -> Tensor:
        """Return [M] int64: the number of each slot row among those that are computed."""
        if self.keep is None:
            return self.computed()
        return numbers(self.keep, len(self.rows.owner))

    def sums(
        self, number: Tensor, hidden: Tensor, *, computed: int, given: int
    ) -> tuple[Tensor, Tensor | None]:
        """Return the two rows whose sum each hidden row becomes, see ``CrossStage``.

        A row whose sources are all absent stays as it is.

        Args:
            number: [M] int64 number of each slot row among those that are computed.
            hidden: [N] int64 number of each hidden row among those that are given.
            computed: number of slot rows that are computed.
            given: number of hidden rows that are given.
        """
        (row, heard), other = self.found
        itself = hidden + computed
        if other is None:
            return torch.where(heard, number[row], itself), None
        row_2, heard_2 = other
        nothing = torch.full_like(itself, computed + given)
        first = torch.where(heard, number[row], torch.where(heard_2, nothing, itself))
        return first, torch.where(heard_2, number[row_2], nothing)


def _nth(targets: list[int], number: int, *, streams: int) -> list[int] | None:
    """Return the slot of each stream that is its first or second; None where one has none."""
    own = [[slot for slot, target in enumerate(targets) if target == m] for m in range(streams)]
    return [slots[number] for slots in own] if min(map(len, own)) > number else None


def numbers(some: Tensor, size: int) -> Tensor:
    """Return [size] int64: the number of each row among ``some``, anything for the others."""
    result = torch.zeros(size, dtype=torch.int64, device=some.device)
    result[some] = torch.arange(len(some), device=some.device)
    return result


def cross_stage(slots: Slots, windows: Windows) -> CrossStage:
    """Return the stage that computes all slot rows; packed, only those whose source is there.

    Args:
        slots: the slots of the batch.
        windows: the keys of those slot rows.
    """
    given = slots.rows.sizes
    keep = slots.keep
    computed = windows.table.shape[1]
    number = slots.number()
    hidden = torch.arange(len(slots.found[0][0]), device=number.device)
    first, second = slots.sums(number, hidden, computed=computed, given=len(hidden))
    return CrossStage(
        windows=windows,
        keep=keep,
        sizes=by_pair(given if keep is None else group_sizes(slots.rows, keep)),
        given=given,
        slots=slots.hidden,
        first=first,
        second=second,
    )


def by_pair(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the number of rows of each pair from those of its two slots."""
    return tuple(one + other for one, other in zip(sizes[::2], sizes[1::2], strict=True))


def group_sizes(rows: Rows, some: Tensor) -> tuple[int, ...]:
    """Return how many of some rows [M] each group has, read on the host."""
    groups = len(rows.sizes)
    units = len(rows.count) // groups
    counts = torch.bincount(rows.owner[some] // units, minlength=groups)
    return tuple(counts.tolist())
