"""Random splits with the lengths of MOSI or MOSEI, in the form that an evaluation reads."""

import numpy as np

from benchmarks.parts.corpora import Sizes, lengths_of, sequences_of
from sugrm.data import Utterances
from sugrm.data.cache.content import SplitContent
from sugrm.data.cache.ragged import Ragged
from sugrm.training.feed import Feed
from sugrm.types import Modality


def random_feed(
    sizes: Sizes, *, count: int, vocabulary: int | None = None, pads_fully: bool = False
) -> Feed:
    """Return a split of random utterances with real lengths in random order.

    Args:
        sizes: the sizes of the corpus.
        count: N.
        vocabulary: the number of token ids to draw from; None gives text features.
        pads_fully: True pads every batch to ``sizes.steps``, False to its longest.
    """
    random = np.random.default_rng(0)
    lengths = lengths_of(sizes, "real", count=count, random=random)
    streams = {
        m: Ragged.pack([*sequences_of(lengths[m], width, random=random)], width)
        for m, width in sizes.widths.items()
        if m is not Modality.TEXT or vocabulary is None
    }
    tokens = None
    if vocabulary is not None:
        tokens = [random.integers(vocabulary, size=steps) for steps in lengths[Modality.TEXT]]
    content = SplitContent(
        ids=[str(row) for row in range(count)],
        raw_text=[""] * count,
        labels=np.linspace(-3, 3, count, dtype=np.float32),
        streams=streams,
    )
    return Feed(
        utterances=Utterances(content),
        tokens=tokens,
        segments=None,
        words=None,
        padded_lengths=dict(sizes.steps) if pads_fully else None,
        text_steps=sizes.steps[Modality.TEXT],
    )
