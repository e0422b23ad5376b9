import json

import pytest

from reports.ledger.reading.load import load_results
from reports.ledger.reading.splits import FILE, read_splits, write_splits
from reports.results.corpora import data_of, split_sizes
from tests.reports.ledger_builder import SPACE, LedgerBuilder

MOSI = {"train": 1284, "valid": 229, "test": 686}
CORPUS = ("unaligned", "d0d0")


def test_what_is_written_is_read(tmp_path):
    assert read_splits(tmp_path) == {}
    sizes = {CORPUS: MOSI, ("aligned", "a"): {}}
    write_splits(tmp_path, sizes)
    assert read_splits(tmp_path) == sizes


@pytest.mark.parametrize(
    "content", ["{", "[1]", '{"a": 1}', json.dumps([{"splits": {"train": -1}}])]
)
def test_another_content_is_an_error_and_a_warning_of_the_report(tmp_path, content):
    builder = LedgerBuilder(tmp_path)
    builder.trial("k")
    results = load_results(builder.write(SPACE, sizes=()))
    (tmp_path / FILE).write_text(content)
    with pytest.raises(ValueError, match=r"^\S+"):
        read_splits(tmp_path)
    assert split_sizes(results) == {CORPUS: {}}
    assert "left out the damaged splits.json (" in results.warnings[0]


def test_data_are_the_papers_by_the_sizes_that_a_copy_recorded(tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.trial("k")
    results = load_results(builder.write(SPACE, sizes=()))
    write_splits(tmp_path, {CORPUS: MOSI})
    data = data_of(results, results.trials["k"])
    assert data.is_published
    assert data.sizes == (1284, 229, 686)
