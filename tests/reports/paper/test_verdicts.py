"""Verdicts and emphasis against a slow oracle in plain Python."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from reports.content.table import Dual, Emphasis
from reports.ledger.reading.load import Results
from reports.ledger.reading.recorded_experiment import Experiment, Version
from reports.ledger.roles import RecordedRole
from reports.ledger.schema import ABLATION
from reports.ledger.trials import Trial
from reports.paper.rows.layouts import LAYOUTS
from reports.paper.score_cells import metrics_in
from reports.paper.scores import paper_table
from reports.paper.verdicts import emphases_of, verdict_of
from reports.statistics import Summary, summarise
from reports.tables.metrics import METRIC_SETS, METRICS
from tests.reports.ledger_builder import LedgerBuilder

MAE, ACC2 = METRICS["mae"], METRICS["acc2_negative_positive"]
BASELINES = {  # Table 4: each system's own
    "Self-MM": "Self-MM",
    "Self-MM + MRM": "Self-MM",
    "SUGRM": "SUGRM",
    "SUGRM - MRM": "SUGRM",
}
PUBLISHED = {  # MAE, and F1 negative / positive, in thousandths
    "Self-MM": (733, 846),
    "Self-MM + MRM": (718, 841),
    "SUGRM": (703, 863),
    "SUGRM - MRM": (761, 829),
}


@pytest.fixture(scope="module")
def mosi(tmp_path_factory):
    """A run folder that lists the utterances of MOSI."""
    builder = LedgerBuilder(tmp_path_factory.mktemp("mosi"))
    builder.trial("any", data_fingerprint="d0d0", alignment="unaligned")
    return builder.write()


def results(scores, folder):
    """Return a run in memory; ``scores`` maps row and seed to test MAE and F1 in thousandths."""
    trials, roles = {}, []
    for (row, seed), (mae, f1) in scores.items():
        key = f"{row} {seed}"
        test = {metric.name: 0.5 for metric in metrics_in(METRIC_SETS["mosi"])}
        test |= {"mae": mae / 1000, "f1_negative_positive": f1 / 1000}
        trials[key] = Trial(
            key=key,
            status="finished",
            seed=seed,
            test=test,
            alignment="unaligned",
            data_fingerprint="d0d0",
        )
        roles.append(
            RecordedRole(
                phase=ABLATION, group="g", cell=row, number=0, seed=seed, key=key, changes={}
            )
        )
    experiment = Experiment(name="x", versions=(Version(space={"data": {"dataset": "mosi"}}),))
    return Results(folder=folder, experiment=experiment, trials=trials, roles=tuple(roles))


thousandths = st.integers(690, 770)
matrices = st.dictionaries(
    st.tuples(st.sampled_from(sorted(BASELINES)), st.integers(1, 6)),
    st.tuples(thousandths, st.integers(800, 870)),
    min_size=1,
)


def oracle(scores, which, mode):
    """Return verdict, best and better of each row, by loops."""
    rows = {}
    for (row, _), values in scores.items():
        rows.setdefault(row, []).append(values[which] / 1000)
    printed = {}
    for row, values in rows.items():
        mean = sum(values) / len(values)
        printed[row] = f"{mean:.3f}" if which == 0 else f"{100 * mean:.1f}"
    found = {}
    for row, values in rows.items():
        theirs = PUBLISHED[row][which] / 1000
        mean = sum(values) / len(values)
        verdict = None
        if len(values) < 5:
            verdict = ""
        elif len(set(values)) == 1:  # scipy has no interval without a spread
            if abs(mean - theirs) < 1e-9:
                verdict = f"no difference shown (half width {'0.000' if which == 0 else '0.0'})"
        else:
            low, high = stats.t.interval(0.95, len(values) - 1, mean, stats.sem(values))
            if low <= theirs <= high:
                half = (high - low) / 2
                half = f"{half:.3f}" if which == 0 else f"{100 * half:.1f}"
                verdict = f"no difference shown (half width {half})"
        if verdict is None:
            verdict = "better" if (mean < theirs) == (mode == "min") else "worse"
        numbers = {other: float(text) for other, text in printed.items()}
        many = {other: n for other, n in numbers.items() if len(rows[other]) >= 5} or numbers
        best = min(many.values()) if mode == "min" else max(many.values())
        rival = numbers.get(BASELINES[row])
        enough = min(len(rows.get(one, ())) for one in (row, BASELINES[row])) >= 5
        better = enough and (numbers[row] < rival if mode == "min" else numbers[row] > rival)
        found[row] = (verdict, len(rows) > 1 and many.get(row) == best, better)
    return found


def shown(table, row, column):
    labels = [cells[0].text for cells in table.rows]
    place = [one.name for one in table.columns].index(column)
    first = labels.index(row)
    assert labels[first + 3] == "  difference"
    ours, gap = (table.rows[first + step][place] for step in (0, 3))
    if isinstance(ours, Dual):
        ours, gap = ours.positive, gap.positive
    best = ours.emphasis in (Emphasis.BEST, Emphasis.BEST_AND_BETTER)
    better = ours.emphasis in (Emphasis.BETTER, Emphasis.BEST_AND_BETTER)
    return gap.verdict, best, better


@pytest.mark.slow
@settings(max_examples=30)
@given(scores=matrices)
def test_every_verdict_and_emphasis_of_a_table_is_that_of_the_slow_oracle(mosi, scores):
    table = paper_table(LAYOUTS["4"], [results(scores, mosi)])[0]
    for which, (column, mode) in enumerate([("mosi_mae", "min"), ("mosi_f1", "max")]):
        for row, expected in oracle(scores, which, mode).items():
            assert shown(table, row, column) == expected


FIVE = [0.70, 0.70, 0.71, 0.72, 0.72]


@pytest.mark.parametrize(
    ("metric", "values", "published", "verdict"),
    [
        (MAE, FIVE, 0.80, "better"),
        (MAE, FIVE, 0.60, "worse"),
        (MAE, FIVE, 0.72, "no difference shown (half width 0.012)"),
        (MAE, FIVE, 0.723, "better"),
        (ACC2, FIVE, 0.90, "worse"),
        (ACC2, FIVE, 0.60, "better"),
        # No width, and the mean is rounded.
        (ACC2, [0.844] * 5, 0.844, "no difference shown (half width 0.0)"),
        (ACC2, [0.8], 0.9, "too few seeds (1, needs 5)"),
        (ACC2, [0.70, 0.70, 0.72, 0.72], 0.9, "too few seeds (4, needs 5)"),
    ],
)
def test_the_verdict_follows_the_direction_of_the_metric(metric, values, published, verdict):
    """The deviation of FIVE is 0.01, the half width 2.776 * 0.01 / sqrt(5) = 0.0124."""
    assert verdict_of(summarise(values), published, metric=metric) == verdict


def test_a_mean_that_is_not_defined_has_no_verdict():
    assert verdict_of(Summary(float("nan")), 0.5, metric=MAE) == ""


def test_equal_in_print_are_all_the_best_and_none_is_better():
    means = {"a": 0.70349, "b": 0.70251, "c": 0.71}
    found = emphases_of(means, {"a": "b", "b": "a", "c": "a"}, metric=MAE)
    assert found == {"a": Emphasis.BEST, "b": Emphasis.BEST, "c": Emphasis.NONE}


def test_the_best_may_also_be_better_than_its_baseline():
    found = emphases_of(
        {"a": 0.9, "b": 0.8, "c": 0.85}, {"a": "b", "b": "b", "c": "b"}, metric=ACC2
    )
    assert found == {
        "a": Emphasis.BEST_AND_BETTER,
        "b": Emphasis.NONE,
        "c": Emphasis.BETTER,
    }


def test_a_row_alone_is_not_the_best_and_a_row_without_a_baseline_not_better():
    assert emphases_of({"a": 0.9}, {"a": "b"}, metric=ACC2) == {"a": Emphasis.NONE}
    assert (
        emphases_of({"a": 0.9, "b": 0.1}, {"a": None, "b": "b"}, metric=ACC2)["a"] is Emphasis.BEST
    )


def test_not_a_number_neither_wins_nor_stands_out():
    found = emphases_of({"a": float("nan"), "b": 0.1, "c": 0.2}, {"b": "a"}, metric=ACC2)
    assert found == {"b": Emphasis.NONE, "c": Emphasis.BEST}
    assert emphases_of({"a": float("nan")}, {}, metric=ACC2) == {}


FIVES = {"Self-MM": 740, "Self-MM + MRM": 750}  # MAE of each of five seeds, in thousandths


def test_a_lucky_seed_does_not_take_the_best_from_a_row_with_five(mosi):
    scores = {("SUGRM", 1): (690, 870)}
    scores |= {(row, seed): (mae, 850) for row, mae in FIVES.items() for seed in range(1, 6)}
    table = paper_table(LAYOUTS["4"], [results(scores, mosi)])[0]
    best = [
        row for row in BASELINES if row in {"SUGRM", *FIVES} and shown(table, row, "mosi_mae")[1]
    ]
    assert best == ["Self-MM"]
    assert not [note for note in table.notes if "fewer seeds than a verdict" in note.text]


def test_where_no_row_has_five_seeds_a_note_says_that_the_best_has_fewer(mosi):
    scores = {("SUGRM", 1): (690, 870), ("Self-MM", 1): (700, 860)}
    table = paper_table(LAYOUTS["4"], [results(scores, mosi)])[0]
    assert shown(table, "SUGRM", "mosi_mae")[1]
    (said,) = [note.text for note in table.notes if "fewer seeds than a verdict" in note.text]
    assert said == "MOSI: the best has fewer seeds than a verdict needs (5)."
