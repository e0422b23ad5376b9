from pathlib import Path

import pytest
import torch

from sugrm import TrainingRun, load_trained, resolve
from sugrm.config import SyntheticConfig
from sugrm.config.registry import load_plugins
from sugrm.config.registry.registered import preserved
from sugrm.data import write_synthetic
from sugrm.errors import CheckpointError, SugrmError

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def config():
    with preserved():
        load_plugins(["late_fusion"], folders=[EXAMPLES])
        yield resolve(
            {
                "model": {"name": "late_fusion", "width": 4, "text": {"name": "tiny"}},
                "training": {"max_epochs": 2, "batch_size": 8, "device": "cpu"},
            }
        )


@pytest.fixture
def corpus(tmp_path):
    sizes = {"train": 16, "valid": 8, "test": 8, "audio_length": 4, "vision_length": 4}
    return write_synthetic(SyntheticConfig(**sizes, text_length=8), cache=tmp_path / "cache")


@pytest.mark.slow
def test_the_example_continues_a_cut_off_fit_bit_for_bit(config, corpus, tmp_path):
    whole = TrainingRun(config, corpus, seed=1)
    losses = [whole.run_epoch().train_loss for _ in range(2)]
    TrainingRun(config, corpus, seed=1, checkpoint=tmp_path / "run").run_epoch()
    continued = TrainingRun(config, corpus, seed=1, checkpoint=tmp_path / "run")
    assert [continued.history[0].train_loss, continued.run_epoch().train_loss] == losses


@pytest.mark.slow
def test_a_checkpoint_of_other_code_is_refused(config, corpus, tmp_path):
    TrainingRun(config, corpus, seed=1, checkpoint=tmp_path / "run").run_epoch()
    changed = tmp_path / "late_fusion.py"
    changed.write_text((EXAMPLES / "late_fusion.py").read_text() + "# changed\n")
    load_plugins(["late_fusion"], folders=[tmp_path])
    again = resolve(config.model_dump(mode="json"))
    with pytest.raises(SugrmError, match="plugins late_fusion="):
        TrainingRun(again, corpus, seed=1, checkpoint=tmp_path / "run")


def test_a_trained_example_is_read_back_where_its_plug_in_is_loaded(config, corpus, tmp_path):
    run = TrainingRun(config, corpus, seed=1)
    run.run_epoch()
    run.finish()
    run.save_trained(tmp_path)
    again = load_trained(tmp_path).model
    weights = run.model.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in again.state_dict().items())


def test_each_stream_is_left_out_on_its_own(config, corpus):
    inputs = {}
    for streams in (["text"], ["audio", "vision"]):
        changed = resolve(config.model_dump(mode="json"), {"model": {"modalities": streams}})
        inputs[tuple(streams)] = TrainingRun(changed, corpus, seed=1).model.hidden[0].in_features
    assert inputs == {("text",): 32, ("audio", "vision"): 5 + 8}


def test_a_model_of_a_plug_in_that_is_not_loaded_says_so(config, corpus, tmp_path):
    run = TrainingRun(config, corpus, seed=1)
    run.run_epoch()
    run.finish()
    run.save_trained(tmp_path)
    with preserved():
        from sugrm.config.registry import registered

        registered._REGISTRY.systems.clear()
        registered._use()
        with pytest.raises(CheckpointError, match="plug-in late_fusion, which is not loaded"):
            load_trained(tmp_path)
