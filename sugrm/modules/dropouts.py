"""The four dropout probabilities of a transformer, as Table 7 names them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropouts:
    """Probabilities of dropping a unit, in [0, 1).

    Attributes:
        attention: dropout probability on attention weights.
        relu: dropout probability after the ReLU of a feed-forward block.
        residual: dropout probability on a block's result before the residual sum.
        embedding: dropout probability on embedded inputs.
    """

    attention: float = 0.0
    relu: float = 0.0
    residual: float = 0.0
    embedding: float = 0.0
