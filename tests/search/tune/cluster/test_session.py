import pytest

from search.errors import SearchError
from search.tune.cluster.session import _runtime_env, ray_session

# A Ray that other tests have left in this process would be used as it is.
pytestmark = pytest.mark.usefixtures("no_ray_here")


def test_an_address_where_nobody_listens_is_refused_at_once():
    message = r"no Ray cluster answers at '127.0.0.1:1' .*; expected auto or HOST:PORT"
    with pytest.raises(SearchError, match=message), ray_session("127.0.0.1:1"):
        pytest.fail("joined")


@pytest.mark.parametrize(
    "address", ["", "local", "192.0.2.2", "127.0.0.1:port", ":6379", "ray://127.0.0.1:10001"]
)
def test_what_is_no_address_is_refused_before_ray_reads_it(address):
    message = rf"--address '{address}' is no address of a Ray cluster; expected auto or HOST:PORT"
    with pytest.raises(SearchError, match=message), ray_session(address):
        pytest.fail("joined")


def test_a_cluster_of_other_versions_is_one_message(monkeypatch):
    def init(**options):
        raise RuntimeError("Version mismatch: The cluster was started with:\n    Ray: 1.0")

    monkeypatch.setattr("ray.is_initialized", lambda: False)
    monkeypatch.setattr("ray.init", init)
    message = (
        r"'auto' cannot be joined \(Version mismatch: .* with: Ray: 1.0\); expected the version"
    )
    with pytest.raises(SearchError, match=message), ray_session("auto"):
        pytest.fail("joined")


@pytest.mark.parametrize(
    "error", [OSError("no space"), RuntimeError("no port"), Exception("The node timed out")]
)
def test_a_ray_that_does_not_start_is_one_message(monkeypatch, error):
    """Ray raises a bare ``Exception`` where its processes take longer than 30 s."""

    def init(**options):
        raise error

    monkeypatch.setattr("ray.init", init)
    message = rf"Ray cannot start on this machine \({error}\); .* or add --launcher sequential"
    with pytest.raises(SearchError, match=message), ray_session(None):
        pytest.fail("started")


def test_the_variables_of_a_store_come_beside_what_a_worker_gets_anyway():
    given = {"working_dir": "here", "env_vars": {"A": "given", "B": "given"}}
    assert _runtime_env(given, {"B": "store", "C": "store"}) == {
        "working_dir": "here",
        "env_vars": {"A": "given", "B": "given", "C": "store"},
    }
    assert _runtime_env({}, None) == {}
