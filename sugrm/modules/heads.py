"""Heads: the representation F* of a task and the sentiment read from it.

Source: Hwang & Kim 2023, Section 3.3: F* = ReLU(W1 F + b1), y = W2 F* + b2. The released code has
a second hidden layer, F* = W2 dropout(ReLU(W1 F + b1)) + b2, y = W3 F* + b3. Self-MM (Yu et al.
2021, as released): F* = ReLU(W1 dropout(F) + b1), y = W3 ReLU(W2 F* + b2) + b3.
"""

from torch import Tensor, nn


class OneLayerHead(nn.Module):
    """The paper's head; dropout stands between F* and the output."""

    def __init__(self, in_width: int, width: int, *, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Linear(in_width, width)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(width, 1)

    def forward(self, representation: Tensor) -> tuple[Tensor, Tensor]:
        """Return F* [B, width] and the sentiment [B] from [B, in_width]."""
        feature = self.hidden(representation).relu()
        return feature, self.out(self.dropout(feature)).squeeze(-1)


class TwoLayerHead(nn.Module):
    """The released code's head: no ReLU on F*."""

    def __init__(self, in_width: int, width: int, *, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Linear(in_width, width)
        self.dropout = nn.Dropout(dropout)
        self.project = nn.Linear(width, width)
        self.out = nn.Linear(width, 1)

    def forward(self, representation: Tensor) -> tuple[Tensor, Tensor]:
        """Return F* [B, width] and the sentiment [B] from [B, in_width]."""
        feature = self.project(self.dropout(self.hidden(representation).relu()))
        return feature, self.out(feature).squeeze(-1)


class ThreeLayerHead(nn.Module):
    """Self-MM's head: dropout before F*, two layers after it."""

    def __init__(self, in_width: int, width: int, *, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(in_width, width)
        self.project = nn.Linear(width, width)
        self.out = nn.Linear(width, 1)

    def forward(self, representation: Tensor) -> tuple[Tensor, Tensor]:
        """Return F* [B, width] and the sentiment [B] from [B, in_width]."""
        feature = self.hidden(self.dropout(representation)).relu()
        return feature, self.out(self.project(feature).relu()).squeeze(-1)


HEADS: dict[str, type[OneLayerHead] | type[TwoLayerHead]] = {
    "one_layer": OneLayerHead,
    "two_layer": TwoLayerHead,
}
