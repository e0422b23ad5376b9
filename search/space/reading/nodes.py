"""YAML text as nodes that know their position, in bounded time and memory.

PyYAML's own reading is not used: it keeps the last of two equal keys, and reads ``1e-5`` as text
and ``off`` as false. Here plain scalars follow YAML 1.2, with decimal numbers alone.

``ruamel.yaml`` 0.19 (YAML 1.2) was tried instead. It would replace only the table of patterns
below, not the limits and checks, and reads other values: ``yes`` is text without a warning,
``1_000`` a number, ``2024-01-01`` a date. It names only the first duplicate key, reads an alias
that contains itself as null, and has no limit on the number of values.
"""

import re

import yaml

from search.space.findings import Findings, Position

PREFIX = "tag:yaml.org,2002:"
YES_NO = "!yes-no"

MOST_CHARACTERS = 1_000_000
MOST_NODES = 25_000
"""Keys, values, lists and sections of a space; those behind an alias count at each alias."""
DEEPEST = 50
"""Levels of lists and sections of a space."""

TOO_MANY = f"more than {MOST_NODES} keys and values"
TOO_DEEP = f"its lists or sections nest too deeply, more than {DEEPEST} levels"

_MISSING = ("expected ',' or ", "could not find expected")
_WRONG_INDENTS = (
    "found '<block mapping start>'",
    "found '<block sequence start>'",
    "expected <block end>, but found '-'",
    "expected <block end>, but found '?'",
)
"""Ends of the parser's message where a line begins further left or right than it may."""


class _Loader(yaml.SafeLoader):
    """SafeLoader with the plain scalars of YAML 1.2 (and the 1.1 truth values marked)."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    nodes = depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node; refuse a document that is too large or too deep."""
        self.nodes += 1
        self.depth += 1
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.nodes > MOST_NODES:
            raise yaml.MarkedYAMLError(problem=TOO_MANY, problem_mark=mark)
        if self.depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem=TOO_DEEP, problem_mark=mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _Dumper(yaml.SafeDumper):
    """SafeDumper that writes text in quotes where ``_Loader`` would read something else."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _tag, _pattern in (
    (PREFIX + "null", r"^(?:~|null|Null|NULL|)$"),
    (PREFIX + "bool", r"^(?:true|True|TRUE|false|False|FALSE)$"),
    (YES_NO, r"^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$"),
    (PREFIX + "int", r"^[-+]?[0-9]{1,18}$"),
    (PREFIX + "float", r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?$"),
    (PREFIX + "float", r"^[-+]?[0-9]+[eE][-+]?[0-9]+$"),
    (PREFIX + "float", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), None)
    _Dumper.add_implicit_resolver(_tag, re.compile(_pattern), None)


def compose(text: str, source: str, *, findings: Findings) -> yaml.Node | None:
    """Return the node of the one YAML document in ``text``; a syntax error is noted instead."""
    if len(text) > MOST_CHARACTERS:
        problem = f"not a space: {len(text)} characters"
        expected = f"at most {MOST_CHARACTERS}"
        findings.add(Position(source=source), (), problem=problem, expected=expected)
        return None
    try:
        loader = _Loader(text)
        loader.name = source
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        _refuse_syntax(error, source, findings=findings)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        position = Position(source=source, line=line, column=column)
        problem = "not valid YAML: a control character"
        findings.add(position, (), problem=problem, expected="plain text")
    return None


def _refuse_syntax(error: yaml.MarkedYAMLError, source: str, *, findings: Findings) -> None:
    mark = error.problem_mark or error.context_mark
    position = Position(source=source) if mark is None else mark_position(mark)
    if error.problem in (TOO_MANY, TOO_DEEP):
        findings.add(position, (), problem=f"not a space: {error.problem}")
        return
    context = f"{error.context}, " if error.context else ""
    expected = "spaces to indent, not tabs" if "'\\t'" in str(error.problem) else ""
    message = f"not valid YAML: {context}{error.problem}{_hint(error)}"
    findings.add(position, (), problem=message, expected=expected)


def _hint(error: yaml.MarkedYAMLError) -> str:
    """Return what to look at: the parser stops at the first text that cannot follow."""
    problem = str(error.problem)
    if problem.startswith(_MISSING):
        return "; a bracket, comma, quote or colon is missing here or on the line before"
    if problem.startswith("mapping values") or problem.endswith(_WRONG_INDENTS):
        return (
            "; check the indentation of this line and of the one before, and whether a colon is "
            "missing there; put quotes around a text that contains a colon"
        )
    return ""


def text_of(root: yaml.Node) -> str:
    """Return nodes as the YAML text that gives them again."""
    text: str = yaml.serialize(root, None, _Dumper, allow_unicode=True, width=100)
    return text


def check_extent(root: yaml.Node, findings: Findings) -> None:
    """Refuse a document that aliases make too large, before its nodes are visited."""
    if _extent(root, {}, above=set()) > MOST_NODES:
        findings.add(position_of(root), (), problem=f"not a space: {TOO_MANY}, by its aliases")
        findings.raise_any()


def _extent(node: yaml.Node, sizes: dict[int, int], *, above: set[int]) -> int:
    """Return the number of nodes from ``node`` on; those behind an alias count at each alias."""
    if id(node) in above:  # inspect refuses it
        return 0
    if id(node) not in sizes:
        above.add(id(node))
        parts = [part for pair in node.value for part in pair] if _is_mapping(node) else node.value
        below = () if isinstance(node, yaml.ScalarNode) else parts
        sizes[id(node)] = 1 + sum(_extent(part, sizes, above=above) for part in below)
        above.remove(id(node))
    return sizes[id(node)]


def _is_mapping(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode)


def position_of(node: yaml.Node) -> Position:
    """Return the position of the start of a node."""
    return mark_position(node.start_mark)


def mark_position(mark: yaml.Mark) -> Position:
    """Return the position of a mark."""
    if mark.name.startswith("--"):  # an override: its text is clearer than a column in it
        return Position(source=mark.name)
    if mark.line < 0:  # a value of a dict
        return Position(source=mark.name, column=mark.column)
    return Position(source=mark.name, line=mark.line + 1, column=mark.column + 1)
