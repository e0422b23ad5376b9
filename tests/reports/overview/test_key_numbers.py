from reports.content.table import Text
from reports.ledger.reading.load import load_results
from reports.overview.key_numbers import key_numbers
from reports.render.cell_text import cell_text
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


def test_the_chosen_configuration_stands_beside_the_published_values(tmp_path):
    """Test MAE over seeds 1 and 2: (0.97 + 1.01) / 2 = 0.99, the paper's 0.703 below it.

    The baseline has a third seed, which its mean beside that of two seeds leaves out.

    Two seeds give neither an interval nor a verdict.
    """
    few = "2 seeds: no interval"
    none = "too few seeds (2, needs 5)"
    table = key_numbers(load_results(tiny_run(tmp_path)))
    assert [column.name for column in table.columns] == [
        *("metric", "mean", "interval", "baseline", "published", "difference", "seeds"),
    ]
    assert [[cell_text(cell) for cell in row] for row in table.rows] == [
        ["Test MAE", "0.990", few, "0.950", "0.703", f"+0.287 {none}", "2 / 2"],
        ["Test Corr", "0.670", few, "0.683", "0.800", f"-0.130 {none}", "2 / 2"],
        [
            *("Test Acc-2 negative / non-negative (%)", "75.2", few, "76.2"),
            *("84.4", f"-9.1 {none}", "2 / 2"),
        ],
        [
            *("Test Acc-2 negative / positive (%)", "77.3", few, "78.2"),
            *("86.3", f"-9.0 {none}", "2 / 2"),
        ],
    ]
    assert "confirmed and chosen on validation alone" in table.notes[0].text
    assert table.notes[1].text == (
        "Baseline: the fixed values of the space; compared over the 2 seeds that both have."
    )
    assert "states no number of seeds" in table.notes[2].text


def test_a_system_that_the_paper_lacks_has_no_empty_columns(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.confirmed("s0", 0, 1, 0.8, 0.9, model="other")
    table = key_numbers(load_results(builder.write()))
    assert "published" not in [column.name for column in table.columns]
    assert [cell_text(cell) for cell in table.rows[0]] == [
        "Test MAE",
        "0.900",
        "1 seed: no interval",
        "1 / 2",
    ]
    assert len(table.notes) == 1


def test_five_seeds_have_an_interval_and_a_verdict_that_no_width_makes_better(tmp_path):
    """Corr is 1 - MAE / 3: 0.8, 0.77, ... around the published 0.8, and far below it."""
    wide, far = (
        confirmed(tmp_path / name, maes)
        for name, maes in (
            ("wide", [0.3, 0.6, 0.9, 1.2, 0.0]),
            ("far", [0.9, 0.91, 0.9, 0.91, 0.9]),
        )
    )
    assert "no difference shown (half width 0.196)" in cell_text(
        row(wide, "Test Corr")["difference"]
    )
    assert cell_text(row(far, "Test Corr")["difference"]) == "-0.101 worse"
    assert cell_text(row(far, "Test MAE")["interval"]) == "[0.897, 0.911]"


def test_an_interval_beyond_the_range_of_its_metric_is_not_stated(tmp_path):
    """Acc-2 negative / positive is 1.02 - MAE / 4: its interval would pass 100 %, MAE's 0."""
    table = confirmed(tmp_path, [0.05, 0.2, 0.5])
    for metric in ("Test MAE", "Test Corr", "Test Acc-2 negative / positive (%)"):
        assert cell_text(row(table, metric)["interval"]) == "too wide to state"
    assert "too wide to state if it exceeds the range of the metric" in table.notes[0].text


def confirmed(folder, maes):
    builder = LedgerBuilder(folder)
    for seed, mae in enumerate(maes):
        builder.confirmed("a", 0, seed, mae, mae)
    seeds = list(range(len(maes)))
    return key_numbers(load_results(builder.write({**SPACE, "confirm": {"seeds": seeds}})))


def row(table, metric):
    cells = next(cells for cells in table.rows if cells[0] == Text(metric))
    return dict(zip((column.name for column in table.columns), cells, strict=True))


def test_before_a_confirmation_there_are_none(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, 0.9)
    assert key_numbers(load_results(builder.write())) is None
