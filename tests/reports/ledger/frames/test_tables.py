"""The frames of epochs, labels and predictions, from ledgers made by hand."""

import pytest

from reports import load_results
from tests.reports.ledger_builder import LedgerBuilder

TEXTS = {"test": ["good", "bad <b>"], "train": ["one", "two"]}


@pytest.fixture
def results(tmp_path):
    """Two trials of the search, the second written first, and one that is still running."""
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, 0.9)
    builder.searched(1, 0.8, data_fingerprint="other")
    for key in ("s1", "s0", "running"):
        for epoch in (2, 1):
            row = {"key": key, "epoch": epoch, "seconds": 1.0, "valid_mae": 1 / epoch}
            builder.rows["epochs"].append(row)
        for task, values in (("T", [1.0, -1.0]), ("A", [0.5, 0.0])):
            row = {"key": key, "epoch": 1, "task": task, "labels": values}
            builder.rows["labels"].append(row)
    for key in ("s1", "s0"):
        for split in ("valid", "test"):
            for place, label in enumerate((1.0, -2.0)):
                row = {"key": key, "split": split, "id": f"u{place}", "label": label}
                builder.rows["predictions"].append(row | {"prediction_M": label + 0.5})
    for split, texts in TEXTS.items():
        for place, text in enumerate(texts):
            row = {"data_fingerprint": "d0d0", "alignment": "unaligned", "split": split}
            row |= {"position": place, "id": f"u{place}", "text": text, "label": 1.0}
            builder.rows["utterances"].append(row)
    return load_results(builder.write())


def test_epochs_are_in_the_order_of_the_plan(results):
    frame = results.epochs_frame()
    assert frame["name"].tolist() == ["search 0"] * 2 + ["search 1"] * 2 + ["running"] * 2
    assert frame["epoch"].tolist() == [1, 2] * 3
    curves = frame.pivot(index="epoch", columns="name", values="valid_mae")
    assert curves["search 1"].tolist() == [1.0, 0.5]
    assert list(curves.columns) == ["search 0", "search 1", "running"]


def test_epochs_have_no_columns_of_other_datasets(results):
    columns = set(results.epochs_frame().columns)
    assert "valid_acc7" in columns
    assert not {"valid_acc3_sims", "label_truth_T", "schema_version"} & columns
    assert results.epochs_frame()["undefined_direction"].dtype == "Int64"


@pytest.mark.slow
def test_only_the_rows_of_the_named_trials_are_read(results):
    assert set(results.epochs_frame(["s1"])["key"]) == {"s1"}
    assert set(results.predictions_frame("s1")["key"]) == {"s1"}
    trials = results.trials_frame()
    assert set(results.labels_frame(trials["key"][:1])["key"]) == {"s0"}
    assert len(results.epochs_frame([])) == 0


def test_trials_name_themselves(results):
    trial = results.trials["s1"]
    for keys in (trial, [trial], ["s1"], "s1"):
        assert set(results.epochs_frame(keys)["key"]) == {"s1"}


@pytest.mark.parametrize("keys", [5, [5], [None]])
def test_what_is_no_key_is_refused(results, keys):
    with pytest.raises(TypeError, match=r"keys holds (5|None); expected the keys of trials"):
        results.predictions_frame(keys)


def test_predictions_stay_in_the_order_of_their_split(results):
    frame = results.predictions_frame()
    assert frame["key"].tolist() == ["s0"] * 4 + ["s1"] * 4
    assert frame["id"].tolist() == ["u0", "u1"] * 4
    assert frame["split"].tolist()[:4] == ["valid"] * 2 + ["test"] * 2
    errors = (frame["prediction_M"] - frame["label"]).abs()
    assert errors.tolist() == [0.5] * 8
    assert frame["prediction_T"].isna().all()
    assert "text" not in frame


def test_transcripts_are_those_of_the_trials_data(results):
    frame = results.predictions_frame(texts=True)
    first = frame[frame["key"] == "s0"]
    assert first["text"].tolist()[2:] == TEXTS["test"]
    assert first["text"].isna().tolist()[:2] == [True, True]  # validation is not listed here
    assert frame.loc[frame["key"] == "s1", "text"].isna().all()


def test_each_generated_label_has_a_row_with_its_utterance(results):
    frame = results.labels_frame(["s0", "s1"])
    assert frame["task"].tolist() == ["A", "A", "T", "T"] * 2
    assert frame["position"].tolist() == [0, 1] * 4
    assert frame["label"].tolist()[:4] == [0.5, 0.0, 1.0, -1.0]
    assert frame["id"].tolist()[:4] == ["u0", "u1"] * 2
    assert frame.loc[frame["key"] == "s1", "id"].isna().all()


def test_a_run_without_epochs_and_predictions_has_empty_frames(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0)
    results = load_results(builder.write())
    assert results.epochs_frame().empty
    assert results.labels_frame().empty
    assert results.predictions_frame(texts=True).empty
    assert {"name", "text", "prediction_M"} <= set(results.predictions_frame(texts=True).columns)
