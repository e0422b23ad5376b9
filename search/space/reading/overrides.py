"""``--set key=value`` and ``--data PATH``: values that replace those of a space file."""

import os
import re
from collections.abc import Mapping, Sequence

import yaml

from search.space.findings import Findings, Path, Position, nearest, one_of
from search.space.reading.document import construct
from search.space.reading.experiments import alignment_of
from search.space.reading.leave_one_out import KEY as LEAVE_ONE_OUT
from search.space.reading.nodes import DEEPEST, compose
from sugrm.config.sections.data import MODALITY_FILES

_ALIGNMENTS = ("unaligned", "aligned")
_NULL = "tag:yaml.org,2002:null"
_NAMES = (*_ALIGNMENTS, *MODALITY_FILES)


def apply_overrides(root: yaml.Node, overrides: Sequence[str], *, findings: Findings) -> yaml.Node:
    """Return ``root`` with each ``key=value`` in its place; later ones win."""
    for override in overrides:
        root = _apply(root, override, findings=findings)
    return root


def apply_data(root: yaml.Node, paths: Sequence[str], *, findings: Findings) -> yaml.Node:
    """Return ``root`` with each ``PATH`` or ``NAME=PATH`` as the corpus's file.

    The name is an alignment or, for one file for each modality, text, audio or vision. A bare path
    serves the alignment of the space's experiment. One file for each modality replaces the space's
    unaligned feature file, and the other way round.
    """
    values = construct(root)
    data, own = values.get("data"), alignment_of(values.get("experiment"))
    if paths and isinstance(data, dict) and data.get("dataset") == "synthetic":
        _refuse(
            findings,
            f"--data {paths[0]}",
            problem="the space's dataset is synthetic: it is generated, not read from a file",
            expected="no --data, or another dataset, as in --set data.dataset=mosi",
        )
        return root
    named = [_named(given, own=own)[0] for given in paths]
    for name in {name for name in named if named.count(name) > 1}:
        _refuse(
            findings,
            " ".join(f"--data {given}" for given in paths),
            problem=f"several files for {name}",
            expected=f"one --data {name}=PATH",
        )
    for name in _replaced(named, data if isinstance(data, dict) else {}):
        root = _assign(root, f"data.{name}", value=_text("", "--data", tag=_NULL))
    for given in paths:
        root = _apply_path(root, given, own=own, findings=findings)
    return root


def _replaced(named: Sequence[str], data: Mapping[str, object]) -> list[str]:
    """Return the files of the space that those on the command line take the place of."""
    names: tuple[str, ...] = ()
    if any(name in MODALITY_FILES for name in named):
        names = ("unaligned",)
    elif "unaligned" in named:
        names = MODALITY_FILES
    return [name for name in names if name in data]


def _named(given: str, *, own: str) -> tuple[str, str]:
    """Return name and path of ``NAME=PATH``; a bare path serves ``own``."""
    name, equals, path = given.partition("=")
    return (name, path) if equals and name in _NAMES else (own, given)


def _apply_path(root: yaml.Node, given: str, *, own: str, findings: Findings) -> yaml.Node:
    """Return ``root`` with one ``PATH`` or ``NAME=PATH``; a bare path serves ``own``."""
    source = f"--data {given}"
    first, equals, _ = given.partition("=")
    if first not in _NAMES and equals and re.fullmatch(r"\w+", first):
        _refuse(
            findings,
            source,
            problem=f"unknown kind of file {first!r}",
            expected=one_of(_NAMES),
            suggestion=nearest(first, _NAMES),
        )
        return root
    name, path = _named(given, own=own)
    if not path:
        _refuse(findings, source, problem="no path", expected=f"--data {name}=PATH")
        return root
    return _assign(root, f"data.{name}", value=_text(os.path.expanduser(path), source))


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
        node = _text("", source, tag=_NULL)
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
    if node.tag == _NULL:
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
    return _text("", value.start_mark.name, tag=_NULL)


def _refuse(findings: Findings, source: str, *, problem: str, **details: str) -> None:
    findings.add(Position(source=source), (), problem=problem, **details)
