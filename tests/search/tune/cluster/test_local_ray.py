"""A local Ray: strangers are refused, a death of its processes ends the run, nothing is left."""

import contextlib
import os
import pty
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from search.errors import SearchError
from search.tune.cluster import local_ray
from search.tune.cluster.authentication import own_token, variables
from search.tune.cluster.processes import processes_with
from search.tune.cluster.ray_watch import NEEDED
from search.tune.cluster.session import ray_session
from tests.search.tune.drivers import RAY_IN_THIS_PROCESS, assert_gone, children, command_of, go_on

pytestmark = RAY_IN_THIS_PROCESS

ATTACK = str(Path(__file__).with_name("attack.py"))
LONG = (
    "search=",
    "confirm=",
    "seeds=[1]",
    "experiment.training={max_epochs: 3000, patience: 3000, batch_size: 16, device: cpu}",
)


def attack(address, home, **token):
    """Start a process that knows the address, of another home folder, and perhaps of a token."""
    home.mkdir()
    known = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    retries = {"RAY_NUM_REDIS_GET_RETRIES": "2"}  # else it tries for 20 s
    return subprocess.Popen(
        [sys.executable, ATTACK, address, str(home / "made")],
        env={**known, **retries, **token, "HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def test_whoever_has_no_token_of_the_run_executes_nothing(no_ray_here, tmp_path, monkeypatch):
    """Over the machine's own address, not loopback; the last one has the token, and gets in."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with ray_session(None):
        import ray

        address = ray.get_runtime_context().gcs_address
        assert not address.startswith(("127.", "localhost"))
        right = os.environ["RAY_AUTH_TOKEN"]
        strangers = {
            "without": attack(address, tmp_path / "without"),
            "refuses tokens": attack(address, tmp_path / "refuses", RAY_AUTH_MODE="disabled"),
            "wrong": attack(
                address, tmp_path / "wrong", RAY_AUTH_MODE="token", RAY_AUTH_TOKEN="0" * len(right)
            ),
            "right": attack(
                address, tmp_path / "right", RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=right
            ),
        }
        said = {name: one.communicate(timeout=90)[0].strip() for name, one in strangers.items()}
    assert said.pop("right") == "ran"
    assert set(said.values()) == {"ConnectionError"}
    assert [path.parent.name for path in tmp_path.glob("*/made")] == ["right"]
    assert not (tmp_path / ".ray").exists()


def test_a_local_ray_leaves_no_process_no_folder_and_only_rays_own_variables(
    no_ray_here, monkeypatch, tmp_path
):
    """Nor does it need a short path for temporary files, or what the user says of tokens."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    for name in ("TMPDIR", "RAY_TMPDIR"):
        monkeypatch.setenv(name, str(long))
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    before = dict(os.environ)
    with ray_session(None):
        import ray

        place = Path(ray._private.worker._global_node.get_temp_dir_path()).parent
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert len(processes_with(place)) >= 3
        first = os.environ["RAY_AUTH_TOKEN"]
    assert not place.exists()
    assert processes_with(place) == []
    changed = {name for name, value in os.environ.items() if before.get(name) != value}
    assert changed <= {"RAY_CLIENT_MODE", "PYTHONBREAKPOINT"}  # Ray sets them for good
    assert before.keys() <= os.environ.keys()
    with own_token():
        assert os.environ["RAY_AUTH_TOKEN"] != first


def ray_processes(kind):
    """Return the processes of this machine whose program has the name ``kind``, by their pid."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            program = (process / "cmdline").read_bytes().split(b"\0")[0].decode()
        except OSError:
            continue
        if Path(program).name == kind:
            found[int(process.name)] = process
    return found


def test_a_frozen_start_of_ray_is_followed_by_another_one(no_ray_here, monkeypatch):
    """The first node manager is frozen, so that Ray's 30 seconds for it pass."""
    import ray

    starts, frozen, end = [], [], threading.Event()

    def init(*arguments, **options):
        starts.append(options["_temp_dir"])
        return real(*arguments, **options)

    def freeze():
        while not frozen and not end.is_set():
            for pid in ray_processes("raylet"):
                if starts and starts[0].encode() in command_of(pid):
                    os.kill(pid, signal.SIGSTOP)
                    frozen.append(pid)

    real = ray.init
    monkeypatch.setattr(ray, "init", init)
    thread = threading.Thread(target=freeze, daemon=True)
    thread.start()
    try:
        with ray_session(None):
            assert ray.get(ray.remote(num_cpus=1)(lambda: "works").remote(), timeout=120) == "works"
    finally:
        end.set()
        thread.join()
    assert len(starts) == 2
    assert_gone(frozen)


@pytest.mark.parametrize(
    ("messages", "starts"),
    [
        (["The current node timed out during startup. This", None], 2),
        (["The current node timed out during startup. This"] * 2, 2),
        (["no space left on device", None], 1),
    ],
)
def test_only_a_start_that_was_too_slow_is_tried_once_more(monkeypatch, messages, starts):
    calls, left = [], [*messages]

    def init(*_, **__):
        calls.append("init")
        if said := left.pop(0):
            raise RuntimeError(said)

    monkeypatch.setattr(local_ray, "_init", init)
    monkeypatch.setattr(local_ray, "_stop", lambda *_: calls.append("stop") or True)
    if (*messages, None)[starts - 1] is None:
        local_ray._start(Path("ray"), {}, gpus=None)
    else:
        with pytest.raises(SearchError, match=f"Ray cannot start on this machine .{messages[0]}"):
            local_ray._start(Path("ray"), {}, gpus=None)
    assert calls == ["init", "stop", "init"][: 2 * starts - 1]


def command(file, runs, *overrides):
    """Return the command line of a run, for a process of its own."""
    code = "from search.cli.main import main; main()"
    changes = [part for override in overrides for part in ("--set", override)]
    options = ["--runs", str(runs), "--concurrency", "1", *changes]
    return [sys.executable, "-c", code, "run", str(file), *options]


@contextlib.contextmanager
def started(file, runs):
    """Start a long run and wait for its first checkpoint; kill it at the end if it still runs."""
    arguments = command(file, runs, *LONG)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(arguments, **quiet) as process:
        try:
            while not list(runs.glob("mini/checkpoints/*/last.pt")):
                assert process.poll() is None
                time.sleep(0.1)
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("kind", sorted(NEEDED))
def test_a_death_of_ray_itself_ends_the_run_with_one_message(ray_here, mini_file, tmp_path, kind):
    with started(mini_file, tmp_path) as process:
        below = children(process.pid)
        (needed,) = [pid for pid in ray_processes(kind) if pid in below]
        os.kill(needed, signal.SIGKILL)
        _, said = process.communicate(timeout=90)
    assert process.returncode == 2, said
    assert said.startswith("error: Ray has lost its ")
    assert said.count("\n") == 1
    assert "run the same command again to go on" in said
    assert_gone(below)
    assert len(list((tmp_path / "mini/running").iterdir())) == 1
    go_on(mini_file, tmp_path, *LONG, epochs=2)


STUCK = """
import ray
from search.tune.cluster.local_ray import local_ray

with local_ray({}):
    ray._private.worker._global_node.all_processes["gcs_server"][0].process.kill()
    print(ray.get_runtime_context().gcs_address, flush=True)
    ray.available_resources()
"""


def test_a_call_that_waits_for_a_dead_ray_ends_with_one_message(ray_here, tmp_path):
    """No signal reaches such a call, and Ray ends the process after a minute."""
    program = [sys.executable, "-c", STUCK]
    known = {**os.environ, "RAY_TMPDIR": str(short := Path(tempfile.mkdtemp(dir="/tmp")))}
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(program, env=known, **quiet) as process:
        assert process.stdout.readline()
        below = children(process.pid)
        _, said = process.communicate(timeout=90)
    assert process.returncode == 2, said
    assert said.startswith("error: Ray has lost its control service (GCS)")
    assert said.count("\n") == 1
    assert_gone(below)
    short.rmdir()  # the run has removed its folder


@pytest.mark.parametrize("is_moved", [True, False])
def test_a_run_whose_folder_goes_ends_with_one_message_and_makes_it_not_anew(
    ray_here, mini_file, tmp_path, is_moved
):
    run = tmp_path / "runs" / "mini"
    with started(mini_file, run.parent) as process:
        below = children(process.pid)
        if is_moved:
            run.rename(tmp_path / "elsewhere")
        while run.exists():  # a worker may write into what is just being removed
            shutil.rmtree(run, ignore_errors=True)
        _, said = process.communicate(timeout=90)
    assert process.returncode == 2, said
    assert said.startswith(f"error: {run} was moved or deleted")
    assert said.count("\n") == 1
    assert not run.exists()
    assert_gone(below)
    if is_moved:
        (tmp_path / "elsewhere").rename(run)
        assert len(list((run / "running").iterdir())) == 1
        go_on(mini_file, run.parent, *LONG, epochs=2)


def test_a_terminal_that_closes_ends_the_run_as_sigterm_does(mini_file, tmp_path):
    """SIGHUP goes to every process of the terminal; what the run still says goes nowhere."""
    pid, terminal = pty.fork()
    if not pid:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup ignores it for every child
        arguments = command(mini_file, tmp_path, *LONG)
        os.execv(arguments[0], arguments)
    while not list(tmp_path.glob("mini/checkpoints/*/last.pt")):
        os.set_blocking(terminal, False)
        try:
            os.read(terminal, 2**16)  # or it would wait for its terminal
        except BlockingIOError:
            time.sleep(0.1)
    below = children(pid)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 129
    assert_gone(below)
    assert len(list((tmp_path / "mini/running").iterdir())) == 1


def test_variables_are_put_back_after_an_error(monkeypatch):
    monkeypatch.setenv("SUGRM_A", "before")
    monkeypatch.delenv("SUGRM_B", raising=False)
    seen = []

    def fail():
        with variables({"SUGRM_A": "x", "SUGRM_B": "y"}):
            seen.append((os.environ["SUGRM_A"], os.environ["SUGRM_B"]))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert seen == [("x", "y")]
    assert os.environ["SUGRM_A"] == "before"
    assert "SUGRM_B" not in os.environ
