import pytest

from search.errors import SpaceError
from search.space.findings import Findings
from search.space.reading.document import construct, inspect
from search.space.reading.nodes import compose


def read(text):
    findings = Findings()
    node = compose(text, "a.yaml", findings=findings)
    findings.raise_any()
    inspect(node, findings)
    findings.raise_any()
    return construct(node)


def refusal(text):
    with pytest.raises(SpaceError) as caught:
        read(text)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-5", 1e-5),
        ("1e5", 1e5),
        ("-2.5E+3", -2500.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        ("010", 10),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ('"1e-5"', "1e-5"),
        ("'off'", "off"),
        ("none", "none"),
        ("~", None),
        ("", None),
        ("true", True),
        ("9" * 30, "9" * 30),
    ],
)
def test_a_plain_scalar_is_read_by_the_rules_of_yaml_1_2(text, value):
    assert read(f"key: {text}") == {"key": value}
    assert type(read(f"key: {text}")["key"]) is type(value)


def test_keys_are_text_and_aliases_repeat_their_values():
    assert read("{16: &seeds [1, 2], b: *seeds}") == {"16": [1, 2], "b": [1, 2]}


def test_a_duplicate_key_names_both_positions():
    assert refusal("a: 1\nb: {c: 1,\n  c: 2}") == [
        "a.yaml:3:3: b.c: duplicate key, first given at a.yaml:2:5; expected each key once"
    ]


def test_the_truth_values_of_yaml_1_1_are_refused_at_their_place():
    assert refusal("a: yes\nb: [1, OFF]") == [
        "a.yaml:1:4: a: ambiguous value; got bare yes; expected true or false, "
        'or "yes" in quotes for the text',
        "a.yaml:2:8: b[1]: ambiguous value; got bare OFF; expected true or false, "
        'or "OFF" in quotes for the text',
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "a: [1,\nb: 2",
            "a.yaml:2:5: not valid YAML: while parsing a flow sequence, "
            "expected ',' or ']', but got '<stream end>'; "
            "a bracket, comma, quote or colon is missing here or on the line before",
        ),
        (
            "a:\n\tb: 1",
            "a.yaml:2:1: not valid YAML: while scanning for the next token, "
            "found character '\\t' that cannot start any token; "
            "expected spaces to indent, not tabs",
        ),
        (
            "a: 1\n---\nb: 2",
            "a.yaml:2:1: not valid YAML: expected a single document in the stream, "
            "but found another document",
        ),
        ("a: 1\nb: \x07", "a.yaml:2:4: not valid YAML: a control character; expected plain text"),
        ("a: &x {b: *x}", "a.yaml:1:4: a.b: an alias that contains itself"),
        ("a: !!python/name:os.system x", None),
        ("a: !!int x", "a.yaml:1:4: a: does not fit its tag; got 'x'"),
        ("? [1]\n: 2", "a.yaml:1:3: a key that is a list or a mapping; expected text"),
        (
            "a: &x {b: 1}\nc: {<<: *x}",
            "a.yaml:2:5: c: merge keys (<<) are not read; expected the keys",
        ),
        (
            "[" * 3000,
            "a.yaml:1:51: not a space: its lists or sections nest too deeply, more than 50 levels",
        ),
    ],
)
def test_what_a_space_does_not_take_is_one_located_line(text, line):
    lines = refusal(text)
    assert len(lines) == 1
    if line is None:
        assert lines[0].startswith("a.yaml:1:4: a: unknown tag tag:yaml.org,2002:python/name")
    else:
        assert lines[0] == line


MISSING = "; a bracket, comma, quote or colon is missing here or on the line before"
INDENT = (
    "; check the indentation of this line and of the one before, and whether a colon is missing "
    "there; put quotes around a text that contains a colon"
)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: 1\nb:\n  c: 1\n d: 2", INDENT),
        ("a:\n  - 1\n - 2", INDENT),
        ("a:\n  b: 1\n  - 2", INDENT),
        ("- a\nb: 1", INDENT),
        ("  a: 1\nb: 2", INDENT),
        ("a: x\n  b: 1", INDENT),
        ("name: x: y", INDENT),
        ("name x\nb: 1", INDENT),
        ("a: [1\nb: 2", MISSING),
        ("a: {b: 1 c: 2}", MISSING),
        ("a: 1\nb\nc: 2", MISSING),
        ("ablations: *", ""),
        ("a: [1]]", ""),
        ("a: 'x' y", ""),
        ("a: 'x", ""),
    ],
)
def test_a_fault_of_yaml_has_the_hint_of_its_kind(text, hint):
    """The parser's own words come last where there is no hint."""
    (line,) = refusal(text)
    assert line.startswith("a.yaml:")
    assert line.endswith(hint)
    assert (INDENT in line, MISSING in line) == (hint == INDENT, hint == MISSING)
