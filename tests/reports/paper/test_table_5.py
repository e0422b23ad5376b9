import json
import re
from pathlib import Path

import pytest

from reports.content.table import Missing, Number, Text
from reports.ledger.reading.load import load_results
from reports.paper.table_5 import EXPLAINED, table_5
from reports.published import utterances
from reports.published.utterances import published_utterances
from reports.render import RENDERERS
from reports.render.cell_text import number_text
from sugrm.training import prediction_sample
from sugrm.training.prediction_sample import TABLE_5
from tests.reports.ledger_builder import SPACE, LedgerBuilder

LABELLED = {"objective": {"labels": {"name": "sugrm"}}}
HOSTILE = "<script>alert(1)</script> | \\input{x} `x` \x1b[31m\n# head"


PAPERS = ["Clx4VXItLTE", "VbQk4H8hgr0", "0h-zjBukYpk", "5W7Z1C_fDaE"]
CLIPS = [25, 3, 17, 14]
MOSI = (1284, 229, 686)
RECORDED = {**SPACE, "ablations": {}}  # the cells are those that the ledger has


def ids(form):
    """Return ten names, those of the paper's utterances in a form at the places 2 to 5."""
    papers = [form.format(*name) for name in zip(PAPERS, CLIPS, strict=True)]
    return ["u0", "u1", *papers, "u6", "u7", "u8", "u9"]


class Run:
    """A run whose corpus has ten training utterances, of labels -2.5, -2.0, ... 2.0, shuffled.

    Position p has the label ORDER[p] / 2 - 2.5, the text "text p" and, of trial t after epoch e,
    the generated label e + p / 10 of text, that plus 100 of audio. Predicted is the label + 0.1.
    """

    ORDER = (3, 0, 9, 5, 1, 8, 2, 7, 4, 6)

    def __init__(self, folder, texts=None, ids=None):
        self.builder = LedgerBuilder(folder)
        self.ids = ids or [f"u{position}" for position in range(10)]
        self.texts = texts or [f"text {position}" for position in range(10)]

    def label(self, position):
        return self.ORDER[position] / 2 - 2.5

    def cell(self, name, seed=1, config=LABELLED, **values):
        self.builder.cell(name, seed, 1.0, config=json.dumps({**config, "cell": name}), **values)
        return self._fill(config)

    def confirmed(self, seed=1, config=LABELLED):
        self.builder.confirmed("s0", 0, seed, 1.0, 1.0)
        self.builder.rows["trials"][-1]["config"] = json.dumps(config)
        return self._fill(config)

    def _fill(self, config):
        rows, key = self.builder.rows, self.builder.rows["trials"][-1]["key"]
        rows["predictions"] += [
            {"key": key, "split": "train", "id": self.ids[p], "label": self.label(p)}
            | {"prediction_M": self.label(p) + 0.1, "prediction_T": 0.5}
            for p in range(10)
        ]
        rows["predictions"].append({"key": key, "split": "test", "id": "v", "label": 3.0})
        for epoch in (3, 4, 5) if config is LABELLED else ():
            for task, base in (("T", 0), ("A", 100)):
                labels = [base + epoch + p / 10 for p in range(10)]
                rows["labels"].append({"key": key, "epoch": epoch, "task": task, "labels": labels})
        return key

    def load(self, *, utterances=True, space=SPACE, sizes=None):
        if utterances:
            self.builder.rows["utterances"] = [
                {"data_fingerprint": fingerprint, "alignment": "unaligned", "split": split}
                | {"position": p, "id": self.ids[p], "label": self.label(p), "text": text}
                for fingerprint, split in (("d0d0", "train"), ("d0d0", "valid"), ("d1d1", "train"))
                for p, text in enumerate(self.texts if fingerprint == "d0d0" else ["wrong"] * 10)
            ]
        return load_results(self.builder.write(space, sizes=sizes))


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run")


def table(*results, **options):
    (found,) = table_5(results, **options)
    return found


def column(found, name):
    place = [each.name for each in found.columns].index(name)
    return [row[place] for row in found.rows]


def values(found, name):
    return [cell.value for cell in column(found, name)]


def notes(found):
    return " ".join(note.text for note in found.notes)


def test_a_row_has_the_text_the_predictions_and_the_labels_of_its_utterance(run):
    """Of ten by label the places 0, 1.29, 2.57, 3.86, 5.14, 6.43, 7.71 and 9 are shown."""
    run.cell("SUGRM", changes={})
    found = table(run.load(space=None))
    labels = [place / 2 - 2.5 for place in (0, 1, 3, 4, 5, 6, 8, 9)]
    positions = [Run.ORDER.index(place) for place in (0, 1, 3, 4, 5, 6, 8, 9)]
    assert values(found, "human_label") == labels
    assert column(found, "id") == [Text(f"u{p}") for p in positions]
    assert column(found, "text") == [Text(f"text {p}") for p in positions]
    assert values(found, "prediction_M") == pytest.approx([label + 0.1 for label in labels])
    assert values(found, "label_T") == pytest.approx([4 + p / 10 for p in positions])
    assert values(found, "label_A") == pytest.approx([104 + p / 10 for p in positions])
    assert set(column(found, "label_V")) == {Missing()}
    assert set(column(found, "prediction_V")) == {Missing()}
    assert "best epoch on validation (4)" in notes(found)
    assert "8 of the 10 whose predictions are kept" in notes(found)


def test_the_chosen_configuration_comes_before_any_cell(run):
    run.cell("SUGRM")
    run.confirmed(seed=2)
    run.confirmed(seed=1)
    assert "confirmed configuration 1, chosen on validation, seed 1," in notes(
        table(run.load(space=None))
    )


def test_a_configuration_that_generates_no_labels_gives_way_to_the_cell_sugrm(run):
    run.confirmed(config={"objective": {"labels": {"name": "none"}}})
    run.cell("other")
    run.cell("SUGRM")
    assert "cell SUGRM of modules, seed 1," in notes(table(run.load(space=None)))


def test_without_that_cell_the_first_one_with_labels_is_shown(run):
    run.cell("plain", config={})
    run.cell("labelled", seed=3)
    run.cell("labelled", seed=2)
    run.cell("later")
    assert "cell labelled of modules, seed 2," in notes(table(run.load(space=None)))


def test_of_several_runs_the_newest_counts(tmp_path):
    old, new = Run(tmp_path / "old"), Run(tmp_path / "new")
    old.cell("SUGRM")
    new.cell("plain", config={})  # ends at minute 0, as the trial of the other run does
    new.cell("labelled")
    results = old.load(space=None), new.load(space=None)
    for order in (results, results[::-1]):
        assert "Run new on unaligned data" in notes(table(*order))


def test_a_newest_run_without_labels_gives_way_to_the_one_before(tmp_path):
    old, new = Run(tmp_path / "old"), Run(tmp_path / "new")
    old.cell("SUGRM")
    for seed in (1, 2):
        new.cell("plain", seed=seed, config={})
    found = table(old.load(space=None), new.load(space=None))
    assert "Run old on unaligned data" in notes(found)


def test_texts_may_be_left_out(run):
    run.cell("SUGRM")
    found = table(run.load(space=None), with_text=False)
    assert "text" not in [each.name for each in found.columns]
    assert not any("text 0" in str(cell) for row in found.rows for cell in row)
    assert "Texts are left out." in notes(found)


def test_a_ledger_without_utterances_says_so_and_shows_no_label(run):
    run.cell("SUGRM")
    found = table(run.load(utterances=False, space=None))
    assert set(column(found, "text")) == {Missing("no text recorded")}
    assert set(column(found, "label_T")) == {Missing("not recorded")}
    assert isinstance(column(found, "prediction_M")[0], Number)


def test_a_name_that_stands_twice_is_not_guessed_at(run):
    run.cell("SUGRM")
    results = run.load(space=None)
    first = next(row for row in run.builder.rows["utterances"] if row["id"] == "u1")
    run.builder.part("utterances", "twice", [{**first, "position": 10, "text": "other"}])
    found = table(results)
    assert column(found, "id")[0] == Text("u1")
    assert column(found, "text")[0] == Missing("no text recorded")


def test_an_empty_text_is_none(tmp_path):
    run = Run(tmp_path / "run", texts=[""] * 10)
    run.cell("SUGRM")
    assert set(column(table(run.load(space=None)), "text")) == {Missing("no text recorded")}


def test_trials_of_an_older_version_give_a_table_without_rows_and_a_command(run):
    run.cell("SUGRM")
    run.builder.rows["predictions"].clear()
    found = table(run.load(utterances=False))
    assert found.rows == ()
    assert "no finished trial on all three streams has generated labels" in notes(found)
    assert found.notes[-1].command.startswith("sugrm-search run ")


def test_a_trial_that_leaves_a_stream_out_is_not_set_beside_the_papers_values(run):
    run.cell("SUGRM")
    trial = run.builder.rows["trials"][-1]
    trial["config"] = json.dumps({**LABELLED, "model": {"modalities": ["text", "audio"]}})
    assert table(run.load()).rows == ()


@pytest.mark.parametrize("renderer", sorted(RENDERERS))
def test_a_table_without_rows_is_drawn(renderer):
    assert RENDERERS[renderer](table()) is not None


def test_hostile_text_stays_in_its_cell(tmp_path):
    run = Run(tmp_path / "run", texts=[HOSTILE] * 10)
    run.cell("SUGRM")
    found = table(run.load(space=None))
    assert column(found, "text")[0] == Text(HOSTILE)
    document = RENDERERS["md"](found)
    assert "<script>" not in document.replace("\\<script\\>", "")
    assert "\x1b" not in document
    assert len([line for line in document.splitlines() if re.match(r"\| u\d ", line)]) == 8
    assert not any(line.startswith("# ") for line in document.splitlines())


@pytest.mark.parametrize("form", ["{}$_${}", "{}_{}", "{}[{}]"])
def test_the_papers_utterances_come_first_with_its_values_under_ours(tmp_path, form):
    """At place 2 the human label is 9 / 2 - 2.5 = 2.0 and the label of text 4 + .2."""
    run = Run(tmp_path / "run", ids=ids(form))
    run.cell("SUGRM")
    found = table(run.load(space=RECORDED, sizes=MOSI))
    names = [cell.text for cell in column(found, "id")]
    assert names[:8:2] == [form.format(*name) for name in zip(PAPERS, CLIPS, strict=True)]
    assert names[1:8:2] == ["  paper"] * 4
    assert sorted(names[8:]) == ["u0", "u1", "u6", "u7", "u8", "u9"]
    ours, paper = found.rows[:2]
    assert ours[1] == Text("text 2")
    assert [cell.value for cell in ours[2:5]] == pytest.approx([2.0, 2.1, 0.5])
    assert [cell.value for cell in ours[7:9]] == pytest.approx([4.2, 104.2])
    assert [cell.value for cell in paper[2:]] == [0.8, 0.1, 0.1, 0.5, 0.7, 0.6, 0.9, 0.7]
    written = [number_text(cell.value, cell.style) for cell in paper[2:]]
    assert written == ["0.8", "0.1", "0.1", "0.5", "0.7", "0.6", "0.9", "0.7"]
    assert "4 of them come first" in notes(found)
    assert f'docs/results.md, section "{EXPLAINED}".' in notes(found)
    page = (Path(__file__).parents[3] / "docs" / "results.md").read_text(encoding="utf-8")
    assert f"### {EXPLAINED}" in page.splitlines()


def test_a_paper_utterance_whose_prediction_was_not_kept_shows_its_generated_label(tmp_path):
    run = Run(tmp_path / "run", ids=ids("{}_{}"))
    run.cell("SUGRM")
    kept = [row for row in run.builder.rows["predictions"] if "Clx4" not in row["id"]]
    run.builder.rows["predictions"] = kept
    first = table(run.load(space=RECORDED, sizes=MOSI)).rows[0]
    assert first[0] == Text("Clx4VXItLTE_25")
    assert first[3] == Missing("not recorded")
    assert first[7].value == pytest.approx(4.2)


def test_data_of_other_sizes_are_not_set_beside_the_papers_utterances(tmp_path):
    run = Run(tmp_path / "run", ids=ids("{}_{}"))
    run.cell("SUGRM")
    found = table(run.load(space=RECORDED))
    assert "  paper" not in [cell.text for cell in column(found, "id")]
    assert "no value is published for them" in notes(found)


def test_the_papers_utterances_without_text_have_as_many_cells(tmp_path):
    run = Run(tmp_path / "run", ids=ids("{}_{}"))
    run.cell("SUGRM")
    found = table(run.load(space=RECORDED, sizes=MOSI), with_text=False)
    assert [cell.value for cell in found.rows[1][1:]] == [0.8, 0.1, 0.1, 0.5, 0.7, 0.6, 0.9, 0.7]


def test_a_trial_keeps_its_predictions_for_the_utterances_that_the_table_shows():
    assert tuple(published_utterances("mosi")) == TABLE_5


def test_trial_and_table_read_an_utterances_name_alike():
    """Neither package may import the other, so each has the pattern."""
    assert prediction_sample._ID == utterances._ID
