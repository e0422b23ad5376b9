import os

import pytest
import torch

from search.environment import cpu_kind, describe_environment, usable_cpus


def test_no_more_cpus_are_used_than_the_process_may():
    assert 1 <= usable_cpus() <= len(os.sched_getaffinity(0))


def test_a_container_limit_below_the_cpus_counts(tmp_path, monkeypatch):
    limit = tmp_path / "cpu.max"
    limit.write_text("100000 100000\n", encoding="ascii")
    monkeypatch.setattr("search.environment._CGROUP_LIMIT", limit)
    assert usable_cpus() == 1


def test_the_versions_that_decide_the_numbers_are_described():
    assert describe_environment()["packages"]["torch"] == torch.__version__


@pytest.mark.parametrize(
    ("text", "cpu"),
    [
        (
            "model name\t: AMD EPYC\nflags\t\t: fpu avx avx2\n\nmodel name\t: AMD EPYC\n",
            "AMD EPYC AVX2",
        ),
        ("model name : Xeon\nflags : avx2 avx512f amx_bf16\n", "Xeon AMX"),
        ("CPU implementer\t: 0x41\n", None),
        (None, None),
    ],
)
def test_the_kind_of_the_cpu_is_described(tmp_path, monkeypatch, request, text, cpu):
    file = tmp_path / "cpuinfo"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    monkeypatch.setattr("search.environment._CPU_INFO", file)
    cpu_kind.cache_clear()
    request.addfinalizer(cpu_kind.cache_clear)
    assert describe_environment()["machine"]["cpu"] == cpu
