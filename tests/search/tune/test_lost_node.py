"""A node that goes without a word takes no trial with it."""

import gc
import threading
import time

import pytest

from search.run import run_space
from search.tune.cluster.authentication import own_token
from search.tune.trainable import TrialActor
from tests.search.tune.drivers import RAY_IN_THIS_PROCESS, rows

pytestmark = RAY_IN_THIS_PROCESS

CELLS = ("search=", "confirm=", "seeds=[1, 2]", "experiment.training.max_epochs=4")


@pytest.fixture
def two_nodes(no_ray_here):
    """A cluster of two nodes with one CPU each; yields it and its second node."""
    from ray.cluster_utils import Cluster

    with own_token():
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        second = cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()
        yield cluster, second
        cluster.shutdown()
    del cluster, second
    gc.collect()  # its dead processes complain here, where that is let pass


@pytest.fixture
def at_work(two_nodes, tmp_path, monkeypatch):
    """Let the trial on the second node wait in its second epoch for the end of its node.

    Until then the one on the first node waits too. Returns the file that says that both are at
    work.
    """
    import ray

    file, second = tmp_path / "at work", two_nodes[1].node_id

    class WaitingActor(TrialActor):
        def step(self):
            if self._reported:
                end = time.monotonic() + 120
                is_second = ray.get_runtime_context().get_node_id() == second
                if is_second:
                    file.touch()
                while (is_second or not file.exists()) and time.monotonic() < end:
                    time.sleep(0.05)
            return super().step()

    monkeypatch.setattr("search.tune.trainable.TrialActor", WaitingActor)
    return file


def test_a_node_removed_without_grace_loses_no_trial(two_nodes, at_work, mini, tmp_path):
    cluster, second = two_nodes
    space = mini(*CELLS)
    warnings, removed = [], []

    def remove_once(event):
        """Once two trials are at work, one on each node."""
        if type(event).__name__ == "RunWarning":
            warnings.append(event.message)
        if at_work.exists() and not removed:
            removed.append(time.monotonic())
            thread = threading.Thread(
                target=cluster.remove_node, args=[second], kwargs={"allow_graceful": False}
            )
            thread.start()

    summary = run_space(space, runs=tmp_path / "lost", address=cluster.address, listen=remove_once)
    assert removed
    assert (summary.finished, summary.failed) == (4, 0)
    assert any("was lost" in message for message in warnings)
    run_space(mini(*CELLS, "resources.launcher=sequential"), runs=tmp_path / "whole")
    assert rows(tmp_path / "lost/mini") == rows(tmp_path / "whole/mini")
