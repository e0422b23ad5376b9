import numpy as np

from sugrm.data.cache.ragged import Ragged


def test_rows_of_unequal_length_are_views_of_one_array():
    first, empty, last = np.ones((2, 3)), np.ones((0, 3)), np.full((1, 3), 5)
    ragged = Ragged.pack([first, empty, last], 3)
    assert len(ragged) == 3
    assert ragged.lengths.tolist() == [2, 0, 1]
    assert ragged[1].shape == (0, 3)
    np.testing.assert_array_equal(ragged[2], [[5, 5, 5]])
    assert np.shares_memory(ragged[0], ragged.values)


def test_token_ids_keep_their_type():
    ragged = Ragged.pack([np.array([101, 102]), np.array([7])], 1, dtype=np.int64)
    assert ragged[0].dtype == np.int64
    assert ragged[1].tolist() == [[7]]
