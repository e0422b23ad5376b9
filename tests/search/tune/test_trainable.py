"""The worker without Ray: the same object, stepped in this process."""

import sys

import numpy as np
import pytest

from reports.ledger.places.storage import StorageError
from search.environment import cpu_kind
from search.tune.trainable import REPORT, TrialActor, worker_config
from sugrm.errors import DataError


@pytest.fixture
def mini(mini):
    """Return the mini space with overrides, with text."""
    return lambda *overrides: mini("experiment.model.modalities=[text, audio, vision]", *overrides)


def actor(task):
    fresh = TrialActor.__new__(TrialActor)
    fresh.setup(worker_config(task))
    return fresh


def steps(worker):
    while True:
        result = worker.step()
        yield result[REPORT]
        if result["done"]:
            return


def numbers(report):
    outcome = report.outcome
    predictions = outcome.predictions["test"].predictions if outcome else {}
    return report.record.valid, report.record.train_loss, predictions


def same(one, other):
    np.testing.assert_equal([numbers(each) for each in one], [numbers(each) for each in other])


@pytest.mark.slow
def test_each_step_is_an_epoch_and_the_last_one_brings_the_outcome(task):
    reports = list(steps(actor(task())))
    assert [report.record.epoch for report in reports] == [1, 2, 3]
    assert [report.outcome is not None for report in reports] == [False, False, True]
    assert "mae" in reports[-1].outcome.test
    sizes = {split: len(found.ids) for split, found in reports[-1].outcome.predictions.items()}
    assert sizes == {"train": 16, "valid": 8, "test": 8}


@pytest.mark.slow
def test_each_report_says_on_which_device_and_in_which_precision(task):
    """A trial that is stopped early has no outcome, and its row says it all the same."""
    low = {"training.precision": "bfloat16", "training.device": "cpu"}
    reports = list(steps(actor(task(low))))
    assert [(report.place["device"], report.place["precision"]) for report in reports] == [
        ("cpu", "bfloat16")
    ] * 3
    assert {report.place["processor"] for report in reports} == {cpu_kind()}


@pytest.mark.slow
def test_a_reused_actor_equals_a_fresh_one_bit_for_bit(task):
    used = actor(task({"objective.loss": "l2"}, seed=5))
    list(steps(used))
    assert used.reset_config(worker_config(task(run="used")))
    same(steps(used), steps(actor(task(run="fresh"))))


@pytest.mark.slow
def test_an_actor_taken_from_a_trial_half_way_equals_a_fresh_one(task):
    used = actor(task(seed=5))
    used.step()
    used.reset_config(worker_config(task(run="used")))
    same(steps(used), steps(actor(task(run="fresh"))))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone resets a process's peak")
def test_a_small_trial_in_the_actor_of_a_large_one_has_its_own_peak_memory(task):
    small, large = {"model.width": 4}, {"model.width": 512}
    used = actor(task(small, run="first"))
    peaks = [peak(used)]
    for changes, run in ((large, "large"), (small, "small")):
        used.reset_config(worker_config(task(changes, run=run)))
        peaks.append(peak(used))
    before, high, after = peaks
    assert high - before > 60
    assert after - before < (high - before) / 2


def peak(worker):
    *_, last = steps(worker)
    return last.outcome.columns["peak_memory_mib"]


@pytest.mark.parametrize("uses_cuda", [True, False])
def test_between_trials_a_gpu_gets_its_unused_memory_back(task, monkeypatch, uses_cuda):
    """CUDA is made up: nothing is asked of it that the process has not begun to use."""
    freed = []
    monkeypatch.setattr("torch.cuda.is_initialized", lambda: uses_cuda)
    monkeypatch.setattr("torch.cuda.empty_cache", lambda: freed.append(True))
    used = actor(task(seed=5))
    used.reset_config(worker_config(task()))
    assert freed == [True] * uses_cuda


@pytest.mark.slow
def test_a_trial_cut_off_reports_its_epochs_again_and_ends_the_same(task, monkeypatch):
    first = actor(task(run="cut"))
    first.step()
    first.step()
    resumed = actor(task(run="cut"))
    computed = []
    from sugrm import TrainingRun

    run_epoch = TrainingRun.run_epoch
    monkeypatch.setattr(TrainingRun, "run_epoch", lambda run: computed.append(1) or run_epoch(run))
    reports = list(steps(resumed))
    assert len(computed) == 1
    same(reports, steps(actor(task(run="whole"))))


@pytest.mark.slow
def test_a_task_with_a_frozen_encoder_names_its_states(task, monkeypatch):
    """The worker then asks neither tokeniser nor weights once the states exist."""
    frozen = {"model.text.finetune": False}
    assert task().states_key is None
    first, second = task(frozen, run="one"), task(frozen, seed=2, run="two")
    assert first.states_key == second.states_key is not None
    *_, last = steps(actor(first))
    assert last.failure is None
    monkeypatch.setattr("sugrm.training.frozen_text.load_text_encoder", None)
    monkeypatch.setattr("sugrm.training.frozen_text.encoder_fingerprint", None)
    monkeypatch.setattr("sugrm.training.feed.load_tokeniser", None)
    *_, last = steps(actor(second))
    assert last.failure is None
    assert "mae" in last.outcome.test


@pytest.mark.slow
def test_a_worker_says_so_before_it_computes_states(task, monkeypatch, tmp_path):
    """The first trial alone: the second one finds them."""
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    stages = []
    for seed in (1, 2):
        frozen = task({"model.text.finetune": False}, seed=seed, run=str(seed))
        found = list(steps(actor(frozen)))
        stages.append([report.stage for report in found])
        assert [report.record is None for report in found] == [bool(each.stage) for each in found]
    assert stages == [["computing text states", "", "", ""], ["", "", ""]]


def test_data_that_a_frozen_trial_cannot_use_fail_the_trial_and_not_the_driver(task, monkeypatch):
    def refuse(*arguments, **named):
        raise DataError("not one frame a token")

    with monkeypatch.context() as patch:
        patch.setattr("sugrm.training.feed._read_text", refuse)
        asked = task({"model.text.finetune": False, "model.text.max_tokens": 9})
        assert asked.states_key is None
        (report,) = steps(actor(asked))
    assert (report.failure.kind, report.failure.message) == ("crash", "not one frame a token")


def test_an_exception_is_reported_with_its_traceback(task):
    (report,) = steps(actor(task({"training.device": "cuda:99"})))
    assert report.failure.kind == "crash"
    assert "cuda" in report.failure.message
    assert "Traceback" in report.failure.traceback


def test_a_loss_that_is_not_a_number_is_reported_as_nan(task):
    *_, report = steps(actor(task({"training.learning_rate.others": 1e38})))
    assert report.failure.kind == "nan"


def test_memory_that_runs_out_is_reported_as_oom(task, monkeypatch):
    def exhausted(run):
        raise MemoryError("out of memory")

    monkeypatch.setattr("sugrm.TrainingRun.run_epoch", exhausted)
    (report,) = steps(actor(task()))
    assert (report.failure.kind, report.failure.message) == ("oom", "MemoryError: out of memory")


def test_a_store_that_fails_is_reported_as_a_full_disk_is(task, monkeypatch):
    def unanswered(*arguments, **named):
        raise StorageError("s3://runs: the store does not answer")

    monkeypatch.setattr("sugrm.training.run.save_checkpoint", unanswered)
    (report,) = steps(actor(task()))
    assert report.failure.kind == "disk"
    assert report.failure.message == "s3://runs: the store does not answer"
