"""The authentication token of a local Ray, and the environment variables that hold it."""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

TOKEN = "RAY_AUTH_TOKEN"
"""The variable that holds the token."""


@contextlib.contextmanager
def variables(wanted: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables; restore their old values at the end."""
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
    """Make a Ray that starts in the block require a new random token, which this process has."""
    token = {"RAY_AUTH_MODE": "token", TOKEN: secrets.token_hex(32)}
    token["SPT_NOENV"] = "1"  # a worker's title must not overwrite the token in /proc/PID/environ
    try:
        with variables(token):
            read_authentication()
            yield
    finally:
        read_authentication()


def read_authentication() -> None:
    """Make Ray read its authentication from the environment again; it caches what it has read."""
    from ray import _raylet

    ray: Any = _raylet
    # In this order: a thread of Ray that still runs must not look for a removed token.
    ray.Config.initialize("")
    ray.AuthenticationTokenLoader.instance().reset_cache()
