"""The examples in docstrings hold; modules without an example are not imported for it."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("sugrm", "search", "reports")


def modules_with_examples():
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    with_examples = [path for path in paths if ">>> " in path.read_text(encoding="utf-8")]
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in with_examples]


@pytest.mark.parametrize("name", modules_with_examples())
def test_the_examples_of_the_docstrings_hold(name):
    outcome = doctest.testmod(importlib.import_module(name), raise_on_error=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0
