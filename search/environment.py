"""The machine and the code of a run, as ``experiment.json`` records them."""

import importlib.metadata
import os
import platform
import subprocess
from functools import cache
from pathlib import Path

PACKAGES = ("sugrm-search", "torch", "transformers", "ray", "optuna", "pyarrow", "numpy")
OPTIONAL_PACKAGES = ("peft",)
_CPU_INFO = Path("/proc/cpuinfo")
_VECTORS = {"amx_bf16": "AMX", "avx512f": "AVX-512", "avx2": "AVX2"}  # flag -> name, widest first
_CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def usable_cpus() -> int:
    """Return how many CPUs this process may use, within its affinity and its container's limits."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(count or 1, _container_cpus() or count or 1))


def describe_environment() -> dict[str, object]:
    """Return package versions, Python, git commit and machine."""
    optional = {name: _version(name) for name in OPTIONAL_PACKAGES}
    return {
        "packages": {
            **{name: _version(name) for name in PACKAGES},
            **{name: version for name, version in optional.items() if version is not None},
        },
        "python": platform.python_version(),
        "git": _git(),
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cpu": cpu_kind(),
            "cpus": usable_cpus(),
            "memory_gib": _memory_gib(),
            "gpus": _gpus(),
        },
    }


def _container_cpus() -> int | None:
    try:
        quota, period = _CGROUP_LIMIT.read_text(encoding="ascii").split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return None


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _git() -> dict[str, object] | None:
    """Return the git commit of this code and whether it is modified, None outside a checkout."""
    root = Path(__file__).parent.parent
    if not (root / ".git").exists():
        return None
    try:
        commit = _run_git(root, "rev-parse", "HEAD")
        return {"commit": commit, "modified": bool(_run_git(root, "status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def _run_git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=10
    ).stdout.strip()


@cache
def cpu_kind() -> str | None:
    """Return the model of the CPU and its widest vectors, on which rounding depends (Linux).

    None where ``/proc/cpuinfo`` does not say.
    """
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    values = {name.strip(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    flags = values.get("flags", "").split()
    vectors = next((name for flag, name in _VECTORS.items() if flag in flags), "")
    return " ".join(filter(None, (values.get("model name", ""), vectors))) or None


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (ValueError, OSError):
        return None


def _gpus() -> list[str]:
    import torch

    return [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
