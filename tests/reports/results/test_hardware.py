"""Tables that mix devices or precisions say which rows are which."""

import pytest

from reports.compare import compare
from reports.ledger.reading.load import load_results
from reports.tables.ablations import ablations
from reports.tables.confirmed import confirmed
from reports.tables.leaderboard import leaderboard
from reports.tables.pareto import pareto
from reports.tables.seed_tests import seed_tests
from reports.tables.trials import trials
from reports.tables.utterance_tests import utterance_tests
from tests.reports.ledger_builder import SPACE, LedgerBuilder

CPU = {"device": "cpu", "precision": "float32"}
GPU = {"device": "cuda:0", "precision": "bfloat16"}


@pytest.fixture
def builder(tmp_path):
    return LedgerBuilder(tmp_path / "run")


def mixture(table):
    """Return the note on mixed hardware; None without one."""
    return next((note.text for note in table.notes if "rounding may differ" in note.text), None)


def cells(builder, **hardware):
    """Return the tables of the ablation whose cells ran on the hardware given by cell and seed."""
    for name, by_seed in hardware.items():
        for seed, values in enumerate(by_seed, start=1):
            builder.cell(name, seed, 0.9 + seed / 100, **values)
    ablations_of = {"modules": {name: {"x": name} for name in hardware}}
    for place, row in enumerate(builder.rows["roles"]):
        builder.rows["roles"][place] = {**row, "changes": f'{{"x": "{row["cell"]}"}}'}
    results = load_results(builder.write({**SPACE, "ablations": ablations_of, "baselines": {}}))
    return ablations(results)[0], seed_tests(results)[0]


def test_a_mixture_names_the_rows_of_each_kind_in_scores_and_tests(builder):
    scores, tests = cells(builder, one=[CPU, CPU], two=[GPU, GPU])
    kinds = "cpu float32 and cuda bfloat16"
    expected = (
        f"Attention: the cells were run on {kinds}, whose rounding may differ. "
        "cpu float32: one; cuda bfloat16: two."
    )
    assert mixture(scores) == mixture(tests) == expected


def test_a_row_whose_seeds_were_run_on_both_names_its_seeds(builder):
    scores, _ = cells(builder, one=[CPU, GPU], two=[CPU, CPU])
    assert mixture(scores).endswith("cpu float32: one (seed 1), two; cuda bfloat16: one (seed 2).")


def test_two_precisions_of_one_device_are_a_mixture(builder):
    scores, _ = cells(builder, one=[GPU, GPU], two=[{**GPU, "precision": "float16"}] * 2)
    assert "cuda bfloat16: one; cuda float16: two." in mixture(scores)


@pytest.mark.parametrize(
    ("other", "mixed"),
    [
        (CPU, False),
        ({"device": "cpu", "precision": None}, False),
        ({"device": "cuda:0", "precision": None}, True),
        ({"device": None, "precision": None}, False),
        ({"device": "cuda:1", "precision": "bfloat16"}, True),
    ],
)
def test_without_a_recorded_precision_devices_alone_are_compared(builder, other, mixed):
    scores, _ = cells(builder, one=[CPU, CPU], two=[other, other])
    assert (mixture(scores) is not None) == mixed


def test_two_gpus_are_one_kind_of_device(builder):
    scores, _ = cells(builder, one=[GPU, GPU], two=[{**GPU, "device": "cuda:1"}] * 2)
    assert mixture(scores) is None


def test_two_kinds_of_one_device_are_a_mixture_and_named(builder):
    other = {**CPU, "processor": "Xeon AMX"}
    scores, _ = cells(builder, one=[{**CPU, "processor": "EPYC AVX2"}] * 2, two=[other, GPU])
    assert mixture(scores) == (
        "Attention: the cells were run on cpu float32 (EPYC AVX2), cpu float32 (Xeon AMX) and "
        "cuda bfloat16 (processor not recorded), whose rounding may differ. cpu float32 (EPYC "
        "AVX2): one; cpu float32 (Xeon AMX): two (seed 1); cuda bfloat16 (processor not recorded): "
        "two (seed 2)."
    )


def test_a_processor_that_older_parts_do_not_name_is_no_mixture(builder):
    scores, _ = cells(builder, one=[{**CPU, "processor": "EPYC AVX2"}] * 2, two=[CPU, CPU])
    assert mixture(scores) is None


def test_the_leaderboard_names_trials_and_the_confirmed_table_configurations(builder):
    builder.searched(0, 0.8, **CPU)
    builder.searched(1, 0.9, **GPU)
    for rank, values in enumerate((CPU, GPU)):
        for seed in (1, 2):
            builder.confirmed(f"s{rank}", rank, seed, 0.8 + rank / 10, 0.9, **values)
    results = load_results(builder.write())
    assert mixture(leaderboard(results)[0]).endswith("cpu float32: 0; cuda bfloat16: 1.")
    assert mixture(confirmed(results)[0]).endswith(
        "cpu float32: configuration 1 (chosen); cuda bfloat16: configuration 2."
    )
    listed = trials(results)
    names = [column.name for column in listed.columns]
    shown = {row[names.index("precision")].text for row in listed.rows}
    assert shown == {"float32", "bfloat16"}


def test_a_comparison_names_the_sides(tmp_path):
    sides = []
    for name, values in (("old", CPU), ("new", GPU)):
        builder = LedgerBuilder(tmp_path / name)
        for seed in (1, 2):
            builder.confirmed(name, 0, seed, 0.8, 0.9, **values)
        sides.append(load_results(builder.write({**SPACE, "name": name})))
    assert mixture(compare(*sides)[0]).endswith("cpu float32: old; cuda bfloat16: new.")


def test_tests_over_utterances_and_the_pareto_set_name_them_too(builder):
    builder.searched(0, 0.8, inference_seconds=2.0, **CPU)
    builder.searched(1, 0.9, inference_seconds=1.0, **GPU)
    for name, values in (("one", CPU), ("two", GPU)):
        builder.cell(name, 1, 0.9, changes={"x": name}, **values)
        key = builder.rows["trials"][-1]["key"]
        builder.rows["predictions"] += [
            {"key": key, "split": "test", "id": f"u{place}", "label": label, "prediction_M": 0.5}
            for place, label in enumerate((-1.0, 1.0, 2.0))
        ]
    goals = [
        {"metric": metric, "mode": "min"} for metric in ("valid/mae", "cost/inference_seconds")
    ]
    space = {
        **SPACE,
        "search": {**SPACE["search"], "objective": goals},
        "ablations": {"modules": {name: {"x": name} for name in ("one", "two")}},
        "seeds": [1],
    }
    results = load_results(builder.write(space))
    intervals, _, mcnemar = utterance_tests(results)
    assert mixture(intervals).endswith("cpu float32: one; cuda bfloat16: two.")
    assert mixture(mcnemar) == mixture(intervals)
    assert mixture(pareto(results)[0]).endswith("cpu float32: 0; cuda bfloat16: 1.")
