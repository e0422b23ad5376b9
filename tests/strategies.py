"""Hypothesis strategies of the whole test suite."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st


@dataclass(frozen=True)
class LabelSituation:
    """A moment of label generation: N utterances, a batch of B of them, features D wide.

    ``features`` [4, B, D] and ``present`` [4, B] are in the order M, T, A, V; ``previous`` [3, N]
    in the order T, A, V.
    """

    human: np.ndarray
    previous: np.ndarray
    bank: np.ndarray
    features: np.ndarray
    present: np.ndarray
    index: np.ndarray
    order: np.ndarray
    batch_size: int
    epoch: int


@st.composite
def label_situations(draw, *, human=(-3.0, -1.4, -0.2, 0.0, 0.6, 3.0)):
    """Draw a moment; ``human`` are the labels to draw from, so some or all extremes may lack."""
    count = draw(st.integers(1, 9), label="N")
    labels = draw(st.lists(st.sampled_from(human), min_size=count, max_size=count))
    index = draw(st.lists(st.integers(0, count - 1), min_size=1, unique=True))
    width = draw(st.integers(1, 5), label="D")
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1), label="seed"))
    scale = draw(st.sampled_from([0.01, 1.0, 30.0]))
    return LabelSituation(
        human=np.array(labels, np.float32),
        previous=random.uniform(-3, 3, (3, count)).astype(np.float32),
        bank=random.normal(size=(count, width)).astype(np.float32),
        features=(scale * random.normal(size=(4, len(index), width))).astype(np.float32),
        present=np.concatenate(
            [np.ones((1, len(index)), bool), random.random((3, len(index))) < 0.8]
        ),
        index=np.array(index),
        order=random.permutation(count),
        batch_size=draw(st.integers(1, count)),
        epoch=draw(st.integers(1, 12)),
    )


@dataclass(frozen=True)
class RelativeSituation:
    """A moment of Self-MM's label generation: N utterances, a batch of B of them.

    ``banks`` [N, D] and ``features`` [B, D] are lists in the order M, T, A, V, each of a width of
    its own; ``filled`` [4, N] and ``present`` [4, B] likewise; ``previous`` [3, N] in the order
    T, A, V.
    """

    human: np.ndarray
    previous: np.ndarray
    banks: list
    filled: np.ndarray
    features: list
    present: np.ndarray
    index: np.ndarray
    epoch: int


@st.composite
def relative_situations(draw):
    """Draw a moment; signs may lack among the labels, and features in the banks."""
    count = draw(st.integers(1, 9), label="N")
    index = draw(st.lists(st.integers(0, count - 1), min_size=1, unique=True), label="index")
    values = st.sampled_from((-3.0, -1.4, -0.2, 0.0, 0.6, 3.0))
    labels = draw(st.lists(values, min_size=4 * count, max_size=4 * count), label="labels")
    human, *previous = np.array(labels, np.float32).reshape(4, count)
    widths = draw(st.lists(st.integers(1, 4), min_size=4, max_size=4), label="widths")
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1), label="seed"))
    share = draw(st.sampled_from([0.7, 1.0]), label="filled")
    scale = draw(st.sampled_from([0.01, 1.0, 30.0]), label="scale")

    def drawn(rows):
        return [(scale * random.normal(size=(rows, d))).astype(np.float32) for d in widths]

    filled = random.random((4, count)) < share
    banks = [bank * held[:, None] for bank, held in zip(drawn(count), filled, strict=True)]
    return RelativeSituation(
        human=human,
        previous=np.stack(previous),
        banks=banks,
        filled=filled,
        features=drawn(len(index)),
        present=np.concatenate(
            [np.ones((1, len(index)), bool), random.random((3, len(index))) < 0.8]
        ),
        index=np.array(index),
        epoch=draw(st.integers(1, 12), label="epoch"),
    )


@st.composite
def ragged_sequences(draw, *, width, most=6):
    """Draw up to six float32 sequences [T, width] of unequal length, T = 0 included."""
    lengths = draw(st.lists(st.integers(0, most), min_size=1, max_size=6), label="lengths")
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1), label="seed"))
    return [random.normal(size=(length, width)).astype(np.float32) for length in lengths]
