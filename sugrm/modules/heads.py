"""Heads: the representation F* of a task and the sentiment read from it.

Source: Hwang & Kim 2023, Section 3.2.1 for the fusion head, Section 3.2.2 for the unimodal heads:
F* = ReLU(W1 F + b1), y = W2 F* + b2. The released code has a second hidden layer,
F* = W2 dropout(ReLU(W1 F + b1)) + b2, y = W3 F* + b3. MulT (Tsai et al., ACL 2019) and
SPT (Cheng et al., EMNLP 2021) add F itself to that F* in their released code.
Self-MM (Yu et al. 2021, as released): F* = ReLU(W1 dropout(F) + b1), y = W3 ReLU(W2 F* + b2) + b3.
"""

from torch import Tensor, nn


class OneLayerHead(nn.Module):
    """The paper's head: one hidden layer, with dropout between F* and the output."""

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
    """The released code's head: two hidden layers, without a ReLU on F*."""

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


class PooledHead(nn.Module):
    """BERT's pooler and a linear output: F* = tanh(W1 h_0 + b1), y = W2 dropout(F*) + b2.

    Source: Devlin et al. 2019 and BERT's released pooler; h_0 is the state of the first token,
    which represents the whole sequence.
    """

    def __init__(self, width: int, *, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(width, 1)

    def forward(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return F* [B, D] and the sentiment [B] from states [B, T, D]."""
        feature = self.hidden(states[:, 0]).tanh()
        return feature, self.out(self.dropout(feature)).squeeze(-1)


class ResidualHead(nn.Module):
    """The head of MulT and SPT: a residual block as wide as its input."""

    def __init__(self, width: int, *, dropout: float) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        self.project = nn.Linear(width, width)
        self.out = nn.Linear(width, 1)

    def forward(self, representation: Tensor) -> tuple[Tensor, Tensor]:
        """Return the block's output [B, width] and the sentiment [B] from [B, width]."""
        block = self.project(self.dropout(self.hidden(representation).relu()))
        feature = representation + block
        return feature, self.out(feature).squeeze(-1)


HEADS: dict[str, type[OneLayerHead] | type[TwoLayerHead]] = {
    "one_layer": OneLayerHead,
    "two_layer": TwoLayerHead,
}
