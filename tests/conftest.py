import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.object_store import environment, s3_server, server_command
from tests.shared_ray import no_ray_here, ray_here, shared_ray

__all__ = ["no_ray_here", "ray_here", "shared_ray"]

# Until the tests are collected: it would take half of the time of the imports.
gc.disable()

# Tests compute in two processes, each with one thread, as the workers of a run do.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A machine with other work may pause any test for as long as it likes.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the golden documents of tests/golden"
    )
    parser.addoption(
        "--kills", type=int, default=1, help="how often each run of test_kills.py is killed"
    )
    parser.addoption(
        "--kill-seed", type=int, default=None, help="of the kill moments; default: a new one"
    )


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes for all quick tests, otherwise none: slow tests start Ray and measure time."""
    is_whole = config.args_source == config.ArgsSource.TESTPATHS
    return 2 if is_whole and "not cluster" in config.option.markexpr else 0


@pytest.hookimpl(tryfirst=True)  # before the tests are chosen by their markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the object store slow: its server takes three seconds to start."""
    for item in items:
        given = item.callspec.params.values() if hasattr(item, "callspec") else ()
        is_s3 = any(isinstance(value, str) and value == "s3" for value in given)
        if is_s3 or "s3_address" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Exclude imported objects from garbage collection: each full pass would visit a million."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def s3_address():
    """The address of an S3 server with the bucket ``runs``; tests use prefixes of their own."""
    if server_command() is None:
        pytest.skip("needs moto_server, part of the dev extra")
    with s3_server() as address:
        yield address


@pytest.fixture
def usual_runs(tmp_path, monkeypatch):
    """The usual folder of runs, as the command line names it."""
    monkeypatch.chdir(tmp_path)
    return Path("runs")


@pytest.fixture
def s3(s3_address, monkeypatch, request):
    """The address of an empty prefix of the server; environment variables name the server."""
    for name, value in environment(s3_address).items():
        monkeypatch.setenv(name, value)
    plain = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return f"s3://runs/{plain}"


@pytest.fixture
def browser():
    """``tests.chromium.opened``, which opens a tab; the test is skipped without a Chromium."""
    from tests.chromium import chromium, opened

    if chromium() is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    return opened
