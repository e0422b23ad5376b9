from sugrm.data import import_features, shared_utterances


def test_splits_that_share_ids_or_videos_are_named(save, tree, tmp_path):
    for number, (split, entries) in enumerate(tree.items()):
        entries["id"] = [f"{split}{row}$_$0" for row in range(len(entries["id"]))]
        if number:
            entries["id"][0] = f"both$_${number}"
    assert shared_utterances(import_features(save(tree), cache=tmp_path / "c")) == [
        "unaligned data: valid and test share 1 videos, as 'both'"
    ]
    tree["test"]["id"][0] = "train2$_$0"
    assert shared_utterances(import_features(save(tree), cache=tmp_path / "c")) == [
        "unaligned data: train and test share 1 ids, as 'train2$_$0'"
    ]
