"""A local Ray that the tests of one process use one after another: starting one takes seconds."""

import contextlib

import pytest


class SharedRay:
    """A local Ray that the tests of several modules use one after another."""

    def __init__(self):
        self._stack = contextlib.ExitStack()
        self._is_on = False

    def start(self):
        """Start it, unless an earlier test has."""
        from search.tune.cluster.session import ray_session

        if not self._is_on:
            self._stack.enter_context(ray_session(None))
            self._is_on = True

    def stop(self):
        """Stop it, if it is on."""
        self._is_on = False
        self._stack.close()


@pytest.fixture(scope="session")
def shared_ray():
    shared = SharedRay()
    yield shared
    shared.stop()


@pytest.fixture
def ray_here(shared_ray):
    """A local Ray in this process."""
    shared_ray.start()


@pytest.fixture
def no_ray_here(shared_ray):
    """No Ray in this process: the test starts one of its own, or kills it."""
    shared_ray.stop()
