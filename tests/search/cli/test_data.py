import os
import pickle
import shlex

import numpy as np
import pytest

from search.cli.main import execute

SMALL = [
    *("--train", "8", "--valid", "4", "--test", "4"),
    *("--audio-width", "3", "--vision-width", "2"),
    *("--text-length", "12", "--audio-length", "9", "--vision-length", "7"),
]


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "small.pkl"
    assert execute(["data", "synthesize", str(path), *SMALL]) == 0
    return path


def test_a_synthetic_pickle_has_the_widths_and_sizes_that_were_asked_for(corpus):
    splits = pickle.loads(corpus.read_bytes())
    assert splits["train"]["audio"].shape == (8, 9, 3)
    assert splits["test"]["vision"].shape == (4, 7, 2)


def test_a_file_that_is_there_is_not_written_over(corpus, capsys):
    before = corpus.read_bytes()
    assert execute(["data", "synthesize", str(corpus), *SMALL]) == 2
    assert "exists already; expected a new file" in capsys.readouterr().err
    assert corpus.read_bytes() == before


def test_inspect_shows_sizes_and_widths_and_keeps_nothing(corpus, tmp_path, capsys):
    assert execute(["data", "inspect", str(corpus)]) == 0
    shown = capsys.readouterr().out
    assert "train: 8 utterances" in shown
    audio = next(line for line in shown.splitlines() if line.startswith("audio"))
    assert audio.split()[:3] == ["audio", "frames", "3"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.pkl"]


def test_import_converts_into_the_cache(corpus, tmp_path, capsys):
    assert execute(["data", "import", str(corpus)]) == 0
    assert f"converted into {tmp_path / 'cache'}" in capsys.readouterr().out
    assert any((tmp_path / "cache").iterdir())


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Write a table and frames of audio for all but one of its rows."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    rows = [f"v{row},word,{row / 8 - 1}" for row in range(16)]
    (tmp_path / "reviews.csv").write_text("\n".join(["id,text,label", *rows]))
    np.savez(tmp_path / "audio.npz", **{f"v{row}": np.ones((2, 3)) for row in range(15)})


@pytest.mark.parametrize("command", ["inspect", "import"])
def test_a_table_is_shown_with_its_splits(table, capsys, command):
    assert execute(["data", command, "reviews.csv"]) == 0
    shown = capsys.readouterr().out
    assert "layout: CSV table" in shown
    assert "the table names no splits; 16 utterances are divided 70/10/20" in shown
    assert "absent in every utterance: audio, vision" in shown
    rows = [line.split()[0] for line in shown.splitlines() if line.startswith(("text ", "audio "))]
    assert rows == ["text"] * 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["reviews.csv"], "run mosi --data unaligned=reviews.csv --set name=reviews --dry-run"),
        (
            ["text=reviews.csv", "audio=audio.npz", "--dataset", "mosei"],
            "run mosei --data text=reviews.csv --data audio=audio.npz --set name=reviews --dry-run",
        ),
        (
            ["reviews.csv", "--dataset", "simsv2"],
            "run sims --data unaligned=reviews.csv --set name=reviews "
            "--set data.dataset=simsv2 --dry-run",
        ),
    ],
)
def test_inspect_gives_the_command_that_reads_the_files_in_the_same_way(
    table, capsys, words, command
):
    assert execute(["data", "inspect", *words]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"  sugrm-search {command}"
    plan = shlex.split(command.removesuffix(" --dry-run"))
    assert execute(["plan", *plan[1:]]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("reviews: at most ")
    assert "unless the data hold text features" not in shown


@pytest.mark.parametrize("command", ["inspect", "import"])
@pytest.mark.parametrize(
    ("words", "first"),
    [
        ((), "read as mosi: labels in [-3, 3]; for another dataset: --dataset NAME"),
        (("--dataset", "sims"), "read as sims: labels in [-1, 1]"),
    ],
)
def test_the_dataset_whose_labels_are_assumed_is_named_first(table, capsys, command, words, first):
    assert execute(["data", command, "reviews.csv", *words]) == 0
    assert capsys.readouterr().out.splitlines()[0] == first


def test_a_file_that_is_named_after_a_dataset_is_read_as_it(table, tmp_path, capsys):
    (tmp_path / "reviews.csv").rename(tmp_path / "sims.csv")
    assert execute(["data", "inspect", "sims.csv"]) == 0
    assert capsys.readouterr().out.startswith("read as sims: labels in [-1, 1]; for another")


def test_a_split_of_one_utterance_is_counted_in_the_singular(table, tmp_path, capsys):
    rows = ["text,label,split", "good,1,train", "fine,1,train", "bad,-1,valid", "dull,-1,test"]
    (tmp_path / "reviews.csv").write_text("\n".join(rows))
    assert execute(["data", "inspect", "reviews.csv"]) == 0
    shown = capsys.readouterr().out
    assert "train: 2 utterances, labels" in shown
    assert "valid: 1 utterance, labels" in shown


def test_a_file_of_another_ending_is_named_as_such_before_its_problems(table, tmp_path, capsys):
    (tmp_path / "make.py").write_text("import numpy as np\n\nx = [1, 2]\nprint('a')\n")
    for given in ("make.py", "text=make.py"):
        assert execute(["data", "inspect", given]) == 2
        shown = capsys.readouterr().err
        assert shown.splitlines()[1].startswith(
            "make.py: .py is the ending of no table and of no feature file; expected one of .csv, "
        )
    (tmp_path / "reviews.csv").rename(tmp_path / "reviews.v2")
    assert execute(["data", "inspect", "reviews.v2"]) == 0


def test_frames_alone_are_answered_with_the_table_that_they_need(table, capsys):
    assert execute(["data", "inspect", "audio.npz"]) == 2
    shown = capsys.readouterr().err
    assert (
        "frames are given beside a table: text=TABLE audio=audio.npz, or vision=audio.npz" in shown
    )
    words = ["run", "mosi", "--data", "unaligned=audio.npz", "--dry-run"]
    assert execute([*words, "--set", "experiment.model.text.name=tiny"]) == 2
    assert "--data text=TABLE --data audio=" in capsys.readouterr().err


def test_lines_on_one_file_do_not_repeat_its_alignment(table, capsys):
    assert execute(["data", "inspect", "reviews.csv"]) == 0
    shown = capsys.readouterr().out
    assert "unaligned data" not in shown
    assert "\nabsent in every utterance: audio, vision\n" in shown
    assert "warning: few utterances" in shown


@pytest.mark.parametrize("command", ["inspect", "import"])
def test_one_file_a_modality_is_shown_together(table, capsys, command):
    assert execute(["data", command, "audio=audio.npz", "text=reviews.csv"]) == 0
    shown = capsys.readouterr().out
    assert "layout: one file for each modality (CSV table)" in shown
    assert "audio: 1 of 16 utterances have no frames in audio.npz" in shown
    assert "absent in every utterance: vision" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reviews.csv", "audio.npz"], "got reviews.csv audio.npz; expected one path"),
        (["text=reviews.csv", "audio.npz"], "got text=reviews.csv audio.npz; expected one path"),
        (["text=reviews.csv", "text=reviews.csv"], "expected one path, or text=TABLE"),
        (["text="], "got text=; expected one path, or text=TABLE"),
        (["audio=audio.npz"], "audio and vision need the file text beside them"),
        (["other=reviews.csv"], "other=reviews.csv: cannot read"),
    ],
)
def test_words_that_name_no_files_together_are_one_line(table, capsys, words, said):
    assert execute(["data", "inspect", *words]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("\n") == 1


@pytest.mark.parametrize("command", ["inspect", "import"])
def test_a_missing_file_is_one_message_and_exit_code_2(tmp_path, monkeypatch, capsys, command):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    assert execute(["data", command, str(tmp_path / "none.pkl")]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("error: ")
    assert "none.pkl" in shown
    assert "Traceback" not in shown


def test_a_pickle_that_names_a_function_is_refused_by_its_name(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "bad.pkl"
    path.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    assert execute(["data", "inspect", str(path)]) == 2
    assert "os.system" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_one_message(tmp_path, capsys):
    assert execute(["data", "synthesize", str(tmp_path / "no" / "such.pkl"), *SMALL]) == 2
    assert "No such file or directory" in capsys.readouterr().err


def test_repeated_ids_are_a_warning_of_inspect(corpus, capsys):
    tree = pickle.loads(corpus.read_bytes())
    tree["train"]["id"][1] = tree["train"]["id"][0]
    corpus.write_bytes(pickle.dumps(tree))
    assert execute(["data", "inspect", str(corpus)]) == 0
    shown = capsys.readouterr().out
    assert "warning: train: 1 of 8 utterances repeat the id of an earlier" in shown


def test_sizes_beyond_the_memory_are_one_message(tmp_path, capsys, monkeypatch):
    def refuse(*arguments, **named):
        raise MemoryError("Unable to allocate 7 TiB")

    monkeypatch.setattr("sugrm.data.write_synthetic_pickle", refuse)
    assert execute(["data", "synthesize", str(tmp_path / "a.pkl"), "--train", "999999999999"]) == 2
    assert capsys.readouterr().err == (
        "error: not enough memory (Unable to allocate 7 TiB); expected smaller sizes, or a machine "
        "that has more\n"
    )


@pytest.mark.parametrize(
    "sizes",
    [
        ("--train", "999999999999"),
        ("--audio-width", "999999999999999"),
        ("--text-length", "9" * 30),
        ("--vision-length", "9" * 300),
    ],
)
def test_sizes_that_cannot_be_meant_are_refused_before_they_take_memory(tmp_path, capsys, sizes):
    assert execute(["data", "synthesize", str(tmp_path / "a.pkl"), *sizes]) == 2
    shown = capsys.readouterr().err
    assert "values; expected at most 5.0e+09, four times MOSEI's; lower " in shown
    assert shown.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_ordinary_file_is_named(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    assert execute(["data", "inspect", str(tmp_path)]) == 2
    assert "this folder has no table for train, valid, test" in capsys.readouterr().err
    assert execute(["data", "inspect", str(tmp_path / "pipe")]) == 2
    assert "is no ordinary file; expected a feature file" in capsys.readouterr().err


@pytest.mark.parametrize("width", [30, 40, 60])
def test_inspect_keeps_every_value_on_a_narrow_terminal(corpus, capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    assert execute(["data", "inspect", str(corpus)]) == 0
    shown = capsys.readouterr().out
    assert "  audio: frames, width 3\n    lengths (median): " in shown
    assert "    absent 0, repaired 0\n" in shown
    streams = [line for line in shown.splitlines() if line.startswith("  ")][:-1]
    assert max(map(len, streams)) <= 40


def of_mult():
    frames = np.ones((2, 4, 3))
    frames[:, 0] = 0
    split = {"audio": frames, "vision": frames, "text": frames, "labels": np.zeros((2, 1, 1))}
    return split | {"id": np.array([[b"a", b"0", b"1"], [b"b", b"0", b"1"]])}


def of_word_tuples():
    return [((["so", "good"], np.ones((2, 3)), np.ones((2, 3))), np.ones((1, 1)), "a")] * 2


@pytest.mark.parametrize("alignment", ["aligned", "unaligned"])
@pytest.mark.parametrize(
    ("split", "layout", "text"),
    [
        (of_mult(), "MulT", ["text", "frames", "3", "3-3", "(3)", "front"]),
        (of_word_tuples(), "word tuples (MAG-BERT, MISA, MMIM)", ["text", "words", "-", "2-2"]),
    ],
)
def test_inspect_names_the_layout_of_a_file(tmp_path, capsys, alignment, split, layout, text):
    path = tmp_path / "features.pkl"
    path.write_bytes(pickle.dumps(dict.fromkeys(("train", "dev", "test"), split)))
    assert execute(["data", "inspect", str(path), "--alignment", alignment]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"layout: {layout}" in lines
    shown = next(line for line in lines if line.startswith("text "))
    assert shown.split()[: len(text)] == text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("2024.csv", "run_2024"),
        ("null.csv", "run_null"),
        ("1e5.csv", "run_1e5"),
        ("My Films (new).csv", "my_films_new"),
        ("simsv2.csv", "simsv2 --set data.dataset=simsv2"),
    ],
)
def test_the_command_of_inspect_has_a_name_that_a_run_may_have(table, tmp_path, capsys, file, name):
    (tmp_path / "reviews.csv").rename(tmp_path / file)
    assert execute(["data", "inspect", file]) == 0
    command = capsys.readouterr().out.splitlines()[-1].strip()
    assert f"--set name={name} --dry-run" in command
    assert execute(["plan", *shlex.split(command.removesuffix(" --dry-run"))[2:]]) == 0


def test_the_command_of_inspect_repeats_how_a_feature_file_is_read(tmp_path, capsys):
    path = tmp_path / "features.pkl"
    path.write_bytes(pickle.dumps(dict.fromkeys(("train", "valid", "test"), of_mult())))
    options = ["--alignment", "aligned", "--lengths", "detected", "--text-source", "features"]
    assert execute(["data", "inspect", str(path), *options]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == (
        f"  sugrm-search run mosi --data aligned={path} --set name=features "
        "--set experiment.alignment=aligned --set data.lengths=detected "
        "--set data.text_source=features --dry-run"
    )


def test_the_dataset_follows_from_the_table_whatever_file_comes_first(table, tmp_path, capsys):
    (tmp_path / "audio.npz").rename(tmp_path / "mosi.npz")
    (tmp_path / "reviews.csv").rename(tmp_path / "sims.csv")
    files = ["audio=mosi.npz", "text=sims.csv"]
    for given in (files, files[::-1]):
        assert execute(["data", "inspect", *given]) == 0
        assert "sims" in capsys.readouterr().out
