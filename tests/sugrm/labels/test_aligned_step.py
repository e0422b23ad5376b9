from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sugrm.labels.aligned_step import AlignedRule, with_labels
from sugrm.labels.limits import LabelLimits
from sugrm.types import UNIMODAL_TASKS, Task
from tests.strategies import RelativeSituation, relative_situations
from tests.sugrm.labels.aligned_oracle import oracle_step
from tests.sugrm.labels.self_mm_situations import counted, output_of, state_of

RULE = AlignedRule(map="ridge", ridge=0.01, magnitude="axis", limits=LabelLimits())


def step(situation, rule=RULE, tasks=None):
    output = output_of(situation) if tasks is None else output_of(situation, tasks)
    return with_labels(
        state_of(situation),
        output,
        index=torch.tensor(situation.index),
        epoch=situation.epoch,
        rule=rule,
    )


def of_one_width(situation):
    """Return the situation with the features of the fusion's width cut or repeated to 3."""
    return replace(
        situation,
        banks=[np.resize(bank, (len(bank), 3)) for bank in situation.banks],
        features=[np.resize(part, (len(part), 3)) for part in situation.features],
    )


def tolerance(expected):
    """A shift over short extremes is long, and rounds in proportion."""
    return 1e-3 * max(1.0, np.abs(expected).max())


@pytest.mark.slow
@given(relative_situations(), st.sampled_from([0.01, 0.1, 1.0]))
def test_a_step_by_ridge_equals_the_slow_oracle(situation, ridge):
    expected, counters = oracle_step(situation, ridge=ridge)
    after = step(situation, replace(RULE, ridge=ridge))
    np.testing.assert_allclose(after.labels, expected, atol=tolerance(expected))
    assert counted(after) == counters


@pytest.mark.slow
@given(relative_situations(), st.sampled_from(["centre", "none", "ridge"]))
def test_a_step_by_distance_equals_the_slow_oracle(situation, kind):
    situation = of_one_width(situation)
    expected, counters = oracle_step(situation, kind=kind, magnitude="distance")
    after = step(situation, replace(RULE, map=kind, magnitude="distance"))
    assert counted(after) == counters
    # Where both ratios agree to the last digits, rounding decides the direction of a shift.
    apart = np.abs(after.labels.numpy() - expected) > tolerance(expected)
    assert apart.mean() <= 0.1 or len(situation.human) < 4


@pytest.mark.slow
@given(relative_situations(), st.sampled_from([0.5, 1.0]))
def test_a_clamp_bounds_what_the_momentum_moves_to(situation, clamp):
    rule = replace(RULE, limits=LabelLimits(clamp=clamp))
    after = step(replace(situation, epoch=1), rule)
    touched = np.zeros(after.labels.shape, bool)
    touched[:, situation.index] = situation.present[1:]
    counted_ones = sum(counted(after).values())
    if not counted_ones:
        assert after.labels[torch.tensor(touched)].abs().le(clamp + 1e-6).all()


@pytest.mark.slow
@given(relative_situations())
def test_labels_outside_the_batch_and_of_absent_streams_stay(situation):
    before, after = state_of(situation), step(situation)
    touched = np.zeros(before.labels.shape, bool)
    touched[:, situation.index] = situation.present[1:]
    assert torch.equal(after.labels[~torch.tensor(touched)], before.labels[~torch.tensor(touched)])
    assert after.labels.isfinite().all()


@pytest.mark.slow
@given(relative_situations(), st.sets(st.sampled_from(UNIMODAL_TASKS)))
def test_a_task_that_the_output_lacks_keeps_its_labels(situation, kept):
    after = step(situation, tasks=(Task.MULTIMODAL, *sorted(kept)))
    for row, task in enumerate(UNIMODAL_TASKS):
        if task not in kept:
            assert torch.equal(after.labels[row], state_of(situation).labels[row])


def rotated(turn):
    """Return a moment in which every modality's features are those of the fusion, turned."""
    random = np.random.default_rng(0)
    features = random.normal(size=(200, 4)).astype(np.float32)
    turned = (features @ turn + 5).astype(np.float32)
    human = np.clip(np.round(features[:, 0] * 4), -3, 3).astype(np.float32)
    return RelativeSituation(
        human=human,
        previous=np.stack([human] * 3),
        banks=[features, *[turned] * 3],
        filled=np.ones((4, 200), bool),
        features=[features[:8], *[turned[:8]] * 3],
        present=np.ones((4, 8), bool),
        index=np.arange(8),
        epoch=1,
    )


@pytest.mark.slow
def test_a_rotated_copy_of_the_fusion_keeps_the_human_labels():
    """A linear map takes it back, so no label moves; without one they all do."""
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))
    situation = rotated(turn)
    human = torch.tensor(situation.human[:8]).expand(3, -1)
    mapped = step(situation, replace(RULE, ridge=1e-6)).labels[:, :8]
    torch.testing.assert_close(mapped, human, atol=1e-3, rtol=0)
    plain = step(situation, replace(RULE, map="none")).labels[:, :8]
    assert ((plain - human).abs() > 0.1).all()


@pytest.mark.slow
@given(
    kind=st.sampled_from(["ridge", "centre", "none"]),
    magnitude=st.sampled_from(["axis", "distance"]),
    value=st.floats(-100, 100, width=32),
)
def test_fusion_features_that_do_not_vary_keep_the_human_labels(kind, magnitude, value):
    """Means in single precision would differ from their rows, and their difference be an axis."""
    situation = rotated(np.eye(4))
    features, *others = situation.banks
    still = replace(
        situation,
        banks=[np.full_like(features, value), *others],
        features=[np.full_like(situation.features[0], value), *situation.features[1:]],
    )
    after = step(still, replace(RULE, map=kind, magnitude=magnitude))
    assert torch.equal(after.labels, state_of(still).labels)
    assert counted(after)["undefined_label_bound"] == len(still.index)


@pytest.mark.slow
@given(
    st.floats(-100, 100, width=32), st.integers(2, 200), st.sampled_from([2.0**-40, 1.0, 2.0**50])
)
def test_features_of_a_modality_that_do_not_vary_keep_the_human_labels(value, count, scale):
    situation = rotated(np.eye(4))
    bank = np.full((200, 4), value * scale, np.float32)
    filled = np.ones((4, 200), bool)
    filled[1:, count:] = False
    still = replace(
        situation,
        filled=filled,
        banks=[situation.banks[0], *[bank * held[:, None] for held in filled[1:]]],
        features=[situation.features[0], *[bank[:8]] * 3],
    )
    after = step(still)
    assert torch.equal(after.labels, state_of(still).labels)
    assert counted(after)["undefined_direction"] == len(still.index)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [2.0**-50, 2.0**-20, 2.0**20, 2.0**50])
def test_the_scale_of_all_features_does_not_matter(scale):
    """A power of two changes no digit of a feature, only the range of its square."""
    situation = rotated(np.random.default_rng(2).normal(size=(4, 4)))
    scaled = replace(
        situation,
        banks=[bank * np.float32(scale) for bank in situation.banks],
        features=[part * np.float32(scale) for part in situation.features],
    )
    torch.testing.assert_close(step(scaled).labels, step(situation).labels, atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", ["centre", "none"])
def test_without_a_ridge_features_of_two_widths_are_refused(kind):
    situation = rotated(np.eye(4))
    narrow = replace(
        situation,
        banks=[situation.banks[0], *[bank[:, :3] for bank in situation.banks[1:]]],
        features=[situation.features[0], *[part[:, :3] for part in situation.features[1:]]],
    )
    with pytest.raises(ValueError, match=r"expected one width, or labels\.map: ridge"):
        step(narrow, replace(RULE, map=kind))
