"""Steps small enough to check by hand, and those at which an equation has no value."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sugrm.labels.state import COUNTERS, initial_state
from tests.strategies import LabelSituation
from tests.sugrm.labels.situations import output_of, step


def two_utterances(**changes):
    """Rows 0 and 1 labelled +3 and -3, with features 1 and -1; a batch of both."""
    ones = np.array([[1.0], [-1.0]], np.float32)
    plain = LabelSituation(
        human=np.array([3.0, -3.0], np.float32),
        previous=np.zeros((3, 2), np.float32),
        bank=ones,
        features=np.stack([0.5 * ones, 0.2 * ones, -0.2 * ones, 0.5 * ones]),
        present=np.ones((4, 2), bool),
        index=np.array([0, 1]),
        order=np.array([0, 1]),
        batch_size=2,
        epoch=3,
    )
    return replace(plain, **changes)


def counted(state):
    return {
        name: count for name, count in zip(COUNTERS, state.counters.tolist(), strict=True) if count
    }


def test_a_step_by_hand():
    """D_max = 2, centres 1 and -1, epoch 3 halves.

    Row 0 (+3): fusion at 0.5, ratio 1/3. Text at 0.2, ratio 2/3, larger: 3 - 0.3 / 2 * 6 = 2.1,
    halved 1.05. Audio at -0.2, ratio 3/2: 3 - 0.7 / 2 * 6 = 0.9, halved 0.45. Vision ties: 1.5.
    Row 1 (-3) mirrors it: ratios 3, 3/2 and 2/3 point to plus.
    """
    after = step(two_utterances())
    expected = torch.tensor([[1.05, -1.05], [0.45, -0.45], [1.5, -1.5]])
    torch.testing.assert_close(after.labels, expected)
    assert counted(after) == {}


def test_without_an_extreme_label_the_bound_is_undefined_for_every_utterance():
    after = step(two_utterances(human=np.array([2.0, -3.0], np.float32)))
    assert counted(after) == {"undefined_label_bound": 2}
    torch.testing.assert_close(after.labels, torch.tensor([[1.0, -1.5]] * 3))


def test_a_bound_of_0_counts_as_undefined():
    """A zero bank also puts both centres on 0, where every ratio is 1: no direction is missing."""
    after = step(two_utterances(bank=np.zeros((2, 1), np.float32)))
    assert counted(after) == {"undefined_label_bound": 2}
    assert after.labels.isfinite().all()


def test_without_a_negative_label_the_centre_is_undefined():
    after = step(two_utterances(human=np.array([3.0, 1.0], np.float32)))
    assert counted(after) == {"undefined_label_bound": 2, "undefined_centre": 2}
    torch.testing.assert_close(after.labels, torch.tensor([[1.5, 0.5]] * 3))


def test_a_feature_at_0_is_not_taken_for_one_on_the_missing_centre():
    situation = two_utterances(features=np.zeros((4, 2, 1), np.float32))
    after = step(replace(situation, human=np.array([3.0, 1.0], np.float32)))
    assert counted(after) == {"undefined_label_bound": 2, "undefined_centre": 2}


@pytest.mark.parametrize("task", range(4))
def test_an_utterance_on_the_negative_centre_counts_once_however_many_tasks(task):
    features = two_utterances().features.copy()
    features[task, 0] = -1.0
    after = step(two_utterances(features=features))
    assert counted(after) == {"undefined_direction": 1}
    assert after.labels.isfinite().all()
    unshifted = range(3) if task == 0 else [task - 1]
    assert all(after.labels[row, 0] == 1.5 for row in unshifted)


def test_absent_streams_are_not_counted():
    present = np.array([[True] * 2, [False] * 2, [False] * 2, [False, True]])
    after = step(two_utterances(human=np.array([2.0, -3.0], np.float32), present=present))
    assert counted(after) == {"undefined_label_bound": 1}


def test_counters_add_up_over_steps():
    situation = two_utterances(human=np.array([2.0, -3.0], np.float32))
    twice = step(situation, step(situation))
    # After the first step row 1, the only negative one, is itself the negative centre.
    assert counted(twice) == {"undefined_label_bound": 4, "undefined_direction": 1}


def test_the_width_is_learnt_from_the_first_features():
    situation = two_utterances()
    fresh = initial_state(torch.tensor(situation.human), torch.ones(2), zero_is_positive=False)
    after = step(situation, fresh)
    assert after.bank.tolist() == [[0.5], [-0.5]]
    assert counted(after) == {"undefined_label_bound": 2}


def test_features_of_another_width_are_refused():
    features = np.zeros((4, 2, 3), np.float32)
    with pytest.raises(
        ValueError, match="features of widths M 3, T 3, A 3, V 3 after a bank of width 1"
    ):
        step(two_utterances(), output=output_of(two_utterances(features=features)))


def test_a_clamp_below_the_human_label_leaves_labels_that_do_not_move():
    """Row 0 (+3) keeps 3: no extreme -3, so no shift; halved 1.5, where the clamp would give 1."""
    after = step(two_utterances(human=np.array([3.0, -2.0], np.float32)), clamp=2.0)
    torch.testing.assert_close(after.labels, torch.tensor([[1.5, -1.0]] * 3))


def test_features_in_half_precision_are_taken_in_full_under_autocast():
    situation = two_utterances()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        under = step(situation)
    torch.testing.assert_close(under.labels, step(situation).labels, rtol=0, atol=0)
    assert under.labels.dtype == torch.float32
