"""Drivers that are ended from outside: the same command goes on, and its numbers are the same.

``pytest -m cluster tests/search/tune/test_kills.py --kills 20`` kills each of the three runs twenty
times; the moments come from a printed seed, which ``--kill-seed`` gives back.
"""

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from reports.ledger.reading.load import load_results
from search import load_space
from search.run import run_space
from search.status.run_status import run_status
from tests.search.tune.drivers import (
    RAY_IN_THIS_PROCESS,
    driver,
    go_on,
    rows,
    solo,
    wait_for,
)

pytestmark = RAY_IN_THIS_PROCESS

ASHA = (
    "search.scheduler={name: asha, min_epochs: 1, reduction: 2}",
    "experiment.training.max_epochs=3",
)


SEQUENTIAL = "resources.launcher=sequential"
CELLS = ("search=", "confirm=", "seeds=[1, 2, 3]")
STARTING = 8.0  # seconds that a driver needs until its first event, about
BETWEEN = 0.2  # seconds between two events, about


@dataclass(frozen=True)
class Kill:
    """When a driver is killed: so many events after its start, and so many seconds after those."""

    events: int
    seconds: float


@pytest.fixture
def moments(request):
    """Return a function that draws the kills of a run with so many events, from a printed seed."""
    chosen = request.config.getoption("--kill-seed")
    seed = random.SystemRandom().randrange(2**32) if chosen is None else chosen
    print(f"kill moments come from --kill-seed {seed}")
    generator = random.Random(seed)
    count = request.config.getoption("--kills")

    def draw(events):
        """Spread the kills over the events; one in eight comes while a driver starts."""
        places = [0.0, *sorted(generator.uniform(0, events) for _ in range(count))]
        for before, after in itertools.pairwise(places):
            if generator.random() < 1 / 8:
                yield Kill(0, generator.uniform(0, STARTING))
            else:
                # Each driver first says that its plan is ready.
                yield Kill(1 + int(after - before), generator.uniform(0, BETWEEN))

    return draw


@pytest.fixture(scope="module")
def earlier():
    """What the undisturbed runs of this module gave."""
    return {}


@pytest.fixture
def undisturbed(earlier, mini_file, tmp_path):
    """Return a function that runs a space to its end; it returns the rows and the number of events.

    It runs each space once, without workers: their numbers are the same.
    """

    def run(overrides):
        if overrides not in earlier:
            events = []
            runs = tmp_path / "whole"
            space = load_space(mini_file, overrides=(*overrides, SEQUENTIAL))
            run_space(space, runs=runs, listen=events.append)
            earlier[overrides] = rows(runs / "mini"), len(events)
        return earlier[overrides]

    return run


def killed(file, runs, overrides, concurrency, kills):
    """Kill the driver of a run again and again, then let it end; return the folders of the runs.

    A run that ends before its kill is followed by a new one.
    """
    folders = [runs / "0"]
    ended = {}
    for kill in kills:
        with driver(file, folders[-1], *overrides, concurrency=concurrency) as process:
            for _ in range(kill.events):
                process.stdout.readline()  # empty once the run has ended
            time.sleep(kill.seconds)
            process.send_signal(signal.SIGKILL)
            if process.wait() == 0:
                folders.append(runs / str(len(folders)))
        ended |= times(folders[-1])
    for folder in folders:
        go_on(file, folder, *overrides, concurrency=concurrency)
    kept = {key: when for folder in folders for key, when in times(folder).items()}
    assert {key: kept.get(key) for key in ended} == ended
    return folders


def times(runs):
    """Return when each trial of a run ended; a trial that is computed again ends again."""
    folder = runs / "mini"
    if not (folder / "experiment.json").exists():
        return {}
    trials = load_results(folder).trials.values()
    return {(str(runs), trial.key): trial.ended_at for trial in trials}


@pytest.mark.parametrize(("overrides", "concurrency"), [(ASHA, 1), (CELLS, 2)])
def test_a_run_killed_at_any_moment_ends_as_an_undisturbed_one(
    ray_here, mini_file, tmp_path, moments, undisturbed, overrides, concurrency
):
    """A search at concurrency 1, and cells two at a time: nothing is lost or repeated."""
    wanted, events = undisturbed(overrides)
    for runs in killed(mini_file, tmp_path, overrides, concurrency, moments(events)):
        assert rows(runs / "mini") == wanted


def test_each_trial_of_a_killed_concurrent_search_equals_its_solo_run(
    ray_here, mini_file, tmp_path, moments, undisturbed
):
    """What such a search suggests depends on timing; what each suggestion gives does not."""
    _, events = undisturbed(ASHA)
    for runs in killed(mini_file, tmp_path, ASHA, 2, moments(events)):
        finished = [
            trial
            for trial in load_results(runs / "mini").trials.values()
            if trial.status == "finished"
        ]
        assert finished
        for trial in finished:
            scores = str(sorted(trial.valid.items())), str(sorted(trial.test.items()))
            assert scores == solo(trial)


def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(mini_file, tmp_path):
    with driver(mini_file, tmp_path, "experiment.training.max_epochs=200") as process:
        wait_for(process, "EpochDone", 2)
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        output = process.stdout.read()
        assert output.endswith("RunEnded\ninterrupted\n")
        assert time.monotonic() - started < 30
        assert process.wait() == 0
    assert len(list((tmp_path / "mini/running").iterdir())) == 1
    assert len(list((tmp_path / "mini/checkpoints").glob("*/last.pt"))) == 1


def test_a_second_ctrl_c_breaks_off_and_the_same_command_goes_on(ray_here, mini_file, tmp_path):
    slow = (*CELLS, "experiment.training.max_epochs=200")
    with driver(mini_file, tmp_path, *slow) as process:
        wait_for(process, "EpochDone", 2)
        process.send_signal(signal.SIGINT)
        wait_for(process, "RunWarning", 1)  # the first signal was received
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    assert len(list((tmp_path / "mini/checkpoints").glob("*/last.pt"))) == 1
    go_on(mini_file, tmp_path, *slow, epochs=3)


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_a_signal_of_the_user_ends_the_run_which_does_not_claim_to_be_done(
    mini_file, tmp_path, number
):
    code = "from search.cli.main import main; main()"
    arguments = ["run", str(mini_file), "--runs", str(tmp_path), "--set", "search.trials=1"]
    epochs = ["--set", "experiment.training.max_epochs=500", "--concurrency", "1"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, *epochs],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(tmp_path.glob("mini/checkpoints/*/last.pt")):
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(number)
    printed, said = process.communicate(timeout=40)
    assert process.returncode == 128 + number
    assert said == "interrupted; run the same command again to continue\n"
    assert "is done" not in printed
    assert len(list((tmp_path / "mini/running").iterdir())) == 1


def test_sigterm_to_every_process_of_a_job_ends_it_within_seconds(mini_file, tmp_path):
    """As a scheduler does it; a farewell to Ray's processes, dead by then, would take a minute."""
    code = "from search.cli.main import main; main()"
    arguments = ["run", str(mini_file), "--runs", str(tmp_path), "--set", "search.trials=1"]
    epochs = ["--set", "experiment.training.max_epochs=500", "--concurrency", "1"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, *epochs],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(tmp_path.glob("mini/checkpoints/*/last.pt")):
        assert process.poll() is None
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGTERM)
    _, said = process.communicate(timeout=40)
    assert (process.returncode, said) == (
        143,
        "interrupted; run the same command again to continue\n",
    )
    assert len(list((tmp_path / "mini/running").iterdir())) == 1


FULL = """
import resource, sys
from pathlib import Path
from search import load_space
from search.run import run_space

def listen(event):
    if type(event).__name__ == "TrialEnded":
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))

space = load_space(sys.argv[1], overrides=sys.argv[4:])
run_space(space, runs=Path(sys.argv[2]), address=sys.argv[3], concurrency=1, listen=listen)
"""


def test_a_full_disk_under_the_driver_ends_the_run_and_loses_nothing(
    ray_here, mini_file, tmp_path, undisturbed
):
    """After its first trial the driver may write no file of more than 2 kB."""
    import ray

    address = ray.get_runtime_context().gcs_address  # a Ray of its own would take seconds
    command = [sys.executable, "-c", FULL, str(mini_file), str(tmp_path / "full"), address, *ASHA]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert "DiskFullError" in done.stderr.splitlines()[-1]
    assert "takes no more data" in done.stderr
    assert len(times(tmp_path / "full")) == 1
    assert not list((tmp_path / "full").glob("**/*.tmp"))
    go_on(mini_file, tmp_path / "full", *ASHA)
    wanted, _ = undisturbed(ASHA)
    assert rows(tmp_path / "full/mini") == wanted


def test_an_evolution_killed_and_continued_equals_an_undisturbed_one(ray_here, mini_file, tmp_path):
    """Generations of two over two objectives: their parents are rebuilt from the ledger."""
    evolution = (
        "search.sampler={name: nsgaii, population: 2}",
        "search.objective=[{metric: valid/mae}, {metric: cost/parameters}]",
        "search.parameters.model.width={choice: [4, 8]}",
        "search.trials=8",
        "ablations=",
    )
    with driver(mini_file, tmp_path / "killed", *evolution) as process:
        wait_for(process, "TrialEnded", 5)
        wait_for(process, "EpochDone", 1)
        process.send_signal(signal.SIGKILL)
        process.wait()
    go_on(mini_file, tmp_path / "killed", *evolution)
    go_on(mini_file, tmp_path / "undisturbed", *evolution, SEQUENTIAL)
    found = rows(tmp_path / "killed/mini")
    assert found == rows(tmp_path / "undisturbed/mini")
    assert len([name for name in found if name[0] == "search"]) >= 8
    front = run_status(tmp_path / "killed", "mini").pareto
    (first, *_) = [name for name in found if name[0] == "confirm"]
    assert first[1] == front[0].key
