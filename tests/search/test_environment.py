import os

import torch

from search.environment import describe_environment, usable_cpus


def test_no_more_cpus_are_used_than_the_process_may():
    assert 1 <= usable_cpus() <= len(os.sched_getaffinity(0))


def test_a_container_limit_below_the_cpus_counts(tmp_path, monkeypatch):
    limit = tmp_path / "cpu.max"
    limit.write_text("100000 100000\n", encoding="ascii")
    monkeypatch.setattr("search.environment._CGROUP_LIMIT", limit)
    assert usable_cpus() == 1


def test_the_versions_that_decide_the_numbers_are_described():
    assert describe_environment()["packages"]["torch"] == torch.__version__
