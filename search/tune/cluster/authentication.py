"""The token of a run's own Ray, and the environment that holds it."""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

TOKEN = "RAY_AUTH_TOKEN"
"""The variable that holds the token."""


@contextlib.contextmanager
def variables(wanted: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment, and put back at the end what they were."""
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def own_token() -> Iterator[None]:
    """Let a Ray that is started meanwhile ask for a new random token, which this process has."""
    token = {"RAY_AUTH_MODE": "token", TOKEN: secrets.token_hex(32)}
    token["SPT_NOENV"] = "1"  # a worker's title must not overwrite the token in /proc/PID/environ
    try:
        with variables(token):
            read_authentication()
            yield
    finally:
        read_authentication()


def read_authentication() -> None:
    """Let Ray read from the environment how to authenticate; it remembers what it has read."""
    from ray import _raylet

    ray: Any = _raylet
    # In this order: a thread of Ray that still runs must not look for a token that is gone.
    ray.Config.initialize("")
    ray.AuthenticationTokenLoader.instance().reset_cache()
