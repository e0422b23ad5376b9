import json

import pytest

from reports.ledger.reading.load import load_results
from reports.results.parameter_importance import ParameterImportance, read_importance
from tests.reports.ledger_builder import tiny_run

CONTENT = {
    "schema_version": 1,
    "method": "PED-ANOVA",
    "optuna": "5.0.0",
    "objective": "valid/mae",
    "mode": "min",
    "trials": 20,
    "parameters": {
        "b": {"importance": 0.75, "trials": 20},
        "a": {"importance": None, "trials": 5},
    },
}


@pytest.fixture
def results(tmp_path):
    return load_results(tiny_run(tmp_path))


def write(results, content):
    text = content if isinstance(content, str) else json.dumps(content)
    (results.folder / "importance.json").write_text(text)


def test_the_parameters_keep_the_order_of_the_space(results):
    write(results, CONTENT)
    found = read_importance(results)
    assert found.parameters == (
        ParameterImportance(name="b", share=0.75, trials=20),
        ParameterImportance(name="a", share=None, trials=5),
    )
    assert (found.method, found.objective, found.mode, found.trials) == (
        "PED-ANOVA",
        "valid/mae",
        "min",
        20,
    )


def test_fewer_than_twenty_trials_which_older_versions_recorded_are_left_out(results, caplog):
    write(results, {**CONTENT, "trials": 19})
    assert read_importance(results) is None
    assert not caplog.records


def test_a_run_of_an_older_version_has_none(results, caplog):
    assert read_importance(results) is None
    assert not caplog.records


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "null",
        {},
        {**CONTENT, "parameters": [1]},
        {**CONTENT, "parameters": {"a": None}},
        {**CONTENT, "parameters": {"a": {"importance": 2, "trials": 3}}},
        {**CONTENT, "parameters": {"a": {"importance": float("nan"), "trials": 3}}},
        {**CONTENT, "trials": "many"},
    ],
)
def test_a_damaged_file_is_a_warning(results, caplog, content):
    write(results, content)
    assert read_importance(results) is None
    (record,) = caplog.records
    assert "left out the damaged" in record.getMessage()


def test_a_damaged_file_is_said_once_however_often_it_is_read(results, caplog):
    write(results, "{")
    for _ in range(3):
        read_importance(results)
    assert len(caplog.records) == len(results.warnings) == 1
