"""The streams that a trial leaves out, where the systems of the paper read all three.

A system without one of them is another system, so no published value is shown beside it.
"""

import json

from reports.ledger.trials import option_value

_STREAMS = ("text", "audio", "vision")
_OPTION = "model.modalities"


def left_out_streams(config: str) -> tuple[str, ...]:
    """Return the streams that a resolved configuration leaves out by its option ``modalities``.

    Without the option in the ledger there are none: the system has no such option, or the trial
    has its default, which is all of them.

    >>> left_out_streams('{"model": {"name": "sugrm", "modalities": ["text", "audio"]}}')
    ('vision',)
    """
    read = option_value(json.loads(config), _OPTION)
    return tuple(name for name in _STREAMS if name not in read) if isinstance(read, list) else ()


def why_no_published(streams: tuple[str, ...], what: str) -> str:
    """Return why nothing published is shown for ``what``, which leaves some streams out."""
    return (
        f"No published values are shown for {what}, which leaves out {', '.join(streams)}: the "
        f"paper's systems read {', '.join(_STREAMS[:-1])} and {_STREAMS[-1]}."
    )
