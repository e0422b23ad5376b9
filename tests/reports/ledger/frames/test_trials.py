"""The frame of trials, from ledgers made by hand."""

import json

import pandas as pd
import pytest

from reports import load_results
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run

RATE = "training.learning_rate.text"


@pytest.fixture
def frame(tmp_path):
    return load_results(tiny_run(tmp_path / "tiny")).trials_frame()


def test_each_trial_has_a_row_in_the_order_of_the_plan(frame):
    assert frame["name"].tolist() == [
        *(f"search {number}" for number in range(4)),
        *("confirm 1 seed 1", "confirm 1 seed 2", "confirm 2 seed 1"),
        *(f"modules/baseline seed {seed}" for seed in (1, 2, 3)),
        *(f"modules/remove MRM seed {seed}" for seed in (1, 2)),
    ]
    assert frame["phase"].value_counts().to_dict() == {"ablation": 5, "search": 4, "confirm": 3}
    assert frame.loc[4, ["group", "cell", "number", "seed"]].tolist() == ["s1", "", 0, 1]
    assert frame.loc[10, ["group", "cell", "seed"]].tolist() == ["modules", "remove MRM", 1]
    assert frame["number"].isna().tolist() == [False] * 7 + [True] * 5


def test_metrics_are_those_of_the_ledger_and_choose_nothing_on_test(frame):
    assert frame["valid_mae"].tolist()[:3] == [0.90, 0.80, 0.95]
    assert frame["valid_mae"].isna().sum() == 1  # of the failed trial
    searched = frame["phase"] == "search"
    assert frame.loc[searched, "test_mae"].isna().all()
    assert frame.loc[~searched, "test_mae"].tolist() == [0.97, 1.01, 0.93, 0.9, 1, 1.1, 1, 1.2]
    assert "valid_acc2_sims" not in frame


def test_test_metrics_of_the_search_are_shown_on_request(tmp_path):
    frame = load_results(tiny_run(tmp_path / "tiny")).trials_frame(search_test_metrics=True)
    assert frame["test_mae"].tolist()[:2] == [0.95, 0.99]


def test_parameters_are_columns_with_the_dtype_of_their_values(frame):
    assert frame.loc[1, [RATE, "training.batch_size"]].tolist() == [0.00003162277, 16]
    # Trial 0 is the fixed values, whose configuration here has no learning rate.
    assert frame.loc[0, "training.batch_size"] == 32
    assert pd.isna(frame.loc[0, RATE])
    assert frame[RATE].dtype == "float64"
    assert frame["training.batch_size"].dtype == "Int64"


def test_dtypes_hold_what_may_be_missing(frame):
    assert frame["seed"].dtype == "int64"
    assert frame["best_epoch"].dtype == "Int64"
    assert frame["seconds"].dtype == "float64"
    assert frame["failure"].dtype == "str"
    assert frame["failure"].dropna().tolist() == ["nan"]
    assert frame["ended_at"].dt.tz is not None
    assert json.loads(frame.loc[1, "changes"])[RATE] == 0.00003162277


def test_a_parameter_without_effect_is_missing(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    for number, (kind, layers) in enumerate((("spt", 2), ("lstm", 2))):
        config = {"encoder": {"kind": kind, "layers": layers}}
        changes = {"encoder.kind": kind} | ({"encoder.layers": layers} if kind == "spt" else {})
        builder.searched(number, config=json.dumps(config), changes=changes)
    parameters = {
        "encoder.kind": {"choice": ["spt", "lstm"]},
        "encoder.layers": {"low": 1, "high": 2, "when": {"encoder.kind": ["spt"]}},
    }
    folder = builder.write({**SPACE, "search": {"trials": 2, "parameters": parameters}})
    frame = load_results(folder).trials_frame()
    assert frame["encoder.layers"].isna().tolist() == [False, True]
    assert frame["encoder.kind"].tolist() == ["spt", "lstm"]


def test_a_trial_with_two_purposes_has_two_rows_and_a_repeated_suggestion_one(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0)
    builder.role("search", "s0", number=3)
    builder.confirmed("s0", 0, 1, 0.8, 0.9)
    builder.role("ablation", "c0-1", group="modules", cell="baseline", seed=1)
    frame = load_results(builder.write()).trials_frame()
    assert frame["name"].tolist() == ["search 0", "confirm 1 seed 1", "modules/baseline seed 1"]
    assert frame["test_mae"].tolist()[1:] == [0.9, 0.9]


def test_a_trial_of_an_earlier_space_has_another_name(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    builder.cell("baseline", 1, 0.9, config="{}")
    builder.cell("baseline", 1, 0.8, config='{"a": 1}')
    names = load_results(builder.write()).trials_frame()["name"]
    assert names.tolist() == [
        "modules/baseline seed 1, earlier (modules-)",
        "modules/baseline seed 1",
    ]


def test_a_trial_whose_role_is_lost_comes_last_under_its_key(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    builder.trial("orphan")
    builder.searched(0)
    frame = load_results(builder.write()).trials_frame()
    assert frame["name"].tolist() == ["search 0", "orphan"]
    assert frame["phase"].isna().tolist() == [False, True]


def test_a_run_without_trials_has_the_columns(tmp_path):
    frame = load_results(LedgerBuilder(tmp_path / "run").write()).trials_frame()
    assert len(frame) == 0
    assert {"name", "seed", RATE, "valid_mae", "test_mae", "ended_at"} <= set(frame.columns)


def test_a_searched_alignment_is_one_column(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, changes={"alignment": "aligned"}, alignment="aligned")
    folder = builder.write({**SPACE, "search": {"trials": 1, "parameters": {"alignment": {}}}})
    assert load_results(folder).trials_frame()["alignment"].tolist() == ["aligned"]
