import pytest

from reports.ledger.reading.load import load_results
from reports.results.missing import alignment_of, why_missing
from reports.results.seed_groups import ablation_cells
from tests.reports.ledger_builder import SPACE, LedgerBuilder


@pytest.fixture
def cells(tmp_path):
    """Return a function to the cells of a space, each as its alignment and its gap."""

    def read(space, builder=None):
        folder = (builder or LedgerBuilder(tmp_path)).write(space)
        results = load_results(folder)
        return {
            cell.cell: (alignment_of(results, cell), why_missing(results, cell))
            for members in ablation_cells(results).values()
            for cell in members
        }

    return read


def test_a_cell_without_a_file_of_its_alignment_lacks_data(cells):
    space = {
        **SPACE,
        "experiment": {"alignment": "aligned"},
        "ablations": {"g": {"baseline": {}, "other": {"alignment": "unaligned"}}},
    }
    assert cells(space) == {
        "baseline": ("aligned", "no data"),
        "other": ("unaligned", "missing"),
    }


def test_one_file_a_modality_is_unaligned_data(cells):
    space = {
        **SPACE,
        "data": {"dataset": "mosi", "text": "label.csv", "audio": "audio.npz"},
        "ablations": {"g": {"baseline": {}, "other": {"alignment": "aligned"}}},
    }
    assert cells(space) == {"baseline": ("unaligned", "missing"), "other": ("aligned", "no data")}


def test_a_synthetic_corpus_is_made_for_either_alignment(cells):
    space = {
        **SPACE,
        "data": {"dataset": "synthetic"},
        "ablations": {"g": {"other": {"alignment": "aligned"}}},
    }
    assert cells(space) == {"other": ("aligned", "missing")}


def test_what_has_run_has_the_alignment_that_it_read_and_no_gap(cells, tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.cell("baseline", 1, 0.9, alignment="aligned")
    found = cells({**SPACE, "ablations": {"modules": {"baseline": {}}}}, builder)
    assert found == {"baseline": ("aligned", "-")}


def test_a_run_that_recorded_no_space_lacks_nothing_but_trials(cells, tmp_path):
    builder = LedgerBuilder(tmp_path)
    builder.cell("baseline", 1, 0.9, status="failed")
    assert cells(None, builder) == {"baseline": ("unaligned", "failed")}
