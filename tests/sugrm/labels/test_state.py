from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sugrm.labels.extremes import EXTREME_WEIGHTS
from sugrm.labels.state import COUNTERS
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task
from tests.strategies import label_situations
from tests.sugrm.labels.oracle import (
    oracle_bound,
    oracle_centres,
    oracle_momentum,
    oracle_repetitions,
    oracle_target,
)
from tests.sugrm.labels.situations import output_of, state_of, step

clamps = st.sampled_from([None, 3.0])


def oracle_step(situation, *, clamp, zero_is_positive, extremes):
    """Return labels [3, N], counters and the least margin of two compared ratios."""
    human, bank = situation.human.astype(float), situation.bank.astype(float)
    positive, negative = oracle_centres(bank, human, zero_is_positive=zero_is_positive)
    repetitions = [1] * len(human)
    if extremes == "shuffle":
        repetitions = oracle_repetitions(situation.order.tolist(), situation.batch_size)
    bound = oracle_bound(bank, human, repetitions)
    labels, margin = situation.previous.astype(float), np.inf
    counters = dict.fromkeys(COUNTERS, 0)
    for place, row in enumerate(situation.index):
        reasons = set()
        for modality in range(3):
            if not situation.present[modality + 1, place]:
                continue
            generated = oracle_target(
                situation.features[0, place].astype(float),
                situation.features[modality + 1, place].astype(float),
                human[row],
                positive,
                negative,
                bound,
                clamp=clamp,
            )
            labels[modality, row] = oracle_momentum(
                labels[modality, row], generated.label, situation.epoch
            )
            margin = min(margin, generated.margin)
            reasons |= generated.reasons
        for reason in reasons:
            counters[reason] += 1
    return labels, counters, margin


@pytest.mark.slow
@given(label_situations(), clamps, st.booleans(), st.sampled_from(sorted(EXTREME_WEIGHTS)))
def test_a_step_equals_the_slow_oracle(situation, clamp, zero_is_positive, extremes):
    options = {"zero_is_positive": zero_is_positive, "extremes": extremes}
    expected, counters, margin = oracle_step(situation, clamp=clamp, **options)
    assume(margin > 1e-4)  # where float32 and float64 may disagree about the sign
    after = step(situation, state_of(situation, **options), clamp=clamp)
    np.testing.assert_allclose(after.labels, expected, atol=1e-4, rtol=1e-4)
    assert dict(zip(COUNTERS, after.counters.tolist(), strict=True)) == counters


@pytest.mark.slow
@given(label_situations(), st.booleans())
def test_the_bank_then_the_means_follow_the_labels(situation, zero_is_positive):
    after = step(situation, state_of(situation, zero_is_positive=zero_is_positive))
    bank = situation.bank.copy()
    bank[situation.index] = situation.features[0]
    assert after.bank.tolist() == bank.tolist()
    expected = oracle_centres(bank, situation.human, zero_is_positive=zero_is_positive)
    for centre, mean in zip(after.means, expected, strict=False):
        mean = np.zeros(bank.shape[1]) if mean is None else mean
        np.testing.assert_allclose(centre, mean, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@given(label_situations(), clamps)
def test_everything_stays_finite_and_clamped_labels_stay_in_the_human_range(situation, clamp):
    after = step(situation, clamp=clamp)
    assert after.labels.isfinite().all()
    assert after.means.isfinite().all()
    bound = 9.0 if clamp is None else 3.0  # y_m + 6 at most
    assert after.labels.abs().max() <= bound + 1e-5


@pytest.mark.slow
@given(label_situations(), st.data())
def test_permuting_the_batch_changes_nothing(situation, data):
    order = data.draw(st.permutations(range(len(situation.index))))
    shuffled = replace(
        situation,
        index=situation.index[order],
        features=situation.features[:, order],
        present=situation.present[:, order],
    )
    one, other = step(situation), step(shuffled)
    torch.testing.assert_close(one.labels, other.labels)
    assert one.counters.tolist() == other.counters.tolist()


@pytest.mark.slow
@given(label_situations(), st.data())
def test_permuting_the_utterances_permutes_the_labels(situation, data):
    _, _, margin = oracle_step(situation, clamp=None, zero_is_positive=False, extremes="equal")
    assume(margin > 1e-4)  # the means are summed in another order
    order = np.array(data.draw(st.permutations(range(len(situation.human)))))
    moved = replace(
        situation,
        human=situation.human[order],
        previous=situation.previous[:, order],
        bank=situation.bank[order],
        index=np.argsort(order)[situation.index],
    )
    expected = step(situation).labels[:, torch.tensor(order)]
    torch.testing.assert_close(step(moved).labels, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.slow
@given(label_situations())
def test_before_the_first_epoch_no_label_moves(situation):
    before = state_of(situation)
    after = step(situation, before, generate=False)
    assert torch.equal(after.labels, before.labels)
    assert not after.counters.any()


@pytest.mark.slow
@given(label_situations())
def test_features_equal_to_the_fusions_draw_labels_to_the_human_ones(situation):
    same = replace(situation, features=np.repeat(situation.features[:1], 4, axis=0))
    present = replace(same, present=np.ones_like(situation.present))
    after = step(present)
    human, previous = torch.tensor(situation.human), torch.tensor(situation.previous)
    index, epoch = torch.tensor(situation.index), situation.epoch
    expected = (epoch - 1) / (epoch + 1) * previous + 2 / (epoch + 1) * human
    torch.testing.assert_close(after.labels[:, index], expected[:, index])


@pytest.mark.slow
@given(label_situations())
def test_labels_outside_the_batch_and_of_absent_streams_stay(situation):
    before, after = state_of(situation), step(situation)
    touched = np.zeros(before.labels.shape, bool)
    touched[:, situation.index] = situation.present[1:]
    assert torch.equal(after.labels[~torch.tensor(touched)], before.labels[~torch.tensor(touched)])


@pytest.mark.slow
@given(label_situations(), st.sets(st.sampled_from(UNIMODAL_TASKS)))
def test_a_task_that_the_output_lacks_keeps_its_labels(situation, kept):
    whole = output_of(situation)
    parts = {
        name: {t: v for t, v in getattr(whole, name).items() if t is Task.MULTIMODAL or t in kept}
        for name in ("predictions", "features", "present")
    }
    after = step(situation, output=ModelOutput(**parts))
    for row, task in enumerate(UNIMODAL_TASKS):
        expected = step(situation).labels[row] if task in kept else state_of(situation).labels[row]
        torch.testing.assert_close(after.labels[row], expected)


@pytest.mark.slow
@given(label_situations(), st.booleans(), st.sampled_from(sorted(EXTREME_WEIGHTS)))
@settings(max_examples=20)
def test_after_many_steps_the_means_are_still_those_of_the_bank(
    situation, zero_is_positive, extremes
):
    state = state_of(situation, zero_is_positive=zero_is_positive, extremes=extremes)
    random, count = np.random.default_rng(0), len(situation.human)
    for _ in range(200):
        index = random.permutation(count)[: len(situation.index)]
        scale = 10.0 ** random.integers(-3, 4)
        features = (scale * random.normal(size=situation.features.shape)).astype(np.float32)
        state = step(replace(situation, index=index, features=features), state)
    expected = state.mean_weights @ state.bank.double()
    torch.testing.assert_close(state.means, expected, rtol=0, atol=1e-10)
