import pickle

import numpy as np
import pytest

from search.cli.main import execute
from sugrm.config import SyntheticConfig
from sugrm.data import write_synthetic_pickle

TWICE = """
name: twice
data: {{dataset: mosi, unaligned: {file}}}
experiment:
  preset: [mosi, paper]
  model: {{text: {{name: tiny}}, width: 4, encoder: {{name: lstm}}}}
  training: {{max_epochs: 1, batch_size: 8, device: cpu}}
ablations: {{one: {{baseline: {{}}}}}}
seeds: [1]
"""


@pytest.mark.parametrize("place", ["search.space.reading.load_space", "search.run.run_space"])
def test_ctrl_c_before_or_while_the_run_starts_says_how_to_go_on(
    monkeypatch, capsys, tmp_path, place
):
    def interrupt(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(place, interrupt)
    assert execute(["run", "spaces/demo.yaml"]) == 130
    assert capsys.readouterr().err == "interrupted; run the same command again to continue\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_run_with_nothing_but_a_refused_pickle_writes_nothing(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "wrong.pkl").write_text("not a pickle")
    command = ["run", "spaces/mosi.yaml", "--data", "unaligned=wrong.pkl"]
    assert execute([*command, "--set", "experiment.model.text.name=tiny"]) == 2
    shown = capsys.readouterr().err
    assert "wrong.pkl: a table of the columns 'not a pickle'; expected a column of text" in shown
    assert shown.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.pkl"]


@pytest.mark.slow
def test_a_dry_run_warns_of_repeated_ids(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    sizes = {"train": 8, "valid": 4, "test": 4, "audio_length": 4, "vision_length": 4}
    file = tmp_path / "twice.pkl"
    write_synthetic_pickle(file, SyntheticConfig(**sizes, text_length=8))
    tree = pickle.loads(file.read_bytes())
    tree["test"]["id"][3] = tree["test"]["id"][0]
    file.write_bytes(pickle.dumps(tree))
    space = tmp_path / "twice.yaml"
    space.write_text(TWICE.format(file=file))
    assert execute(["run", str(space), "--dry-run", "--runs", str(tmp_path / "runs")]) == 0
    assert "warning: unaligned data, test: 1 of 4 utterances repeat" in capsys.readouterr().err


@pytest.mark.slow
def test_a_dry_run_says_that_text_features_are_read(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    sizes = {"train": 8, "valid": 4, "test": 4, "audio_length": 4, "vision_length": 4}
    file = tmp_path / "features.pkl"
    write_synthetic_pickle(file, SyntheticConfig(**sizes, text_length=8))
    tree = pickle.loads(file.read_bytes())
    for split in tree.values():
        split["text"] = np.ones((len(split["id"]), 8, 5), np.float32)
    file.write_bytes(pickle.dumps(tree))
    space = tmp_path / "features.yaml"
    space.write_text(TWICE.format(file=file))
    command = ["run", str(space), "--dry-run", "--runs", str(tmp_path / "runs")]
    assert execute(command) == 0
    shown = capsys.readouterr()
    assert "warning: unaligned data: the text is read as the file's features" in shown.err
    assert execute([*command, "--set", "data.text_source=features"]) == 0
    shown = capsys.readouterr()
    assert "text encoder: none, the data's text features are read" in shown.out


@pytest.mark.slow
def test_a_dry_run_warns_of_cells_without_data(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    sizes = {"train": 8, "valid": 4, "test": 4, "audio_length": 4, "vision_length": 4}
    file = tmp_path / "unaligned.pkl"
    write_synthetic_pickle(file, SyntheticConfig(**sizes, text_length=8))
    space = tmp_path / "twice.yaml"
    text = TWICE.format(file=file)
    space.write_text(text.replace("baseline: {}", "baseline: {}, other: {alignment: aligned}"))
    assert execute(["run", str(space), "--dry-run", "--runs", str(tmp_path / "runs")]) == 0
    shown = capsys.readouterr()
    assert shown.err.count("warning: one/other is not run: it reads aligned data") == 1
    assert "left to compute: 1 trial, at most 1 epoch\n" in shown.out


def test_every_missing_data_file_is_named(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    data = ["--data", "aligned=a.pkl", "--data", "unaligned=u.pkl"]
    assert execute(["run", "spaces/baselines.yaml", *data]) == 2
    shown = capsys.readouterr().err
    assert "a.pkl: " in shown
    assert "u.pkl: " in shown
