"""What a job and the driver write to each other: reports in their order, answers, stops, locks."""

import os
import stat
import subprocess
import sys

import pytest

from search.jobs.mailbox import STOP
from search.trials.protocol import Report


def test_reports_come_once_each_in_their_order(mailbox):
    names = [mailbox.put(Report(stage=str(number))) for number in range(12)]
    taken = list(mailbox.take())
    assert [name for name, _ in taken] == names
    assert [sent.report.stage for _, sent in taken] == [str(number) for number in range(12)]
    assert all(sent.node for _, sent in taken)
    assert list(mailbox.take()) == []


def test_a_report_that_is_being_written_is_not_taken(mailbox):
    (mailbox.folder / ".report-00000000000000000001").write_bytes(b"half")
    assert list(mailbox.take()) == []


def test_an_answer_is_for_its_report_and_those_before_it(mailbox):
    first, second, third = (mailbox.put(Report()) for _ in range(3))
    assert not mailbox.is_answered(first)
    mailbox.answer(second)
    assert mailbox.is_answered(first)
    assert mailbox.is_answered(second)
    assert not mailbox.is_answered(third)


@pytest.mark.parametrize("how", ["job", "command", "gone"])
def test_a_job_is_stopped_alone_with_its_command_or_by_a_folder_that_is_gone(mailbox, how):
    assert not mailbox.is_stopped
    if how == "job":
        mailbox.stop()
    elif how == "command":
        (mailbox.folder.parent / STOP).touch()
    else:
        mailbox.folder.rmdir()
    assert mailbox.is_stopped


@pytest.mark.slow
def test_two_processes_do_not_compute_one_job(mailbox):
    code = (
        "import sys; from pathlib import Path; from search.jobs.mailbox import Mailbox\n"
        "with Mailbox(Path(sys.argv[1])).at_work() as held: print(held, flush=True); input()"
    )
    arguments = [sys.executable, "-c", code, str(mailbox.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(arguments, **pipes) as other:
        assert other.stdout.readline() == "True\n"
        assert mailbox.is_at_work
        with mailbox.at_work() as held:
            assert not held
        other.kill()
        other.wait()
    assert not mailbox.is_at_work
    with mailbox.at_work() as held:
        assert held


def test_a_job_whose_folder_is_gone_computes_nothing(mailbox):
    mailbox.folder.rmdir()
    with mailbox.at_work() as held:
        assert not held


def test_looking_at_a_folder_keeps_its_mode(mailbox):
    mailbox.folder.chmod(0o700)
    list(mailbox.take())
    assert stat.S_IMODE(os.stat(mailbox.folder).st_mode) == 0o700
