import math

import pyarrow as pa

from reports.ledger.curves import read_curves


def test_a_curve_is_in_the_order_of_epochs_and_nan_where_it_has_no_value():
    rows = pa.table(
        {
            "key": ["a", "a", "b", "a"],
            "epoch": [3, 1, 1, 2],
            "valid_mae": [0.3, 0.1, 0.5, None],
        }
    )
    curves = read_curves(rows, "valid_mae")
    assert curves["b"] == {1: 0.5}
    assert list(curves["a"]) == [1, 2, 3]
    assert (curves["a"][1], curves["a"][3]) == (0.1, 0.3)
    assert math.isnan(curves["a"][2])
