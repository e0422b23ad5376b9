"""What each launcher checks before a run and expects to offer, without starting anything."""

import pytest

from search.errors import SearchError
from search.launcher_choice import launcher_of

CPUS = 4
CLUSTER = "on this machine (those of the cluster are not known here)"
SLURM = "as jobs, if Slurm lets none of them wait"


@pytest.fixture
def launcher(mini, tmp_path, monkeypatch):
    """Return a function that gives the launcher of a space on a machine of four CPUs, no GPU."""
    for module in ("search.tune.launcher", "search.sequential.launcher", "search.jobs.launcher"):
        monkeypatch.setattr(f"{module}.usable_cpus", lambda: CPUS)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)

    def of(name, *overrides, **options):
        space = mini(f"resources.launcher={name}", *overrides)
        return launcher_of(space, folder=tmp_path / "mini", **options)

    return of


@pytest.mark.parametrize(
    ("name", "has_slurm", "options", "at_once", "where", "starts_nothing"),
    [
        ("ray", False, {}, CPUS, "on this machine", False),
        ("ray", False, {"concurrency": 3}, 3, "on this machine", False),
        ("ray", False, {"address": "auto"}, CPUS, CLUSTER, True),
        ("submitit", False, {}, CPUS, "on this machine", True),
        ("submitit", True, {}, 8, SLURM, True),
        ("submitit", True, {"concurrency": 20}, 20, SLURM, True),
        ("sequential", False, {}, 1, "in this process", True),
    ],
)
def test_what_is_expected_is_known_before_anything_starts(
    launcher, monkeypatch, name, has_slurm, options, at_once, where, starts_nothing
):
    monkeypatch.setattr("search.jobs.executor.has_slurm", lambda: has_slurm)
    found = launcher(name, **options)
    found.check()
    expected = found.expected()
    assert (expected.at_once, expected.where, expected.gpu_use.gpus) == (at_once, where, 0)
    assert expected.is_elsewhere == (where in (CLUSTER, SLURM))
    assert found.starts_nothing == starts_nothing


@pytest.mark.parametrize(
    ("name", "overrides", "options", "reason"),
    [
        ("ray", ["experiment.training.precision=float16"], {}, "needs a GPU"),
        ("submitit", ["experiment.training.precision=float16"], {}, "needs a GPU"),
        ("submitit", ["resources.gpus=0.5"], {}, "cannot share its GPU"),
        ("submitit", [], {"address": "auto"}, "uses no Ray"),
        ("sequential", ["experiment.training.precision=float16"], {}, "needs a GPU"),
        ("sequential", ["resources.cpus=5"], {}, "this process may use 4"),
        ("sequential", ["resources.gpus=1"], {}, "finds no GPU"),
        ("sequential", [], {"address": "auto"}, "computes in this process"),
        ("sequential", [], {"concurrency": 2}, "one trial after another"),
    ],
)
def test_what_cannot_work_is_refused(launcher, name, overrides, options, reason):
    with pytest.raises(SearchError, match=reason):
        launcher(name, *overrides, **options).check()


def test_a_cluster_is_not_asked_for_its_gpus(launcher):
    launcher("ray", "experiment.training.precision=float16", address="auto").check()
