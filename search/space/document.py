"""YAML as nodes that know their position, and as plain values.

PyYAML's own reading is not used, for it keeps the last of two equal keys, reads ``1e-5`` as text
and ``off`` as false. Here plain scalars follow YAML 1.2's core schema, keys are always text, and
what remains doubtful is refused.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from search.space.findings import Findings, Path, Position, shown

_PREFIX = "tag:yaml.org,2002:"
_YES_NO = "!yes-no"

MOST_CHARACTERS = 1_000_000
MOST_NODES = 25_000
"""Keys, values, lists and sections of a space, those behind aliases counted at each alias."""
DEEPEST = 50
"""Lists and sections of a space that may lie in one another."""

_TOO_MANY = f"more than {MOST_NODES} keys and values"
_TOO_DEEP = f"its lists or sections nest too deeply, more than {DEEPEST} levels"


class _Loader(yaml.SafeLoader):
    """SafeLoader with the plain scalars of YAML 1.2 (and the 1.1 truth values marked)."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    nodes = depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node; a document that is too large or too deep ends here."""
        self.nodes += 1
        self.depth += 1
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.nodes > MOST_NODES:
            raise yaml.MarkedYAMLError(problem=_TOO_MANY, problem_mark=mark)
        if self.depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem=_TOO_DEEP, problem_mark=mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _tag, _pattern in (
    (_PREFIX + "null", r"^(?:~|null|Null|NULL|)$"),
    (_PREFIX + "bool", r"^(?:true|True|TRUE|false|False|FALSE)$"),
    (_YES_NO, r"^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$"),
    (_PREFIX + "int", r"^[-+]?[0-9]{1,18}$"),
    (_PREFIX + "float", r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?$"),
    (_PREFIX + "float", r"^[-+]?[0-9]+[eE][-+]?[0-9]+$"),
    (_PREFIX + "float", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), None)


_SCALARS: Mapping[str, Callable[[str], Any]] = {
    _PREFIX + "null": lambda text: None,
    _PREFIX + "bool": lambda text: text.lower() == "true",
    _PREFIX + "int": int,
    _PREFIX + "float": lambda text: float(re.sub(r"\.(?=[a-zA-Z])", "", text)),
    _PREFIX + "str": str,
    _YES_NO: str,
}


@dataclass(frozen=True)
class Draft:
    """A space that is being checked: its nodes, its plain values and the faults met so far."""

    root: yaml.Node
    values: dict[str, Any]
    findings: Findings

    def mapping(self, *path: str | int) -> dict[str, Any]:
        """Return the mapping at ``path``; an empty one where there is none."""
        value: Any = self.values
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return {}
        return value if isinstance(value, dict) else {}

    def refuse(self, path: Path, problem: str, *, at_key: bool = False, **details: str) -> None:
        """Note a fault of the value at ``path``, or of its key.

        A value that the file does not hold is placed at the nearest section above it.
        ``details`` are ``got``, ``expected`` and ``suggestion``.
        """
        position = position_of(_find(self.root, path, at_key=at_key))
        self.findings.add(position, path, problem, **details)


def compose(text: str, source: str, findings: Findings) -> yaml.Node | None:
    """Return the node of the one YAML document in ``text``; a syntax error is noted instead."""
    if len(text) > MOST_CHARACTERS:
        expected = f"at most {MOST_CHARACTERS}"
        findings.add(
            Position(source), (), f"not a space: {len(text)} characters", expected=expected
        )
        return None
    try:
        loader = _Loader(text)
        loader.name = source
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = Position(source) if mark is None else _mark_position(mark)
        if error.problem in (_TOO_MANY, _TOO_DEEP):
            findings.add(position, (), f"not a space: {error.problem}")
            return None
        context = f"{error.context}, " if error.context else ""
        expected = "spaces to indent, not tabs" if "'\\t'" in str(error.problem) else ""
        message = f"not valid YAML: {context}{error.problem}"
        findings.add(position, (), message, expected=expected)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        position = Position(source, line, column)
        findings.add(position, (), "not valid YAML: a control character", expected="plain text")
    return None


def check_extent(root: yaml.Node, findings: Findings) -> None:
    """Note a document that aliases make too large, before anything walks through it."""
    if _extent(root, {}, set()) > MOST_NODES:
        findings.add(position_of(root), (), f"not a space: {_TOO_MANY}, by its aliases")
        findings.raise_any()


def _extent(node: yaml.Node, sizes: dict[int, int], above: set[int]) -> int:
    """Return how many nodes a walk through ``node`` meets; each is measured once."""
    if id(node) in above:  # inspect notes it
        return 0
    if id(node) not in sizes:
        above.add(id(node))
        parts = [part for pair in node.value for part in pair] if _is_mapping(node) else node.value
        below = () if isinstance(node, yaml.ScalarNode) else parts
        sizes[id(node)] = 1 + sum(_extent(part, sizes, above) for part in below)
        above.remove(id(node))
    return sizes[id(node)]


def _is_mapping(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode)


def inspect(node: yaml.Node, findings: Findings, path: Path = (), above: Path = ()) -> None:
    """Note every construct that YAML allows and a space does not."""
    if id(node) in above:
        findings.add(position_of(node), path, "an alias that contains itself")
        findings.raise_any()
    above = (*above, id(node))
    if isinstance(node, yaml.MappingNode):
        _inspect_keys(node, findings, path)
        for key, value in node.value:
            inspect(value, findings, (*path, str(key.value)), above)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            inspect(item, findings, (*path, index), above)
    else:
        _inspect_scalar(node, findings, path)


def construct(node: yaml.Node) -> Any:  # noqa: ANN401
    """Return a node as plain values; of two equal keys the last counts."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): construct(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [construct(item) for item in node.value]
    return _SCALARS.get(node.tag, str)(node.value)


def position_of(node: yaml.Node) -> Position:
    """Return where a node starts."""
    return _mark_position(node.start_mark)


def _mark_position(mark: yaml.Mark) -> Position:
    if mark.name.startswith("--"):  # an override: its own text says more than a column in it
        return Position(mark.name)
    return Position(mark.name, mark.line + 1, mark.column + 1)


def _find(root: yaml.Node, path: Path, *, at_key: bool) -> yaml.Node:
    """Return the node at ``path`` (or of its key), else the nearest one above it."""
    node = key_node = root
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
            if not found:
                return node
            key_node, node = found[-1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            key_node = node = node.value[step]
        else:
            return node
    return key_node if at_key else node


def _inspect_keys(node: yaml.MappingNode, findings: Findings, path: Path) -> None:
    first: dict[str, Position] = {}
    for key, _ in node.value:
        position = position_of(key)
        if not isinstance(key, yaml.ScalarNode):
            findings.add(position, path, "a key that is a list or a mapping", expected="text")
        elif key.value == "<<" and key.style is None:
            findings.add(position, path, "merge keys (<<) are not read", expected="the keys")
        elif key.value in first:
            findings.add(
                position,
                (*path, key.value),
                f"duplicate key, first given at {first[key.value]}",
                expected="each key once",
            )
        else:
            first[key.value] = position


def _inspect_scalar(node: yaml.Node, findings: Findings, path: Path) -> None:
    position = position_of(node)
    if node.tag == _YES_NO:
        findings.add(
            position,
            path,
            "ambiguous value",
            got=f"bare {node.value}",
            expected=f'true or false, or "{node.value}" in quotes for the text',
        )
    elif node.tag not in _SCALARS:
        findings.add(position, path, f"unknown tag {node.tag}", expected="no tag")
    else:
        try:
            construct(node)
        except ValueError:
            findings.add(position, path, "does not fit its tag", got=shown(node.value))
