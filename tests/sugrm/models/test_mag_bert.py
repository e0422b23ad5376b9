from dataclasses import replace

import pytest
import torch

from sugrm.config import SyntheticConfig, resolve
from sugrm.data import write_synthetic
from sugrm.errors import EncoderError
from sugrm.models import build_model
from sugrm.modules.positions import real_frames
from sugrm.modules.text_encoder import load_text_encoder
from sugrm.training import TrainingRun
from sugrm.types import Batch, Task
from tests.host_synchronisation import NoHostSynchronisation

AUDIO, VISION = 3, 4


def config_for(*layers):
    return resolve({"preset": ["mag_bert"], "model": {"text": {"name": "tiny"}}}, *layers)


def model_for(*layers):
    torch.manual_seed(0)
    return build_model(config_for(*layers), audio_width=AUDIO, vision_width=VISION)


def batch_of(text=(5, 9, 3), audio=(5, 9, 3), vision=(5, 9, 3)):
    torch.manual_seed(1)
    return Batch(
        token_ids=torch.randint(5, 60, (len(text), max(text))),
        audio=torch.randn(len(text), max(text), AUDIO),
        vision=torch.randn(len(text), max(text), VISION),
        text_lengths=torch.tensor(text),
        audio_lengths=torch.tensor(audio),
        vision_lengths=torch.tensor(vision),
    )


def prediction_of(model, batch):
    return model(batch).predictions[Task.MULTIMODAL]


def test_a_prediction_is_the_gate_between_embeddings_and_layers_written_out():
    """BERT's own parts one after the other, in evaluation mode."""
    model, batch = model_for().eval(), batch_of()
    bert, gate = model.text_encoder.model, model.gate
    lengths = {"audio": batch.audio_lengths, "vision": batch.vision_lengths}
    mask = real_frames(batch.text_lengths, 9)[:, None, None]
    states = bert.embeddings(input_ids=batch.token_ids)
    states = gate(states, {"audio": batch.audio, "vision": batch.vision}, lengths)
    for layer in bert.encoder.layer:
        states = layer(states, mask)
    pooled = torch.tanh(model.head.hidden(states[:, 0]))
    output = model(batch)
    torch.testing.assert_close(output.features[Task.MULTIMODAL], pooled)
    torch.testing.assert_close(
        output.predictions[Task.MULTIMODAL], model.head.out(pooled).squeeze(-1)
    )


def test_text_alone_is_the_plain_encoder_without_a_gate():
    model, batch = model_for({"model": {"modalities": ["text"]}}).eval(), batch_of()
    torch.manual_seed(0)
    encoder = load_text_encoder("tiny", finetune=True).eval()
    states = encoder(batch.token_ids, None, batch.text_lengths)
    expected = model.head(states)
    output = model(batch)
    assert torch.equal(output.features[Task.MULTIMODAL], expected[0])
    assert torch.equal(output.predictions[Task.MULTIMODAL], expected[1])
    assert {name.split(".")[0] for name, _ in model.named_parameters()} == {"text_encoder", "head"}


def test_absent_streams_leave_the_gate_nothing_but_its_norm():
    """With the same weights, frames of any value then give one prediction."""
    model = model_for().eval()
    batch = batch_of(audio=(0, 0, 0), vision=(0, 0, 0))
    moved = replace(batch, audio=batch.audio + 3, vision=batch.vision[:, :1] * 0)
    assert torch.equal(prediction_of(model, batch), prediction_of(model, moved))


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("stream", ["audio", "vision"])
def test_each_stream_moves_the_prediction(layer, stream):
    model, batch = model_for({"model": {"layer": layer}}).eval(), batch_of()
    moved = replace(batch, **{stream: 50 * getattr(batch, stream)})
    assert not torch.allclose(prediction_of(model, batch), prediction_of(model, moved), atol=1e-5)


def test_new_weights_are_drawn_as_those_of_bert():
    config = {"model": {"modalities": ["text", "audio"]}}
    model = model_for(config)
    for name, parameter in [*model.gate.shifts.named_parameters(), *model.head.named_parameters()]:
        if name.endswith("bias"):
            assert not parameter.any()
        elif parameter.numel() > 500:
            assert float(parameter.detach().std()) == pytest.approx(0.02, rel=0.2)


def test_a_frozen_encoder_still_teaches_the_gate():
    model = model_for({"model": {"text": {"finetune": False}}}).train()
    prediction_of(model, batch_of()).square().sum().backward()
    assert all(parameter.grad.any() for parameter in model.gate.parameters())
    assert all(parameter.grad is None for parameter in model.text_encoder.parameters())


@pytest.mark.slow
def test_with_a_frozen_encoder_training_beats_predicting_the_mean(tmp_path):
    """The tiny encoder knows no words, so a head on frozen states of the text alone fails here."""
    sizes = SyntheticConfig(train=320, valid=64, test=16)
    corpus = write_synthetic(sizes, "aligned", cache=tmp_path)
    rates = {"text": 1e-3, "others": 5e-3}
    config = config_for(
        {"model": {"text": {"finetune": False}}},
        {"training": {"batch_size": 16, "max_epochs": 8, "learning_rate": rates}},
    )
    run = TrainingRun(config, corpus, seed=1)
    labels, train = (corpus.splits[split].labels for split in ("valid", "train"))
    most = 0.9 * abs(labels - train.mean()).mean()
    assert any(run.run_epoch().valid["mae"] < most for _ in range(8))


def test_the_weights_of_the_text_encoder_keep_their_names():
    names = {n.removeprefix("text_encoder.") for n in model_for().state_dict() if "text_enc" in n}
    assert names == set(load_text_encoder("tiny", finetune=True).state_dict())


def test_a_forward_pass_never_waits_for_the_device_also_in_low_precision():
    model, batch = model_for(), batch_of(audio=(5, 0, 3), vision=(0, 9, 3))
    with NoHostSynchronisation():
        model(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        prediction = prediction_of(model.eval(), batch)
    assert prediction.dtype == torch.float32
    torch.testing.assert_close(prediction, prediction_of(model, batch), rtol=0.1, atol=0.05)


def test_a_corpus_without_tokens_is_refused():
    config = resolve({"preset": ["mag_bert"]})
    with pytest.raises(EncoderError, match="mag_bert works inside its text encoder"):
        build_model(config, audio_width=AUDIO, vision_width=VISION, text_width=300)


def test_a_batch_without_tokens_is_refused():
    batch = replace(batch_of(), token_ids=None)
    with pytest.raises(ValueError, match="needs token_ids; got None"):
        model_for()(batch)


def test_a_layer_that_the_encoder_lacks_is_refused_when_the_model_is_built():
    with pytest.raises(EncoderError, match=r"model\.layer is 7"):
        model_for({"model": {"layer": 7}})
