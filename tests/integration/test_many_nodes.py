"""A run over two real nodes: two `ray start` on this machine, each with one CPU."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest

from reports.ledger.reading.load import load_results

pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.alone]

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
SECONDS = 240  # that a node may take to start, or a run to end, on a busy machine
SPACE = """
name: nodes
data: {dataset: synthetic, synthetic: {train: 16, valid: 8, test: 8}}
experiment:
  preset: [mosi, paper]
  model: {text: {name: tiny, finetune: false}, width: 8, encoder: {name: lstm}}
  training: {max_epochs: 4, device: cpu}
ablations: {one: {baseline: {}}}
seeds: [1, 2, 3, 4, 5, 6, 7, 8]
"""
SMALL = ["--object-store-memory=80000000", "--disable-usage-stats"]
# Slurm's commands, for a job whose two nodes are this machine. Steps become processes of their own.
SRUN = f"""#!/usr/bin/env bash
given=" $* "
while [[ $1 == --* ]]; do shift; done
[[ $1 == ray ]] || exec "$@"
[[ $given == *" --cpus-per-task=1 "* ]] || exit 1
exec "$@" {" ".join(SMALL[:1])}
"""
SCONTROL = "#!/usr/bin/env bash\nprintf 'localhost\\nlocalhost\\n'\n"


@pytest.fixture
def environment(tmp_path):
    """The environment of every process: an empty home folder, programs of this Python."""
    (tmp_path / "nodes.yaml").write_text(SPACE)
    (tmp_path / "bin").mkdir()
    search = tmp_path / "bin" / "sugrm-search"
    search.write_text(
        f"#!{sys.executable}\nfrom search.cli.main import main\n\nmain()\n", encoding="utf-8"
    )
    search.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if name != "RAY_AUTH_MODE"}
    return {
        **inherited,
        "PATH": f"{tmp_path / 'bin'}:{PROGRAMS}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "HOME": str(tmp_path),
        "SUGRM_CACHE": str(tmp_path / "cache"),
        "OMP_NUM_THREADS": "1",
    }


@contextlib.contextmanager
def process_group(command, **options):
    """Run a command in a session of its own; at the end kill all of that session that still runs.

    ``ray stop`` would stop every Ray on this machine.
    """
    process = subprocess.Popen(
        command,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )
    timer = threading.Timer(SECONDS, kill_session, args=[process.pid])
    timer.start()
    try:
        yield process
    finally:
        timer.cancel()
        kill_session(process.pid)
        process.wait()
        process.stdout.close()


def kill_session(leader):
    """Kill every process of a session by its number; Ray gives its parts groups of their own."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            session = int(status.read_text().rpartition(")")[2].split()[3])
            if session == leader:
                os.kill(int(status.parent.name), signal.SIGKILL)


@contextlib.contextmanager
def ray_node(environment, *options):
    """Start a node and wait until it says that it runs."""
    command = ["ray", "start", "--block", "--num-cpus=1", *SMALL, *options]
    with process_group(command, env=environment) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ray runtime started" in line:
                break
        else:
            pytest.fail(f"no node: {''.join(said)}")
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def nodes_of(folder):
    """Return Ray's id of the node of each trial; every trial has finished."""
    trials = load_results(folder).trials.values()
    assert {trial.status for trial in trials} == {"finished"}
    assert len(trials) == 8
    return {trial.node_id for trial in trials}


@pytest.fixture
def ray_folder():
    """A short path for Ray's sockets, which allow 107 letters."""
    folder = Path("/tmp") / f"ray-{uuid.uuid4().hex[:8]}"
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_two_started_nodes_share_the_trials_of_a_run(environment, tmp_path, ray_folder):
    """A head asks for the token of its home folder; a command that joins must be given it."""
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("0123456789abcdef" * 4)
    port, here = free_port(), ["--node-ip-address=127.0.0.1", f"--temp-dir={ray_folder}"]
    head = ["--head", f"--port={port}", "--include-dashboard=false"]
    address = f"127.0.0.1:{port}"
    tokens = {"RAY_AUTH_MODE": "token"}
    run = ["sugrm-search", "run", "nodes.yaml", "--address", address, "--runs", "shared"]
    with (
        ray_node(environment, *head, *here),
        ray_node({**environment, **tokens}, f"--address={address}", *here),
    ):
        done = subprocess.run(
            run,
            env={**environment, **tokens},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert len(nodes_of(tmp_path / "shared" / "nodes")) == 2


def test_the_slurm_script_runs_a_space_over_the_nodes_of_its_job(environment, tmp_path):
    """With stand-ins for srun and scontrol; Ray, its token and the run are real."""
    for name, content in (("srun", SRUN), ("scontrol", SCONTROL)):
        (tmp_path / "bin" / name).write_text(content)
        (tmp_path / "bin" / name).chmod(0o755)
    job = str(os.getpid())
    given = {"SLURM_JOB_ID": job, "SLURM_JOB_NODELIST": "localhost", "SLURM_CPUS_PER_TASK": "1"}
    shared = {"SUGRM_SHARED": str(tmp_path)}
    command = ["bash", str(ROOT / "docs/cluster/slurm.sh"), "nodes.yaml"]
    options = {"env": {**environment, **given, **shared}, "cwd": tmp_path}
    with process_group(command, **options) as process:
        said = process.stdout.read()
        assert process.wait() == 0, said
    assert not list(Path("/tmp").glob(f"sugrm-{job}-*"))
    assert "Ray runtime started" in (tmp_path / f"slurm-{job}-ray.log").read_text()
    assert "Ray runtime started" not in said
    assert len(nodes_of(tmp_path / "runs" / "nodes")) == 2
