"""A table of texts and labels, from an empty folder to a report in one command each."""

import numpy as np
import pytest

pytestmark = pytest.mark.slow

SHORT = [
    *("--set", "experiment.model.text.name=tiny", "--trials", "2"),
    *("--set", "confirm.top=1", "--set", "confirm.seeds=[1111, 1112]"),
    *("--set", "experiment.training.max_epochs=2"),
]


@pytest.fixture
def ids(tmp_path):
    """Write reviews.csv, which names no splits, and return its ids."""
    names = [f"video{row // 4}$_${row % 4}" for row in range(120)]
    labels = np.random.default_rng(0).uniform(-3, 3, len(names)).round(1)
    rows = [
        f'{name},"good, or not: {label}",{label}' for name, label in zip(names, labels, strict=True)
    ]
    (tmp_path / "reviews.csv").write_text("\n".join(["id,text,label", *rows]))
    return names


def run(here, *data):
    return here("run", "spaces/mosi.yaml", *data, *SHORT)


def assert_reported(here, tmp_path):
    report = here("report", "mosi")
    assert (report.returncode, report.stderr) == (0, "")
    page = (tmp_path / "runs" / "mosi" / "report" / "report.md").read_text()
    assert "over 2 seeds" in page or "2 seeds" in page


def test_a_csv_of_texts_and_labels_trains_and_gives_its_report(here, tmp_path, ids):
    done = run(here, "--data", "unaligned=reviews.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "120 utterances are divided 70/10/20 by a hash of the video (30 videos)" in done.stdout
    assert "4 trials, 4 finished, 0 stopped early, 0 failed" in done.stdout
    assert_reported(here, tmp_path)


def test_one_file_a_modality_trains_and_gives_its_report(here, tmp_path, ids):
    frames = {name: np.ones((3, 4), np.float32) for name in ids[:-1]}
    np.savez(tmp_path / "audio.npz", **frames)
    done = run(here, "--data", "text=reviews.csv", "--data", "audio=audio.npz")
    assert (done.returncode, done.stderr) == (0, "")
    assert "data: mosi, unaligned, text reviews.csv, audio audio.npz" in done.stdout
    assert "audio: 1 of 120 utterances have no frames in audio.npz" in done.stdout
    assert "4 trials, 4 finished, 0 stopped early, 0 failed" in done.stdout
    assert_reported(here, tmp_path)
