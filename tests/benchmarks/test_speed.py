"""The table of speed: its parts run at tiny sizes, and equal numbers are asserted, never times."""

import json
import shutil
from dataclasses import replace

import pytest

from benchmarks import speed
from benchmarks.measuring import Case, Row, Times, at_least, at_most, compare
from benchmarks.measuring.against import Worker
from benchmarks.measuring.machine import ROOT
from benchmarks.measuring.pairs import interleaved, row_of
from benchmarks.measuring.table import line
from tests.parametrise import mostly_slow


def test_pairs_alternate_which_run_is_first():
    called = []
    pairs = interleaved(lambda: called.append("a"), lambda: called.append("b"), pairs=3, warm_up=1)
    assert called == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert len(pairs) == 3


def test_a_row_holds_medians_and_the_median_of_the_pairs_ratios():
    """The ratios of the pairs are 4, 2 and 3; the medians' own ratio would be 8 / 3."""
    seconds = [(1.0, 4.0), (4.0, 8.0), (3.0, 9.0)]
    measured = [
        (Times(cpu=first, wall=first), Times(cpu=second, wall=2 * second))
        for first, second in seconds
    ]
    case = Case(name="case", ours=list, base=list, aim=at_least(3))
    row = row_of(case, measured)
    assert (row.ours, row.base, row.ratio, row.wall, row.unit) == (3.0, 8.0, 3.0, 6.0, "CPU s")
    assert row.met
    assert row_of(replace(case, share=True), measured).ratio == pytest.approx(1 / 3)


def test_a_case_that_is_compared_quickly_runs_once():
    called = []
    case = Case(name="case", ours=lambda: called.append(1), base=lambda: called.append(2))
    assert compare(case, quick=True).pairs == 1
    assert called == [1, 2]


@pytest.mark.parametrize(
    ("aim", "ratio", "ours", "met"),
    [
        (at_least(6), 6.1, 1.0, True),
        (at_least(6), 5.9, 1.0, False),
        (at_most(1.03), 1.02, 1.0, True),
        (at_most(4), None, 4.2, False),  # without a ratio the aim bounds the number itself
        (None, 6.0, 1.0, None),
    ],
)
def test_an_aim_bounds_the_ratio_or_the_number(aim, ratio, ours, met):
    row = Row(case="case", ours=ours, unit="CPU s", ratio=ratio, aim=aim)
    assert row.met is met
    assert ("missed" in line(row)) is (met is False)


def test_rows_are_printed_and_written_with_machine_and_commit(monkeypatch, capsys, tmp_path):
    part = type("Part", (), {"rows": lambda *, quick: [Row(case="one", ours=2.0, unit="MiB")]})
    monkeypatch.setattr(speed, "PARTS", {"mine": "part"})
    monkeypatch.setattr(speed, "import_module", {"part": part}.get)
    speed.main(["mine", "--json", str(tmp_path / "speed.json")])
    assert "one" in capsys.readouterr().out
    written = json.loads((tmp_path / "speed.json").read_text())
    assert {"commit", "torch", "processor"} <= set(written["machine"])
    assert [row["part"] for row in written["rows"]] == ["mine"]


def test_an_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        speed.main(["nothing"])
    assert "unknown part nothing" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "count"),
    mostly_slow(
        [
            ("sugrm", 2),
            ("labels", 1),
            ("dense", 2),
            ("dispatches", 4),
            ("lstm", 4),
            ("text", 4),
            ("evaluation", 2),
            ("inference", 2),
        ],
        quick=[("labels", 1), ("evaluation", 2)],
    ),
)
def test_a_part_gives_its_rows_and_finds_equal_numbers(part, count):
    """A part compares the numbers of both ways and raises an error where they differ."""
    found = list(speed.rows([part], quick=True))
    assert len(found) == count
    assert all(row.ours > 0 for _, row in found)


def test_a_checkout_without_the_package_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        speed.main(["--against", str(tmp_path)])
    assert "holds no folder sugrm" in capsys.readouterr().err


@pytest.mark.slow
def test_another_checkout_is_timed_with_its_own_package(tmp_path):
    """The copy fails where it is used, so its error shows whose package a worker imports."""
    case = ("benchmarks.parts.sugrm", "tiny, real lengths, forward")
    with Worker(ROOT, *case) as worker:
        assert worker.times().cpu > 0
    shutil.copytree(ROOT / "sugrm", tmp_path / "sugrm")
    (tmp_path / "sugrm" / "models" / "sugrm.py").write_text("raise SystemExit('another version')")
    with pytest.raises(SystemExit, match="does not run on"):
        Worker(tmp_path, *case)
