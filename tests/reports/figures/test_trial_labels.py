import json

import pytest

from reports.figures.trial_labels import jitter, objective_title
from reports.ledger.reading.load import load_results
from reports.ledger.schema import IMPORTANCE_FILE
from reports.results.search_entries import search_entries
from reports.tables.searched_parameters import Parameter, searched_parameters, value_text, values_of
from tests.reports.ledger_builder import SPACE, LedgerBuilder

SPACE = {
    **SPACE,
    "search": {
        "objective": {"metric": "valid/corr", "mode": "max"},
        "parameters": {
            "a.rate": {"low": 1e-5, "high": 1e-3, "log": True},
            "a.kind": {"choice": ["spt", "lstm", None]},
            "a.heads": {"low": 1, "high": 4, "when": {"a.kind": ["spt"]}},
        },
    },
}


@pytest.fixture
def builder(tmp_path):
    builder = LedgerBuilder(tmp_path)
    fixed = json.dumps({"a": {"rate": 1e-4, "kind": "lstm", "heads": 2}})
    builder.searched(0, 0.9, config=fixed)
    builder.searched(1, 0.8, config=fixed, changes={"a.kind": "spt", "a.rate": 2e-4})
    return builder


def test_a_value_is_the_suggested_one_or_the_fixed_one_that_counts(builder):
    results = load_results(builder.write(SPACE))
    first, second = sorted(search_entries(results), key=lambda entry: entry.numbers)
    shown = searched_parameters(results, [first, second])
    assert values_of(results, first, chosen=shown) == {"a.rate": 1e-4, "a.kind": "lstm"}
    config = {"a.kind": "spt", "a.rate": 2e-4}
    assert values_of(results, second, chosen=shown) == config  # the fixed kind is what decides


def test_parameters_have_the_scale_of_the_space(builder):
    results = load_results(builder.write(SPACE))
    rate, kind, heads = searched_parameters(results, search_entries(results))
    assert (rate.log, rate.ends, rate.title) == (True, (1e-5, 1e-3), "rate")
    assert kind.categories == ("spt", "lstm", "null")
    assert (heads.log, heads.ends) == (False, (1.0, 4.0))


def test_the_most_important_parameter_comes_first(builder):
    folder = builder.write(SPACE)
    shares = {"a.rate": 0.1, "a.kind": None, "a.heads": 0.9}
    record = {
        "method": "PED-ANOVA",
        "optuna": "5",
        "objective": "valid/corr",
        "mode": "max",
        "trials": 20,
        "parameters": {name: {"importance": s, "trials": 20} for name, s in shares.items()},
    }
    (folder / IMPORTANCE_FILE).write_text(json.dumps(record))
    results = load_results(folder)
    names = [each.name for each in searched_parameters(results, search_entries(results))]
    assert names == ["a.heads", "a.rate", "a.kind"]


def test_a_parameter_of_an_older_space_has_the_values_that_were_tried(builder):
    builder.searched(2, 0.7, changes={"b.size": 3, "b.name": "x"})
    builder.searched(3, 0.6, changes={"b.size": 7, "b.name": "y"})
    results = load_results(builder.write(SPACE))
    *_, size, name = searched_parameters(results, search_entries(results))
    assert (size.name, size.ends, size.choices) == ("b.size", (3, 7), ())
    assert set(name.choices) == {"x", "y"}


def test_a_value_has_a_place_on_its_axis():
    rate = Parameter(name="r", title="r", log=True, ends=(1e-5, 1e-3))
    assert rate.place(1e-4) == 1e-4
    assert rate.place(0.0) is None
    assert rate.place("spt") is None
    assert rate.place(True) is None
    kind = Parameter(name="k", title="k", choices=("spt", None, [1, 2]))
    assert [kind.place(value) for value in ("spt", None, [1, 2], "gru")] == [0, 1, 2, None]


def test_values_are_written_for_people():
    assert [value_text(value) for value in (0.000123456, 16, True, None, "a b")] == [
        "0.0001235", "16", "true", "null", "a b",
    ]  # fmt: skip


def test_the_objective_has_its_title(builder):
    assert objective_title(load_results(builder.write(SPACE))) == "validation Corr"


def test_the_shift_of_a_trial_is_always_the_same_and_within_its_width():
    shifts = [jitter(f"key {number}", 0.4) for number in range(200)]
    assert shifts == [jitter(f"key {number}", 0.4) for number in range(200)]
    assert -0.2 <= min(shifts) < -0.15
    assert 0.15 < max(shifts) <= 0.2
