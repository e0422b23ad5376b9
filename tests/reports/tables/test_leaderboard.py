import json

import pytest

from reports.content.table import Missing, Number, Style, Text
from reports.ledger.reading.load import load_results
from reports.tables.leaderboard import leaderboard, value_cell
from tests.reports.ledger_builder import SEEDS, SPACE, LedgerBuilder


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def column(table, name):
    place = [column.name for column in table.columns].index(name)
    return [row[place] for row in table.rows]


def test_the_leaderboard_shows_no_test_metric(builder):
    builder.searched(0, 0.9, test=0.12345)
    board = leaderboard(load_results(builder.write()))[0]
    assert not [c.name for c in board.columns if "test" in c.name]
    shown = [cell.value for row in board.rows for cell in row if isinstance(cell, Number)]
    assert 0.12345 not in shown
    assert 0.9 in shown


def test_several_seeds_are_counted_and_what_has_not_run_with_all_is_named(builder):
    builder.searched(0, 0.9)
    builder.other_seed(0, 8, 0.5)
    builder.searched(1, 0.6)
    board = leaderboard(load_results(builder.write(SEEDS)))[0]
    assert column(board, "seeds") == [Text("2/2"), Text("1/2")]
    assert [cell.value for cell in column(board, "valid_mae")] == pytest.approx([0.7, 0.6])
    notes = " ".join(note.text for note in board.notes)
    assert "Metrics are means over the seeds that have ended" in notes
    assert "has not come to them yet: trial 1." in notes
    assert "Attention" not in notes


def test_searched_values_stand_in_the_order_of_the_space_and_missing_ones_stay_empty(builder):
    builder.searched(0, 0.9, changes={"training.batch_size": 16})
    builder.searched(1, 0.8, changes={"objective.loss": "l2", "training.batch_size": 32})
    board = leaderboard(load_results(builder.write()))[0]
    options = [c.name for c in board.columns if "." in c.name]
    assert options == [*SPACE["search"]["parameters"], "objective.loss"]
    assert column(board, "training.batch_size") == [
        Number(32, Style.INTEGER),
        Number(16, Style.INTEGER),
    ]
    assert column(board, "objective.loss") == [Text("l2"), Missing("")]


def test_a_trial_of_the_fixed_values_shows_them_and_what_has_no_effect_stays_empty(builder):
    """Trial 0 changes nothing; ``heads`` counts only beside the encoder spt, ``clamp`` is null."""
    parameters = {
        "model.encoder.name": {"choice": ["spt", "lstm"]},
        "model.encoder.heads": {"low": 1, "high": 8, "when": {"model.encoder.name": ["spt"]}},
        "objective.labels.clamp": {"choice": [None, 3.0]},
    }
    labels = {"labels": {"clamp": None}}
    fixed = {"model": {"encoder": {"name": "spt", "heads": 4}}, "objective": labels}
    lstm = {"model": {"encoder": {"name": "lstm", "heads": 4}}, "objective": labels}
    builder.searched(0, 0.8, config=json.dumps(fixed))
    builder.searched(1, 0.9, config=json.dumps(lstm), changes={"model.encoder.name": "lstm"})
    search = {**SPACE["search"], "parameters": parameters}
    board = leaderboard(load_results(builder.write({**SPACE, "search": search})))[0]
    assert column(board, "model.encoder.name") == [Text("spt"), Text("lstm")]
    assert column(board, "model.encoder.heads") == [Number(4, Style.INTEGER), Missing("")]
    assert column(board, "objective.labels.clamp") == [Text("null"), Text("null")]
    assert any("has no effect" in note.text for note in board.notes)


def test_titles_that_would_read_the_same_keep_their_section(builder):
    builder.searched(0, changes={"model.dropout": 0.1, "training.dropout": 0.2})
    board = leaderboard(load_results(builder.write()))[0]
    titles = {c.name: c.title for c in board.columns}
    assert titles["training.batch_size"] == "batch_size"
    assert titles["model.dropout"] == "model.dropout"
    assert titles["training.dropout"] == "training.dropout"


def test_a_loss_that_is_the_objective_has_a_column(builder):
    search = {**SPACE["search"], "objective": {"metric": "valid/loss", "mode": "min"}}
    builder.searched(0, 0.8)
    board = leaderboard(load_results(builder.write({**SPACE, "search": search})))[0]
    assert column(board, "valid_loss") == [Number(0.8, Style.SCORE)]


def test_without_a_search_there_is_no_leaderboard(builder):
    builder.cell("baseline", 1, 0.9)
    assert leaderboard(load_results(builder.write())) == ()


def test_trials_on_different_data_are_pointed_out(builder):
    builder.searched(0)
    builder.searched(1, data_fingerprint="other")
    notes = leaderboard(load_results(builder.write()))[0].notes
    assert any("different data" in note.text for note in notes)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, Text("true")),
        (None, Text("null")),
        ("l1", Text("l1")),
        (["M", "T"], Text('["M", "T"]')),
        (4, Number(4, Style.INTEGER)),
        (1e-5, Number(1e-5, Style.GENERAL)),
    ],
)
def test_a_value_is_a_number_or_its_words(value, expected):
    assert value_cell(value) == expected


def test_trials_that_were_stopped_as_hopeless_are_named(builder):
    builder.searched(0, 0.9)
    for number in (2, 1):
        message = "hopeless: validation MAE 1.3000 at best in 3 epochs, no gain"
        builder.searched(number, 1.3, status="stopped", message=message)
    builder.searched(3, 1.2, status="stopped")
    notes = [note.text for note in leaderboard(load_results(builder.write()))[0].notes]
    (said,) = [note for note in notes if "hopeless" in note]
    assert said.endswith("predicting the mean training label: trials 1, 2.")


def test_trials_on_earlier_data_have_no_rank_and_come_last(builder):
    builder.searched(0, 0.1)
    builder.searched(1, 0.9, data_fingerprint="other")
    builder.searched(2, 0.8, data_fingerprint="other")
    results = load_results(builder.write())
    board, selection = leaderboard(results)
    assert column(board, "trial") == [Text("2"), Text("1"), Text("0")]
    assert column(board, "rank") == [
        Number(1, Style.INTEGER),
        Number(2, Style.INTEGER),
        Missing(),
    ]
    assert any(note.text.endswith("Without a rank: trial 0.") for note in board.notes)
    assert "among the 2 finished trials" in selection.notes[0].text


def test_aligned_and_unaligned_files_of_one_search_are_ranked_together(builder):
    builder.searched(0, 0.9)
    builder.searched(1, 0.8, data_fingerprint="aligned", alignment="aligned")
    board = leaderboard(load_results(builder.write()))[0]
    assert column(board, "trial") == [Text("1"), Text("0")]
    assert Missing() not in column(board, "rank")


def test_a_note_on_thousands_of_trials_counts_them_and_names_the_first_few(builder):
    """Half of them ran on each device, a third on earlier data, and some were hopeless."""
    for number in range(300):
        values = {"device": ("cpu", "cuda:0")[number % 2], "precision": "float32"}
        if number < 100:
            values["data_fingerprint"] = "earlier"
        if number >= 200:
            values |= {"status": "stopped", "message": "hopeless: no gain"}
        builder.searched(number, 0.9, **values)
    notes = [note.text for note in leaderboard(load_results(builder.write()))[0].notes]
    said = " ".join(notes)
    assert "cpu float32: 150 trials, such as 0, 2, 4; cuda float32: 150 trials, such as 1" in said
    assert "Without a rank: 100 trials, such as 0, 1, 2." in said
    assert "training label: 100 trials, such as 200, 201, 202." in said
    assert max(map(len, notes)) < 400
