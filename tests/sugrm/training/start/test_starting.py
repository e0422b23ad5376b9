"""Fits that start from a trained model: what is taken over, resumed, kept and exported."""

import shutil

import numpy as np
import pytest
import torch

from sugrm import fit, load, load_start_weights, load_trained, write_model_folder
from sugrm.errors import ArgumentError, CheckpointError, StartError
from sugrm.prediction.opening import open_folder
from sugrm.training import TrainingRun
from sugrm.training.frozen_text import states_key
from sugrm.training.start.weights import read_start_weights

TEXT_ONLY = {"model": {"name": "text_only"}}
FROM = {"start_from": "there"}
FROZEN = {"model": {"text": {"finetune": False}}}
LORA = {"model": {"text": {"lora": {"rank": 2}}}}
INSIDE = {
    "alignment": "aligned",
    "model": {"name": "mag_bert", "text": {"finetune": False}},
    "objective": {"labels": {"name": "none"}},
}


def trained(config, corpus, folder, *, seed=1, **options):
    run = TrainingRun(config, corpus, seed=seed, **options)
    run.run_epoch()
    result = run.finish()
    run.save_trained(folder)
    return result


@pytest.fixture(scope="module")
def source(corpus, tmp_path_factory):
    """Return the folder of a trained model of the text alone, and the function that made it."""
    from sugrm.config import resolve
    from tests.sugrm.training.conftest import SMALL

    made = {}

    def folder(*layers, preset=()):
        key = repr((layers, preset))
        if key not in made:
            made[key] = tmp_path_factory.mktemp("source")
            options = {**SMALL, "model": {"text": SMALL["model"]["text"]}}
            config = resolve({"preset": list(preset)}, options, *layers)
            trained(config, corpus, made[key])
        return made[key]

    return folder


def own_weights(run):
    return run.model.text_encoder.own_weights()


def text_of(start):
    prefix = "text_encoder.model."
    found = {n: w for n, w in start.weights.items() if n.startswith(prefix)}
    return {name.removeprefix(prefix): weight for name, weight in found.items()}


def assert_same(one, other):
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_of_the_same_system_every_weight_is_taken_over(corpus, experiment, source):
    start = load_start_weights(source(TEXT_ONLY))
    run = TrainingRun(experiment(TEXT_ONLY, FROM), corpus, seed=2, start=start)
    assert_same(run.model.state_dict(), dict(start.weights))
    assert run.started_from.taken == "takes over text, others"


@pytest.mark.slow
def test_of_another_system_the_text_encoder_is_taken_over(corpus, experiment, source):
    start = load_start_weights(source(TEXT_ONLY))
    run = TrainingRun(experiment(FROM), corpus, seed=2, start=start)
    plain = TrainingRun(experiment(), corpus, seed=2)
    assert_same(own_weights(run), text_of(start))
    others = [n for n in run.model.state_dict() if not n.startswith("text_encoder.")]
    for name in others:  # the random stream is that of a fit with initial weights
        assert torch.equal(run.model.state_dict()[name], plain.model.state_dict()[name])
    assert run.started_from.taken == "takes over text, not encoder, others"
    assert run.started_from.digest == start.facts.digest


@pytest.mark.slow
def test_a_weight_of_another_shape_keeps_its_initial_value_and_is_named(corpus, experiment, source):
    narrow = {"model": {"name": "text_only", "width": 8}}
    start = load_start_weights(source(TEXT_ONLY))
    run = TrainingRun(experiment(narrow, FROM), corpus, seed=2, start=start)
    plain = TrainingRun(experiment(narrow), corpus, seed=2)
    name = "head.hidden.weight"
    assert torch.equal(run.model.state_dict()[name], plain.model.state_dict()[name])
    taken = "others (1 of 4 weights), not head.hidden.weight (of shape [32, 32] there)"
    assert taken in run.started_from.taken


@pytest.mark.slow
def test_the_parts_that_are_named_are_taken_over(corpus, experiment, source):
    start = load_start_weights(
        source({"model": {"width": 8, "encoder": {"heads": 2, "layers": 1}}})
    )
    asked = {"start_from": {"model": "there", "parts": ["encoder"]}}
    run = TrainingRun(experiment(asked), corpus, seed=2, start=start)
    assert torch.equal(run.model.state_dict()["encoder.start"], start.weights["encoder.start"])
    assert not torch.equal(
        own_weights(run)["embeddings.word_embeddings.weight"],
        text_of(start)["embeddings.word_embeddings.weight"],
    )


def test_nothing_in_common_is_an_error(corpus, experiment, source):
    start = load_start_weights(source(TEXT_ONLY))
    silent = {"model": {"modalities": ["audio", "vision"]}}
    with pytest.raises(StartError, match=r"no weight of the same name and shape for sugrm.*parts"):
        TrainingRun(experiment(silent, FROM), corpus, seed=2, start=start)


def test_another_text_encoder_is_an_error(corpus, experiment, source, tmp_path):
    from tests.sugrm.tiny_encoders import write_encoder

    other = {"model": {"text": {"name": str(write_encoder(tmp_path / "bert", "bert"))}}}
    start = load_start_weights(source(TEXT_ONLY))
    with pytest.raises(StartError, match=r"has the text encoder 'tiny', and this experiment has"):
        TrainingRun(experiment(other, FROM), corpus, seed=2, start=start)


def test_weights_and_option_go_together(corpus, experiment, source):
    start = load_start_weights(source(TEXT_ONLY))
    with pytest.raises(ArgumentError, match="names no model to start from"):
        fit(experiment(), corpus, start=start)
    with pytest.raises(ArgumentError, match=r"starts from 'there'; expected its weights"):
        fit(experiment(FROM), corpus)


@pytest.mark.slow
def test_a_trained_adapter_is_merged_into_the_encoder(corpus, experiment, source):
    folder = source(TEXT_ONLY, LORA)
    start = load_start_weights(folder)
    run = TrainingRun(experiment(FROM), corpus, seed=2, start=start)
    assert_same(own_weights(run), load_trained(folder).model.text_encoder.merged().state_dict())


@pytest.mark.slow
@pytest.mark.parametrize("layers", [(), (FROZEN,), (LORA,)], ids=["whole", "frozen", "adapter"])
def test_after_a_kill_the_checkpoint_goes_on_with_the_same_bits(
    corpus, experiment, source, tmp_path, layers
):
    start, config = load_start_weights(source(TEXT_ONLY)), experiment(*layers, FROM)
    expected = fit(config, corpus, seed=5, start=start)
    broken = TrainingRun(config, corpus, seed=5, checkpoint=tmp_path / "a", start=start)
    broken.run_epoch()
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    torch.manual_seed(999)
    found = fit(config, corpus, seed=5, checkpoint=tmp_path / "b", start=start)
    assert found.test == expected.test
    assert found.epochs == 3


@pytest.mark.slow
def test_a_checkpoint_belongs_to_the_weights_and_not_to_their_name(
    corpus, experiment, source, tmp_path
):
    start = load_start_weights(source(TEXT_ONLY))
    run = TrainingRun(experiment(FROM), corpus, seed=5, checkpoint=tmp_path / "a", start=start)
    run.run_epoch()
    moved = experiment({"start_from": "elsewhere"})
    again = TrainingRun(moved, corpus, seed=5, checkpoint=tmp_path / "a", start=start)
    assert len(again.history) == 1
    other = load_start_weights(source(TEXT_ONLY, {"training": {"batch_size": 8}}))
    with pytest.raises(Exception, match="belongs to another experiment: start_from"):
        TrainingRun(moved, corpus, seed=5, checkpoint=tmp_path / "a", start=other)


@pytest.mark.slow
@pytest.mark.parametrize(
    "layers", [(), (FROZEN,), (LORA,), (INSIDE,)], ids=["whole", "frozen", "adapter", "inside"]
)
def test_the_exported_model_scores_as_in_training_without_the_source(
    experiment, source, tmp_path, layers, corpus
):
    from sugrm.config import SyntheticConfig
    from sugrm.data import write_synthetic

    config = experiment(*layers, FROM, preset=() if INSIDE in layers else ("mosi", "paper"))
    sizes = SyntheticConfig(train=48, valid=16, test=16, audio_length=12, vision_length=9)
    data = write_synthetic(sizes, config.alignment, cache=tmp_path / "cache")
    start = load_start_weights(source(TEXT_ONLY))
    result = trained(config, data, tmp_path / "kept", seed=2, start=start)
    write_model_folder(tmp_path / "model", [load_trained(tmp_path / "kept")])
    scores = load(tmp_path / "model", device="cpu").predict_corpus(data).scores
    known = result.predictions["test"].predictions["M"]
    np.testing.assert_allclose(scores, known, atol=1e-6 if LORA in layers else 0)
    _, description = open_folder(tmp_path / "model")
    assert description.started_from[2].digest == start.facts.digest
    assert (
        "Training started from the weights of another trained model"
        in (tmp_path / "model" / "README.md").read_text()
    )
    # The folder and the kept model hold the same weights to start from.
    kept, folder = load_start_weights(tmp_path / "kept"), load_start_weights(tmp_path / "model")
    assert kept.facts.digest == folder.facts.digest
    assert kept.facts.text_encoder == folder.facts.text_encoder == "tiny"


@pytest.mark.slow
@pytest.mark.parametrize("layers", [(FROZEN,), (INSIDE,)], ids=["outside", "inside"])
def test_a_frozen_encoder_that_was_not_taken_over_is_not_among_the_weights_to_start_from(
    corpus, experiment, source, tmp_path, layers
):
    """The kept model, the folder and a model from initial weights name the same tensors."""
    from sugrm.config import SyntheticConfig
    from sugrm.data import write_synthetic

    preset = () if INSIDE in layers else ("mosi", "paper")
    plain = experiment(*layers, preset=preset)
    sizes = SyntheticConfig(train=48, valid=16, test=16, audio_length=12, vision_length=9)
    data = write_synthetic(sizes, plain.alignment, cache=tmp_path / "cache")
    trained(plain, data, tmp_path / "initial")
    first = load_start_weights(tmp_path / "initial")
    part = {"start_from": {"model": "there", "parts": ["others"]}}
    config = experiment(*layers, part, preset=preset)
    trained(config, data, tmp_path / "kept", seed=2, start=first)
    write_model_folder(tmp_path / "model", [load_trained(tmp_path / "kept")])
    kept, folder = load_start_weights(tmp_path / "kept"), load_start_weights(tmp_path / "model")
    assert kept.facts.digest == folder.facts.digest
    assert kept.facts.shapes == first.facts.shapes
    assert kept.facts.text_encoder == folder.facts.text_encoder == ""


def test_states_of_a_frozen_encoder_depend_on_the_weights_that_it_starts_from(
    corpus, experiment, source
):
    config = experiment(FROZEN, FROM)
    one = load_start_weights(source(TEXT_ONLY)).facts
    other = load_start_weights(source(TEXT_ONLY, {"training": {"batch_size": 8}})).facts
    silent = experiment(FROZEN, {"start_from": {"model": "there", "parts": ["others"]}})
    keys = [
        states_key(experiment(FROZEN), corpus),
        states_key(config, corpus, start=one),
        states_key(config, corpus, start=other),
    ]
    assert len(set(keys)) == 3
    assert states_key(silent, corpus, start=one) == keys[0]


@pytest.mark.slow
def test_seeds_with_other_frozen_encoders_are_not_one_folder(corpus, experiment, source, tmp_path):
    config = experiment(FROZEN, FROM)
    sources = source(TEXT_ONLY), source(TEXT_ONLY, {"training": {"batch_size": 8}})
    for seed, folder in enumerate(sources, 1):
        start = load_start_weights(folder)
        trained(config, corpus, tmp_path / str(seed), seed=seed, start=start)
    models = [load_trained(tmp_path / str(seed)) for seed in (1, 2)]
    with pytest.raises(ArgumentError, match=r"seed 2 started from another model.*--seed N"):
        write_model_folder(tmp_path / "both", models)
    assert not (tmp_path / "both").exists()


@pytest.mark.slow
def test_an_adapter_is_not_kept_apart_from_an_encoder_without_a_name(
    corpus, experiment, source, tmp_path
):
    start = load_start_weights(source(TEXT_ONLY))
    trained(experiment(LORA, FROM), corpus, tmp_path / "kept", start=start)
    with pytest.raises(ArgumentError, match="export it without --adapter"):
        write_model_folder(tmp_path / "model", [load_trained(tmp_path / "kept")], adapter=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lf_lstm", "mult", "spt", "self_mm", "sugrm"])
def test_every_system_starts_from_one_of_its_own(name, corpus, experiment, tmp_path):
    config = experiment({"model": {"name": name}, "objective": {"labels": {"name": "self_mm"}}})
    trained(config, corpus, tmp_path / "kept")
    start = load_start_weights(tmp_path / "kept")
    started = config.model_copy(update={"start_from": experiment(FROM).start_from})
    run = TrainingRun(started, corpus, seed=2, start=start)
    assert_same(run.model.state_dict(), dict(start.weights))


def test_written_weights_are_read_back_and_checked(source, tmp_path):
    start = load_start_weights(source(TEXT_ONLY), origin="run there, trial 1")
    start.write(tmp_path / "copy")
    found = read_start_weights(tmp_path / "copy", digest=start.facts.digest)
    assert found.facts == start.facts
    assert_same(dict(found.weights), dict(start.weights))
    with pytest.raises(CheckpointError, match="holds other weights than the run was planned with"):
        read_start_weights(tmp_path / "copy", digest="0" * 64)
    (tmp_path / "copy" / "start.safetensors").write_bytes(b"cut")
    with pytest.raises(CheckpointError, match="holds no weights to start from"):
        read_start_weights(tmp_path / "copy", digest=start.facts.digest)


def test_a_file_that_is_no_trained_model_is_refused(tmp_path):
    torch.save({"model": {}}, tmp_path / "best.pt")
    with pytest.raises(CheckpointError, match="holds no trained model to start from"):
        load_start_weights(tmp_path)
