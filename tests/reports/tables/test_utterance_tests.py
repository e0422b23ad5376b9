import pytest

from reports.content.table import Text
from reports.ledger.reading.load import load_results
from reports.render.markdown import markdown_table
from reports.tables.utterance_tests import utterance_tests
from tests.reports.ledger_builder import LedgerBuilder
from tests.reports.tables.predicted_cells import built, cell, predicted


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def test_the_configuration_that_validation_chose_has_a_table_of_its_own(builder):
    builder.searched(0)
    for rank, mae in enumerate((0.9, 0.8)):
        builder.confirmed("s0" if rank else "s1", rank, 1, mae, mae)
        predicted(builder, f"c{rank}-1", 1.0)
    tables = utterance_tests(load_results(builder.write()))
    assert [table.name for table in tables] == [
        "confirmed_utterances",
        "confirmed_utterances_by_seed",
    ]
    assert [row[0] for row in tables[0].rows] == [Text("2 (chosen)")]
    assert "only finished seed" in tables[0].notes[0].text


def test_an_ablation_has_its_mcnemar_tests_behind_its_intervals(builder):
    cell(builder, "baseline", 1, 0.1)
    cell(builder, "noisy", 1, 9.0)
    tables = built(builder, "noisy")
    assert list(tables) == [
        "ablation_modules_utterances",
        "ablation_modules_utterances_by_seed",
        "ablation_modules_mcnemar",
    ]
    assert tables["ablation_modules_mcnemar"].title.endswith("McNemar tests against baseline")


def test_a_run_without_predictions_has_no_table(builder):
    builder.cell("baseline", 1, 0.9)
    assert built(builder) == {}


def test_a_hostile_name_stays_in_its_cell(builder):
    cell(builder, "baseline", 1, 1.0)
    cell(builder, "a | b\n# c", 1, 2.0)
    for table in built(builder, "a | b\n# c").values():
        lines = markdown_table(table).splitlines()
        assert len([line for line in lines if line.startswith("|")]) == len(table.rows) + 2
