import pytest

from search.tune.cluster.node_slots import slots_of


@pytest.mark.parametrize(
    ("node", "cpus", "gpus", "slots"),
    [
        ({"CPU": 16.0}, 1, 0, 16),
        ({"CPU": 3.0}, 2, 0, 1),
        ({"CPU": 16.0, "GPU": 2.0}, 1, 0.25, 8),
        ({"CPU": 16.0, "GPU": 2.0}, 1, 0.4, 4),
        ({"CPU": 16.0, "GPU": 4.0}, 1, 2, 2),
        ({"CPU": 2.0, "GPU": 4.0}, 1, 0.25, 2),
        ({"CPU": 16.0}, 1, 0.25, 0),
        ({"CPU": 16.0, "GPU": 1.0}, 1, 0.3333, 3),
    ],
)
def test_a_node_holds_as_many_trials_as_its_scarcest_resource(node, cpus, gpus, slots):
    """0.4 of a GPU twice fills 0.8 of it: two trials a GPU, not five on two."""
    assert slots_of(node, cpus, gpus=gpus) == slots
