"""GPU shares: over two nodes with GPUs that Ray merely counts, and on a real one where there is."""

import contextlib
import os
from collections import Counter, defaultdict

import pytest
import torch

from reports.load import load_results
from search import run_search
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
    """Start a node for each of ``gpus``: room for four trials by CPU, and the GPU of that name."""
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    try:
        for name in gpus:
            cluster.add_node(
                num_cpus=4,
                num_gpus=1,
                object_store_memory=100 * 2**20,
                include_dashboard=False,
                env_vars={"CUDA_VISIBLE_DEVICES": name},
            )
        yield cluster
    finally:
        cluster.shutdown()


def certainly_held(heard):
    """Yield at each thing heard which seeds certainly held a device.

    From its first to its last epoch a trial does: its worker goes on only when it is told to.
    That it has ended may be heard after the next one in its place was started.
    """
    epochs = defaultdict(list)
    for place, event in enumerate(heard):
        if type(event).__name__ == "EpochDone":
            epochs[event.name.seed].append(place)
    for place in range(len(heard)):
        yield {seed for seed, places in epochs.items() if places[0] <= place <= places[-1]}


def most_at_once(samples, device_of):
    """Return the most trials that a device held at once, by device."""
    most = defaultdict(int)
    for seeds in samples:
        for device, count in Counter(device_of[seed] for seed in seeds).items():
            most[device] = max(most[device], count)
    return dict(most)


def test_halves_of_gpus_put_four_trials_on_two_devices_over_two_nodes(mini, tmp_path, monkeypatch):
    """The GPUs are called 3 and 5; eight CPUs would hold eight trials, whole GPUs two.

    Trials last longer than workers take to start, or four would never train at once.
    """
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    heard = []
    training = "experiment.training={max_epochs: 300, patience: 300, device: auto}"
    space = mini(*HALVES[:-1], training)
    with cluster_of("3", "5") as cluster:
        summary = run_search(space, runs=tmp_path, address=cluster.address, listen=heard.append)
    assert (summary.finished, summary.failed) == (len(SEEDS), 0)
    records = [trial.record for trial in load_results(tmp_path / "mini").trials.values()]
    # Each worker sees the GPU of its own node, and only that.
    places = {(record["node_id"], record["gpus"]) for record in records}
    assert {gpus for _, gpus in places} == {"3", "5"}
    assert len({node for node, _ in places}) == len(places) == 2
    device_of = {record["seed"]: record["gpus"] for record in records}
    samples = list(certainly_held(heard))
    full = max(samples, key=len)
    assert Counter(device_of[seed] for seed in full) == {"3": 2, "5": 2}
    assert most_at_once(samples, device_of) == {"3": 2, "5": 2}
    if not torch.cuda.is_available():  # auto then means the CPU, whatever Ray counts
        assert {record["device"] for record in records} == {"cpu"}


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device; there is none here")
def test_two_halves_of_a_real_gpu_train_at_the_same_time(mini, tmp_path, monkeypatch):
    """The first of three trials has the GPU to itself, to be measured; the others share it.

    Their epochs alternate: neither ends before both have ended one.
    """
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    device = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    heard = []
    training = "experiment.training={max_epochs: 300, patience: 300, device: cuda}"
    space = mini(*HALVES[:-1], "seeds=[1, 2, 3]", training)
    with cluster_of(device) as cluster:
        summary = run_search(space, runs=tmp_path, address=cluster.address, listen=heard.append)
    assert (summary.finished, summary.failed) == (3, 0)
    records = [trial.record for trial in load_results(tmp_path / "mini").trials.values()]
    assert {record["device"] for record in records} == {"cuda"}
    assert {record["gpus"] for record in records} == {device}
    assert at_once(heard) == {2, 3}


def at_once(heard):
    """Return the seeds of trials that had ended an epoch while another one like it was running."""
    running, found = set(), set()
    for event in heard:
        kind = type(event).__name__
        if kind == "EpochDone":
            running.add(event.name.seed)
        elif kind == "TrialEnded":
            running.discard(event.name.seed)
        found |= running if len(running) > 1 else set()
    return found
