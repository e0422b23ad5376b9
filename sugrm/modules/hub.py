"""Whether the Hugging Face hub can be reached.

Without a connection its client tries each file five times, 24 seconds in all, even one that its
cache holds. One question before saves this wait.
"""

import time
from functools import lru_cache

from sugrm.errors import first_line

_PATIENCE = 10.0  # seconds
_REMEMBERED = 60.0  # seconds; a notebook may be connected again


def hub_host() -> str:
    """Return the host of the hub, or of the mirror that ``HF_ENDPOINT`` names."""
    from huggingface_hub import constants

    return constants.ENDPOINT.split("://")[-1].rstrip("/")


def why_unreachable() -> str:
    """Return why the hub cannot be reached, "" if it can; asked at most once a minute."""
    return _why_unreachable(int(time.monotonic() // _REMEMBERED))


@lru_cache(maxsize=1)
def _why_unreachable(_minute: int) -> str:
    from huggingface_hub import constants, get_session

    if constants.HF_HUB_OFFLINE:
        return "HF_HUB_OFFLINE is set"
    try:
        get_session().head(constants.ENDPOINT, timeout=_PATIENCE)
    except Exception as error:  # whatever its client raises, a proxy or a certificate among them
        return first_line(error) or type(error).__name__
    return ""
