"""``--set key=value`` and ``--data PATH``: values that replace those of a space file."""

import os
import re
from collections.abc import Sequence

import yaml

from search.space.findings import Findings, Path, Position, nearest, one_of
from search.space.reading.document import construct
from search.space.reading.leave_one_out import KEY as LEAVE_ONE_OUT
from search.space.reading.nodes import DEEPEST, compose

_ALIGNMENTS = ("unaligned", "aligned")


def apply_overrides(root: yaml.Node, overrides: Sequence[str], *, findings: Findings) -> yaml.Node:
    """Return ``root`` with each ``key=value`` in its place; later ones win."""
    for override in overrides:
        root = _apply(root, override, findings=findings)
    return root


def apply_data(root: yaml.Node, paths: Sequence[str], *, findings: Findings) -> yaml.Node:
    """Return ``root`` with each ``PATH`` or ``ALIGNMENT=PATH`` as the corpus's file.

    A bare path serves the alignment of the space's experiment.
    """
    values = construct(root)
    data, experiment = values.get("data"), values.get("experiment")
    if paths and isinstance(data, dict) and data.get("dataset") == "synthetic":
        _refuse(
            findings,
            f"--data {paths[0]}",
            problem="the space's dataset is synthetic: it is generated, not read from a file",
            expected="no --data, or another dataset, as in --set data.dataset=mosi",
        )
        return root
    own = experiment.get("alignment", "unaligned") if isinstance(experiment, dict) else "unaligned"
    for given in paths:
        root = _apply_path(root, given, own=str(own), findings=findings)
    return root


def _apply_path(root: yaml.Node, given: str, *, own: str, findings: Findings) -> yaml.Node:
    """Return ``root`` with one ``PATH`` or ``ALIGNMENT=PATH``; a bare path serves ``own``."""
    source = f"--data {given}"
    alignment, equals, path = given.partition("=")
    if alignment not in _ALIGNMENTS and equals and re.fullmatch(r"\w+", alignment):
        _refuse(
            findings,
            source,
            problem=f"unknown alignment {alignment!r}",
            expected=one_of(_ALIGNMENTS),
            suggestion=nearest(alignment, _ALIGNMENTS),
        )
        return root
    if alignment not in _ALIGNMENTS:
        alignment, path = own, given
    if not path:
        _refuse(findings, source, problem="no path", expected=f"--data {alignment}=PATH")
        return root
    return _assign(root, f"data.{alignment}", value=_text(os.path.expanduser(path), source))


def _apply(root: yaml.Node, override: str, *, findings: Findings) -> yaml.Node:
    source = f"--set {override}"
    key, equals, text = override.partition("=")
    steps = key.strip().split(".")
    if not equals or not all(steps) or len(steps) > DEEPEST:
        _refuse(findings, source, problem="not an override", expected="key=value")
        return root
    node = compose(text, source, findings=findings)
    if node is None:
        if text.strip():  # the syntax error has been noted
            return root
        node = _text("", source, tag="tag:yaml.org,2002:null")
    try:
        return _assign(root, key.strip(), value=node)
    except TypeError as error:
        _refuse(findings, source, problem=str(error), expected="a key of a section")
        return root


def _assign(node: yaml.Node, key: str, *, value: yaml.Node, above: Path = ()) -> yaml.Node:
    """Return a copy of ``node`` in which ``key`` is ``value``.

    Keys may contain dots (those of ``search.parameters``), so the longest present key is preferred.

    Raises:
        TypeError: the key leads into a list or a scalar.
    """
    if node.tag == "tag:yaml.org,2002:null":
        node = yaml.MappingNode("tag:yaml.org,2002:map", [], value.start_mark, value.end_mark)
    if not isinstance(node, yaml.MappingNode):
        name = ".".join(map(str, above))
        kind = "a list" if isinstance(node, yaml.SequenceNode) else "a single value"
        raise TypeError(f"{name} is {kind}, which has no {key!r}: set {name} as a whole")
    present = {str(name.value): (name, child) for name, child in node.value}
    whole = [name for name in present if key == name or key.startswith(f"{name}.")]
    step = max(whole, key=len) if whole else _first_step(key, above)
    rest = key[len(step) + 1 :]
    name, child = present.get(step, (_text(step, value.start_mark.name), _null(value)))
    new = _assign(child, rest, value=value, above=(*above, step)) if rest else value
    if step in present:
        pairs = [(n, new if n.value == step else c) for n, c in node.value]
    else:
        pairs = [*node.value, (name, new)]
    return yaml.MappingNode(node.tag, pairs, node.start_mark, node.end_mark)


def _first_step(key: str, above: Path) -> str:
    """Return the first key of a path that is absent; the whole path where keys are dotted."""
    return key if _holds_options(above) else key.partition(".")[0]


def _holds_options(section: Path) -> bool:
    """Return whether the keys of a section are dotted options of the experiment."""
    if section[:1] == ("ablations",):  # group, cell; or group, leave_one_out, component
        return len(section) == (4 if section[2:3] == (LEAVE_ONE_OUT,) else 3)
    return section == ("search", "parameters")


def _text(text: str, source: str, *, tag: str = "tag:yaml.org,2002:str") -> yaml.ScalarNode:
    mark = yaml.Mark(source, 0, 0, 0, None, 0)
    return yaml.ScalarNode(tag, text, mark, mark)


def _null(value: yaml.Node) -> yaml.Node:
    return _text("", value.start_mark.name, tag="tag:yaml.org,2002:null")


def _refuse(findings: Findings, source: str, *, problem: str, **details: str) -> None:
    findings.add(Position(source=source), (), problem=problem, **details)
