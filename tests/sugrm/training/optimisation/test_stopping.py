import math

import pytest

from sugrm.training.optimisation.stopping import Stopper


def after(values, monitor="valid/loss", patience=2):
    stopper = Stopper(monitor=monitor, patience=patience)
    for epoch, value in enumerate(values, start=1):
        stopper = stopper.after(epoch, value)
    return stopper


@pytest.mark.parametrize(
    ("monitor", "values", "best"),
    [
        ("valid/loss", [3, 2, 2, 4], 2),
        ("valid/loss", [1, 1 - 9e-7], 1),  # less than 1e-6 is no gain
        ("valid/loss", [1, 1 - 2e-6], 2),
        ("valid/corr", [0.5, 0.5 + 9e-7], 1),
        ("valid/corr", [0.1, 0.3, 0.2], 2),
        ("valid/corr", [math.nan, 0.1], 2),
        ("valid/corr", [0.1, math.nan], 1),
        ("valid/loss", [math.nan, math.nan], 1),
    ],
)
def test_the_best_epoch_is_the_first_of_the_best_values(monitor, values, best):
    assert after(values, monitor).best_epoch == best


def test_patience_counts_epochs_since_the_best():
    stopper = after([3, 1, 2, 2])
    assert not stopper.exhausted(3)
    assert stopper.exhausted(4)
