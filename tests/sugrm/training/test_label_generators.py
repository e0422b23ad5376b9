"""Each label generator on each system that has unimodal tasks, through whole training steps."""

import pytest

from sugrm import load_trained
from sugrm.config import resolve
from sugrm.training import TrainingRun
from sugrm.training.evaluation import predict
from sugrm.types import Split
from tests.host_synchronisation import NoHostSynchronisation
from tests.parametrise import mostly_slow

TEXT = {"model": {"text": {"name": "tiny", "max_tokens": 24}}}
SYSTEMS = {
    "sugrm": {
        "preset": ["mosi", "paper"],
        "model": {"width": 8, "encoder": {"heads": 2, "layers": 1}},
    },
    "self_mm": {
        "preset": "self_mm",
        "model": {"fusion_width": 8, "text_width": 8, "audio_width": 8, "vision_width": 8},
    },
}
WIDTHS = {"model": {"fusion_width": 9, "text_width": 7, "audio_width": 5, "vision_width": 6}}
GENERATORS = ("sugrm", "self_mm", "aligned", "none")

each_combination = pytest.mark.parametrize(
    ("system", "labels"),
    mostly_slow(
        [(s, g) for s in SYSTEMS for g in GENERATORS],
        quick=[("sugrm", "sugrm"), ("self_mm", "self_mm"), ("sugrm", "aligned")],
    ),
)


def experiment(system, labels, *layers):
    small = {
        "batch_size": 16,
        "accumulation": 1,
        "incomplete_group": "step",
        "learning_rate": {"others": 1e-3},
        "max_epochs": 3,
    }
    moving = {} if labels == "none" else {"first_epoch": 2}
    objective = {"labels": {"name": labels, **moving}}
    return resolve(SYSTEMS[system], TEXT, {"training": small, "objective": objective}, *layers)


@pytest.mark.slow
@each_combination
def test_a_step_never_waits_for_the_device(corpus, system, labels):
    config = experiment(system, labels, {"training": {"gradient_clip": 1.0}})
    run = TrainingRun(config, corpus, seed=1)
    run.run_epoch()
    run.model.train()
    batch = run.data.feeds[Split.TRAIN].batch(range(16))
    with NoHostSynchronisation():
        run.trainer.clear_gradients()
        run.trainer.train_batch(batch, epoch=3)
        run.trainer.step()


@pytest.mark.slow
@each_combination
def test_labels_move_from_the_second_epoch_where_they_are_generated(corpus, system, labels):
    run = TrainingRun(experiment(system, labels), corpus, seed=1)
    human = corpus.splits["train"].labels
    first, second = run.run_epoch().labels, run.run_epoch().labels
    assert "".join(second) == ("" if labels == "none" else "TAV")
    assert all((values == human).all() for values in first.values())
    assert all((values != human).any() for values in second.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("system", "labels", "layer"),
    [("self_mm", "self_mm", WIDTHS), ("self_mm", "aligned", WIDTHS), ("sugrm", "aligned", {})],
)
def test_a_resumed_run_with_banks_ends_with_the_numbers_of_an_unbroken_one(
    corpus, tmp_path, system, labels, layer
):
    config = experiment(system, labels, layer)
    whole = TrainingRun(config, corpus, seed=1)
    for _ in range(3):
        expected = whole.run_epoch()
    for _ in range(3):
        found = TrainingRun(config, corpus, seed=1, checkpoint=tmp_path).run_epoch()
    assert found.valid == expected.valid
    assert found.counters == expected.counters
    assert all((found.labels[task] == values).all() for task, values in expected.labels.items())


FEWER = [("sugrm", ["audio", "vision"]), ("sugrm", ["text"]), ("self_mm", ["audio"])]


@pytest.mark.slow
@pytest.mark.parametrize(("system", "modalities"), FEWER)
def test_a_run_on_fewer_streams_is_resumed_and_read_back_with_its_numbers(
    corpus, tmp_path, system, modalities
):
    config = experiment(system, "sugrm", {"model": {"modalities": modalities}})
    whole = TrainingRun(config, corpus, seed=1)
    for _ in range(3):
        expected = whole.run_epoch()
    for _ in range(3):
        resumed = TrainingRun(config, corpus, seed=1, checkpoint=tmp_path)
        found = resumed.run_epoch()
    assert (found.valid, found.counters) == (expected.valid, expected.counters)
    assert set(found.labels) == {m[0].upper() for m in modalities}
    assert all((found.labels[task] == values).all() for task, values in expected.labels.items())
    predictions = resumed.finish().predictions["test"].predictions
    assert set(predictions) == {"M", *found.labels}
    resumed.save_trained(tmp_path / "model")
    trained = load_trained(tmp_path / "model").model
    assert (trained.text_encoder is None) is ("text" not in modalities)
    read = predict(trained, resumed.data.feeds[Split.TEST], batch_size=16, precision="float32")
    assert all((read[task] == values).all() for task, values in predictions.items())
