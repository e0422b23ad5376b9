import pytest

import sugrm.data
from reports.ledger.reading.load import load_results
from reports.results.corpora import FEW_UTTERANCES, data_of, small_splits
from reports.tables.summary import attention
from tests.reports.ledger_builder import SPACE, LedgerBuilder


def read(folder, sizes, dataset="mosi"):
    builder = LedgerBuilder(folder)
    builder.trial("k")
    space = {**SPACE, "data": {"dataset": dataset}}
    results = load_results(builder.write(space, sizes=sizes))
    return data_of(results, results.trials["k"])


@pytest.mark.parametrize(
    ("dataset", "sizes", "published", "name"),
    [
        ("mosi", (1284, 229, 686), True, "mosi"),
        ("mosi", (200, 60, 60), False, "mosi 200/60/60"),
        ("mosi", (1283, 229, 686), False, "mosi 1283/229/686"),
        ("mosei", (16326, 1871, 4659), True, "mosei"),
        ("mosei", (1284, 229, 686), False, "mosei 1284/229/686"),
        ("mosi", (), False, "mosi of unknown sizes"),
        ("synthetic", (1284, 229, 686), False, "synthetic 1284/229/686"),
        ("synthetic", (), False, "synthetic"),
    ],
)
def test_data_are_the_papers_by_the_sizes_of_all_their_splits(
    tmp_path, dataset, sizes, published, name
):
    data = read(tmp_path, sizes, dataset)
    assert (data.is_published, data.name) == (published, name)


def test_an_older_ledger_whose_predictions_have_the_papers_sizes_is_the_papers(tmp_path):
    """It has valid and test predictions, and of no training utterance a generated label."""
    builder = LedgerBuilder(tmp_path)
    key = builder.trial("k")
    builder.rows["predictions"] = [
        {"key": key, "split": split, "id": f"{split}{place}", "label": 0.0}
        for split, size in (("valid", 229), ("test", 686))
        for place in range(size)
    ]
    results = load_results(builder.write(SPACE))
    data = data_of(results, results.trials[key])
    assert data.sizes == (None, 229, 686)
    assert data.is_published


def test_the_reason_names_both_sizes_and_the_paper_lacks_other_datasets(tmp_path):
    assert read(tmp_path / "own", (200, 60, 60)).why_unpublished == (
        "No published values are shown for mosi 200/60/60: the paper's mosi has 1284/229/686 "
        "utterances in training, validation and test; these have 200/60/60."
    )
    assert read(tmp_path / "synthetic", (8, 4, 4), "synthetic").why_unpublished == ""


@pytest.mark.parametrize(
    ("dataset", "sizes", "small"),
    [
        ("mosi", (42, 6, 12), "valid 6, test 12"),
        ("mosi", (42, 50, 49), "test 49"),
        ("mosi", (42, 50, 50), ""),
        ("mosi", (), ""),
        ("synthetic", (42, 6, 12), ""),
    ],
)
def test_small_splits_are_told_as_in_the_run(tmp_path, dataset, sizes, small):
    builder = LedgerBuilder(tmp_path)
    builder.trial("k")
    space = {**SPACE, "data": {"dataset": dataset}}
    results = load_results(builder.write(space, sizes=sizes))
    assert small_splits(results) == small
    notes = [note for note in attention(results) if "few utterances" in note.text]
    assert len(notes) == bool(small)
    assert all(f"({small})" in note.text and note.is_attention for note in notes)


def test_a_run_and_its_report_have_the_same_limit_of_few_utterances():
    assert sugrm.data.FEW_UTTERANCES == FEW_UTTERANCES
