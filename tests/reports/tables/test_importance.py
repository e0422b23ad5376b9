import json

import pytest

from reports.ledger.reading.load import load_results
from reports.ledger.schema import IMPORTANCE_FILE
from reports.render.cell_text import cell_text
from reports.tables.importance import importance, stopped_values
from tests.reports.ledger_builder import SPACE, LedgerBuilder

PARAMETERS = {
    "a.rate": {"low": 0.1, "high": 1.0},
    "a.kind": {"choice": ["spt", "lstm"]},
    "a.heads": {"low": 1, "high": 4, "when": {"a.kind": ["spt"]}},
}


@pytest.fixture
def write(tmp_path):
    """Return a function from the trials of a search, each status, rate and kind, to results."""

    def results(trials, recorded=None):
        builder = LedgerBuilder(tmp_path)
        for number, (status, rate, kind) in enumerate(trials):
            changes = {"a.rate": rate, "a.kind": kind} | ({"a.heads": 2} if kind == "spt" else {})
            config = json.dumps({"number": number, "a": {"kind": kind}})
            builder.searched(number, 0.5 + rate, status=status, changes=changes, config=config)
        folder = builder.write({**SPACE, "search": {"parameters": PARAMETERS}})
        if recorded is not None:
            parameters = {name: {"importance": s, "trials": 20} for name, s in recorded.items()}
            record = {"method": "PED-ANOVA", "optuna": "5", "objective": "valid/mae"}
            record |= {"mode": "min", "trials": 20, "parameters": parameters}
            (folder / IMPORTANCE_FILE).write_text(json.dumps(record))
        return load_results(folder)

    return results


TRIALS = [
    ("finished", 0.1, "spt"),
    ("stopped", 0.2, "lstm"),
    ("finished", 0.3, "lstm"),
    ("stopped", 0.4, "lstm"),
    ("failed", 0.5, "lstm"),
    ("stopped", 0.6, "spt"),
]


def shown(table):
    return [[cell_text(cell) for cell in row] for row in table.rows]


def test_each_value_has_its_trials_by_their_end_and_many_numbers_two_halves(write):
    (table,) = importance(write(TRIALS))
    assert shown(table) == [
        ["rate", "-", "0.1 to 0.3", "3", "2", "1", "0"],
        ["rate", "-", "0.4 to 0.6", "3", "0", "2", "1"],
        ["kind", "-", "spt", "2", "1", "1", "0"],
        ["kind", "-", "lstm", "4", "1", "2", "1"],
        ["heads", "-", "2", "2", "1", "1", "0"],
    ]
    text = " ".join(note.text for note in table.notes)
    assert "No importance: it needs 20 finished trials, 2 finished." in text
    assert "Finished trials are a biased sample" in text


def test_the_values_stopped_most_often_come_first_in_words(write):
    assert [each.sentence for each in stopped_values(write(TRIALS))][:3] == [
        "rate 0.4 to 0.6: 2 of 3 trials stopped early",
        "kind spt: 1 of 2 trials stopped early",
        "kind lstm: 2 of 4 trials stopped early",
    ]


def test_the_importance_of_a_parameter_stands_beside_its_values(write):
    (table,) = importance(write(TRIALS, {"a.kind": 0.75, "a.rate": 0.25, "a.heads": None}))
    assert [row[:3] for row in shown(table)] == [
        ["kind", "75.0", "spt"],
        ["kind", "75.0", "lstm"],
        ["rate", "25.0", "0.1 to 0.3"],
        ["rate", "25.0", "0.4 to 0.6"],
        ["heads", "-", "2"],
    ]
    assert "over 20 finished trials, for valid/mae" in table.notes[0].text


def test_without_importance_and_a_stopped_trial_there_is_no_table(write):
    assert importance(write([("finished", 0.1, "spt"), ("failed", 0.2, "lstm")])) == ()


def with_seeds(tmp_path, complete, given_up):
    """Return the results of a search with two seeds, some of whose configurations were given up."""
    builder = LedgerBuilder(tmp_path)
    for number in range(complete + given_up):
        builder.searched(number, 0.5 + number, changes={"a.rate": 0.1, "a.kind": "lstm"})
        if number < complete:
            builder.other_seed(number, 8, 0.5)
    search = {"parameters": PARAMETERS, "seed": 1110, "seeds": [1110, 8]}
    return load_results(builder.write({**SPACE, "search": search}))


def test_a_configuration_that_was_given_up_is_no_finished_one(tmp_path):
    (table,) = importance(with_seeds(tmp_path, complete=2, given_up=20))
    assert table.columns[-1].title == "some seeds"
    assert shown(table)[0] == ["rate", "-", "0.1", "22", "2", "0", "0", "20"]
    texts = " ".join(note.text for note in table.notes)
    assert "No importance: it needs 20 finished trials, 2 finished." in texts
    assert "Some seeds: given up" in texts


def test_without_importance_and_without_early_ends_there_is_no_table(tmp_path):
    assert importance(with_seeds(tmp_path, complete=2, given_up=0)) == ()
