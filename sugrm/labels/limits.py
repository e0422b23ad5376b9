"""The range of labels, human and generated."""

from dataclasses import dataclass

from sugrm.types import LABEL_BOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLimits:
    """The range of human labels and the limit of generated ones.

    Attributes:
        bound: human labels lie in [-bound, bound].
        clamp: generated labels are clamped to +-``clamp`` before the momentum; None does not clamp.
    """

    bound: float = LABEL_BOUND
    clamp: float | None = None


def in_range_of(bound: float, option: float) -> float:
    """Return an option that is given for labels in [-3, 3], for labels in [-bound, bound].

    >>> in_range_of(1.0, 3.0), in_range_of(3.0, 2.5)
    (1.0, 2.5)
    """
    return option * (bound / LABEL_BOUND)
