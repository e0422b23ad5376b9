import torch

from sugrm.modules.sparse.rows import packed_rows, padded_rows

COUNT = torch.tensor([[2, 1], [1, 3]])


def test_packed_rows_are_the_real_steps_group_by_group():
    rows = packed_rows(COUNT)
    assert rows.owner.tolist() == [0, 0, 1, 2, 3, 3, 3]
    assert rows.place.tolist() == [0, 1, 0, 0, 0, 1, 2]
    assert rows.first.tolist() == [0, 2, 3, 4]
    assert rows.sizes == (3, 4)


def test_padded_rows_give_all_units_of_a_group_the_same_number():
    rows = padded_rows(COUNT, [2, 3])
    assert rows.owner.tolist() == [0, 0, 1, 1, 2, 2, 2, 3, 3, 3]
    assert rows.place.tolist() == [0, 1, 0, 1, 0, 1, 2, 0, 1, 2]
    assert rows.first.tolist() == [0, 2, 4, 7]
    assert rows.count.tolist() == [2, 1, 1, 3]
    assert rows.sizes == (4, 6)
