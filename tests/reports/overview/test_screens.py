"""The one screen of a run of every kind, as golden texts."""

import itertools
import math
from pathlib import Path

import pytest

from reports import build_report, overview_text
from reports.content.overview import Overview, Section
from reports.content.table import Column, Note, Table, Text
from reports.render.overview_text import terminal_overview
from tests.parametrise import mostly_slow
from tests.reports.ledger_builder import LedgerBuilder
from tests.reports.overview.screens import FAST, KINDS, PLAIN, made, only

GOLDEN = Path(__file__).parents[2] / "golden" / "screens"
LINES = 36


def height(text, width):
    """Return how many lines of a terminal a text takes."""
    return sum(max(1, -(-len(line) // width)) for line in text.rstrip("\n").split("\n"))


@pytest.fixture
def runs(usual_runs, request):
    """The usual folder of runs; a copy is elsewhere."""
    return Path("copies") if request.node.callspec.params["kind"] == "copy" else usual_runs


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_screen_is_the_golden_one(kind, runs, update_golden):
    text = overview_text(made(kind, runs), 80)
    path = GOLDEN / f"{kind}.txt"
    if update_golden:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.slow
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
    assert "  too few seeds  " in overview_text(build_report(builder.write(space), PLAIN), 80)


@pytest.mark.slow
def test_a_full_screen_clips_notes_then_leaves_out_the_last_command():
    table = Table(
        name="t",
        title="t",
        columns=(Column("a", "a", is_text=True),),
        rows=tuple((Text(f"row {number}"),) for number in range(9)),
    )
    notes = tuple(Note(f"{number} {'well-known ' * 30}end.") for number in range(8))
    steps = (Note("First:", "run first"), Note(f"Second, {'as long ' * 12}:", "run second"))
    overview = Overview(
        title="x",
        sections=(
            Section(name="scores", title="Scores", table=table, notes=notes),
            Section(name="next", title="Next", notes=steps),
        ),
    )
    shown = {most: terminal_overview(overview, 80, most=most) for most in (70, 27, 26, 18)}
    assert all(height(text, 80) <= most for most, text in shown.items())
    assert shown[70].count("end.") == len(notes)
    assert shown[27].count("end.") == 0
    assert "    run first\n" in shown[27]
    assert "    run second" in shown[27]
    assert "    run first\n" in shown[26]
    assert "run second" not in shown[26]
    assert "run first" not in shown[18]
    assert all("as long as long" in text for text in shown.values())  # what to do next is whole


def test_notes_that_ask_for_attention_are_whole():
    attention = Note(f"Attention: {'word ' * 60}end.")
    section = Section(name="run", title="Run", notes=(attention, Note(f"{'word ' * 60}last.")))
    text = terminal_overview(Overview(title="x", sections=(section,)), 80, most=4)
    assert "end." in text
    assert "last." not in text


@pytest.mark.parametrize(
    ("chosen", "verdict"), [(0.6, "better"), (0.8, "worse"), (0.7, "no difference shown")]
)
@pytest.mark.parametrize("has_cell", [False, True])
def test_the_chosen_configuration_has_a_verdict_against_the_baseline(
    tmp_path, chosen, verdict, has_cell
):
    """The baseline is a cell of an ablation, or a second confirmed configuration."""
    seeds = list(range(1, 8))
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, 0.90)
    builder.searched(1, 0.70, changes=FAST)
    for seed in seeds:
        valid = 0.5 + seed / 100
        noise = 0.002 * seed * (-1) ** seed
        builder.confirmed("s1", 0, seed, valid, chosen + seed / 100 + noise, changes=FAST)
        if has_cell:
            builder.cell("baseline", seed, 0.7 + seed / 100)
        else:
            builder.confirmed("s0", 1, seed, 0.9, 0.7 + seed / 100)
    space = only("search", confirm={"top": 2, "seeds": seeds}, seeds=seeds)
    space["search"] = {**space["search"], "trials": 2}
    if has_cell:
        space |= {"ablations": {"modules": {"baseline": {}}}, "confirm": {"top": 1, "seeds": seeds}}
    text = overview_text(build_report(builder.write(space), PLAIN), 200)
    assert f"MAE of chosen against baseline: {verdict}; " in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("confirmed", "cells", "command"),
    [
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], ("[1, 2, 3, 4, 5, 6]", "[1, 2, 3, 4, 5, 6]")),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7, 8], ("[1, 2, 3, 4, 5, 6]", "")),
        ([11, 12], [1, 2, 3, 4, 5], ("[11, 12, 1, 2, 3, 4, 5]", "[1, 2, 3, 4, 5, 11]")),
        ([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], ("", "")),
    ],
)
def test_what_to_do_next_gives_chosen_and_baseline_the_same_seeds(
    tmp_path, confirmed, cells, command
):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, 0.90)
    builder.searched(1, 0.70, changes=FAST)
    for seed in confirmed:
        builder.confirmed("s1", 0, seed, 0.7 + seed / 100, 0.7 + seed / 100, changes=FAST)
    for seed in cells:
        builder.cell("baseline", seed, 0.9 + seed / 100)
    space = only("search", confirm={"top": 1, "seeds": confirmed}, seeds=cells)
    space["search"] = {**space["search"], "trials": 2}
    space["ablations"] = {"modules": {"baseline": {}}}
    text = overview_text(build_report(builder.write(space), PLAIN), 200)
    for option, value in zip(("confirm.seeds", "seeds"), command, strict=True):
        assert (f"--set '{option}=" in text) == bool(value)
        assert f"--set '{option}={value}" in text or not value
    assert ("needs 6 seeds" in text) == any(command)


@pytest.mark.parametrize("sizes", [None, (20, 10, 10)])
def test_no_seeds_are_asked_for_a_verdict_against_values_that_are_not_shown(tmp_path, sizes):
    """Published values are shown only where the data have the paper's splits."""
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, 0.70, changes=FAST)
    for seed in (1, 2, 3):
        builder.confirmed("s0", 0, seed, 0.7, 0.7, changes=FAST)
    space = only("search", confirm={"top": 1, "seeds": [1, 2, 3]})
    space["search"] = {**space["search"], "trials": 1}
    text = overview_text(build_report(builder.write(space, sizes=sizes), PLAIN), 200)
    assert ("A verdict against published values needs 5 seeds" in text) == (sizes is None)


def test_a_metric_that_is_undefined_for_a_seed_gives_no_verdict(tmp_path):
    builder = LedgerBuilder(tmp_path / "run")
    builder.searched(0, 0.90)
    builder.searched(1, 0.70, changes=FAST)
    seeds = list(range(1, 8))
    for seed in seeds:
        test = math.nan if seed == 3 else 0.7 + seed / 100
        builder.confirmed("s1", 0, seed, 0.7 + seed / 100, test, changes=FAST)
        builder.cell("baseline", seed, 0.9 + seed / 100)
    space = only("search", confirm={"top": 1, "seeds": seeds}, seeds=seeds)
    space["ablations"] = {"modules": {"baseline": {}}}
    text = overview_text(build_report(builder.write(space), PLAIN), 200)
    assert "MAE of chosen against baseline: undefined for at least one seed." in text
    assert "against published" not in text


@pytest.mark.slow
def test_no_verdict_before_an_ablation_is_finished(tmp_path):
    """Each further cell makes the correction stricter, so a verdict could change."""
    seeds = list(range(1, 10))
    builder = LedgerBuilder(tmp_path / "run")
    for seed in seeds:
        builder.cell("baseline", seed, 0.7 + seed / 1000)
        builder.cell("LSTM", seed, 0.6 + seed / 500)
    cells = {"baseline": {}, "LSTM": {}}
    for more, verdict in (({}, "better"), ({"not run": {"model.width": 8}}, "unfinished")):
        space = only(seeds=seeds, ablations={"modules": {**cells, **more}})
        text = overview_text(build_report(builder.write(space), PLAIN), 80)
        assert f"  {verdict}  " in text


@pytest.mark.slow
def test_a_cell_with_fewer_seeds_has_a_verdict_where_holm_gives_one(tmp_path):
    """Holm's method tests the smallest p first; the others then need less of a correction."""
    builder = LedgerBuilder(tmp_path / "run")
    for seed in range(1, 13):
        builder.cell("baseline", seed, 0.7 + seed / 1000)
        builder.cell("many", seed, 0.6 + seed / 500)
        if seed <= 7:
            builder.cell("few", seed, 0.6 + seed / 500)
        else:
            builder.cell("few", seed, 1.0, status="failed", failure="nan")
    space = only(seeds=list(range(1, 13)))
    space["ablations"] = {"modules": {"baseline": {}, "many": {}, "few": {}}}
    lines = overview_text(build_report(builder.write(space), PLAIN), 80).splitlines()
    row = next(line for line in lines if line.startswith("  few "))
    assert "  better  " in row
    assert "  7" in row
