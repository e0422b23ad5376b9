import pytest

from reports.content.table import Missing, Number, Text
from reports.ledger.reading.load import load_results
from reports.statistics import Summary
from reports.tables.human_labels import MEASURES, human_labels_tables, verdict
from tests.reports.ledger_builder import tiny_run
from tests.reports.sims_runs import SIMS_SPACE, sims_rows

CORR, MAE, SIGN = MEASURES


def tables(builder):
    return human_labels_tables(load_results(builder.write(SIMS_SPACE)))


def rows(table):
    names = [column.name for column in table.columns]
    return {row[0].text: dict(zip(names, row, strict=True)) for row in table.rows}


def test_each_setting_modality_and_measure_has_a_row_of_its_own_name(tmp_path):
    overview, _ = tables(sims_rows(tmp_path))
    assert len(rows(overview)) == len(overview.rows) == 3 * 3 * 3
    assert list(rows(overview))[:4] == [
        "modules: baseline, text: Corr",
        "modules: baseline, text: MAE",
        "modules: baseline, text: same sign",
        "modules: baseline, audio: Corr",
    ]


def test_labels_start_as_the_multimodal_one_and_are_compared_at_the_best_epoch(tmp_path):
    overview, every = tables(sims_rows(tmp_path))
    text = rows(overview)["modules: baseline, text: MAE"]
    assert text["first"].summary.mean == pytest.approx(text["multimodal"].value, abs=1e-6)
    names = [column.name for column in every.columns]
    epochs = [dict(zip(names, row, strict=True)) for row in every.rows]
    best = [
        row["generated_mae"].value
        for row in epochs
        if (row["cell"], row["modality"], row["epoch"].value) == (Text("baseline"), Text("text"), 2)
    ]
    assert len(best) == 5
    assert text["best"].summary.mean == pytest.approx(sum(best) / 5)
    difference = text["difference"].summary
    assert difference.mean == pytest.approx(sum(best) / 5 - text["multimodal"].value, abs=1e-6)
    assert difference.low < difference.mean < difference.high


def test_five_seeds_have_a_verdict_in_the_direction_of_the_measure(tmp_path):
    """The text's labels move towards the human ones, the vision's away from them."""
    found = rows(tables(sims_rows(tmp_path))[0])
    for measure in ("Corr", "MAE"):
        assert found[f"modules: LSTM, text: {measure}"]["verdict"] == Text("better")
        assert found[f"modules: LSTM, vision: {measure}"]["verdict"] == Text("worse")


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [(1, 2), (1, 2, 3, 4)])
def test_fewer_than_five_seeds_have_no_verdict_and_two_no_interval(tmp_path, seeds):
    found = rows(tables(sims_rows(tmp_path, seeds=seeds))[0])
    for row in found.values():
        assert row["verdict"].text == f"too few seeds ({len(seeds)}, needs 5)"
        assert (row["difference"].summary.low is None) is (len(seeds) < 3)


@pytest.mark.parametrize(
    ("low", "high", "measure", "expected"),
    [
        (0.1, 0.3, CORR, "better"),
        (-0.3, -0.1, CORR, "worse"),
        (-0.3, -0.1, MAE, "better"),
        (0.1, 0.3, MAE, "worse"),
        (0.1, 0.3, SIGN, "better"),
        (-0.1, 0.3, MAE, "no difference shown (half width 0.200)"),
    ],
)
def test_a_verdict_needs_an_interval_without_zero(low, high, measure, expected):
    assert verdict(Summary((low + high) / 2, 5, low=low, high=high), measure) == expected


def test_epochs_after_the_first_alone_have_no_first(tmp_path):
    builder = sims_rows(tmp_path)
    builder.rows["labels"] = [row for row in builder.rows["labels"] if row["epoch"] > 1]
    for row in rows(tables(builder)[0]).values():
        assert isinstance(row["first"], Missing)
        assert isinstance(row["multimodal"], Number)


def test_the_notes_say_what_the_truth_is_and_over_how_many_utterances(tmp_path):
    builder = sims_rows(tmp_path)
    builder.rows["utterances"][0]["label_A"] = None
    note = tables(builder)[0].notes[0].text
    assert note.startswith("The truth is the human label of a modality alone")
    assert "text 40, audio 39, vision 40" in note


def test_without_human_labels_there_is_no_table(tmp_path):
    assert human_labels_tables(load_results(tiny_run(tmp_path))) == ()
