import torch

from sugrm.modules.dense.visible import visible_keys


def test_under_the_future_mask_a_query_sees_its_own_and_earlier_keys():
    """Of utterances with (T, K) = (3, 3) and (2, 3): the second sees one key more."""
    visible = visible_keys(
        torch.tensor([3, 2]), torch.tensor([3, 3]), steps=3, key_steps=4, future_mask=True
    )
    assert visible.int().tolist() == [
        [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]],
        [[1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 0]],
    ]


def test_every_query_sees_a_key_even_of_an_absent_stream():
    lengths, key_lengths = torch.tensor([0, 3, 0]), torch.tensor([0, 0, 2])
    for future_mask in (True, False):
        visible = visible_keys(lengths, key_lengths, steps=4, key_steps=3, future_mask=future_mask)
        assert visible.any(-1).all()
