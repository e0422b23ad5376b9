import pytest
import torch

from sugrm.config.sections.objective import (
    AlignedLabelsConfig,
    HumanLabelsConfig,
    SelfMmLabelsConfig,
    SugrmLabelsConfig,
)
from sugrm.labels import (
    COUNTERS,
    LABEL_GENERATORS,
    SelfMmLabels,
    SugrmLabels,
    build_label_generator,
)
from sugrm.types import UNIMODAL_TASKS, ModelOutput, Task

HUMAN = torch.tensor([3.0, -3.0, 1.0, -1.0, 0.0])
ORDER = torch.tensor([4, 2, 0, 1, 3])
CONFIGS = {
    "sugrm": SugrmLabelsConfig(),
    "self_mm": SelfMmLabelsConfig(),
    "aligned": AlignedLabelsConfig(first_epoch=2),
    "none": HumanLabelsConfig(),
}


@pytest.fixture(params=sorted(LABEL_GENERATORS))
def name(request):
    return request.param


@pytest.fixture
def generator(name):
    return begun(name)


def begun(name, human=HUMAN, order=ORDER):
    generator = build_label_generator(CONFIGS[name])
    generator.reset(human, order, batch_size=2)
    return generator


def output(seed, rows=3):
    random = torch.Generator().manual_seed(seed)
    features = {task: torch.randn(rows, 4, generator=random, requires_grad=True) for task in Task}
    predictions = {task: feature.sum(dim=1) for task, feature in features.items()}
    present = {task: torch.ones(rows, dtype=torch.bool) for task in Task}
    return ModelOutput(predictions=predictions, features=features, present=present)


def train(generator, epochs, start=1):
    for epoch in range(start, start + epochs):
        for step, index in enumerate([[0, 1, 4], [2, 3]]):
            batch = output(10 * epoch + step, len(index))
            generator.after_backward(batch, torch.tensor(index), epoch=epoch)


@pytest.mark.parametrize("clamp", [None, 3.0, 1.5])
@pytest.mark.parametrize("bound", [1.0, 0.5, 6.0])
def test_labels_of_another_range_move_as_those_of_mosi_in_proportion(bound, clamp):
    """The shift is a share of the range, so labels that are b / 3 of MOSI's move b / 3 as far."""
    config = SugrmLabelsConfig(clamp=clamp, first_epoch=1)
    mosi, own = build_label_generator(config), build_label_generator(config, label_bound=bound)
    mosi.reset(HUMAN, ORDER, batch_size=2)
    own.reset(HUMAN * (bound / 3), ORDER, batch_size=2)
    train(mosi, 3)
    train(own, 3)
    index = torch.arange(len(HUMAN))
    expected, found = mosi.unimodal_labels(index), own.unimodal_labels(index)
    assert own.take_counters() == mosi.take_counters()
    for task in UNIMODAL_TASKS:
        assert not torch.equal(expected[task], HUMAN)
        torch.testing.assert_close(found[task], expected[task] * (bound / 3))


def test_the_ends_of_another_range_are_not_3():
    """Without its bound the labels of CH-SIMS have no utterance labelled +3 or -3."""
    config, human = SugrmLabelsConfig(first_epoch=1), HUMAN / 3
    for bound, moves in ((1.0, True), (3.0, False)):
        generator = build_label_generator(config, label_bound=bound)
        generator.reset(human, ORDER, batch_size=2)
        train(generator, 2)
        labels = generator.unimodal_labels(torch.arange(len(human)))
        assert torch.allclose(labels[Task.TEXT], human) != moves


@pytest.mark.parametrize(("option", "bound"), [(3.0, 1.0), (1.5, 0.5)])
def test_self_mm_bounds_the_labels_of_ch_sims_by_1(option, bound):
    """The released H is 3 for MOSI and 1 for CH-SIMS."""
    generator = build_label_generator(SelfMmLabelsConfig(bound=option), label_bound=1.0)
    expected = SelfMmLabels(bound=bound, exclude_zero=True, first_epoch=2)
    for one in (generator, expected):
        one.reset(HUMAN / 3, ORDER, batch_size=2)
        train(one, 4)
    index = torch.arange(len(HUMAN))
    for task in UNIMODAL_TASKS:
        labels = generator.unimodal_labels(index)[task]
        assert torch.equal(labels, expected.unimodal_labels(index)[task])
        assert labels.abs().max() <= 1


def test_every_generator_has_a_configuration_here():
    assert set(CONFIGS) == set(LABEL_GENERATORS)


def test_labels_start_as_the_human_ones(generator):
    index = torch.tensor([3, 0])
    labels = generator.unimodal_labels(index)
    assert set(labels) == set(UNIMODAL_TASKS)
    assert all(values.tolist() == [-1.0, 3.0] for values in labels.values())


def test_labels_stay_the_human_ones_through_the_first_epoch(generator):
    train(generator, 1)
    labels = generator.unimodal_labels(torch.arange(5))
    assert all(values.tolist() == HUMAN.tolist() for values in labels.values())


def test_labels_never_carry_a_gradient(generator):
    train(generator, 3)
    labels = generator.unimodal_labels(torch.arange(5))
    assert not any(values.requires_grad for values in labels.values())
    assert not any(values.requires_grad for values in generator.state_dict().values())


def test_counters_are_taken_once(generator):
    assert generator.take_counters() == dict.fromkeys(COUNTERS, 0)
    train(generator, 3)
    generator.take_counters()
    assert generator.take_counters() == dict.fromkeys(COUNTERS, 0)


def test_a_generator_continues_bit_for_bit(name, generator):
    train(generator, 2)
    saved = {name: value.clone() for name, value in generator.state_dict().items()}
    train(generator, 2, start=3)
    fresh = begun(name)
    fresh.load_state_dict(saved)
    train(fresh, 2, start=3)
    expected = generator.unimodal_labels(torch.arange(5))
    for task, labels in fresh.unimodal_labels(torch.arange(5)).items():
        assert torch.equal(labels, expected[task])
    assert fresh.take_counters() == generator.take_counters()


@pytest.mark.parametrize("saved_after", [1, 2, 3])
def test_sugrms_labels_continue_bit_for_bit_within_an_epoch(saved_after):
    """Two steps an epoch; the state is saved after each of the first three."""
    steps = [(1, [0, 1, 4]), (1, [2, 3]), (2, [3, 0, 1]), (2, [2, 4]), (3, [4, 2, 0]), (3, [1, 3])]
    whole, resumed = begun("sugrm"), begun("sugrm")
    for number, (epoch, index) in enumerate(steps):
        if number == saved_after:
            resumed.load_state_dict(whole.state_dict())
        for generator in (whole, resumed):
            generator.after_backward(output(number, len(index)), torch.tensor(index), epoch=epoch)
    expected, found = whole.state_dict(), resumed.state_dict()
    assert all(torch.equal(found[name], value) for name, value in expected.items())


@pytest.mark.parametrize("name", ["sugrm", "self_mm", "aligned"], indirect=True)
@pytest.mark.parametrize("given", ["state_dict", "generated"])
def test_what_was_given_out_does_not_change_with_later_steps(generator, given):
    train(generator, 2)
    before = getattr(generator, given)()
    kept = {name: value.clone() for name, value in before.items()}
    train(generator, 2, start=3)
    assert all(torch.equal(before[name], value) for name, value in kept.items())
    after = getattr(generator, given)()
    assert any(not torch.equal(after[name], value) for name, value in kept.items())


@pytest.mark.slow
def test_a_step_of_sugrms_labels_reads_no_value():
    """A tensor made on the host in between, or a value that is read, is an error on meta."""
    generator = build_label_generator(SugrmLabelsConfig(clamp=2.0, first_epoch=1))
    generator.reset(HUMAN.to("meta"), ORDER.to("meta"), batch_size=2)
    features = {task: torch.ones(3, 4, device="meta") for task in (Task.MULTIMODAL, Task.AUDIO)}
    present = dict.fromkeys(features, torch.ones(3, dtype=torch.bool, device="meta"))
    step = ModelOutput(predictions={}, features=features, present=present)
    generator.after_backward(step, torch.tensor([0, 1, 4], device="meta"), epoch=1)
    assert generator.state.bank.shape == (5, 4)
    assert generator.state.labels.is_meta


@pytest.mark.parametrize("name", ["sugrm", "self_mm", "aligned"], indirect=True)
def test_the_state_given_to_load_is_not_shared(name):
    one, other = begun(name), begun(name)
    other.load_state_dict(one.state_dict())
    one.state.labels.fill_(9.0)
    assert other.unimodal_labels(torch.tensor([0]))[Task.TEXT].item() == 3.0


def test_a_reset_forgets_everything(generator):
    train(generator, 4)
    generator.reset(HUMAN, ORDER, batch_size=2)
    labels = generator.unimodal_labels(torch.arange(5))
    assert all(values.tolist() == HUMAN.tolist() for values in labels.values())


@pytest.mark.parametrize("name", ["sugrm", "self_mm", "aligned"], indirect=True)
def test_labels_move_from_the_second_epoch_and_are_given_out_whole(generator):
    train(generator, 2)
    generated = generator.generated()
    assert list(generated) == list(UNIMODAL_TASKS)
    assert all((labels != HUMAN).any() for labels in generated.values())


def test_without_a_generator_nothing_is_generated_or_saved():
    generator = build_label_generator(HumanLabelsConfig())
    generator.reset(HUMAN, ORDER, batch_size=2)
    assert generator.generated() == {}
    assert generator.state_dict() == {}


def test_labels_that_move_from_the_first_epoch_count_its_empty_bank():
    generator = build_label_generator(SugrmLabelsConfig(first_epoch=1))
    generator.reset(HUMAN, ORDER, batch_size=2)
    generator.after_backward(output(0), torch.tensor([0, 1, 4]), epoch=1)
    assert generator.take_counters()["undefined_label_bound"] == 3
    assert generator.unimodal_labels(torch.tensor([0]))[Task.TEXT].item() == 3.0


def test_labels_before_reset_are_an_error_that_says_so(name):
    with pytest.raises(RuntimeError, match=r"call reset\(\) first"):
        build_label_generator(CONFIGS[name]).unimodal_labels(torch.tensor([0]))


def test_an_order_of_another_length_is_refused():
    generator = build_label_generator(SugrmLabelsConfig())
    with pytest.raises(ValueError, match="an order of 3 rows for 5 labels"):
        generator.reset(HUMAN, torch.arange(3), batch_size=2)


def test_an_unknown_weighting_of_the_extremes_lists_the_known():
    with pytest.raises(ValueError, match="extremes is 'none'; expected one of: equal, shuffle"):
        SugrmLabels(clamp=None, zero_is_positive=False, extremes="none", first_epoch=2)


@pytest.mark.parametrize("name", ["sugrm", "self_mm", "aligned"], indirect=True)
def test_a_state_of_another_split_is_refused(name):
    one, other = begun(name), begun(name, HUMAN[:4], torch.arange(4))
    with pytest.raises(ValueError, match="is for 5 training utterances, this split has 4"):
        other.load_state_dict(one.state_dict())


def test_a_state_that_lacks_a_tensor_is_refused_by_name():
    generator = build_label_generator(SugrmLabelsConfig())
    generator.reset(HUMAN, ORDER, batch_size=2)
    state = generator.state_dict()
    del state["bank"], state["counters"]
    with pytest.raises(ValueError, match="label state lacks bank, counters"):
        generator.load_state_dict(state)


@pytest.mark.parametrize("lacking", ["labels", "features.T", "filled.T"])
def test_a_state_that_lacks_a_tensor_of_self_mm_is_refused_by_name(lacking):
    generator = begun("self_mm")
    train(generator, 1)
    state = generator.state_dict()
    del state[lacking]
    with pytest.raises(ValueError, match=f"label state lacks {lacking}"):
        generator.load_state_dict(state)


def test_self_mms_labels_that_move_from_the_first_epoch_count_its_empty_banks():
    generator = SelfMmLabels(bound=3.0, exclude_zero=True, first_epoch=1)
    generator.reset(HUMAN, ORDER, batch_size=2)
    generator.after_backward(output(0), torch.tensor([0, 1, 4]), epoch=1)
    assert generator.take_counters()["undefined_centre"] == 3
    assert generator.unimodal_labels(torch.tensor([0]))[Task.TEXT].item() == 3.0


def test_features_in_half_precision_are_taken_in_full_under_autocast():
    under, plain = begun("self_mm"), begun("self_mm")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        train(under, 3)
    train(plain, 3)
    assert torch.equal(under.state.labels, plain.state.labels)
