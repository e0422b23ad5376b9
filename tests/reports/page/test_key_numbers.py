from reports.load import load_results
from reports.page import key_numbers
from reports.render.cells import cell_text
from tests.reports.ledger_builder import LedgerBuilder, tiny_run


def test_the_chosen_configuration_stands_beside_the_published_values(tmp_path):
    """Test MAE over seeds 1 and 2: (0.97 + 1.01) / 2 = 0.99, the paper's 0.703 below it."""
    table = key_numbers(load_results(tiny_run(tmp_path)))
    assert [column.name for column in table.columns] == [
        *("metric", "mean", "interval", "published", "difference", "seeds"),
    ]
    assert [[cell_text(cell) for cell in row] for row in table.rows] == [
        ["Test MAE", "0.990", "[0.736, 1.244]", "0.703", "+0.287 worse", "2 / 2"],
        ["Test Corr", "0.670", "[0.585, 0.755]", "0.800", "-0.130 worse", "2 / 2"],
        [
            *("Test Acc-2 negative / non-negative (%)", "75.2", "[68.9, 81.6]"),
            *("84.4", "-9.1 worse", "2 / 2"),
        ],
        [
            *("Test Acc-2 negative / positive (%)", "77.3", "[70.9, 83.6]"),
            *("86.3", "-9.0 worse", "2 / 2"),
        ],
    ]
    assert "chosen on validation alone" in table.notes[0].text
    assert "states no number of seeds" in table.notes[1].text


def test_a_system_that_the_paper_lacks_has_no_empty_columns(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.confirmed("s0", 0, 1, 0.8, 0.9, model="other")
    table = key_numbers(load_results(builder.write()))
    assert "published" not in [column.name for column in table.columns]
    assert [cell_text(cell) for cell in table.rows[0]] == ["Test MAE", "0.900", "-", "1 / 2"]
    assert len(table.notes) == 1


def test_before_a_confirmation_there_are_none(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.9)
    assert key_numbers(load_results(builder.write())) is None
