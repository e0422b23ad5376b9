import shutil
from collections import namedtuple

import pytest

from search import run_search
from search.estimate.disk import (
    DiskError,
    DiskNeed,
    Utterances,
    check_disk,
    disk_need,
    free_bytes,
    least_checkpoint,
)

FEW = Utterances(train=1000, scored=100)
Usage = namedtuple("Usage", "free")


def test_labels_of_every_epoch_dominate_the_results():
    """Three tasks of 1000 float32 an epoch, beside 8 KiB: 20 epochs more write 20 of these."""
    less, more = (
        disk_need(FEW, trials=2, epochs=epochs, checkpoint=0, concurrency=1) for epochs in (10, 30)
    )
    assert more.results - less.results == 20 * (12000 + 8192)


def test_checkpoints_count_for_the_trials_that_run_at_once():
    need = disk_need(FEW, trials=8, epochs=8, checkpoint=100, concurrency=4)
    assert need.checkpoints == 3 * 100 * 4
    need = disk_need(FEW, trials=1.5, epochs=8, checkpoint=100, concurrency=4)
    assert need.checkpoints == 3 * 100 * 2


def test_nothing_left_needs_nothing():
    assert disk_need(FEW, trials=0, epochs=0, checkpoint=100, concurrency=4).total == 0


def test_a_run_that_would_fill_the_disk_is_refused(tmp_path):
    check_disk(DiskNeed(checkpoints=0, results=0), tmp_path)
    with pytest.raises(DiskError, match=r"expected to write .* GiB below .* free"):
        check_disk(DiskNeed(checkpoints=10**18, results=0), tmp_path)


def test_the_space_is_that_of_the_nearest_folder_that_exists(tmp_path):
    assert free_bytes(tmp_path / "none" / "yet") == pytest.approx(free_bytes(tmp_path), rel=0.1)


def test_a_pretrained_encoder_that_is_trained_decides_a_checkpoint(mini, monkeypatch):
    monkeypatch.setattr("sugrm.modules.text_encoder.encoder_parameters", lambda name: 1000)
    assert least_checkpoint(mini()) == 0
    assert least_checkpoint(mini("experiment.model.text.name=minilm")) == 16000
    frozen = "experiment.model.text={name: minilm, finetune: false}"
    assert least_checkpoint(mini(frozen)) == 0


def test_a_run_is_refused_before_it_leaves_a_folder(mini, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(free=1000))
    with pytest.raises(DiskError, match="would fill the disk"):
        run_search(mini(), runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
