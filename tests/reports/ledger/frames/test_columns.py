import pytest

from reports.ledger.frames.columns import fitting


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, None], "Int64"),
        ([1, 2.5], "float64"),
        ([None, None], "float64"),
        ([True, None], "boolean"),
        (["spt", None], "str"),
        ([[1, 2], None], "object"),
        ([True, 1], "object"),
        (["auto", 1], "object"),
        ([2**70], "object"),
    ],
)
def test_a_column_has_the_dtype_that_holds_all_values(values, dtype):
    column = fitting(values)
    assert column.dtype == dtype
    pairs = zip(column, column.isna(), strict=True)
    assert [None if missing else value for value, missing in pairs] == values
