import json

from reports.content.table import Missing, Number, Style, Text
from reports.ledger.reading.load import load_results
from reports.paper.hyperparameters import hyperparameters
from sugrm.config import resolve
from tests.reports.ledger_builder import SPACE, LedgerBuilder
from tests.reports.paper.paper_runs import texts


def confirmed(folder, experiment, *, name="mine", dataset="mosi", minutes=0, **values):
    """Return a run whose confirmation chose ``experiment``, resolved as a trial records it."""
    config = resolve(experiment).model_dump(mode="json")
    changes, sizes = values.pop("changes", {}), values.pop("sizes", None)
    builder = LedgerBuilder(folder)
    for _ in range(minutes):
        builder.trial("earlier")
    for seed in (1, 2):
        key = builder.trial(f"c{seed}", 0.8, seed=seed, config=json.dumps(config), **values)
        builder.role("confirm", key, group="s1", number=0, seed=seed, changes=changes)
    space = {**SPACE, "name": name, "data": {**SPACE["data"], "dataset": dataset}}
    return load_results(builder.write(space, sizes=sizes))


def rows(table):
    names = [column.name for column in table.columns]
    return {cells[0].text: dict(zip(names, cells, strict=True)) for cells in table.rows}


def test_the_preset_of_the_paper_differs_in_nothing(tmp_path):
    for dataset in ("mosi", "mosei"):
        results = confirmed(tmp_path / dataset, {"preset": [dataset, "paper"]}, dataset=dataset)
        (table,) = hyperparameters([results])
        assert {row[f"{dataset}_differs"] for row in rows(table).values()} == {Text("no")}


def test_the_papers_value_the_found_one_and_whether_they_differ_stand_side_by_side(tmp_path):
    experiment = {
        "preset": ["mosi", "paper"],
        "model": {"encoder": {"heads": 4}},
        "training": {"learning_rate": {"encoder": 1e-3}},
    }
    (table,) = hyperparameters([confirmed(tmp_path, experiment)])
    found = rows(table)
    assert [found["heads"][name] for name in ("mosi_published", "mosi_found", "mosi_differs")] == [
        Number(8, Style.INTEGER),
        Number(4, Style.INTEGER),
        Text("yes"),
    ]
    assert found["learning rate of SPT"]["mosi_differs"] == Text("yes")
    assert found["learning rate of the others"]["mosi_differs"] == Text("no")
    assert found["optimiser"]["mosi_found"] == Text("adam")


def test_a_rate_of_the_encoder_that_is_not_set_is_that_of_the_others(tmp_path):
    experiment = {"preset": ["mosi", "paper"], "training": {"learning_rate": {"others": 0.005}}}
    found = rows(hyperparameters([confirmed(tmp_path, experiment)])[0])
    assert found["learning rate of SPT"]["mosi_found"] == Number(0.005, Style.GENERAL)


def test_an_option_of_a_module_that_is_not_there_differs(tmp_path):
    experiment = {"preset": ["mosi", "paper"], "model": {"encoder": {"name": "lstm"}}}
    found = rows(hyperparameters([confirmed(tmp_path, experiment)])[0])
    assert found["heads"]["mosi_found"] == Missing("no such part")
    assert found["heads"]["mosi_differs"] == Text("yes")


def test_other_changes_and_the_run_are_named(tmp_path):
    changes = {"training.batch_size": 16, "objective.loss": "l2"}
    experiment = {"preset": ["mosi", "paper"]}
    (table,) = hyperparameters([confirmed(tmp_path, experiment, changes=changes)])
    assert texts(table)[1:3] == [
        "MOSI: found by the run mine, 2 / 2 seeds.",
        "MOSI: it also differs from the fixed values in: objective.loss = l2.",
    ]


def test_a_stream_that_is_left_out_is_named(tmp_path):
    experiment = {"preset": ["mosi", "paper"], "model": {"modalities": ["text", "audio"]}}
    (table,) = hyperparameters([confirmed(tmp_path, experiment)])
    assert texts(table)[2] == "MOSI: it leaves out vision, which the paper's SUGRM reads."


def test_the_newest_choice_counts_and_others_are_named(tmp_path):
    old = confirmed(tmp_path / "a", {"preset": ["mosei", "paper"]}, name="old")
    new = confirmed(tmp_path / "b", {"preset": ["mosi", "paper"]}, name="new", minutes=9)
    (table,) = hyperparameters([old, new])
    assert rows(table)["heads"]["mosi_found"] == Number(8, Style.INTEGER)
    assert "MOSI: the newest is used; left out: old." in texts(table)


def test_a_synthetic_run_has_no_published_column_to_differ_from(tmp_path):
    results = confirmed(tmp_path, {"preset": ["mosi", "paper"]}, dataset="synthetic")
    heads = rows(hyperparameters([results])[0])["heads"]
    assert (heads["synthetic_published"], heads["synthetic_differs"]) == (Missing(), Missing())


def test_another_system_than_sugrm_is_not_taken_for_it(tmp_path):
    results = confirmed(tmp_path, {"preset": ["mosi", "paper"]}, model="mult")
    assert rows(hyperparameters([results])[0])["heads"]["mosi_found"] == Missing("not run")


def test_without_a_confirmation_the_papers_settings_stand_with_the_command(tmp_path):
    (table,) = hyperparameters([])
    assert rows(table)["embedding dropout"]["mosei_published"] == Number(0.2, Style.GENERAL)
    assert texts(table)[-1] == (
        "MOSEI: no run has confirmed a configuration of SUGRM. Find one with: "
        "sugrm-search run spaces/mosei.yaml --data unaligned=PATH"
    )


def test_own_data_called_mosi_are_not_set_beside_the_papers_column(tmp_path):
    experiment = {"preset": ["mosi", "paper"]}
    own = confirmed(tmp_path / "own", experiment, sizes=(200, 60, 60), data_fingerprint="own")
    (table,) = hyperparameters([own])
    found = rows(table)["heads"]
    assert found["mosi 200/60/60_published"] == Missing()
    assert found["mosi 200/60/60_found"] == Number(8, Style.INTEGER)
    assert "mosi_found" not in found
    assert any(text.startswith("MOSI: no run has confirmed") for text in texts(table))
