import pytest

from sugrm.config import SyntheticConfig
from sugrm.data import import_features, shared_utterances, small_splits, write_synthetic_pickle


def test_splits_that_share_ids_or_videos_are_named(save, tree, tmp_path):
    for number, (split, entries) in enumerate(tree.items()):
        entries["id"] = [f"{split}{row}$_$0" for row in range(len(entries["id"]))]
        if number:
            entries["id"][0] = f"both$_${number}"
    assert shared_utterances(import_features(save(tree), cache=tmp_path / "c")) == [
        "unaligned data: valid and test share 1 videos, as 'both'"
    ]
    corpus = import_features(save(tree), cache=tmp_path / "c")
    assert shared_utterances(corpus, names_one=False) == [
        "unaligned data: valid and test share 1 videos"
    ]
    tree["test"]["id"][0] = "train2$_$0"
    assert shared_utterances(import_features(save(tree), cache=tmp_path / "c")) == [
        "unaligned data: train and test share 1 ids, as 'train2$_$0'"
    ]


@pytest.mark.parametrize(
    ("valid", "test", "named"),
    [
        (49, 49, ["valid 49, test 49"]),
        (50, 49, ["test 49"]),
        (50, 50, []),
    ],
)
def test_splits_on_which_a_score_depends_much_on_chance_are_named(tmp_path, valid, test, named):
    path = tmp_path / "small.pkl"
    write_synthetic_pickle(path, SyntheticConfig(train=8, valid=valid, test=test))
    lines = small_splits(import_features(path, cache=tmp_path / "c"))
    assert lines == [
        f"unaligned data: few utterances ({one}): with fewer than 50 a score depends much on chance"
        for one in named
    ]
