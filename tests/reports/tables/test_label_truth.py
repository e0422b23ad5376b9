import math
from pathlib import Path

import pytest

from reports import Choice, build_report, save_report
from reports.content.table import Number, Spread, Style, Text
from reports.export import markdown_text, terminal_text
from reports.ledger.reading.load import load_results
from reports.tables.label_truth import EXPLAINED, label_truth
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_run


def truths(epoch, human, **generated):
    """Return a row of epochs: correlations of generated labels by task, one of the human label."""
    row = {"epoch": epoch}
    for task, value in generated.items():
        row |= {f"label_truth_{task}": value, f"human_truth_{task}": human}
    return row


@pytest.fixture
def builder(tmp_path):
    """A cell of two seeds whose audio labels are followed for three epochs, the second the best."""
    builder = LedgerBuilder(tmp_path / "run")
    for seed, best, last in ((1, 0.9, 0.5), (2, 0.7, 0.6)):
        builder.cell("baseline", seed, 0.9, best_epoch=2)
        key = builder.rows["trials"][-1]["key"]
        rows = [truths(1, 0.75, A=0.75), truths(2, 0.75, A=best), truths(3, 0.75, A=last)]
        builder.rows["epochs"] += [{**row, "key": key} for row in reversed(rows)]
    return builder


def rows(table):
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def test_an_epoch_without_the_human_labels_correlation_is_left_out(builder):
    for row in builder.rows["epochs"]:
        row["human_truth_A"] = None if row["epoch"] == 3 else row["human_truth_A"]
    overview, by_epoch = label_truth(load_results(builder.write()))
    (audio,) = rows(overview)
    assert audio["last"].value == pytest.approx(0.8)  # the second epoch's
    assert len(by_epoch.rows) == 4


def test_labels_are_shown_at_the_first_the_best_and_the_last_epoch(builder):
    """Best epochs 0.9 and 0.7: mean 0.8, 0.05 above the human 0.75, deviation 0.2 / sqrt 2."""
    overview, _ = label_truth(load_results(builder.write()))
    (audio,) = rows(overview)
    assert (audio["cell"], audio["modality"]) == (Text("baseline"), Text("audio"))
    assert audio["seeds"] == Number(2, Style.INTEGER)
    assert audio["human"] == audio["first"] == Number(0.75, Style.SCORE)
    assert audio["best"].value == pytest.approx(0.8)
    assert audio["last"].value == pytest.approx(0.55)
    assert isinstance(audio["best_difference"], Spread)
    assert audio["best_difference"].summary.mean == pytest.approx(0.05)
    assert audio["best_difference"].summary.deviation == pytest.approx(0.2 / 2**0.5)
    assert audio["last_difference"].summary.mean == pytest.approx(-0.2)


def test_every_epoch_of_every_seed_is_kept_as_data(builder):
    _, every = label_truth(load_results(builder.write()))
    assert every.is_data
    found = [(row["seed"].value, row["epoch"].value, row["generated"].value) for row in rows(every)]
    assert found == [
        (1, 1, 0.75), (1, 2, 0.9), (1, 3, 0.5), (2, 1, 0.75), (2, 2, 0.7), (2, 3, 0.6),
    ]  # fmt: skip


def test_the_data_are_a_csv_file_and_in_no_document(builder):
    report = build_report(builder.write(), Choice(tables=("label_truth",)))
    names = [path.name for path in save_report(report, formats=("csv",))]
    assert names == ["summary.csv", "label_truth.csv", "label_truth_epochs.csv", "trials.csv"]
    for text in (markdown_text(report), terminal_text(report)):
        assert "Generated labels against the truth" in text
        assert "every epoch\n" not in text
    lines = (report.folder / "label_truth_epochs.csv").read_text().splitlines()
    assert lines[:2] == [
        "ablation,cell,modality,seed,epoch,generated,human",
        "modules,baseline,audio,1,1,0.75,0.75",
    ]


def test_cells_of_several_ablations_and_configurations_are_distinguished(builder):
    builder.confirmed("s1", 0, 1, 0.9, 0.9, best_epoch=1)
    builder.rows["epochs"].append({**truths(1, 0.5, T=0.5, V=0.25), "key": "c0-1"})
    overview, _ = label_truth(load_results(builder.write()))
    assert [(row["cell"].text, row["modality"].text) for row in rows(overview)] == [
        ("modules: baseline", "audio"),
        ("confirmed: 1 (chosen)", "text"),
        ("confirmed: 1 (chosen)", "vision"),
    ]


def test_an_undefined_correlation_stays_undefined(builder):
    builder.rows["epochs"][0]["label_truth_A"] = math.nan
    overview, _ = label_truth(load_results(builder.write()))
    (audio,) = rows(overview)
    assert math.isnan(audio["last"].value)
    assert math.isnan(audio["last_difference"].summary.mean)
    assert audio["best"].value == pytest.approx(0.8)


def test_without_a_truth_there_is_no_table(tmp_path):
    assert label_truth(load_results(tiny_run(tmp_path / "tiny"))) == ()
    searched = LedgerBuilder(tmp_path / "searched")
    searched.searched(0)
    assert label_truth(load_results(searched.write({**SPACE, "ablations": {}}))) == ()


def test_the_table_says_what_the_truth_is(builder):
    overview, _ = label_truth(load_results(builder.write()))
    assert "from which the synthetic corpus was made" in overview.notes[0].text
    results = load_results(builder.write({**SPACE, "data": {"dataset": "sims"}}))
    overview, _ = label_truth(results)
    assert "with the human label of their modality alone" in overview.notes[0].text
    assert "Multimodal: the human label of the whole utterance" in overview.notes[0].text
    assert [column.title for column in overview.columns][3] == "multimodal"
    assert not any(EXPLAINED in note.text for note in overview.notes)


def test_the_table_names_the_section_that_explains_what_was_found(builder):
    overview, _ = label_truth(load_results(builder.write()))
    assert any(f'docs/results.md, section "{EXPLAINED}".' in note.text for note in overview.notes)
    page = (Path(__file__).parents[3] / "docs" / "results.md").read_text(encoding="utf-8")
    assert f"## {EXPLAINED}" in page.splitlines()
