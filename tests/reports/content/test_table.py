import pytest

from reports.content.table import Column, Table, Text


def test_a_row_that_does_not_fit_the_columns_is_refused():
    columns = (Column("a", "A"), Column("b", "B"))
    with pytest.raises(ValueError, match="row 1 of table 'scores' has 1 cells, expected 2"):
        Table(
            name="scores",
            title="Scores",
            columns=columns,
            rows=((Text("x"), Text("y")), (Text("x"),)),
        )
