import numpy as np
import pytest

from sugrm.config.sections.data import SyntheticConfig
from sugrm.data import (
    StreamSummary,
    describe,
    import_features,
    write_synthetic,
)
from sugrm.types import Modality, Split


def test_a_corpus_is_described_split_by_split(save, tree, tmp_path):
    tree["train"]["audio"][0, 0, 0] = np.inf
    tree["train"]["vision"][2] = 0
    train, valid, test = describe(import_features(save(tree), cache=tmp_path / "c"))
    assert [row.split for row in (train, valid, test)] == list(Split)
    assert [row.utterances for row in (train, valid, test)] == [3, 2, 2]
    assert (train.label_mean, train.label_lowest, train.label_highest) == (0, -3, 3)
    assert train.label_counts == (1, 0, 0, 1, 0, 0, 1)
    assert train.streams == (
        StreamSummary(
            modality=Modality.TEXT,
            width=None,
            unit="tokens",
            shortest=3,
            median=3.0,
            longest=3,
            absent=0,
            repaired=0,
            padding="back",
        ),
        StreamSummary(
            modality=Modality.AUDIO,
            width=2,
            unit="frames",
            shortest=1,
            median=4.0,
            longest=6,
            absent=0,
            repaired=1,
            padding="back",
        ),
        StreamSummary(
            modality=Modality.VISION,
            width=3,
            unit="frames",
            shortest=2,
            median=3.5,
            longest=5,
            absent=1,
            repaired=0,
            padding="back",
        ),
    )


def test_text_without_tokens_is_counted_in_words(tmp_path):
    corpus = write_synthetic(SyntheticConfig(train=8, valid=4, test=4), cache=tmp_path)
    words = sorted(len(text.split()) for text in corpus.splits[Split.TEST].raw_text)
    text = describe(corpus)[2].streams[0]
    assert (text.unit, text.shortest, text.longest) == ("words", words[0], words[-1])
    assert text.median == (words[1] + words[2]) / 2


def test_a_stream_that_is_nowhere_present_has_lengths_of_0_and_no_padding(save, tree, tmp_path):
    for entries in tree.values():
        entries["vision"][:] = 0
    vision = describe(import_features(save(tree), cache=tmp_path / "c"))[1].streams[2]
    assert (vision.shortest, vision.median, vision.longest, vision.absent) == (0, 0.0, 0, 2)
    assert vision.padding == ""


@pytest.mark.parametrize(
    ("label", "place"), [(-3, 0), (-2.4, 1), (-0.4, 3), (0.6, 4), (2.5, 5), (3, 6)]
)
def test_labels_are_counted_at_the_nearest_of_seven_values(save, tree, tmp_path, label, place):
    tree["train"]["regression_labels"][:] = label
    (counts, _, _) = (
        each.label_counts for each in describe(import_features(save(tree), cache=tmp_path / "c"))
    )
    assert counts[place] == 3
