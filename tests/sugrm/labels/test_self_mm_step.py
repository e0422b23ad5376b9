from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from sugrm.labels.banked_state import initial_state
from sugrm.types import UNIMODAL_TASKS, Task
from tests.strategies import RelativeSituation, relative_situations
from tests.sugrm.labels.self_mm_oracle import oracle_step
from tests.sugrm.labels.self_mm_situations import counted, output_of, state_of, step

NOTHING = {"undefined_label_bound": 0, "undefined_direction": 0, "undefined_centre": 0}


@pytest.mark.slow
@given(relative_situations(), st.booleans())
def test_a_step_equals_the_slow_oracle(situation, exclude_zero):
    expected, counters, smallest = oracle_step(situation, exclude_zero=exclude_zero)
    assume(smallest > 1e-2)  # division by it magnifies the rounding of float32
    after = step(situation, exclude_zero=exclude_zero)
    np.testing.assert_allclose(after.labels, expected, atol=1e-3, rtol=1e-3)
    assert counted(after) == counters


@pytest.mark.slow
@given(relative_situations())
def test_labels_stay_finite_and_within_the_bound(situation):
    after = step(situation)
    assert after.labels.abs().max() <= 3.0 + 1e-6


@pytest.mark.slow
@given(relative_situations(), st.sampled_from([0.0, 1e-30, 1e25]))
def test_features_of_any_size_give_labels(situation, scale):
    features = [np.float32(scale) * feature for feature in situation.features]
    banks = [np.float32(scale) * bank for bank in situation.banks]
    after = step(replace(situation, features=features, banks=banks))
    assert after.labels.abs().max() <= 3.0 + 1e-6


@pytest.mark.slow
@given(relative_situations(), st.data())
def test_permuting_the_batch_changes_nothing(situation, data):
    order = data.draw(st.permutations(range(len(situation.index))))
    shuffled = replace(
        situation,
        index=situation.index[order],
        features=[feature[order] for feature in situation.features],
        present=situation.present[:, order],
    )
    one, other = step(situation), step(shuffled)
    assert torch.equal(one.labels, other.labels)
    assert counted(one) == counted(other)


@pytest.mark.slow
@given(relative_situations(), st.data())
def test_permuting_the_utterances_permutes_the_labels(situation, data):
    assume(oracle_step(situation, exclude_zero=True)[2] > 1e-2)  # the sums take another order
    order = np.array(data.draw(st.permutations(range(len(situation.human)))))
    moved = replace(
        situation,
        human=situation.human[order],
        previous=situation.previous[:, order],
        banks=[bank[order] for bank in situation.banks],
        filled=situation.filled[:, order],
        index=np.argsort(order)[situation.index],
    )
    expected = step(situation).labels[:, torch.tensor(order)]
    torch.testing.assert_close(step(moved).labels, expected, atol=1e-3, rtol=1e-3)


@pytest.mark.slow
@given(relative_situations())
def test_labels_outside_the_batch_and_of_absent_streams_stay(situation):
    before, after = state_of(situation), step(situation)
    touched = np.zeros(before.labels.shape, bool)
    touched[:, situation.index] = situation.present[1:]
    assert torch.equal(after.labels[~torch.tensor(touched)], before.labels[~torch.tensor(touched)])


@pytest.mark.slow
@given(relative_situations(), st.sets(st.sampled_from(UNIMODAL_TASKS)))
def test_a_task_that_the_output_lacks_keeps_its_labels(situation, kept):
    tasks = tuple(task for task in Task if task is Task.MULTIMODAL or task in kept)
    whole, after = step(situation), step(situation, output=output_of(situation, tasks))
    for row, task in enumerate(UNIMODAL_TASKS):
        expected = whole.labels[row] if task in kept else state_of(situation).labels[row]
        assert torch.equal(after.labels[row], expected)


@pytest.mark.slow
@given(relative_situations())
def test_the_banks_take_the_features_of_streams_that_are_there(situation):
    after = step(situation)
    for k, task in enumerate(Task):
        bank, filled = situation.banks[k].copy(), situation.filled[k].copy()
        present = situation.present[k]
        bank[situation.index] = situation.features[k] * present[:, None]
        filled[situation.index] = present
        assert np.array_equal(after.banks[task].features, bank)
        assert np.array_equal(after.banks[task].filled, filled)


@pytest.mark.slow
@given(relative_situations())
def test_a_step_leaves_the_state_before_as_it_was(situation):
    before = state_of(situation)
    labels = before.labels.clone()
    banks = {task: bank.features.clone() for task, bank in before.banks.items()}
    step(situation, before)
    assert torch.equal(before.labels, labels)
    assert all(torch.equal(before.banks[task].features, bank) for task, bank in banks.items())


def two_utterances(**changes):
    """Rows 0 and 1 labelled +2 and -2, in every bank at 1 and -1; a batch of row 0, epoch 3."""
    ones = np.array([[1.0], [-1.0]], np.float32)
    plain = RelativeSituation(
        human=np.array([2.0, -2.0], np.float32),
        previous=np.array([[2.0, -2.0]] * 3, np.float32),
        banks=[ones] * 4,
        filled=np.ones((4, 2), bool),
        features=[np.array([[x]], np.float32) for x in (0.5, 0.75, 0.0, -0.5)],
        present=np.ones((4, 1), bool),
        index=np.array([0]),
        epoch=3,
    )
    return replace(plain, **changes)


def test_a_step_by_hand():
    """Centres 1 and -1; the fusion at 0.5 has alpha 2; epoch 3 halves.

    Text at 0.75: alpha (1.75 - 0.25) / 0.25 = 6, label (6 + 6) / 2 bounded to 3, halved 2.5.
    Audio at 0: alpha 0, label (0 + 0) / 2 = 0, halved 1.
    Vision at -0.5: alpha -2/3, label (-2/3 - 2/3) / 2 = -2/3, halved 2/3.
    """
    after = step(two_utterances())
    torch.testing.assert_close(after.labels[:, 0], torch.tensor([2.5, 1.0, 2 / 3]))
    assert after.labels[:, 1].tolist() == [-2.0] * 3
    assert counted(after) == NOTHING


def test_a_modalitys_centres_follow_its_own_labels():
    """With the text's labels swapped its centres are -1 and 1: alpha (0.25 - 1.75) / 1.75 = -6/7.

    The label is (-6/7 + 2 - 6/7 - 2) / 2 = -6/7, halved with -2: -10/7.
    """
    previous = np.array([[-2.0, 2.0], [2.0, -2.0], [2.0, -2.0]], np.float32)
    after = step(two_utterances(previous=previous))
    torch.testing.assert_close(after.labels[:, 0], torch.tensor([-10 / 7, 1.0, 2 / 3]))


def test_label_0_counts_to_the_positive_centre_only_if_asked():
    human = np.array([0.0, -2.0], np.float32)
    situation = two_utterances(human=human, previous=np.stack([human] * 3))
    assert counted(step(situation))["undefined_centre"] == 1
    assert counted(step(situation, exclude_zero=False)) == NOTHING


def test_without_a_negative_label_the_human_label_stays_and_is_counted():
    human = np.array([2.0, 1.0], np.float32)
    after = step(two_utterances(human=human, previous=np.zeros((3, 2), np.float32)))
    assert counted(after) == {**NOTHING, "undefined_centre": 1}
    assert after.labels[:, 0].tolist() == [1.0] * 3


def test_one_modality_without_a_centre_leaves_the_others_alone():
    previous = np.array([[2.0, -2.0], [2.0, -2.0], [2.0, 0.0]], np.float32)
    after = step(two_utterances(previous=previous))
    assert counted(after) == {**NOTHING, "undefined_centre": 1}
    torch.testing.assert_close(after.labels[:, 0], torch.tensor([2.5, 1.0, 2.0]))


def test_utterances_whose_stream_is_absent_make_no_centre():
    filled = np.array([[True, True], [True, True], [True, True], [True, False]])
    after = step(two_utterances(filled=filled))
    assert counted(after) == {**NOTHING, "undefined_centre": 1}
    assert after.labels[2, 0] == 2.0


def test_a_stream_that_nobody_has_counts_nothing():
    present = np.array([[True], [True], [True], [False]])
    filled = np.array([[True] * 2, [True] * 2, [True] * 2, [False] * 2])
    after = step(two_utterances(filled=filled, present=present))
    assert counted(after) == NOTHING
    assert after.labels[2].tolist() == [2.0, -2.0]


@pytest.mark.parametrize("position", [1.0, 0.0])
def test_a_fusion_on_the_positive_centre_or_between_both_gives_no_direction(position):
    features = [np.array([[x]], np.float32) for x in (position, 0.75, 0.0, -0.5)]
    previous = np.array([[1.0, -1.0]] * 3, np.float32)
    after = step(two_utterances(features=features, previous=previous))
    assert counted(after) == {**NOTHING, "undefined_direction": 1}
    assert after.labels[:, 0].tolist() == [1.5] * 3


def test_a_modality_on_its_positive_centre_gives_no_direction_to_it_alone():
    features = [np.array([[x]], np.float32) for x in (0.5, 1.0, 0.0, -0.5)]
    after = step(two_utterances(features=features))
    assert counted(after) == {**NOTHING, "undefined_direction": 1}
    torch.testing.assert_close(after.labels[:, 0], torch.tensor([2.0, 1.0, 2 / 3]))


def test_the_widths_are_learnt_from_the_first_features():
    situation = two_utterances()
    after = step(situation, initial_state(torch.tensor(situation.human)))
    assert counted(after) == {**NOTHING, "undefined_centre": 1}
    assert after.banks[Task.TEXT].features.tolist() == [[0.75], [0.0]]
    assert after.banks[Task.TEXT].filled.tolist() == [True, False]


def test_features_of_another_width_are_refused():
    features = [np.zeros((1, d), np.float32) for d in (1, 3, 1, 1)]
    situation = two_utterances(features=features)
    with pytest.raises(ValueError, match="features of T are 3 wide after a bank of width 1"):
        step(situation)
