"""What a model that was trained on a corpus expects, and the batches of a split."""

from dataclasses import fields

import numpy as np

from sugrm import resolve
from sugrm.data import ExpectedInputs
from sugrm.training.feed import build_feed
from sugrm.types import Modality, Split


def expected_of(corpus, **options):
    """Return what a model of all streams that was trained on a corpus expects."""
    widths = {Modality.AUDIO: corpus.audio_width, Modality.VISION: corpus.vision_width}
    if corpus.text_width is not None:
        widths[Modality.TEXT] = corpus.text_width
    given = {
        "dataset": corpus.dataset,
        "alignment": corpus.alignment,
        "streams": tuple(Modality),
        "widths": widths,
        "padded_lengths": corpus.padded_lengths,
    }
    return ExpectedInputs(**(given | options))


def batch_of(corpus, split=Split.TEST, *, padded=False, stored_ids=False):
    """Return all utterances of a split as one batch, padded fully where asked."""
    preset = ["mosi", "released" if padded else "paper"]
    options = {"preset": preset, "alignment": corpus.alignment, "model": {"text": {"name": "tiny"}}}
    feed = build_feed(resolve(options), corpus, split=split, stored_ids=stored_ids)
    return feed.batch(range(len(feed)))


def check_same(found, wanted, *, has_labels=False):
    """Compare two batches to the last bit; without labels those of the first are NaN."""
    for name in (field.name for field in fields(wanted)):
        one, other = getattr(found, name), getattr(wanted, name)
        if name == "labels" and not has_labels:
            assert one.isnan().all()
        elif other is None:
            assert one is None
        else:
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one.numpy(), other.numpy(), err_msg=name)
