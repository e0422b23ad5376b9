import json

import pytest

from reports.load import load_results
from reports.select import ablation_cells
from reports.table import Missing, Number, Style, Text
from reports.tables.beside_paper import beside_paper
from tests.reports.ledger_builder import SPACE, LedgerBuilder


def built(tmp_path, cells, *, ran, dataset="mosi", fine_tuned=(), **values):
    """Return the table of a group whose cells ``ran`` have one seed of MAE 0.9."""
    builder = LedgerBuilder(tmp_path)
    for name in ran:
        text = {"name": "minilm", "finetune": name in fine_tuned}
        config = json.dumps({"model": {"text": text}, "cell": name})
        builder.cell(name, 1, 0.9, group="g", config=config, changes=cells[name], **values)
    data = {**SPACE["data"], "dataset": dataset}
    space = {**SPACE, "data": data, "ablations": {"g": cells}, "seeds": [1]}
    results = load_results(builder.write(space))
    return beside_paper(results, "g", ablation_cells(results)["g"])


def row(table, name):
    (found,) = (row for row in table.rows if row[0] == Text(name))
    return dict(zip((column.name for column in table.columns), found, strict=True))


def test_a_cell_stands_beside_the_row_of_its_name(tmp_path):
    """Table 2, unaligned MOSI: MulT has MAE 0.889, Corr 0.686, Acc-2 81.1 negative / positive."""
    cells = {"text_only": {"a": 1}, "MulT": {"a": 2}, "SUGRM": {}}
    (table,) = built(tmp_path, cells, ran=["text_only", "MulT"])
    assert [each[0] for each in table.rows] == [Text("MulT"), Text("SUGRM")]
    found = row(table, "MulT")
    assert found["table"] == Text("2")
    assert found["test_mae"] == Number(0.9, Style.SCORE)
    assert found["mae_published"] == Number(0.889, Style.SCORE)
    assert found["mae_difference"].value == pytest.approx(0.011)
    assert found["mae_difference"].signed
    assert found["corr_published"] == Number(0.686, Style.SCORE)
    assert found["acc2_negative_positive_published"] == Number(0.811, Style.PERCENT)
    assert found["acc2_negative_positive_difference"].value == pytest.approx(0.795 - 0.811)


def test_what_has_not_run_is_not_filled_in(tmp_path):
    (table,) = built(tmp_path, {"MulT": {"a": 2}, "SUGRM": {}}, ran=["MulT"])
    found = row(table, "SUGRM")
    assert found["test_mae"] == Missing("missing")
    assert found["mae_published"] == Number(0.703, Style.SCORE)
    assert found["mae_difference"] == Missing()


def test_what_the_paper_does_not_print_is_missing(tmp_path):
    (table,) = built(tmp_path, {"SPT": {}}, ran=["SPT"])
    assert row(table, "SPT")["mae_published"] == Missing()
    assert row(table, "SPT")["mae_difference"] == Missing()


def test_the_alignment_of_the_trials_chooses_between_tables_1_and_2(tmp_path):
    (table,) = built(tmp_path, {"SUGRM": {}}, ran=["SUGRM"], alignment="aligned")
    assert row(table, "SUGRM")["table"] == Text("1")
    assert row(table, "SUGRM")["mae_published"] == Number(0.723, Style.SCORE)


def test_a_row_of_several_tables_is_of_the_one_that_has_most_of_the_cells(tmp_path):
    """SUGRM stands in Tables 2 and 4, SUGRM - MRM in Table 4 alone."""
    (table,) = built(tmp_path, {"SUGRM": {}, "SUGRM - MRM": {"a": 1}}, ran=["SUGRM"])
    assert [each[-1] for each in table.rows] == [Text("4"), Text("4")]


def test_cells_of_tasks_and_losses_are_found_too(tmp_path):
    (table,) = built(tmp_path, {"M,T": {}, "Huber": {"a": 1}}, ran=["M,T", "Huber"])
    assert [each[-1] for each in table.rows] == [Text("3"), Text("8")]


def test_the_notes_say_what_is_left_out_and_which_text_was_read(tmp_path):
    (table,) = built(tmp_path, {"text_only": {"a": 1}, "SUGRM": {}}, ran=["SUGRM"])
    assert [note.text for note in table.notes][1:] == [
        "Cells of which the paper has no row are left out.",
        "Text encoder of our cells: minilm (frozen).",
    ]


def test_a_cell_with_another_text_encoder_is_named(tmp_path):
    cells = {"MulT": {"a": 1}, "MCTN": {"a": 2}, "MAG-BERT": {"a": 3}}
    (table,) = built(tmp_path, cells, ran=list(cells), fine_tuned=["MAG-BERT"], alignment="aligned")
    assert table.notes[-1].text == (
        "Attention: the cells differ in their text encoder. minilm: MAG-BERT. "
        "The others: minilm (frozen)."
    )


@pytest.mark.parametrize(
    ("cells", "ran", "dataset"),
    [
        ({"sugrm": {}}, ["sugrm"], "mosi"),
        ({"SUGRM": {}}, ["SUGRM"], "synthetic"),
        ({"SUGRM": {}, "mine": {"a": 1}}, ["mine"], "mosi"),
    ],
)
def test_without_a_cell_of_the_paper_that_has_run_there_is_no_table(tmp_path, cells, ran, dataset):
    assert built(tmp_path, cells, ran=ran, dataset=dataset) == ()
