import shlex

import pytest

from reports.content.table import Missing, Number, Style, Text
from reports.ledger.reading.load import load_results
from reports.results.repetition.command import repeat_command
from reports.tables.trials import trials
from tests.reports.ledger_builder import LedgerBuilder, tiny_run


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path)


def column(table, name):
    place = [column.name for column in table.columns].index(name)
    return [row[place] for row in table.rows]


def texts(table, name):
    return [cell.text for cell in column(table, name)]


def test_every_trial_has_a_row_in_the_order_of_a_run(tmp_path):
    table = trials(load_results(tiny_run(tmp_path)))
    assert list(zip(texts(table, "phase"), texts(table, "name"), strict=True)) == [
        *[("search", f"trial {number}") for number in range(4)],
        *[("confirm", "configuration 1 (chosen)")] * 2,
        ("confirm", "configuration 2"),
        *[("ablation", "modules: baseline")] * 3,
        *[("ablation", "modules: remove MRM")] * 2,
    ]
    assert [cell.value for cell in column(table, "seed")][-5:] == [1, 2, 3, 1, 2]
    assert table.is_data


def test_test_metrics_of_search_trials_are_in_no_cell(tmp_path):
    """Those of confirmations and cells are: nothing is chosen by them."""
    table = trials(load_results(tiny_run(tmp_path)))
    assert column(table, "test_mae")[:4] == [Missing("not shown")] * 4
    assert [cell.value for cell in column(table, "test_mae")[4:7]] == [0.97, 1.01, 0.93]
    searched = [cell for row in table.rows[:4] for cell in row]
    assert 0.99 not in [cell.value for cell in searched if isinstance(cell, Number)]
    assert column(table, "valid_mae")[1] == Number(0.8, Style.SCORE)


def test_a_setting_that_was_suggested_again_has_one_row_and_a_shared_trial_one_a_cell(builder):
    builder.searched(3)
    builder.role("search", "s3", number=1)
    builder.cell("baseline", 1, 0.9)
    builder.role("ablation", builder.rows["trials"][-1]["key"], group="more", cell="same", seed=1)
    table = trials(load_results(builder.write()))
    assert texts(table, "name") == ["trial 1, 3", "modules: baseline", "more: same"]


def test_changes_failures_and_lost_roles_are_said(builder):
    builder.searched(
        0,
        status="failed",
        failure="nan",
        message="<b>loss | is NaN",
        changes={"objective.tasks": ["M", "T"], "model.encoder.name": "lstm", "a": True, "b": 1e-5},
    )
    builder.trial("lost", test=0.123)
    table = trials(load_results(builder.write()))
    changes = 'objective.tasks = ["M", "T"]; model.encoder.name = lstm; a = true; b = 1e-05'
    assert column(table, "changes") == [Text(changes), Missing("not recorded")]
    assert column(table, "failure") == [Text("nan"), Missing()]
    assert column(table, "message") == [Text("<b>loss | is NaN"), Missing()]
    assert column(table, "name")[1] == Missing("not recorded")
    assert " --key lost --runs " in column(table, "command")[1].text
    assert column(table, "test_mae")[1] == Missing("not shown")


def test_a_row_has_the_command_that_repeats_it_or_why_there_is_none(tmp_path):
    folder = tiny_run(tmp_path)
    results = load_results(folder)
    commands = column(trials(results), "command")
    assert commands[0] == Text(repeat_command(results, results.trials["s0"]), code=True)
    assert shlex.split(commands[1].text)[:2] == ["sugrm-search", "repeat"]
    (folder / "experiment.json").unlink()
    why = "the space of its run is not recorded"
    assert column(trials(load_results(folder)), "command")[0] == Missing(why)


def test_the_confirmation_of_an_earlier_winner_keeps_its_name_and_scores_and_is_marked(builder):
    for number, mae in enumerate((0.8, 0.9, 0.7)):
        builder.searched(number, mae)
    for rank, of in enumerate(("s0", "s1")):
        builder.confirmed(of, rank, 1, 0.4, 0.25)
    table = trials(load_results(builder.write()))
    assert texts(table, "name")[3:] == [
        "configuration 1 (chosen)",
        "configuration 2, no longer chosen",
    ]
    assert texts(table, "phase")[3:] == ["confirm", "confirm"]
    assert [cell.value for cell in column(table, "test_mae")[3:]] == [0.25, 0.25]
    assert any(note.text.startswith("No longer chosen:") for note in table.notes)
