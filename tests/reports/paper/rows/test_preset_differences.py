"""What a row's settings are compared with, and how what differs is named."""

import pytest

from reports.paper.rows.layouts import LAYOUTS
from reports.paper.scores import paper_table
from reports.published.cells import published_row
from reports.published.rows import row_settings
from reports.render.csv import csv_table
from sugrm.config import resolve
from tests.reports.paper.paper_runs import by_name, run, texts

SUGRM = {"preset": ["mosi", "paper"]}
QUICK = {"model": {"text": {"name": "minilm"}}, "training": {"max_epochs": 3}}


def config(*layers):
    """Return a resolved experiment as the ledger keeps it."""
    return resolve(*layers).model_dump(mode="json")


def settings_note(number, configs, **options):
    """Return the note under a table of the rows of ``configs``; None without it."""
    cells = {cell: [0.8, 0.8, 0.8] for cell in configs}
    results = run(options.pop("folder"), {"g": cells}, configs=configs, **options)
    lines = texts(by_name(paper_table(LAYOUTS[number], [results]), f"paper_table_{number}"))
    return next((line for line in lines if "presets" in line), None)


@pytest.mark.parametrize("dataset", ["mosi", "mosei"])
@pytest.mark.parametrize("number", list(LAYOUTS))
def test_every_row_of_the_paper_has_settings_to_be_compared_with(number, dataset):
    rows = {row for row in LAYOUTS[number].rows if published_row(number, dataset, row=row)}
    assert all(row_settings(number, dataset, row=row) for row in rows)


def test_a_row_at_its_preset_needs_no_note(tmp_path):
    loss = {"objective": {"loss": "l2"}}
    configs = {"L1": config(SUGRM), "L2": config(SUGRM, loss)}
    assert settings_note("8", configs, folder=tmp_path) is None


def test_what_all_rows_have_and_what_one_row_has_are_named(tmp_path):
    """L2 has its own loss, as its name says; Huber has lost it, and another rate."""
    slow = {"training": {"learning_rate": {"others": 1e-3}}}
    configs = {
        "L1": config(SUGRM, QUICK),
        "L2": config(SUGRM, QUICK, {"objective": {"loss": "l2"}}),
        "Huber": config(SUGRM, QUICK, slow),
    }
    assert settings_note("8", configs, folder=tmp_path) == (
        "MOSI: settings that differ from the systems' presets in the packaged spaces. "
        "every row: text minilm, max_epochs 3; Huber: loss l1, learning_rate.others 0.001."
    )


def test_each_system_is_compared_with_its_own_preset(tmp_path):
    configs = {
        "MulT": config({"preset": "mult"}, {"alignment": "unaligned"}),
        "SUGRM": config({"preset": ["mosi", "released"]}),
    }
    note = settings_note("2", configs, folder=tmp_path)
    assert "SUGRM: " in note
    assert "head two_layer, lengths ignored" in note
    assert "MulT" not in note


def test_another_encoder_is_named_and_what_one_of_both_lacks_is_not(tmp_path):
    other = config(SUGRM, {"model": {"encoder": {"name": "lstm"}}})
    note = settings_note("2", {"SUGRM": other}, folder=tmp_path)
    assert "encoder lstm" in note
    assert "stride" not in note


def test_synthetic_data_are_compared_with_the_settings_for_mosi(tmp_path):
    tiny = config(SUGRM, {"model": {"text": {"name": "tiny"}}})
    note = settings_note("2", {"SUGRM": tiny}, folder=tmp_path, dataset="synthetic")
    assert note.endswith("every row: text tiny.")


def test_an_option_that_an_older_ledger_lacks_is_not_compared(tmp_path):
    old = config(SUGRM)
    del old["training"]["warmup"], old["objective"]["labels"]
    assert settings_note("2", {"SUGRM": old}, folder=tmp_path) is None


def test_the_data_file_has_the_settings_of_each_row(tmp_path):
    configs = {"L1": config(SUGRM, QUICK)}
    results = run(tmp_path, {"g": {"L1": [0.8]}}, configs=configs)
    rows = csv_table(by_name(paper_table(LAYOUTS["8"], [results]), "paper_table_8_cells"))
    assert '"too few seeds (1, needs 5)","text minilm, max_epochs 3"' in rows
