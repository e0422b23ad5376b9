"""Absolute paths in what a run recorded, which tell names of folders of a machine."""

import re
from collections.abc import Iterator, Mapping

from reports.ledger.reading.recorded_experiment import Version

_PATH = re.compile(r"""(?:^|[\s='"\[(,])((?:~?/|[A-Za-z]:\\)[^\s'"\]),:]+)""")


def machine_paths(versions: tuple[Version, ...]) -> list[str]:
    """Return the absolute paths in commands and spaces of a run, each once, in order.

    >>> command = "sugrm-search run a.yaml --data unaligned=/home/me/a.pkl --runs s3://runs/a"
    >>> machine_paths((Version(command=command),))
    ['/home/me/a.pkl']
    """
    texts = (text for version in versions for text in _texts(version))
    return list(dict.fromkeys(path for text in texts for path in _PATH.findall(text)))


def _texts(version: Version) -> Iterator[str]:
    yield version.command
    yield from _in(version.space)
    yield from version.source.splitlines()
    yield from version.starts
    for lines in version.reading.values():
        yield from lines


def _in(value: object) -> Iterator[str]:
    """Yield every text among nested values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _in(each)
