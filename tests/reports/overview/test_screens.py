"""The one screen of a run of every kind, as golden texts."""

import itertools
from pathlib import Path

import pytest

from reports import build_report, overview_text
from tests.parametrise import mostly_slow
from tests.reports.ledger_builder import LedgerBuilder
from tests.reports.overview.screens import KINDS, PLAIN, made

GOLDEN = Path(__file__).parents[2] / "golden" / "screens"
LINES = 35


def height(text, width):
    """Return how many lines of a terminal a text takes."""
    return sum(max(1, -(-len(line) // width)) for line in text.rstrip("\n").split("\n"))


@pytest.fixture
def runs(usual_runs, request):
    """The usual folder of runs; a copy is elsewhere."""
    return Path("copies") if request.node.callspec.params["kind"] == "copy" else usual_runs


@pytest.mark.parametrize("kind", KINDS)
def test_the_screen_is_the_golden_one(kind, runs, update_golden):
    text = overview_text(made(kind, runs), 80)
    path = GOLDEN / f"{kind}.txt"
    if update_golden:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "width"),
    mostly_slow(
        itertools.product(KINDS, [60, 80, 100, 200]),
        quick=itertools.product(["long_texts", "copy"], [60, 200]),  # the golden screens have 80
    ),
)
def test_it_fits_on_a_screen_without_control_characters(kind, runs, width):
    text = overview_text(made(kind, runs), width)
    if width >= 80:
        assert height(text, width) <= LINES
    assert all(line.isprintable() for line in text.splitlines())
    assert not [
        line for line in text.splitlines() if len(line) > width and not line.startswith("    ")
    ]


@pytest.mark.parametrize(
    ("cells", "more"),
    [
        ("a", ""),
        ("ab", " 1 more planned trial equals one of these and was not run again."),
        ("abc", " 2 more planned trials equal one of these and were not run again."),
    ],
)
def test_planned_trials_that_equal_another_one_are_counted(tmp_path, cells, more):
    """``run`` and ``status`` count a trial for each cell; the ledger holds one row."""
    builder = LedgerBuilder(tmp_path)
    key = builder.trial("k", 0.9, 0.9, seed=1)
    for cell in cells:
        builder.role("ablation", key, group="modules", cell=cell, seed=1)
    lines = overview_text(build_report(builder.write(), PLAIN), 200).splitlines()
    counts = "- 1 trial: 1 finished, 0 stopped early, 0 failed; 0.01 h of computing."
    assert counts + more in lines
