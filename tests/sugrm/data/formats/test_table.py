import codecs
import json
import pickle
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sugrm.errors import DataError
from sugrm.types import Modality, Split
from tests.sugrm.data.tables.tables import EXPECTED, ROWS, csv_of, read, texts_of


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a table and returns its path."""

    def wrote(content, name="reviews.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return wrote


def problem_of(path, dataset="mosi", **options):
    with pytest.raises(DataError) as caught:
        read(path, dataset, **options)
    return str(caught.value)


def arrow_bytes(kind):
    table, sink = pa.Table.from_pylist(ROWS), pa.BufferOutputStream()
    if kind == "parquet":
        pq.write_table(table, sink)
    else:
        new = pa.ipc.new_file if kind == "file" else pa.ipc.new_stream
        with new(sink, table.schema) as to:
            to.write_table(table)
    return sink.getvalue().to_pybytes()


KINDS = {
    "comma": csv_of(),
    "tab": csv_of(delimiter="\t"),
    "semicolon": csv_of(delimiter=";"),
    "byte order mark": codecs.BOM_UTF8 + csv_of().encode(),
    "CRLF": csv_of().replace('\n"v', '\r\n"v'),
    "empty lines": csv_of().replace('\n"v', '\n\n"v'),
    "other names": csv_of(names=["Utterance-ID", " Raw Text", "Sentiment", "MODE"]),
    "JSON lines": "\n".join(map(json.dumps, ROWS)),
    "JSON array": json.dumps(ROWS, indent=1),
    "JSON with a mark": codecs.BOM_UTF8 + json.dumps(ROWS).encode(),
    "Parquet": arrow_bytes("parquet"),
    "Arrow file": arrow_bytes("file"),
    "Arrow stream": arrow_bytes("stream"),
}


@pytest.mark.parametrize("name", ["reviews.csv", "reviews.pkl", "no_ending"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_table_is_known_by_its_content_whatever_it_is_called(write, kind, name):
    content, findings = read(write(KINDS[kind], name))
    assert texts_of(content) == EXPECTED
    assert content.notes().absent == (Modality.AUDIO, Modality.VISION)
    assert (findings.text, findings.is_new, findings.remarks) == ("words", True, [])
    assert findings.layout.endswith("table")


def test_a_pickle_called_csv_is_read_as_a_pickle(save, tree):
    content, findings = read(save(tree, "features.csv"))
    assert findings.layout == "MMSA"
    assert content.splits[Split.TRAIN].ids == tree["train"]["id"].tolist()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["id", "text", "text", "split"], "line 1: got two columns 'text', expected one"),
        (
            ["text", "Sentence", "label", "split"],
            "text: got columns text and Sentence, which could both be the text",
        ),
        (
            ["text", "score", "label", "split"],
            "label: got columns score and label, which could both be the label",
        ),
        (["id", "text", "grade", "split"], "label: got columns id, text, grade, split"),
        (["id", "words", "label", "split"], "text: got columns id, words, label, split"),
    ],
)
def test_columns_that_are_unclear_or_missing_are_one_message(write, names, said):
    shown = problem_of(write(csv_of(names=names)))
    assert said in shown
    assert "1 problem in" in shown
    assert len(shown.splitlines()) == 2


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "words\n", " ", '[{"a": 1}]', "[]"])
def test_a_file_without_the_columns_of_a_table_is_one_line(write, content):
    shown = problem_of(write(content))
    assert "expected a column of text (text, sentence, transcript, raw_text, utterance)" in shown
    assert "\n" not in shown


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text,label\na,1\nb,c,2\nd,-1\n", "line 3: got 3 columns, expected 2, as the header has"),
        ("text,label\na,1\n\nb\n", "line 4: got 1 column, expected 2"),
        ('text,label\n"a\nb",1\nc,d,e\n', "line 4: got 3 columns"),
        ('text,label\n"a" b,1\n', "line 2: got quotes that do not match"),
        ('text,label\na,1\n"b,1\nc,-2\n', "line 3: got quotes that do not match"),
        ('{"text": "a", "label": 1}\n{"text"\n', "line 2: got no JSON"),
        ('{"text": "a", "label": 1}\n[1]\n', "line 2: got list, expected an object"),
        ('[{"text": "a", "label": 1}, 7]', "row 2: got 7, expected an object"),
        ('[{"text": "a"', "the file: got no JSON"),
        ("[" * 100_000, "the file: got no JSON"),
    ],
)
def test_a_damaged_row_is_named_by_its_place(write, content, said):
    shown = problem_of(write(content))
    assert said in shown
    assert len(shown.splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (csv_of().encode("utf-16"), "this is a text file in UTF-16"),
        (csv_of().encode("utf-16-be"), "not a whole pickle"),  # without a mark it may be anything
        ("text,label\ncafé,1\n".encode("latin-1"), "of another encoding than UTF-8"),
        (
            b"text,label\n" + b"a,1\n" * 2000 + b"caf\xe9,1\n",
            "line 2002 is not UTF-8 text (byte 0xe9); save the file as UTF-8",
        ),
    ],
)
def test_other_encodings_are_named(write, content, said):
    assert said in problem_of(write(content))


@pytest.mark.slow
def test_a_huge_field_is_read_whole(write):
    rows = [{**row, "text": row["text"] * 100_000} for row in ROWS]
    content, _ = read(write(csv_of(rows)))
    assert content.splits[Split.TRAIN].raw_text[0] == "good" * 100_000


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_a_file_of_arrow_that_is_cut_off_is_one_message(write, kind):
    whole = arrow_bytes(kind)
    for size in (8, 200, len(whole) - 40):
        shown = problem_of(write(whole[:size]))
        assert (
            "not a whole file of its kind" in shown or "no columns" in shown or "no rows" in shown
        )
        assert len(shown.splitlines()) <= 2


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("text", "  ", "text: got '  ' in line 2 (1 such rows), expected words"),
        ("text", "", "text: got nothing in line 2 (1 such rows), expected words"),
        ("id", "", "id: got nothing in line 2"),
        ("split", "tune", "split: got 'tune' in line 2 (1 such rows), expected train"),
        ("split", "", "split: got nothing in line 2"),
        ("label", "", "label: got no label in line 2 (1 such rows), expected a number in [-3, 3]"),
        ("label", "nan", "label: got no label in line 2"),
        ("label", "1_0", "label: got '1_0' in line 2"),
        ("label", "0,5", "label: got '0,5' in line 2"),
        ("label", "3.5", "label: got 3.5 in line 2 (1 such rows), expected a number in [-3, 3]"),
        ("label", "1e999", "label: got inf in line 2"),
        ("label", "positive", "map the classes (positive) to numbers, as -1, 0 and 1"),
    ],
)
def test_a_wrong_value_is_named_by_its_line(write, key, value, said):
    shown = problem_of(write(csv_of([{**ROWS[0], key: value}, *ROWS[1:]])))
    assert said in shown
    assert len(shown.splitlines()) == 2


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("text", None, "text: got nothing in row 1"),
        ("text", 7, "text: got 7 in row 1"),
        ("text", ["a", "b"], "text: got list in row 1"),
        ("text", {"a": 1}, "text: got dict in row 1"),
        ("text", "\ud800", "text: got '\\ud800' in row 1"),
        ("label", None, "label: got no label in row 1"),
        ("label", True, "label: got True in row 1"),
        ("label", [1.0], "label: got list in row 1"),
        ("label", 10**400, "label: got inf in row 1"),
        ("split", 1, "split: got 1 in row 1"),
        ("id", [], "id: got list in row 1"),
        ("id", ["v", 1], "id: got list in row 1"),
        ("id", True, "id: got True in row 1"),
    ],
)
def test_a_wrong_value_of_json_is_named_by_its_row(write, key, value, said):
    shown = problem_of(write(json.dumps([{**ROWS[0], key: value}, *ROWS[1:]])))
    assert said in shown
    assert len(shown.splitlines()) == 2


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0, 1, 1, 0], "whole numbers from 0 to 1 alone, expected sentiment in [-3, 3], below 0"),
        ([1, 5, 3, 2], "if it goes from 1 to 5: subtract 3, label_bound 2"),
        ([0, 1, 2, 1], "if it goes from 0 to 2: subtract 1, label_bound 1"),
        (["neg", "pos", "neu", "pos"], "map the classes (neg, pos, neu) to numbers"),
    ],
)
def test_classes_and_other_scales_are_refused_with_what_to_do(write, labels, said):
    rows = [{**row, "label": label} for row, label in zip(ROWS, labels, strict=True)]
    assert said in problem_of(write(csv_of(rows)))
    assert said in problem_of(write(json.dumps(rows)))


@pytest.mark.parametrize("labels", [[0, 1, 1, -1], [0, 0.5, 1, 1], [1, 1, 1, 1]])
def test_labels_that_are_no_scale_of_their_own_are_read(write, labels):
    rows = [{**row, "label": label} for row, label in zip(ROWS, labels, strict=True)]
    content, _ = read(write(csv_of(rows)))
    assert content.splits[Split.TRAIN].labels.tolist() == labels[:2]


def test_the_bound_is_that_of_the_dataset(write):
    path = write(csv_of([{**row, "label": 5 - row["label"]} for row in ROWS]))
    assert "expected a number in [-3, 3]" in problem_of(path)
    own = {"name": "own", "label_bound": 8, "metrics": "regression"}
    content, _ = read(path, own)
    assert content.splits[Split.TRAIN].labels.tolist() == [2.5, 5]


def test_a_split_without_rows_is_named(write):
    rows = [{**row, "split": "train" if row["split"] == "dev" else row["split"]} for row in ROWS]
    shown = problem_of(write(csv_of(rows)))
    assert "split: got rows of train, test alone, expected rows of train, valid, test" in shown


def test_an_empty_table_is_named(write):
    assert "got no rows, expected a row for each utterance" in problem_of(write("text,label\n"))


def test_repeated_ids_of_a_video_column_are_distinguished_by_it(write):
    """MELD numbers the utterances of each dialogue from 0."""
    rows = [
        {"Dialogue_ID": row // 2, "Utterance_ID": row % 2, "Utterance": "a", "label": -row / 2}
        for row in range(6)
    ]
    content, findings = read(write(csv_of(rows)))
    ids = [name for split in content.splits.values() for name in split.ids]
    assert sorted(ids) == ["0$_$0", "0$_$1", "1$_$0", "1$_$1", "2$_$0", "2$_$1"]
    assert "the table names no splits; 6 utterances" in findings.remarks[0]
    assert "a hash of the video (3 videos): train 2, valid 2, test 2" in findings.remarks[0]


def test_mmsas_table_of_ch_sims_keeps_its_names_and_its_labels_of_modalities(write):
    header = "video_id,clip_id,text,label,label_T,label_A,label_V,annotation,mode\n"
    path = write(
        header
        + "video_0001,0001,好,0.8,1.0,0.6,0.4,Positive,train\n"
        + "video_0001,0002,坏,-0.8,-1.0,0.0,-0.4,Negative,valid\n"
        + "video_0002,0001,中,0.0,0.2,0.0,0.0,Neutral,test\n",
        "label.csv",
    )
    content, _ = read(path, "sims")
    train = content.splits[Split.TRAIN]
    assert train.ids == ["video_0001$_$0001"]
    found = {modality: values.tolist() for modality, values in train.true_sentiments.items()}
    expected = {Modality.TEXT: [1.0], Modality.AUDIO: [0.6], Modality.VISION: [0.4]}
    assert found == {m: np.float32(v).tolist() for m, v in expected.items()}
    lines = path.read_text().splitlines()
    empty = [
        lines[0],
        *(
            ",".join([*line.split(",")[:4], "", "", "", "x", line.split(",")[-1]])
            for line in lines[1:]
        ),
    ]
    without, _ = read(write("\n".join(empty)), "sims")  # as MMSA's table of MOSI is
    assert without.splits[Split.TRAIN].true_sentiments == {}


SIMS = "video_id,clip_id,text,label,label_T,label_A,mode"
SIMS_ROWS = ("v,1,a,0.8,0.6,-1,train", "v,2,a,-1,-0.6,1,valid", "v,3,a,0.2,1,0.4,test")


@pytest.mark.parametrize("gap", ["", "NaN", " "])
def test_a_label_of_a_modality_may_be_unknown(write, gap):
    table = "\n".join([SIMS, *SIMS_ROWS])
    content, findings = read(write(table.replace("-0.6,1", f"{gap},1")), "sims")
    found = {split: each.true_sentiments for split, each in content.splits.items()}
    assert np.isnan(found[Split.VALID][Modality.TEXT]).tolist() == [True]
    assert found[Split.TEST][Modality.TEXT].tolist() == [1.0]
    assert found[Split.VALID][Modality.AUDIO].tolist() == [1.0]
    assert findings.remarks == ["text: 1 of 3 utterances have no human label of their own"]


@pytest.mark.parametrize(
    ("value", "said"),
    [("2", "label_T: got 2 in line 3"), ("good", "label_T: got 'good' in line 3")],
)
def test_a_wrong_label_of_a_modality_is_refused(write, value, said):
    table = "\n".join([SIMS, *SIMS_ROWS]).replace("-0.6,1", f"{value},1")
    assert said in problem_of(write(table), "sims")


@pytest.mark.parametrize("values", [(0, 1), (1, 1), ("", "")])
def test_labels_of_a_modality_are_no_scale_of_their_own(tmp_path, values):
    for name in ("train", "valid", "test"):
        own = values if name == "test" else (-0.4, 0.8)
        rows = [f"{name},{row},a,{row - 0.4},{value}" for row, value in enumerate(own)]
        header = "video_id,clip_id,text,label,label_T"
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *rows]))
    content, _ = read(tmp_path, "sims")
    found = content.splits[Split.TEST].true_sentiments[Modality.TEXT]
    np.testing.assert_array_equal(found, [np.nan if v == "" else v for v in values])


def test_numbers_with_a_comma_are_said_to_take_a_point(write):
    rows = [{**row, "label": "0,5" if row["label"] else "1"} for row in ROWS]
    shown = problem_of(write(csv_of(rows)))
    assert "write a point in place of the comma" in shown
    assert "classes" not in shown


@pytest.mark.parametrize("value", ["1" * 60_000 + "x", "1" * 60_000, "." * 60_000])
def test_a_long_label_is_refused_at_once(write, value):
    rows = [{**row, "label": value} for row in ROWS]
    begin = time.process_time()
    shown = problem_of(write(csv_of(rows)))
    assert time.process_time() - begin < 2
    assert len(shown) < 1000


def test_an_aligned_table_is_said_that_tables_are_unaligned(write):
    shown = problem_of(write(csv_of()), alignment="aligned")
    assert "a table is unaligned data" in shown
    assert "--set experiment.alignment=unaligned" in shown


def test_text_features_of_a_table_are_none(write):
    shown = problem_of(write(csv_of()), text="features")
    assert "features to read as the text, only words, expected features" in shown


def test_one_character_of_chinese_text_at_the_end_of_the_first_bytes_is_text(write):
    for shift in range(3):  # a character of three bytes that the first 4096 bytes cut in each way
        long = "a" * (4096 - len("text,label,split\n") - shift) + "好" * 9
        rows = f"text,label,split\n{long},1,train\nb,-1,dev\nc,0.5,test\n"
        content, _ = read(write(rows), "sims")
        assert content.splits[Split.TRAIN].raw_text == [long]


def test_a_pickle_is_never_taken_for_a_table(write):
    for protocol in range(6):
        path = write(pickle.dumps({"text": ["a,b"], "label": "café"}, protocol=protocol))
        assert "expected the splits train, valid, test" in problem_of(path)


def arrow_path(path, table, kind):
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as to:
            to.write_table(table)
    return path


LABELS = pa.array([0.5, -1.0, 2.0])


@pytest.mark.parametrize("kind", ["parquet", "file"])
@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (pa.array([[0.5]] * 3), "the column 'label' holds list<"),
        (pa.array([{"a": 1}] * 3), "the column 'label' holds struct<a: int64>"),
    ],
)
def test_columns_of_other_values_than_texts_and_numbers_are_named(tmp_path, kind, labels, said):
    table = pa.table({"text": ["a", "b", "c"], "label": labels})
    shown = problem_of(arrow_path(tmp_path / "t", table, kind))
    assert said in shown
    assert "expected texts or numbers" in shown


@pytest.mark.parametrize("kind", ["parquet", "file"])
@pytest.mark.parametrize("text", [pa.string(), pa.large_string(), pa.dictionary("int8", "string")])
def test_texts_of_every_type_are_read(tmp_path, kind, text):
    table = pa.table({"text": pa.array(["a", "b", "a"]).cast(text), "label": LABELS})
    table = table.append_column("extra", pa.array([[1]] * 3)).append_column("id", LABELS)
    content, _ = read(arrow_path(tmp_path / "t", table, kind))
    found = [text for split in content.splits.values() for text in split.raw_text]
    assert sorted(found) == ["a", "a", "b"]


def test_a_small_file_of_many_values_is_refused_before_they_are_made(tmp_path):
    nulls = pa.table({"text": pa.nulls(10**8), "label": pa.nulls(10**8)})
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 5000, "int32"), ["x" * 10**6])
    texts = pa.table({"text": long, "label": [0.5] * 5000})
    for name, table in (("nulls", nulls), ("texts", texts)):
        path = arrow_path(tmp_path / name, table, "file")
        assert path.stat().st_size < 2 * 10**6
        assert "take more than 2 GiB" in problem_of(path)


def test_a_label_of_json_that_is_nan_is_no_label(write):
    shown = problem_of(write(json.dumps([*ROWS, {**ROWS[0], "id": "n", "label": float("nan")}])))
    assert "got no label in row 5" in shown


@pytest.mark.parametrize("indent", [1, 4])
def test_an_object_over_several_lines_is_one_sentence(write, indent):
    one = json.dumps({"train": ROWS, "test": ROWS}, indent=indent)
    shown = problem_of(write(one))
    assert "one object over several lines, with train, test" in shown
    many = problem_of(write("\n".join(json.dumps(row, indent=indent) for row in ROWS)))
    assert "the first of several objects over several lines, with id, text" in many
    assert "\n" not in shown + many


@pytest.mark.parametrize("place", [1, 3])
@pytest.mark.parametrize("byte", ["\x1b", "\x08"])
def test_a_control_character_in_a_text_file_is_named_with_its_line(write, place, byte):
    lines = csv_of().split("\n")
    lines[place] = lines[place].replace("$_$", byte)
    shown = problem_of(write("\n".join(lines)))
    assert f"line {place + 1} has the control character {ord(byte):#04x}" in shown
    assert "\n" not in shown
