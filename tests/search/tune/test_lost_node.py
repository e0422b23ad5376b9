"""A node that goes without a word takes no trial with it."""

import gc
import threading
import time

import pytest

from search.run import run_space
from search.tune.cluster.authentication import own_token
from tests.search.tune.drivers import RAY_IN_THIS_PROCESS, rows

pytestmark = [pytest.mark.alone, *RAY_IN_THIS_PROCESS]

CELLS = ("search=", "confirm=", "seeds=[1, 2]", "experiment.training.max_epochs=40")


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


def test_a_node_removed_without_grace_loses_no_trial(two_nodes, mini, tmp_path):
    cluster, second = two_nodes
    space = mini(*CELLS)
    epochs, removed = [], []

    def remove_once(event):
        """Once two trials are at work, one on each node."""
        epochs.append(event)
        at_work = {each.name for each in epochs if type(each).__name__ == "EpochDone"}
        if len(at_work) >= 2 and not removed:
            removed.append(time.monotonic())
            thread = threading.Thread(
                target=cluster.remove_node, args=[second], kwargs={"allow_graceful": False}
            )
            thread.start()

    summary = run_space(space, runs=tmp_path / "lost", address=cluster.address, listen=remove_once)
    assert removed
    assert (summary.finished, summary.failed) == (4, 0)
    lost = [each.message for each in epochs if type(each).__name__ == "RunWarning"]
    assert any("was lost" in message for message in lost)
    run_space(space, runs=tmp_path / "whole", address=cluster.address, concurrency=1)
    assert rows(tmp_path / "lost/mini") == rows(tmp_path / "whole/mini")
