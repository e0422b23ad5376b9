"""A job, called in this process: its reports, its answers, its requeue."""

import json
import os
import threading
import time
from dataclasses import asdict

import pytest

from search.jobs import trial_job
from search.jobs.mailbox import Mailbox
from search.jobs.trial_job import TrialJob
from search.trials.protocol import TIMEOUT

helpers = pytest.importorskip("submitit.helpers")


@pytest.fixture(autouse=True)
def same_gpus(monkeypatch):
    """A job without a GPU hides those of its process."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", os.environ.get("CUDA_VISIBLE_DEVICES", ""))


def job_of(task, mailbox, *, waits=False, minutes=5):
    text = json.dumps(asdict(task))
    return TrialJob(text, str(mailbox.folder), minutes=minutes, uses_gpu=False, waits=waits)


def epochs(mailbox):
    return [sent.report.record.epoch for _, sent in mailbox.take()]


def test_a_job_reports_each_epoch_and_the_outcome(task, mailbox):
    job_of(task(), mailbox)()
    reports = [sent.report for _, sent in mailbox.take()]
    assert [report.record.epoch for report in reports] == [1, 2, 3]
    assert reports[-1].outcome.best_epoch
    assert all(report.place["device"] == "cpu" for report in reports)


def test_a_job_without_gpu_hides_them(task, mailbox):
    os.environ["CUDA_VISIBLE_DEVICES"] = "3"
    job_of(task(), mailbox)()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""


def test_a_failure_is_a_report(task, mailbox):
    broken = json.dumps({**asdict(task()), "corpus": "nowhere", "data": "{}"})
    TrialJob(broken, str(mailbox.folder), minutes=5, uses_gpu=False, waits=False)()
    ((_, sent),) = mailbox.take()
    assert sent.report.failure.kind == "crash"


@pytest.mark.slow
def test_a_job_that_may_be_stopped_waits_for_each_answer(task, mailbox):
    thread = threading.Thread(target=job_of(task(), mailbox, waits=True))
    thread.start()
    seen = []
    until = time.monotonic() + 60
    while len(seen) < 2 and time.monotonic() < until:
        for name, sent in mailbox.take():
            seen.append(sent.report.record.epoch)
            assert list(mailbox.take()) == []
            mailbox.answer(name) if len(seen) < 2 else mailbox.stop()
        time.sleep(0.02)
    thread.join(60)
    assert not thread.is_alive()
    assert seen == [1, 2]
    assert epochs(mailbox) == []


@pytest.mark.slow
def test_a_job_without_an_answer_ends(task, mailbox, monkeypatch):
    monkeypatch.setattr(trial_job, "_ANSWER_SECONDS", 0.1)
    with pytest.raises(TimeoutError, match="no answer to report-"):
        job_of(task(), mailbox, waits=True)()
    assert epochs(mailbox) == [1]


def test_a_job_that_is_queued_again_goes_on_from_its_checkpoint(task, mailbox, monkeypatch):
    task = task()
    job = job_of(task, mailbox)
    put = Mailbox.put

    def put_one(self, report):
        name = put(self, report)
        raise SystemExit(name)  # as submitit ends a process that is queued again

    monkeypatch.setattr(Mailbox, "put", put_one)
    with pytest.raises(SystemExit):
        job()
    monkeypatch.undo()
    again = job.checkpoint()
    assert isinstance(again, helpers.DelayedSubmission)
    assert epochs(mailbox) == [1]
    again.function()
    assert again.function._steps.computed == 2
    assert epochs(mailbox) == [1, 2, 3]  # the driver knows the first one


def test_a_job_with_an_epoch_longer_than_its_time_is_not_queued_again(task, mailbox, monkeypatch):
    job = job_of(task(), mailbox, minutes=5)
    job._started = time.monotonic() - 290
    assert job.checkpoint() is None
    ((_, sent),) = mailbox.take()
    assert sent.report.failure.kind == TIMEOUT
    assert "no epoch ended within the 5 minutes of a job" in sent.report.failure.message


def test_a_job_that_makes_room_before_its_first_epoch_is_queued_again(task, mailbox):
    job = job_of(task(), mailbox, minutes=5)
    job._started = time.monotonic() - 10
    assert job.checkpoint() is not None
