"""What every system of the registry owes, whatever it computes."""

import pytest
import torch
from pydantic import ValidationError

from sugrm.config import SyntheticConfig, resolve
from sugrm.data import write_synthetic
from sugrm.models import MODELS, build_model
from sugrm.objectives import build_objective
from sugrm.training import TrainingRun
from sugrm.types import Batch, Modality, Task
from tests.parametrise import mostly_slow
from tests.sugrm.models.cases import CASES, Case

AUDIO, VISION, TEXT = 3, 4, 12  # few of them leave MRM a bottleneck without an active unit
TEXT_STEPS = 12
LENGTHS = {  # of three utterances; in the second the audio is absent, in the first the vision
    "unaligned": {"text": [5, 9, 3], "audio": [21, 0, 14], "vision": [0, 13, 8]},
    "aligned": {"text": [5, 9, 3], "audio": [5, 0, 3], "vision": [0, 9, 3]},
}
PRESENT = {
    "unaligned": {"text": [5, 9, 3], "audio": [21, 10, 14], "vision": [6, 13, 8]},
    "aligned": {"text": [5, 9, 3], "audio": [5, 9, 3], "vision": [5, 9, 3]},
}

every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_system = pytest.mark.parametrize(  # its variants are slow tests
    "case", mostly_slow(CASES, quick=[case for case in CASES if not case.variant]), ids=str
)


def model_of(case: Case):
    torch.manual_seed(0)
    config = config_of(case)
    widths = {} if config.model.READS_TOKENS else {"text_width": TEXT}
    return build_model(
        config, audio_width=AUDIO, vision_width=VISION, text_steps=TEXT_STEPS, **widths
    )


def config_of(case: Case, *layers):
    return resolve(
        {"alignment": case.alignment, "model": {"text": {"name": "tiny"}}},
        {"model": {"name": case.name}},
        case.options,
        *layers,
    )


def batch_of(case: Case, lengths) -> Batch:
    """Return a batch whose padding is noise, which must not matter."""
    torch.manual_seed(1)
    text, audio, vision = (lengths[case.alignment][m] for m in ("text", "audio", "vision"))
    size = len(text)
    words = {"text_features": torch.randn(size, max(text), TEXT)}
    if config_of(case).model.READS_TOKENS:
        words = {"token_ids": torch.randint(5, 60, (size, max(text)))}
    return Batch(
        **words,
        audio=torch.randn(size, max(audio), AUDIO),
        vision=torch.randn(size, max(vision), VISION),
        text_lengths=torch.tensor(text),
        audio_lengths=torch.tensor(audio),
        vision_lengths=torch.tensor(vision),
        labels=torch.tensor([-3.0, 0.6, 3.0]),
        index=torch.arange(size),
    )


def alone(batch: Batch, row: int) -> Batch:
    def cut(sequence, lengths):
        return sequence[row : row + 1, : max(1, int(lengths[row]))]

    words = {"token_ids": batch.token_ids, "text_features": batch.text_features}
    return Batch(
        **{
            name: cut(sequence, batch.text_lengths)
            for name, sequence in words.items()
            if sequence is not None
        },
        audio=cut(batch.audio, batch.audio_lengths),
        vision=cut(batch.vision, batch.vision_lengths),
        text_lengths=batch.text_lengths[row : row + 1],
        audio_lengths=batch.audio_lengths[row : row + 1],
        vision_lengths=batch.vision_lengths[row : row + 1],
    )


def loss_of(case: Case, model, batch):
    # Before the first labels move, the weight of every unimodal loss is the floor.
    config = config_of(case, {"objective": {"weight_floor": 1.0}})
    objective = build_objective(config.objective, batch_size=3)
    objective.reset(batch.labels, torch.arange(3), device="cpu")
    return objective.loss(model(batch), batch)


def test_every_system_has_a_case():
    assert {case.name for case in CASES} == set(MODELS)


@pytest.mark.slow
@every_case
def test_predictions_and_features_have_one_row_an_utterance(case):
    model = model_of(case).eval()
    output = model(batch_of(case, LENGTHS))
    assert set(output.predictions) == set(config_of(case).objective.tasks)
    assert set(output.predictions) == set(output.features) == set(output.present)
    for task, prediction in output.predictions.items():
        assert prediction.shape == (3,)
        assert output.features[task].shape[0] == 3
        assert prediction.isfinite().all()
    assert output.present[Task.MULTIMODAL].all()


@pytest.mark.slow
@every_case
def test_gradients_reach_every_parameter(case):
    model = model_of(case)
    missing = {name for name, _ in model.named_parameters()}
    for lengths in (PRESENT, LENGTHS):  # one system learns more where a stream is absent
        model.zero_grad()  # two passes may cancel: the gradient of an L1 loss is a sign
        loss_of(case, model, batch_of(case, lengths)).backward()
        reached = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
        assert all(gradient.isfinite().all() for gradient in reached.values())
        missing -= {name for name, gradient in reached.items() if gradient.any()}
    assert [name for name in missing if not name.endswith(case.without_gradient)] == []


@pytest.mark.slow
@every_case
def test_a_padded_batch_equals_each_utterance_alone(case):
    if case.padding_counts:
        pytest.skip("the released code lets padding count")
    model = model_of(case).eval()
    batch = batch_of(case, LENGTHS)
    together = model(batch)
    for row in range(3):
        own = model(alone(batch, row))
        for task, prediction in together.predictions.items():
            if together.present[task][row]:
                torch.testing.assert_close(
                    prediction[row], own.predictions[task][0], rtol=1e-4, atol=1e-5
                )


@every_system
def test_an_absent_stream_changes_nothing_but_what_it_is_missing_from(case):
    if case.padding_counts:
        pytest.skip("the released code lets padding count")
    model = model_of(case).eval()
    batch = batch_of(case, LENGTHS)
    before = model(batch).predictions[Task.MULTIMODAL]
    batch.audio[1] += 7  # its length is 0
    batch.vision[0] -= 7
    torch.testing.assert_close(model(batch).predictions[Task.MULTIMODAL], before)


@every_system
def test_an_utterance_without_any_frame_is_finite(case):
    model = model_of(case)
    nothing = {"text": [0, 2, 3], "audio": [0, 2, 3], "vision": [0, 2, 3]}
    batch = batch_of(case, {case.alignment: nothing})
    loss = loss_of(case, model, batch)
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


@pytest.mark.slow
@every_system
def test_a_stream_absent_from_the_whole_corpus_is_finite(case):
    model = model_of(case)
    lengths = {**PRESENT[case.alignment], "vision": [0, 0, 0]}
    batch = batch_of(case, {case.alignment: {**lengths, "vision": [1, 1, 1]}})
    batch.vision.zero_()
    batch.vision_lengths.zero_()
    loss = loss_of(case, model, batch)
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


@pytest.mark.slow
@every_case
def test_the_state_makes_a_round_trip(case):
    one, other = model_of(case).eval(), model_of(case).eval()
    for parameter in other.parameters():
        torch.nn.init.constant_(parameter, 0.01)
    other.load_state_dict(one.state_dict())
    batch = batch_of(case, LENGTHS)
    expected, found = one(batch), other(batch)
    for task, prediction in expected.predictions.items():
        assert torch.equal(prediction, found.predictions[task])


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    config = SyntheticConfig(train=320, valid=64, test=16, audio_length=14, vision_length=12)
    return {a: write_synthetic(config, a, cache=cache) for a in ("aligned", "unaligned")}


@pytest.mark.slow
@every_case
def test_training_beats_predicting_the_mean(case, corpora):
    """The error of the training mean on validation is what a system without input reaches."""
    if not case.trains:
        pytest.skip("another variant of the system is trained")
    corpus = corpora[case.alignment]
    training = {
        "batch_size": 16,
        "max_epochs": case.epochs,
        "learning_rate": {"text": 1e-3, "encoder": 2e-3, "others": 2e-3},
    }
    config = config_of(case, {"training": training})
    run = TrainingRun(config, corpus, seed=1)
    labels, train = (corpus.splits[split].labels for split in ("valid", "train"))
    most = 0.9 * abs(labels - train.mean()).mean()
    assert any(run.run_epoch().valid["mae"] < most for _ in range(case.epochs))


def test_a_system_for_aligned_input_refuses_unaligned_input():
    names = [name for name in MODELS if not resolve_class(name).UNALIGNED]
    for name in names:
        with pytest.raises(ValidationError, match=f"{name} needs aligned input"):
            resolve({"alignment": "unaligned", "model": {"name": name}})


def resolve_class(name):
    case = next(case for case in CASES if case.name == name)
    return type(config_of(case).model)


@every_system
def test_a_system_reads_no_stream_that_it_does_not_name(case):
    model, streams = model_of(case).eval(), config_of(case).model.streams
    batch = batch_of(case, PRESENT)
    before = model(batch).predictions[Task.MULTIMODAL]
    given = {Modality.TEXT: batch.text_features, Modality.AUDIO: batch.audio}
    for modality, stream in {**given, Modality.VISION: batch.vision}.items():
        if modality not in streams:
            stream += 5
    assert torch.equal(model(batch).predictions[Task.MULTIMODAL], before)
