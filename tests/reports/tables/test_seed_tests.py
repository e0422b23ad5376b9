import math
from dataclasses import replace

import pytest
from scipy import stats

from reports.content.table import Estimate, Missing, Number, Style, Text
from reports.figures.ablation_effects import ablation_effects
from reports.ledger.reading.load import load_results
from reports.ledger.reading.run_command import with_values
from reports.render.csv import csv_table
from reports.statistics import pairs_needed
from reports.tables.seed_tests import seed_tests
from tests.reports.ledger_builder import SPACE, LedgerBuilder, continued, tiny_run

MAE, ACC2, CORR = "MAE", "Acc-2 negative / positive", "Corr"
CHANGES = {"model.recalibration": "none"}


def built(tmp_path, cells, *, space=None, changes=None, sizes=None, **values):
    """Return the table of cells with a MAE by seed each; the first is the baseline."""
    builder = LedgerBuilder(tmp_path)
    changes = changes or {name: {"a": n} if n else {} for n, name in enumerate(cells)}
    for name, maes in cells.items():
        for seed, mae in maes.items():
            builder.cell(name, seed, mae, group="g", changes=changes[name], **values)
    seeds = sorted({seed for maes in cells.values() for seed in maes})
    space = {**SPACE, "ablations": {"g": changes}, "seeds": seeds, **(space or {})}
    return seed_tests(load_results(builder.write(space, sizes=sizes)))


def row(table, cell, metric=MAE):
    (found,) = (row for row in table.rows if row[:2] == (Text(cell), Text(metric)))
    return dict(zip((column.name for column in table.columns), found, strict=True))


def commands(table):
    return [note.command for note in table.notes if note.command]


def texts(table):
    return " ".join(note.text for note in table.notes)


FIVE = {
    "baseline": {1: 0.90, 2: 1.00, 3: 1.10, 4: 0.95, 5: 1.05},
    "worse": {1: 1.00, 2: 1.20, 3: 1.15, 4: 1.05, 5: 1.20},
    "mixed": {1: 0.80, 2: 1.10, 3: 1.10, 4: 0.90, 5: 1.15},
}


@pytest.fixture
def table(tmp_path):
    (table,) = built(tmp_path, FIVE)
    return table


def test_each_cell_but_the_baseline_has_a_row_for_each_metric(table):
    assert table.title == "Ablation: g, tests against baseline"
    cells = [(cell.text, metric.text) for cell, metric, *_ in table.rows]
    assert cells == [(cell, metric) for cell in ("worse", "mixed") for metric in (MAE, CORR, ACC2)]


def test_the_difference_is_paired_by_seed_with_its_t_interval(table):
    """Differences 0.1, 0.2, 0.05, 0.1, 0.15 have the mean 0.12."""
    found = row(table, "worse")
    assert found["pairs"] == Number(5, Style.INTEGER)
    difference = found["difference"]
    assert isinstance(difference, Estimate)
    assert difference.signed
    assert difference.summary.mean == pytest.approx(0.12)
    theirs = stats.ttest_rel(list(FIVE["worse"].values()), list(FIVE["baseline"].values()))
    interval = theirs.confidence_interval()
    ends = (difference.summary.low, difference.summary.high)
    assert ends == pytest.approx((interval.low, interval.high))


def test_p_is_of_the_sign_flip_test_and_holms_over_the_whole_table(table):
    """Of 5 pairs of one sign p = 2/32; over the 6 tests of the table Holm's is 6 * 2/32."""
    found = row(table, "worse")
    assert found["p"] == Number(0.0625, Style.P_VALUE)
    assert found["p_holm"] == Number(0.375, Style.P_VALUE)
    assert "over the 6 tests of this table" in texts(table)


def test_better_is_by_the_direction_of_the_metric(table):
    """Of "mixed", two MAEs are smaller, so two Acc-2 and two correlations are larger."""
    for metric in (MAE, CORR, ACC2):
        assert row(table, "worse", metric)["better_with"] == Text("0 of 5")
        assert row(table, "mixed", metric)["better_with"] == Text("2 of 5, 1 equal")


def test_the_effect_is_corrected_for_few_pairs(table):
    """Deviation of 0.1, 0.2, 0.05, 0.1, 0.15: √(0.013 / 4) = 0.0570; J(4) = 0.798."""
    effect = row(table, "worse")["effect"].value
    assert effect == pytest.approx(0.12 / math.sqrt(0.013 / 4) * 0.7979, rel=1e-4)


def test_it_says_plainly_that_five_seeds_cannot_reach_the_level_and_offers_those_that_can(
    table, tmp_path
):
    assert "With 5 paired seeds, the most here, the smallest two-sided p" in texts(table)
    assert "2/2^5 = 0.0625: p < .05 is out of reach" in texts(table)
    assert "6 seeds are the fewest that can reach it" in texts(table)
    assert (
        "If all cells have equally many paired seeds, Holm p < .05 over 6 tests needs 8 seeds."
        in texts(table)
    )
    assert commands(table) == [
        f"{continued(tmp_path)} --set 'seeds=[1, 2, 3, 4, 5, 6]'",
        f"{continued(tmp_path)} --set 'seeds=[1, 2, 3, 4, 5, 6, 7, 8]'",
    ]


def test_where_enough_seeds_are_planned_the_command_itself_fills_them(tmp_path):
    (table,) = built(tmp_path, FIVE, space={"seeds": [1, 2, 3, 4, 5, 11]})
    assert commands(table) == [
        continued(tmp_path),
        f"{continued(tmp_path)} --set 'seeds=[1, 2, 3, 4, 5, 11, 12, 13]'",
    ]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("a.yaml --set 'seeds=[1, 2]' --set seeds.x=1", "a.yaml --set seeds.x=1"),
        ("--set=seeds=[1] 'my space.yaml'", "'my space.yaml'"),
        ("seeds=1 --data unaligned=a.pkl", "seeds=1 --data unaligned=a.pkl"),
    ],
)
def test_seeds_that_the_command_sets_are_replaced(typed, offered):
    changed = with_values(f"sugrm-search run {typed}", {"seeds": "[1, 2, 3]"})
    assert changed == f"sugrm-search run {offered} --set 'seeds=[1, 2, 3]'"


@pytest.mark.parametrize("command", ["run 'a.yaml", "python study.py run a.yaml"])
def test_a_script_is_offered_seeds_without_a_command(tmp_path, command):
    built(tmp_path, FIVE)
    results = load_results(tmp_path)
    version = replace(results.experiment.newest, command=command)
    experiment = replace(results.experiment, versions=(version,))
    (table,) = seed_tests(replace(results, experiment=experiment))
    assert "6 seeds are the fewest that can reach it" in texts(table)
    assert commands(table) == []


def test_with_enough_seeds_nothing_is_offered(tmp_path):
    """One cell makes three tests: 3 * 2/2^7 = 0.047."""
    cells = {
        "baseline": dict.fromkeys(range(7), 0.9),
        "other": {seed: 1.0 + seed / 50 for seed in range(7)},
    }
    (table,) = built(tmp_path, cells)
    assert commands(table) == []
    assert "out of reach" not in texts(table)


def partly_failed(tmp_path, finished):
    """Return a table with 7 pairs of A, 3 * 2 / 2^7 = .047, and ``finished`` pairs of B."""
    builder = LedgerBuilder(tmp_path)
    changes = {"baseline": {}, "A": {"a": 1}, "B": {"a": 2}}
    for name, shift in (("baseline", 0.0), ("A", -0.1), ("B", -0.2)):
        for seed in range(1, 8):
            failed = {"status": "failed"} if name == "B" and seed > finished else {}
            mae = 0.9 + shift + seed * (1 + shift) / 100
            builder.cell(name, seed, mae, group="g", changes=changes[name], **failed)
    space = {**SPACE, "ablations": {"g": changes}, "seeds": [*range(1, 8)]}
    (table,) = seed_tests(load_results(builder.write(space)))
    return table


def test_the_note_on_all_tests_agrees_with_a_verdict_over_those_with_a_p_value(tmp_path):
    table = partly_failed(tmp_path, 2)
    assert row(table, "A")["verdict"] == Text("better")
    assert row(table, "B")["verdict"] == Text("too few seeds")
    assert "over the 3 tests of this table" in texts(table)
    assert (
        "If all cells have equally many paired seeds, Holm p < .05 over 6 tests (3 have "
        "a p now) needs 8 seeds."
    ) in texts(table)


def test_without_a_verdict_of_too_few_seeds_no_more_are_offered(tmp_path):
    table = partly_failed(tmp_path, 0)
    assert row(table, "A")["verdict"] == Text("better")
    assert commands(table) == []


def test_more_tests_than_any_number_of_seeds_can_decide_are_not_offered_seeds(tmp_path):
    """84 cells in three metrics are 252 tests, and 252 * .0002 = .0504."""
    (table,) = built(tmp_path, {f"cell {n}": {1: 0.9 + n / 1000} for n in range(85)})
    assert "over 252 tests is out of reach with any number of seeds" in texts(table)
    assert commands(table) == [f"{continued(tmp_path)} --set 'seeds=[1, 2, 3, 4, 5, 6]'"]


def test_beyond_thirteen_pairs_the_note_says_that_signings_are_drawn(tmp_path):
    cells = {name: {s: 0.9 + s * f for s in range(14)} for name, f in (("a", 0.01), ("b", 0.02))}
    (table,) = built(tmp_path, cells)
    assert "draws 9,999 sign combinations" in texts(table)


def test_two_pairs_have_a_mean_difference_without_interval_and_test(tmp_path):
    """Seeds 1 and 2 are common: 1.0 - 0.9 = 0.1 and 1.2 - 1.0 = 0.2, mean 0.15."""
    (table,) = seed_tests(load_results(tiny_run(tmp_path)))
    found = row(table, "remove MRM")
    summary = found["difference"].summary
    assert (summary.mean, summary.low) == (pytest.approx(0.15), None)
    tested = {found[name] for name in ("p", "p_holm", "effect", "better_with")}
    assert tested == {Missing()}
    assert found["verdict"] == Text("unfinished")
    assert "needs 3 pairs. No cell has as many. Verdict: by Holm p < .05;" in texts(table)
    assert "unfinished: planned trials have not ended." in texts(table)
    assert "No interval below 3 seeds. 2 seeds: remove MRM." in texts(table)


def test_a_missing_cell_is_marked_and_never_filled(tmp_path):
    (table,) = seed_tests(load_results(tiny_run(tmp_path)))
    for metric in (MAE, ACC2, CORR):
        assert set(list(row(table, "LSTM", metric).values())[2:]) == {Missing("missing")}


def test_a_cell_of_other_seeds_says_that_none_is_common(tmp_path):
    cells = {"baseline": {1: 0.9}, "same": {1: 1.0}, "other": {2: 1.0}}
    (table,) = built(tmp_path, cells)
    assert row(table, "other")["difference"] == Missing("no common seed")


def test_without_a_pair_there_is_no_table(tmp_path):
    assert built(tmp_path, {"baseline": {1: 0.9}, "other": {2: 0.9}}) == ()


def test_an_undefined_metric_is_said_to_be_and_does_not_count_for_holm(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for seed in (1, 2, 3):
        builder.cell("baseline", seed, 0.9)
        builder.cell("remove MRM", seed, 1.0, changes=CHANGES, test_corr=math.nan)
    (table,) = seed_tests(load_results(builder.write()))
    found = row(table, "remove MRM", CORR)
    assert found["pairs"] == Number(3, Style.INTEGER)
    assert set(list(found.values())[3:]) == {Missing("undefined")}
    assert "over the 2 tests of this table" in texts(table)


PAPER = {"SUGRM": {}, "SUGRM - MRM": CHANGES, "text only": {"preset": "text_only"}}
PAPER_MAES = {
    "SUGRM": {1: 0.90, 2: 0.91, 3: 0.92},
    "SUGRM - MRM": {1: 0.93, 2: 0.92, 3: 0.96},
    "text only": {1: 0.93, 2: 0.92, 3: 0.96},
}


def test_a_row_of_the_paper_has_its_difference_and_the_seeds_to_see_it(tmp_path):
    """Table 4, MOSI: MAE 0.723 without MRM, 0.703 with; ours differ by 0.03, 0.01 and 0.04."""
    (table,) = built(tmp_path, PAPER_MAES, changes=PAPER)
    found = row(table, "SUGRM - MRM")
    published = found["published_difference"]
    deviation = found["difference"].summary.deviation
    assert deviation == pytest.approx(math.sqrt(7 / 3) / 100)
    assert published.signed
    assert found["seeds_to_see_it"].value == pairs_needed(published.value, deviation)
    assert row(table, "text only")["published_difference"] == Missing()
    assert row(table, "text only")["seeds_to_see_it"] == Missing()
    assert "power of .8" in texts(table)


def test_data_of_other_sizes_have_no_difference_of_the_paper(tmp_path):
    (table,) = built(tmp_path, PAPER_MAES, changes=PAPER, sizes=(200, 60, 60))
    assert "published_difference" not in row(table, "SUGRM - MRM")
    assert "paper" not in texts(table)


def test_the_seeds_to_see_it_are_not_said_to_be_enough_for_the_sign_flip_test(tmp_path):
    """A t test may see a large difference with 2 pairs; 2 / 2^6 and 6 * 2 / 2^8 are below .05."""
    (table,) = built(tmp_path, PAPER_MAES, changes=PAPER)
    assert len(table.rows) == 6
    assert (
        "the sign-flip test can give p < .05 from 6 pairs on, and corrected by Holm's method over "
        "the tests of this table from 8 on."
    ) in texts(table)


def test_a_cell_on_other_data_than_its_baseline_is_named(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.cell("baseline", 1, 0.9)
    builder.cell("remove MRM", 1, 1.0, changes=CHANGES, data_fingerprint="other")
    builder.cell("LSTM", 1, 1.0, changes={"model.encoder.name": "lstm"})
    (table,) = seed_tests(load_results(builder.write()))
    (said,) = [note.text for note in table.notes if note.text.startswith("Attention")]
    assert "other data than baseline" in said
    assert said.endswith("their Δ includes that difference: remove MRM.")


def test_cells_on_the_data_of_their_baseline_need_no_warning(table):
    assert "Attention" not in texts(table)


def test_below_three_pairs_the_spread_is_too_unsure_to_plan_with(tmp_path):
    two = {name: {1: maes[1], 2: maes[2]} for name, maes in PAPER_MAES.items()}
    (table,) = built(tmp_path, two, changes=PAPER)
    assert isinstance(row(table, "SUGRM - MRM")["published_difference"], Number)
    assert row(table, "SUGRM - MRM")["seeds_to_see_it"] == Missing()


def test_without_rows_of_the_paper_it_has_no_columns_for_them(table):
    assert [column.name for column in table.columns][-1] == "better_with"
    assert "paper" not in texts(table)


def test_a_data_file_has_a_field_for_each_number(tmp_path):
    (table,) = built(tmp_path, PAPER_MAES, changes=PAPER)
    assert csv_table(table).splitlines()[0].split(",") == [
        "cell", "metric", "pairs", "difference", "difference_std", "difference_n",
        "difference_low", "difference_high", "p", "p_holm", "verdict", "effect",
        "better_with", "published_difference", "seeds_to_see_it",
    ]  # fmt: skip


def test_each_ablation_is_tested_against_the_baseline_that_its_space_names(tmp_path):
    builder = LedgerBuilder(tmp_path)
    for group in ("tasks", "losses"):
        for name, mae in (("a", 0.9), ("b", 1.0)):
            builder.cell(name, 1, mae, group=group)
    cells = {"a": {}, "b": {}}
    space = {**SPACE, "ablations": {"tasks": cells, "losses": cells}, "baselines": {"losses": "b"}}
    tables = seed_tests(load_results(builder.write(space)))
    assert [table.title for table in tables] == [
        "Ablation: tasks, tests against a",
        "Ablation: losses, tests against b",
    ]


def test_a_run_without_a_record_of_its_command_offers_none(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.cell("baseline", 1, 0.9)
    builder.cell("other", 1, 1.0, changes=CHANGES)
    (table,) = seed_tests(load_results(builder.write(space=None)))
    assert commands(table) == []
    assert "6 seeds are the fewest that can reach it." in texts(table)


def test_a_cell_on_splits_of_other_sizes_is_not_tested(tmp_path):
    """The baseline and one cell read a corpus of 8/4/4 utterances, the other cell one of 8/4/5."""
    builder = LedgerBuilder(tmp_path)
    cells = {"baseline": "d0d0", "same": "d0d0", "other": "d1d1"}
    for number, (name, data) in enumerate(cells.items()):
        for seed in (1, 2, 3):
            maes = 0.9 + number / 10 + seed / 100
            builder.cell(name, seed, maes, data_fingerprint=data, changes={"x": name})
    for data, test in (("d0d0", 4), ("d1d1", 5)):
        for split, size in (("train", 8), ("valid", 4), ("test", test)):
            corpus = {"data_fingerprint": data, "alignment": "unaligned", "split": split}
            rows = [{**corpus, "position": place, "id": f"u{place}"} for place in range(size)]
            builder.rows["utterances"] += rows
    ablation = {"modules": {name: {"x": name} for name in cells}}
    results = load_results(builder.write({**SPACE, "ablations": ablation, "seeds": [1, 2, 3]}))
    (table,) = seed_tests(results)
    assert row(table, "same")["pairs"].value == 3
    assert row(table, "other")["pairs"] == Missing("other data")
    (figure,) = ablation_effects(results)
    assert figure.panels[0].y.categories == ["same", "other (other data)"]


@pytest.mark.parametrize(
    ("count", "change", "verdict"),
    [
        (2, -0.1, "too few seeds"),
        (6, -0.1, "too few seeds"),  # 3 * 2 / 2^6 = .094
        (7, -0.1, "better"),  # 3 * 2 / 2^7 = .047
        (7, 0.1, "worse"),
        (7, 0.0, "no difference shown"),
    ],
)
def test_each_test_has_the_verdict_of_the_screen(tmp_path, count, change, verdict):
    seeds = range(1, count + 1)
    cells = {
        "baseline": {seed: 0.7 + seed / 100 for seed in seeds},
        "other": {seed: 0.7 + seed / 100 + change + seed * change / 100 for seed in seeds},
    }
    (table,) = built(tmp_path, cells)
    assert row(table, "other")["verdict"] == Text(verdict)


@pytest.mark.parametrize(
    ("signs", "p"),
    [
        ((1, -1, 1, -1, 1, -1, 1), 1.0),  # a sum of 1 of 7 signs: at least half are as extreme
        ((1, 1, 1, 1, 1, 1, -1), 0.125),  # 8 of 128 sums are 5 or more: 2 * 8 / 128
    ],
)
def test_differences_of_both_signs_show_no_difference(tmp_path, signs, p):
    cells = {
        "baseline": dict.fromkeys(range(7), 0.7),
        "other": {seed: 0.7 + sign / 50 for seed, sign in enumerate(signs)},
    }
    (table,) = built(tmp_path, cells)
    found = row(table, "other")
    assert found["p"].value == pytest.approx(p)
    assert found["p_holm"].value == pytest.approx(min(1.0, 3 * p))
    assert found["verdict"] == Text("no difference shown")
    assert commands(table) == []
