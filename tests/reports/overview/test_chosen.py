"""Which seeds the mean of the baseline has beside that of the chosen configuration."""

import pytest

from reports.ledger.reading.load import load_results
from reports.overview.chosen import chosen_of
from reports.overview.key_numbers import key_numbers
from reports.render.cell_text import cell_text
from tests.reports.ledger_builder import SPACE, LedgerBuilder

FAST = {"training.batch_size": 16}


@pytest.fixture
def chosen(tmp_path):
    """Confirm a configuration over seeds of test MAE .5, beside a baseline of .1 x seed."""

    def make(ours, theirs):
        builder = LedgerBuilder(tmp_path / "run")
        builder.searched(0, 0.9)
        builder.searched(1, 0.7, changes=FAST)
        for seed in ours:
            builder.confirmed("s1", 0, seed, 0.5, 0.5, changes=FAST)
        for seed in theirs:
            builder.cell("baseline", seed, seed / 10)
        space = SPACE | {"confirm": {"top": 1, "seeds": list(ours)}, "seeds": list(theirs)}
        space["ablations"] = {"modules": {"baseline": {}}}
        return load_results(builder.write(space))

    return make


@pytest.mark.parametrize(
    ("ours", "theirs", "seeds", "mean"),
    [
        ((1, 2, 3), (1, 2, 3), "3 seeds", 0.2),
        ((1, 2, 3), (1, 2, 3, 4, 5), "compared over the 3 seeds that both have", 0.2),
        ((1, 2, 3), (2, 3, 4, 5), "4 seeds, 2 of them shared", 0.35),
        ((1, 2, 3), (1, 2), "2 seeds, 2 of them shared", 0.15),
        ((1, 2, 3), (7, 8), "2 seeds, 0 of them shared", 0.75),
    ],
)
def test_the_mean_is_over_the_seeds_of_both_only_if_the_baseline_has_all(
    chosen, ours, theirs, seeds, mean
):
    results = chosen(ours, theirs)
    assert chosen_of(results).baseline_seeds == seeds
    columns = [column.name for column in key_numbers(results).columns]
    row = key_numbers(results).rows[0]
    assert float(cell_text(row[columns.index("baseline")])) == pytest.approx(mean)
