"""A YAML document as plain values: keys are text, ambiguous values are rejected."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from search.space.findings import Findings, Path, Position, shown
from search.space.reading.nodes import PREFIX, YES_NO, position_of

_SCALARS: Mapping[str, Callable[[str], Any]] = {
    PREFIX + "null": lambda text: None,
    PREFIX + "bool": lambda text: text.lower() == "true",
    PREFIX + "int": int,
    PREFIX + "float": lambda text: float(re.sub(r"\.(?=[a-zA-Z])", "", text)),
    PREFIX + "str": str,
    YES_NO: str,
}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A space that is being checked: its nodes, its plain values and the faults found so far."""

    root: yaml.Node
    values: dict[str, Any]
    findings: Findings

    def mapping(self, *path: str | int) -> dict[str, Any]:
        """Return the mapping at ``path``, or an empty one."""
        value: Any = self.values
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return {}
        return value if isinstance(value, dict) else {}

    def refuse(self, path: Path, problem: str, *, at_key: bool = False, **details: str) -> None:
        """Note a fault of the value at ``path``, or of its key.

        Args:
            path: path of the value; one that the file lacks gets the position of the nearest
                section above it.
            problem: what is wrong.
            at_key: whether the position is that of the key.
            details: ``got``, ``expected`` and ``suggestion``, each as text.
        """
        position = position_of(_find(self.root, path, at_key=at_key))
        self.findings.add(position, path, problem=problem, **details)


def inspect(
    node: yaml.Node, findings: Findings, *, path: Path = (), above: tuple[int, ...] = ()
) -> None:
    """Note every construct that YAML allows and a space does not."""
    if id(node) in above:
        findings.add(position_of(node), path, problem="an alias that contains itself")
        findings.raise_any()
    above = (*above, id(node))
    if isinstance(node, yaml.MappingNode):
        _inspect_keys(node, findings, path=path)
        for key, value in node.value:
            inspect(value, findings, path=(*path, str(key.value)), above=above)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            inspect(item, findings, path=(*path, index), above=above)
    else:
        _inspect_scalar(node, findings, path=path)


def construct(node: yaml.Node) -> Any:  # noqa: ANN401
    """Return a node as plain values; the last of two equal keys counts."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): construct(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [construct(item) for item in node.value]
    return _SCALARS.get(node.tag, str)(node.value)


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


def _inspect_keys(node: yaml.MappingNode, findings: Findings, *, path: Path) -> None:
    first: dict[str, Position] = {}
    for key, _ in node.value:
        place, expected = path, ""
        if not isinstance(key, yaml.ScalarNode):
            problem, expected = "a key that is a list or a mapping", "text"
        elif key.value == "<<" and key.style is None:
            problem, expected = "merge keys (<<) are not read", "the keys"
        elif key.value in first:
            place = (*path, key.value)
            problem = f"duplicate key, first given at {first[key.value]}"
            expected = "each key once"
        else:
            first[key.value] = position_of(key)
            continue
        findings.add(position_of(key), place, problem=problem, expected=expected)


def _inspect_scalar(node: yaml.Node, findings: Findings, *, path: Path) -> None:
    position = position_of(node)
    if node.tag == YES_NO:
        findings.add(
            position,
            path,
            problem="ambiguous value",
            got=f"bare {node.value}",
            expected=f'true or false, or "{node.value}" in quotes for the text',
        )
    elif node.tag not in _SCALARS:
        findings.add(position, path, problem=f"unknown tag {node.tag}", expected="no tag")
    else:
        try:
            construct(node)
        except ValueError:
            findings.add(position, path, problem="does not fit its tag", got=shown(node.value))
