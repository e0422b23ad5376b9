"""What a space is read from: a file, a packaged space, or a dict; with overrides and data files."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from search.errors import Problem, SpaceError
from search.space.findings import Findings, Position
from search.space.origin import Origin
from search.space.reading.files import read_space
from search.space.reading.nodes import compose, text_of
from search.space.reading.plain_values import SOURCE, compose_values, described
from search.space.space import Space

Source = str | os.PathLike[str] | Mapping[str, Any] | Space
"""A path, the name of a packaged space, the keys and values themselves, or a loaded space."""


def read_source(
    source: Source,
    *,
    overrides: Sequence[str],
    data: Sequence[str | os.PathLike[str]],
    findings: Findings,
) -> tuple[yaml.Node, Origin]:
    """Return the node of a space, and what it was read from.

    Raises:
        SpaceError: there is no such file, it is no YAML, or a value is of a wrong kind.
    """
    given, files = _texts("overrides", overrides), _texts("data", data)
    folder = source.origin.folder if isinstance(source, Space) else None
    values = source.to_dict() if isinstance(source, Space) else source
    if isinstance(values, Mapping):
        root: yaml.Node = compose_values(values, findings=findings)
        return root, Origin(text=text_of(root), overrides=given, data=files, folder=folder)
    if not isinstance(values, str | os.PathLike):
        expected = "a path, the name of a packaged space, a dict or a loaded space"
        raise SpaceError([Problem(SOURCE, "", "not a space", described(values), expected)])
    path, text = os.fspath(values), read_space(values)
    root = _compose(text, path, findings=findings)
    folder = Path(path).parent if Path(path).is_file() else None
    return root, Origin(text=text, path=path, overrides=given, data=files, folder=folder)


def _texts(name: str, given: Sequence[str | os.PathLike[str]]) -> tuple[str, ...]:
    """Return texts and paths as texts; refuse what is no list of them."""
    if isinstance(given, str | os.PathLike) or not isinstance(given, Sequence):
        example = "['search.trials=8']" if name == "overrides" else "['unaligned=PATH']"
        problem = "not a list of texts"
        raise SpaceError([Problem(name, "", problem, described(given), f"a list, as {example}")])
    for place, each in enumerate(given):
        if not isinstance(each, str | os.PathLike):
            raise SpaceError([Problem(f"{name}[{place}]", "", "not text", described(each), "text")])
    return tuple(os.fspath(each) for each in given)


def _compose(text: str, source: str, *, findings: Findings) -> yaml.Node:
    node = compose(text, source, findings=findings)
    findings.raise_any()
    if not isinstance(node, yaml.MappingNode):
        _refuse_other(node, source, findings=findings)
        findings.raise_any()
    assert node is not None
    return node


def _refuse_other(node: yaml.Node | None, source: str, *, findings: Findings) -> None:
    """Note that a file is empty, a list or a text."""
    if node is None:
        expected = "a space: name, data, experiment, ..."
        findings.add(Position(source=source), (), problem="empty", expected=expected)
        return
    findings.add(
        Position(source=source, line=1, column=1),
        (),
        problem="not a space",
        got="a list" if isinstance(node, yaml.SequenceNode) else "text",
        expected="keys and values in YAML (a file of data is given by --data unaligned=PATH)",
    )
