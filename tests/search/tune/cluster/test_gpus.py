"""GPU shares: over two nodes with GPUs that Ray merely counts, and on a real one where there is."""

import contextlib
import os
import time
from collections import Counter, defaultdict

import pytest
import torch

from reports.ledger.reading.load import load_results
from search.cli.display import wording
from search.events import PlanReady, WorkersStarting
from search.plan import build_plan
from search.run import run_space
from search.trials.corpora import convert
from search.trials.factory import TrialFactory
from search.tune.cluster.authentication import own_token
from search.tune.cluster.session import ray_session
from search.tune.trainable import TrialActor, worker_config
from tests.search.tune.drivers import RAY_IN_THIS_PROCESS

pytestmark = RAY_IN_THIS_PROCESS

SEEDS = (1, 2, 3, 4, 5, 6)
HALVES = (
    "search=",
    "confirm=",
    "ablations={one: {baseline: {}}}",
    f"seeds={list(SEEDS)}",
    "resources={cpus: 1, gpus: 0.5}",
    "experiment.training={max_epochs: 10, patience: 10, device: auto}",
)


@contextlib.contextmanager
def cluster_of(*gpus):
    """Start a node for each of ``gpus``: room for four trials by CPU, and the GPU of that name.

    None is a node without one. The variable lets a worker without a GPU see all of them.
    """
    from ray.cluster_utils import Cluster

    with contextlib.ExitStack() as stack:
        stack.enter_context(own_token())
        cluster = Cluster()
        stack.callback(cluster.shutdown)
        for name in gpus:
            cluster.add_node(
                num_cpus=4,
                num_gpus=int(name is not None),
                object_store_memory=100 * 2**20,
                include_dashboard=False,
                env_vars={
                    "CUDA_VISIBLE_DEVICES": name or "",
                    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
                },
            )
        yield cluster


@pytest.fixture(scope="module")
def cluster(shared_ray):
    """Start two nodes with a GPU, called 3 and 5, and one without."""
    shared_ray.stop()
    with cluster_of("3", "5", None) as found:
        yield found


def certainly_held(events):
    """Yield at each event which seeds certainly held a device.

    From its first to its last epoch a trial does: its worker waits for permission to continue.
    Its end may be reported after the start of the next trial in its place.
    """
    epochs = defaultdict(list)
    for place, event in enumerate(events):
        if type(event).__name__ == "EpochDone":
            epochs[event.name.seed].append(place)
    for place in range(len(events)):
        yield {seed for seed, places in epochs.items() if places[0] <= place <= places[-1]}


def most_at_once(samples, device_of):
    """Return the most trials that a device held at once, by device."""
    most = defaultdict(int)
    for seeds in samples:
        for device, count in Counter(device_of[seed] for seed in seeds).items():
            most[device] = max(most[device], count)
    return dict(most)


@pytest.fixture
def four_at_once(monkeypatch, tmp_path):
    """Let the last four trials wait in their second epoch until all of them have come as far.

    The first two have a GPU each, to be measured. The others are then certainly at work together,
    however long their workers take to start. Returns an override with the number of epochs.
    """
    waiting = tmp_path / "waiting"
    waiting.mkdir()

    class WaitingActor(TrialActor):
        def step(self):
            if self._task.seed > 2 and self._reported:
                (waiting / str(self._task.seed)).touch()
                end = time.monotonic() + 120
                while len(list(waiting.iterdir())) < 4 and time.monotonic() < end:
                    time.sleep(0.05)
            time.sleep(0.3)
            return super().step()

    monkeypatch.setattr("search.tune.trainable.TrialActor", WaitingActor)
    return "experiment.training={max_epochs: 8, patience: 8, device: auto}"


def test_halves_of_gpus_put_four_trials_on_two_devices_over_two_nodes(
    mini, tmp_path, cluster, four_at_once
):
    """The CPUs would hold twelve trials, whole GPUs two."""
    events = []
    space = mini(*HALVES[:-1], four_at_once)
    summary = run_space(space, runs=tmp_path, address=cluster.address, listen=events.append)
    assert (summary.finished, summary.failed) == (len(SEEDS), 0)
    trials = list(load_results(tmp_path / "mini").trials.values())
    # Each worker sees the GPU of its own node, and only that.
    places = {(trial.node_id, trial.gpus) for trial in trials}
    assert {gpus for _, gpus in places} == {"3", "5"}
    assert len({node for node, _ in places}) == len(places) == 2
    device_of = {trial.seed: trial.gpus for trial in trials}
    samples = list(certainly_held(events))
    full = max(samples, key=len)
    assert Counter(device_of[seed] for seed in full) == {"3": 2, "5": 2}
    assert most_at_once(samples, device_of) == {"3": 2, "5": 2}
    if not torch.cuda.is_available():  # auto then means the CPU, whatever Ray counts
        assert {trial.device for trial in trials} == {"cpu"}


@pytest.mark.parametrize(
    ("device", "seen", "at_once"),
    [
        ("auto", {"3", "5"}, "2 trials at once, 1 GPU each (resources.gpus: auto, 2 found)"),
        ("cpu", {None}, "3 trials at once, no GPU (resources.gpus: auto, training.device: cpu)"),
    ],
)
def test_by_itself_a_trial_takes_one_gpu_unless_it_computes_on_the_cpu(
    mini, tmp_path, cluster, device, seen, at_once
):
    """Three may run at once: two GPUs hold two, the CPUs of the three nodes twelve."""
    events = []
    training = f"experiment.training={{max_epochs: 1, device: {device}}}"
    space = mini(*HALVES[:-2], "seeds=[1, 2, 3]", training)
    run_space(space, runs=tmp_path, address=cluster.address, concurrency=3, listen=events.append)
    trials = list(load_results(tmp_path / "mini").trials.values())
    assert {trial.status for trial in trials} == {"finished"}
    assert {trial.gpus for trial in trials} <= seen
    assert [type(event) for event in events[:2]] == [WorkersStarting, PlanReady]
    assert wording.at_once(events[1]) == at_once


@pytest.mark.parametrize(("gpus", "visible"), [(0, {""}), (1, {"3", "5"})])
def test_a_worker_sees_the_gpu_that_it_was_given_and_no_other(
    mini, tmp_path, cluster, gpus, visible
):
    """Ray itself would leave a worker without a GPU those of its node."""
    import ray

    space = mini("search=", "confirm=")
    factory = TrialFactory(space, convert(space, build_plan(space)), run=tmp_path)
    task = worker_config(factory.task(factory.trial({}, 1)), gpus=gpus)
    with ray_session(cluster.address):
        spread = ray.remote(num_cpus=1, num_gpus=gpus, scheduling_strategy="SPREAD")(TrialActor)
        actors = [spread.remote(task) for _ in range(1 if gpus else 3)]
        seen = [
            actor.__ray_call__.remote(lambda worker: os.environ["CUDA_VISIBLE_DEVICES"])
            for actor in actors
        ]
        assert set(ray.get(seen)) <= visible


@pytest.mark.gpu
@pytest.mark.alone
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device; there is none here")
def test_two_halves_of_a_real_gpu_train_at_the_same_time(no_ray_here, mini, tmp_path):
    """The first of three trials has the GPU to itself, to be measured; the others share it.

    Their epochs alternate: neither ends before both have ended one.
    """
    device = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    events = []
    training = "experiment.training={max_epochs: 300, patience: 300, device: cuda}"
    space = mini(*HALVES[:-1], "seeds=[1, 2, 3]", training)
    with cluster_of(device) as cluster:
        summary = run_space(space, runs=tmp_path, address=cluster.address, listen=events.append)
    assert (summary.finished, summary.failed) == (3, 0)
    trials = list(load_results(tmp_path / "mini").trials.values())
    assert {trial.device for trial in trials} == {"cuda"}
    assert {trial.gpus for trial in trials} == {device}
    assert at_once(events) == {2, 3}


def at_once(events):
    """Return the seeds of trials that had ended an epoch while another one like it was running."""
    running, found = set(), set()
    for event in events:
        kind = type(event).__name__
        if kind == "EpochDone":
            running.add(event.name.seed)
        elif kind == "TrialEnded":
            running.discard(event.name.seed)
        found |= running if len(running) > 1 else set()
    return found
