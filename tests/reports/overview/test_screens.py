"""The one screen of a run of every kind, as golden texts."""

import itertools
from pathlib import Path

import pytest

from reports import build_report, overview_text
from reports.content.overview import Overview, Section
from reports.content.table import Column, Note, Table, Text
from reports.render.overview_text import terminal_overview
from tests.parametrise import mostly_slow
from tests.reports.ledger_builder import LedgerBuilder
from tests.reports.overview.screens import KINDS, PLAIN, made, only

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


@pytest.mark.parametrize(
    ("metric", "baseline", "cell", "verdict"),
    [
        ("mae", 0.7, 0.6, "better"),
        ("mae", 0.6, 0.7, "worse"),
        ("corr", 0.7, 0.6, "better"),  # the ledger's correlation falls as its MAE rises
        ("corr", 0.6, 0.7, "worse"),
        ("mae", 0.6, 0.6, "not shown"),
    ],
)
def test_the_screen_says_in_words_what_an_ablation_shows(tmp_path, metric, baseline, cell, verdict):
    """Nine seeds with the same sign reach the level over the three tests of a cell."""
    seeds = tuple(range(1, 10))
    builder = LedgerBuilder(tmp_path / "run")
    for seed in seeds:
        noise = 0.002 * seed * (-1) ** seed
        builder.cell("baseline", seed, baseline + 0.001 * seed)
        builder.cell("LSTM", seed, cell + 0.001 * seed + noise)
    goal = {"metric": f"valid/{metric}", "mode": "min" if metric == "mae" else "max"}
    ablations = {"modules": {"baseline": {}, "LSTM": {}}}
    space = only(seeds=list(seeds), ablations=ablations, search={"objective": goal})
    lines = overview_text(build_report(builder.write(space), PLAIN), 80).splitlines()
    row = next(line for line in lines if line.startswith("  LSTM"))
    assert f"  {verdict}  " in row


@pytest.mark.parametrize("count", [4, 6])
def test_seeds_that_cannot_show_anything_give_no_verdict(tmp_path, count):
    """Six seeds give p .031 at best, which is .094 after a correction for three tests."""
    seeds = list(range(1, count + 1))
    builder = LedgerBuilder(tmp_path / "run")
    for seed in seeds:
        builder.cell("baseline", seed, 0.7)
        builder.cell("LSTM", seed, 0.6 + seed / 1000)
    space = only(seeds=seeds, ablations={"modules": {"baseline": {}, "LSTM": {}}})
    assert "  few seeds  " in overview_text(build_report(builder.write(space), PLAIN), 80)


def test_a_full_screen_keeps_the_first_command_and_clips_notes():
    """The next command is worth more than the end of a note."""
    table = Table(
        name="t",
        title="t",
        columns=(Column("a", "a", is_text=True),),
        rows=tuple((Text(f"row {number}"),) for number in range(9)),
    )
    notes = tuple(Note(f"{number} {'word ' * 60}end.") for number in range(8))
    steps = (Note("First:", "run first"), Note("Second:", "run second"))
    overview = Overview(
        title="x",
        sections=(
            Section(name="scores", title="Scores", table=table, notes=notes),
            Section(name="next", title="Next", notes=steps),
        ),
    )
    assert terminal_overview(overview, 80, most=60).count("end.") == len(notes)
    for most in (36, 24, 19):
        text = terminal_overview(overview, 80, most=most)
        assert height(text, 80) <= most
        assert "    run first\n" in text
        assert text.count("end.") < len(notes)
    assert "run second" not in terminal_overview(overview, 80, most=17)
