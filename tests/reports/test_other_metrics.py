"""Reports of runs whose datasets have other metrics than MOSI's."""

import pytest

from reports import build_report, comparison_of, load_results, report_of_all
from reports.content.table import Dual, Missing
from reports.export import markdown_text, save_report, terminal_text
from tests.reports.ledger_builder import SPACE, LedgerBuilder, tiny_rows, tiny_run
from tests.reports.sims_runs import SIMS_SPACE, sims_rows, sims_run

OWN = {"name": "own", "title": "Own", "label_bound": 5, "metrics": "regression"}
REGRESSION_SPACE = {**SIMS_SPACE, "name": "own", "data": {"dataset": OWN}}
MOSI_WORDS = ("negative / ", "non-negative", "Acc-7", "published", "Published")


def regression_run(folder):
    """Write the run of ``sims_rows`` as one whose dataset has no classes and no human labels."""
    builder = sims_rows(folder)
    for row in builder.rows["trials"]:
        for name in [name for name in row if name.endswith("_sims")]:
            del row[name]
    for row in builder.rows["utterances"]:
        row |= dict.fromkeys(("label_T", "label_A", "label_V"))
    return builder.write(REGRESSION_SPACE)


WRITE = {"sims": sims_run, "regression": regression_run}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return {kind: build_report(write(folder / kind)) for kind, write in WRITE.items()}


@pytest.fixture(params=WRITE)
def report(request, reports):
    return reports[request.param]


def is_missing(cell):
    return isinstance(cell, Missing) or (
        isinstance(cell, Dual) and is_missing(cell.first) and is_missing(cell.second)
    )


@pytest.mark.slow
def test_no_column_of_metrics_is_empty(report):
    """What the made-up trials do not record, such as their device, may be."""
    for table in (*report.tables, report.trials):
        for place, column in enumerate(table.columns):
            metric = column.name.removeprefix("valid_").removeprefix("test_").split("_")[0]
            if metric in ("mae", "corr", "acc2", "f1", "acc3", "acc5", "acc7", "published"):
                assert not all(is_missing(row[place]) for row in table.rows), table.name


@pytest.mark.slow
def test_no_row_of_a_metric_is_empty(report):
    for table in report.tables:
        names = [column.name for column in table.columns]
        if "metric" in names:
            for row in table.rows:
                assert not all(map(is_missing, row[names.index("metric") + 1 :])), table.name


def test_no_document_speaks_of_the_classes_of_mosi(report):
    for text in (markdown_text(report), terminal_text(report)):
        assert [word for word in MOSI_WORDS if word in text] == []


def test_a_run_on_sims_says_what_its_classes_are(reports):
    text = " ".join(terminal_text(reports["sims"]).split())
    assert "Acc-2 and F1: [-1, 0] / (0, 1]; Acc-3: borders -0.1, 0.1; Acc-5: borders -0.7, " in text


def test_a_run_without_classes_names_none(reports):
    report = reports["regression"]
    for text in (markdown_text(report), terminal_text(report)):
        assert "Acc-" not in text
        assert "F1" not in text
    assert "confusion" not in {figure.name for figure in report.figures}


def test_files_are_written_with_its_columns(report):
    written = save_report(report, formats=("md", "tex", "csv"))
    assert {path.suffix for path in written} == {".md", ".tex", ".csv"}
    header = (report.folder / "trials.csv").read_text().splitlines()[0]
    assert ("valid_acc2_sims" in header) is (report.title == "sims")
    assert "acc7" not in header


def test_runs_of_other_datasets_have_columns_of_their_own(tmp_path):
    """Table 2 of the paper, filled by cells of its names on MOSI and on CH-SIMS."""
    runs = []
    for kind in ("mosi", "sims"):
        builder = LedgerBuilder(tmp_path / kind, kind)
        for seed in (1, 2):
            builder.cell("SUGRM", seed, 0.5, group="systems")
        space = {**SPACE, "name": kind, "data": {"dataset": kind}, "seeds": [1, 2]}
        space |= {"ablations": {"systems": {"SUGRM": {}}}, "search": None, "confirm": None}
        runs.append(load_results(builder.write(space)))
    tables = {table.name: table for table in report_of_all(runs, tmp_path).tables}
    names = [column.name for column in tables["paper_table_2"].columns]
    assert names == [
        "row",
        *(f"mosi_{name}" for name in ("f1", "acc2", "mae", "corr")),
        *(f"sims_{name}" for name in ("f1_sims", "acc2_sims", "mae", "corr")),
    ]
    row = dict(zip(names, tables["paper_table_2"].rows[-4], strict=True))
    assert isinstance(row["mosi_acc2"], Dual)
    assert row["sims_acc2_sims"].summary.mean == pytest.approx(0.875)
    notes = " ".join(note.text for note in tables["paper_table_2"].notes)
    assert "negative / non-negative, then negative / positive" in notes
    assert "Acc-2 and F1: [-1, 0] / (0, 1]" in notes


def test_two_runs_of_other_metrics_have_their_own_rows(tmp_path):
    first, second = tiny_run(tmp_path / "mosi"), sims_run(tmp_path / "sims")
    best = comparison_of(load_results(first), load_results(second)).tables[0]
    titles = [row[0].text for row in best.rows]
    assert titles[1:3] == ["MAE", "Corr"]
    assert {"Acc-5, classes of CMU-MOSI", "Acc-5, classes of CH-SIMS", "Acc-2", "Acc-3"} <= {
        *titles
    }
    assert len(titles) == len(set(titles))
    for row in best.rows:
        assert not all(map(is_missing, row[1:]))


def test_two_runs_on_sims_are_tested_in_its_metrics(tmp_path):
    runs = []
    for name, seed in (("a", 0), ("b", 1)):
        builder = sims_rows(tmp_path / name)
        for row in builder.rows["trials"]:
            row["config"] = (
                f'{{"other": {{"x": {seed}}}}}' if row["key"].startswith("c0") else row["config"]
            )
        for row in builder.rows["predictions"]:
            row["prediction_M"] += 3 * seed
        runs.append(load_results(builder.write({**SIMS_SPACE, "name": name})))
    tables = {table.name: table for table in comparison_of(*runs).tables}
    seeds, utterances = tables["compare_seeds"], tables["compare_utterances"]
    assert [row[0].text for row in seeds.rows] == ["MAE", "Corr", "Acc-2"]
    mae, acc2 = utterances.rows
    # Every prediction of the second is above 1 and clipped to it: its error is 1 - label.
    labels = [row["label"] for row in builder.rows["predictions"] if row["key"] == "c0-1"]
    assert mae[3].value == pytest.approx(sum(1 - label for label in labels) / len(labels))
    assert acc2[0].text == "Acc-2"
    assert acc2[3].value == pytest.approx(sum(label > 0 for label in labels) / len(labels))


def test_a_run_of_an_older_version_on_sims_keeps_the_metrics_that_it_recorded(tmp_path):
    builder = tiny_rows(LedgerBuilder(tmp_path))
    text = terminal_text(build_report(builder.write({**SPACE, "data": {"dataset": "sims"}})))
    assert "negative / non-negative" in text
    assert "MMSA" not in text
