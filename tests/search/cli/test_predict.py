import csv
import errno
import io
import json
import sys

import pytest

from search.cli.display.output import CLOSED
from search.cli.main import execute
from sugrm.prediction import load, write_model_folder
from tests.search.cli.display.test_output import Failing
from tests.sugrm.prediction.conftest import corpora, kept

__all__ = ["corpora", "kept"]

TEXTS = "id,text\na,what a good film\nb,bad\nc,a film\n"


@pytest.fixture
def model(kept, tmp_path):
    folder = tmp_path / "out"
    write_model_folder(folder, [trained for trained, _ in kept.values()])
    return folder


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text(TEXTS, encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_table_of_texts_is_scored_in_its_order(model, texts, capsys):
    assert execute(["predict", str(model), str(texts)]) == 0
    shown = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(shown.out)))
    scores = load(model).predict([row.split(",")[1] for row in TEXTS.splitlines()[1:]]).scores
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert [float(row["score"]) for row in rows] == pytest.approx(scores.tolist(), abs=1e-6)
    assert all(float(row["low"]) < float(row["score"]) < float(row["high"]) for row in rows)
    assert "note: audio: the input has none" in shown.err


@pytest.mark.slow
@pytest.mark.parametrize(
    "given", [TEXTS, '{"id": "a", "text": "good"}\n{"id": "b", "text": "bad"}']
)
def test_standard_input_is_read(model, given, monkeypatch, capsys):
    stream = io.TextIOWrapper(io.BytesIO(given.encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    assert execute(["predict", str(model), "-", "--format", "jsonl", "--no-unimodal"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows][:2] == ["a", "b"]
    assert list(rows[0]) == ["id", "score", "low", "high"]


def test_labels_give_metrics_beside_the_scores(model, tmp_path, capsys):
    (tmp_path / "labelled.csv").write_text("text,label\ngood,1\nbad,-1\n", encoding="utf-8")
    out = tmp_path / "scores.csv"
    words = ["predict", str(model), str(tmp_path / "labelled.csv"), "--out", str(out)]
    assert execute([*words, "--seed", "2"]) == 0
    shown = capsys.readouterr()
    assert shown.out == ""
    line = next(each for each in shown.err.splitlines() if each.startswith("MAE "))
    assert "Corr 1.000" in line or "Corr -1.000" in line
    assert "Acc-2 negative / positive " in line
    assert line.count(" %") == 6
    assert "_" not in line
    assert "loss" not in line
    assert shown.err.count("note: the table names no splits") == 1
    assert out.read_text(encoding="utf-8").startswith("id,score,score_T,score_A,score_V,label\n")


def test_texts_of_unknown_words_are_cut_and_the_note_says_what_a_token_is(model, tmp_path, capsys):
    most = load(model).description.text_encoder.max_tokens
    assert most > 20, "the words alone must fit"
    (tmp_path / "t.csv").write_text(f"text\ngood\n{'qzxjqzxj ' * 20}\n", encoding="utf-8")
    assert execute(["predict", str(model), str(tmp_path / "t.csv"), "--seed", "2"]) == 0
    line = f"1 of 2 texts are longer than {most} tokens and are cut (a token is a word or a piece"
    assert line in capsys.readouterr().err


@pytest.mark.slow
def test_a_table_without_splits_is_never_called_a_test_split(model, tmp_path, capsys):
    table = tmp_path / "labelled.csv"
    for content, split, shows in (
        ("text,label\ngood,1\nbad,-1\n", "", "\nMAE "),
        ("text,label,split\ngood,1,test\nbad,-1,test\n", "test: ", "\ntest: MAE "),
    ):
        table.write_text(content, encoding="utf-8")
        assert execute(["predict", str(model), str(table), "--split", "test"]) == 0
        shown = f"\n{capsys.readouterr().err}"
        assert shows in shown
        assert ("names no splits" in shown) is not bool(split)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["TEXTS", "--out", "scores.txt"], "scores.txt has the ending '.txt'"),
        (["TEXTS", "--out", "gone/scores.csv"], "lies in a folder that is not there"),
        (["TEXTS", "--format", "parquet"], "parquet is no text; expected --out FILE"),
        (["TEXTS", "--split", "train"], "no utterance in the split train; expected one of test"),
        (["TEXTS", "--seed", "9"], "seed 9: "),
        (["gone.csv"], "gone.csv: cannot read the file"),
        (["text=TEXTS", "more"], "expected one path, or text=TABLE"),
        (["TEXTS", "--text-column", "words"], "expected a column words"),
        (["TEXTS", "--plugin", "no_such"], "there is no plug-in 'no_such'"),
        (["TEXTS", "--device", "tpu"], "tpu"),
    ],
)
def test_bad_input_is_one_message_and_nothing_is_written(
    model, texts, words, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    words = [word.replace("TEXTS", str(texts)) for word in words]
    assert execute(["predict", str(model), *words]) == 2
    shown = capsys.readouterr()
    assert message in shown.err
    assert shown.out == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_folder_that_is_no_model_is_refused(texts, tmp_path, capsys):
    assert execute(["predict", str(tmp_path), str(texts)]) == 2
    assert "export" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(errno.EPIPE, CLOSED), (errno.ENOSPC, 2)])
def test_scores_that_nobody_takes_end_the_command(number, code, model, texts, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", Failing(number))
    assert execute(["predict", str(model), str(texts)]) == code
    shown = capsys.readouterr().err
    assert ("cannot be written" in shown) == (code == 2)


def test_ids_are_data_for_a_program(model, tmp_path, capsys):
    row = json.dumps({"id": "\x1b[2Ka", "text": "good"})
    (tmp_path / "a.jsonl").write_text(row, encoding="utf-8")
    assert execute(["predict", str(model), str(tmp_path / "a.jsonl")]) == 0
    assert "\x1b[2Ka" in capsys.readouterr().out


def test_another_version_of_the_numbers_is_said(model, texts, capsys):
    path = model / "config.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "numerics": 99}))
    with pytest.warns(UserWarning, match="scores may differ"):
        assert execute(["predict", str(model), str(texts)]) == 0
    assert "warning: " in capsys.readouterr().err
