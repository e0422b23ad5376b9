import pytest

from reports.ledger.reading.load import load_results
from reports.paper import available_tables
from tests.reports.ledger_builder import SPACE, LedgerBuilder
from tests.reports.paper.paper_runs import run


def test_tables_with_a_row_of_ours_and_the_loaded_splits_are_shown(tmp_path):
    assert available_tables([run(tmp_path, {"g": {"SUGRM": [0.8], "M": []}})]) == ("2", "4", "6")


def test_a_row_that_the_paper_lacks_fills_no_table(tmp_path):
    results = run(tmp_path, {"g": {"text only": [0.8]}}, sizes=())
    assert available_tables([results]) == ()


@pytest.mark.parametrize("sizes", [(), (200, 60, 60)])
def test_splits_that_no_trial_has_loaded_are_no_row_of_table_6(tmp_path, sizes):
    builder = LedgerBuilder(tmp_path)
    builder.searched(0, status="failed")
    results = load_results(builder.write(SPACE, sizes=sizes))
    assert available_tables([results]) == (("6",) if sizes else ())
