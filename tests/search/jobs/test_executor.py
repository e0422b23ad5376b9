"""What Slurm is asked for, with commands in its place that write down what they get."""

import os

import pytest

from search.cli.main import execute
from search.errors import SearchError
from search.jobs import executor
from search.jobs.executor import Executor, cluster_of
from search.jobs.job_states import GONE, ended_jobs, loss_of
from search.jobs.launcher import JobLauncher
from search.jobs.trial_job import TrialJob
from search.open_run import _recorded_space

submitit = pytest.importorskip("submitit")

SUBMITIT = "resources.launcher=submitit"


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Return a function that puts a command of Slurm on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def add(name, text):
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)

    add("srun", "exit 0")
    add("sbatch", f'cat "$1" >> {tmp_path}/asked; echo Submitted batch job 7')
    return add


def job(tmp_path):
    return TrialJob("{}", str(tmp_path / "1"), minutes=5, uses_gpu=False, waits=False)


def test_several_jobs_are_one_array_with_the_options_of_the_space(slurm, mini, tmp_path):
    space = mini(
        SUBMITIT,
        "resources.cpus=3",
        "resources.jobs={minutes: 30, memory_gib: 8, slurm: {partition: short, exclusive: true}}",
    )
    folder = tmp_path / "command"
    submitted = Executor(space, folder, cluster="slurm", gpus=1).submit(
        [job(tmp_path) for _ in range(2)]
    )
    assert [each.job_id for each in submitted] == ["7_0", "7_1"]
    asked = (tmp_path / "asked").read_text()
    for line in (
        "array=0-1%2",
        "cpus-per-task=3",
        "gpus-per-node=1",
        "mem=8GB",
        "time=30",
        "partition=short",
        "exclusive",
        "job-name=mini",
        "signal=USR2@120",
    ):
        assert f"#SBATCH --{line}\n" in asked
    assert len(list(folder.glob("7_*_submitted.pkl"))) == 2


def test_a_single_job_is_no_array_and_asks_for_no_gpu(slurm, mini, tmp_path):
    submitted = Executor(mini(SUBMITIT), tmp_path / "command", cluster="slurm", gpus=0).submit(
        [job(tmp_path)]
    )
    assert [each.job_id for each in submitted] == ["7"]
    asked = (tmp_path / "asked").read_text()
    assert "#SBATCH --array" not in asked
    assert "#SBATCH --gpus" not in asked


def test_a_refused_job_is_one_message(slurm, mini, tmp_path):
    slurm("sbatch", "echo 'sbatch: error: invalid partition specified: shrt' >&2; exit 1")
    with pytest.raises(SearchError, match=r"slurm refuses a job: .*invalid partition.*change"):
        Executor(mini(SUBMITIT), tmp_path / "command", cluster="slurm", gpus=0).submit(
            [job(tmp_path)]
        )


def test_states_come_from_squeue(slurm):
    slurm("squeue", "printf '7_0|RUNNING\\n7_1|OUT_OF_MEMORY\\n8|PENDING\\n9|COMPLETED\\n'")
    jobs = {name: StandIn(name) for name in ("7_0", "7_1", "8", "9", "10")}
    ended = {"7_1": "OUT_OF_MEMORY", "9": "COMPLETED", "10": GONE}
    assert ended_jobs("slurm", jobs) == ended


def test_no_job_has_ended_while_slurm_does_not_answer(slurm):
    slurm("squeue", "exit 1")
    assert ended_jobs("slurm", {"1": StandIn("7")}) == {}


class StandIn:
    def __init__(self, job_id, said=None):
        self.job_id, self._said = job_id, said

    def stderr(self):
        return self._said


@pytest.mark.parametrize(
    ("state", "kind"),
    [("OUT_OF_MEMORY", "oom"), ("NODE_FAIL", "lost_node"), ("FAILED", "crash"), (GONE, "crash")],
)
def test_a_lost_job_says_how_it_ended_and_what_it_said_last(state, kind):
    failure = loss_of(StandIn("7_1", "first\nslurmstepd: error: Exceeded memory\n"), state)
    assert failure.kind == kind
    assert failure.message == f"job 7_1 ended as {state}: slurmstepd: error: Exceeded memory"
    assert failure.traceback.startswith("first\n")
    assert loss_of(StandIn("7"), state).message == f"job 7 ended as {state}"


def test_without_slurm_jobs_are_processes_of_this_machine(mini, monkeypatch):
    monkeypatch.setattr(executor, "has_slurm", lambda: False)
    assert cluster_of(mini(SUBMITIT)) == "local"


def capacity(space, tmp_path, address=None, concurrency=None):
    launcher = JobLauncher(space=space, folder=tmp_path, address=address, concurrency=concurrency)
    return launcher.capacity()


def test_gpus_are_asked_for_where_the_space_says_so(slurm, mini, tmp_path):
    auto = capacity(mini(SUBMITIT, "experiment.training.device=auto"), tmp_path)
    assert (auto.at_once, auto.gpus) == (8, 0)
    assert str(auto) == ("no GPU (resources.gpus: auto; 1 asks for a GPU); each is a job of Slurm")
    assert capacity(mini(SUBMITIT, "resources.gpus=1"), tmp_path, concurrency=3).gpus == 1
    assert capacity(mini(SUBMITIT, "experiment.training.device=cuda"), tmp_path).gpus == 1


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("resources.gpus=0.5", "cannot share its GPU"),
        ("resources.jobs.cluster=local", "no Slurm is used .* computes on the CPU only"),
    ],
)
def test_what_jobs_cannot_do_is_refused(slurm, mini, tmp_path, override, words):
    space = mini(SUBMITIT, "resources.gpus=1", override)
    with pytest.raises(SearchError, match=words):
        capacity(space, tmp_path)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "resources.gpus=0.5"], "cannot share its GPU with another"),
        (["--address", "auto"], "which uses no Ray; leave out --address, or use --launcher ray"),
    ],
)
def test_a_dry_run_refuses_what_the_run_would(mini_file, tmp_path, capsys, words, message):
    given = ["run", str(mini_file), "--runs", str(tmp_path), "--launcher", "submitit", "--dry-run"]
    assert execute([*given, *words]) == 2
    assert message in capsys.readouterr().err


def test_slurm_that_is_not_there_is_refused(mini, tmp_path, monkeypatch):
    monkeypatch.setattr(executor, "has_slurm", lambda: False)
    with pytest.raises(SearchError, match="srun is not on this machine"):
        capacity(mini(SUBMITIT, "resources.jobs.cluster=slurm"), tmp_path)


def test_an_address_of_ray_is_refused(mini, tmp_path):
    with pytest.raises(SearchError, match="uses no Ray"):
        capacity(mini(SUBMITIT), tmp_path, address="auto")


def test_submitit_that_is_not_installed_is_named(mini, tmp_path, monkeypatch):
    monkeypatch.setattr(executor.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SearchError, match=r"pip install 'sugrm-search\[slurm\]'"):
        capacity(mini(SUBMITIT), tmp_path)


def test_what_starts_the_trials_is_no_part_of_the_recorded_space(mini):
    """So a run may be continued with the other launcher, without a warning."""
    jobs = mini(SUBMITIT, "resources.jobs.minutes=30")
    assert _recorded_space(jobs) == _recorded_space(mini())
    assert "launcher" not in _recorded_space(jobs)["resources"]
