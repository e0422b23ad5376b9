import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.api_pb2 import STATUS_FAILURE, STATUS_SUCCESS
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from search.plan import Role
from search.tune.catalogue import ResolvedTrial
from search.tune.items import Asked, Item
from search.tune.tensorboard import Board
from sugrm import EpochRecord, resolve


@pytest.fixture
def item():
    config = resolve({"preset": ["mosi", "paper"]})
    trial = ResolvedTrial(
        key="0123456789abcdef",
        config=config,
        seed=3,
        data_fingerprint="d",
        encoder_fingerprint="e",
    )
    role = Role(phase="ablation", group="modules", cell="replace SPT by LSTM", seed=3)
    return Item(trial, [Asked(role, trial)])


def record(epoch):
    return EpochRecord(
        epoch=epoch,
        seconds=1.0,
        train_loss=0.5 / epoch,
        valid={"mae": 1.0 / epoch, "corr": float("nan")},
        counters={"undefined_direction": 2},
        labels={"T": np.float32([-3, 0, 0, 3.5])},
        label_truth={"T": 0.5 * epoch},
        human_truth={"T": 0.25},
    )


def read(folder):
    (path,) = folder.iterdir()
    events = EventAccumulator(str(path), size_guidance={"scalars": 0, "histograms": 0})
    events.Reload()
    return events


def sessions(events):
    content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    end = events.SummaryMetadata("_hparams_/session_end_info").plugin_data.content
    return (
        HParamsPluginData.FromString(content).session_start_info,
        HParamsPluginData.FromString(end).session_end_info,
    )


def test_scalars_and_label_histograms_are_written_by_epoch(tmp_path, item):
    board = Board(tmp_path)
    board.begin(item)
    board.epoch(item.key, record(1))
    board.epoch(item.key, record(2))
    board.end(item.key, "finished")
    events = read(tmp_path)
    assert [(s.step, s.value) for s in events.Scalars("valid/mae")] == [(1, 1.0), (2, 0.5)]
    assert [s.value for s in events.Scalars("train/loss")] == [0.5, 0.25]
    assert [s.value for s in events.Scalars("labels/undefined_direction")] == [2, 2]
    assert [s.value for s in events.Scalars("label_truth/T")] == [0.5, 1.0]
    assert [s.value for s in events.Scalars("human_truth/T")] == [0.25, 0.25]
    histogram = events.Histograms("labels/T")[0].histogram_value
    assert (histogram.num, histogram.min, histogram.max) == (4, -3.0, 3.5)
    assert sum(histogram.bucket) == 4


@pytest.mark.parametrize(
    ("status", "expected"),
    [("finished", STATUS_SUCCESS), ("stopped", STATUS_SUCCESS), ("failed", STATUS_FAILURE)],
)
def test_every_trial_has_every_value_as_an_hparam(tmp_path, item, status, expected):
    board = Board(tmp_path)
    board.begin(item)
    board.end(item.key, status)
    start, end = sessions(read(tmp_path))
    assert start.hparams["training.learning_rate.others"].number_value == 1e-2
    assert start.hparams["objective.loss"].string_value == "l1"
    assert start.hparams["model.text.finetune"].bool_value is True
    assert start.hparams["model.encoder.radius"].string_value == "[8, 4, 3]"
    assert start.hparams["seed"].number_value == 3
    assert end.status == expected


def test_a_trial_begun_again_has_no_epoch_twice(tmp_path, item):
    cut_off = Board(tmp_path)
    cut_off.begin(item)
    cut_off.epoch(item.key, record(1))
    cut_off.close()
    again = Board(tmp_path)
    again.begin(item)
    again.epoch(item.key, record(1))
    again.end(item.key, "finished")
    assert [scalar.step for scalar in read(tmp_path).Scalars("valid/mae")] == [1]


def test_a_folder_is_named_by_phase_cell_and_key(tmp_path, item):
    board = Board(tmp_path)
    board.begin(item)
    board.close()
    assert [p.name for p in tmp_path.iterdir()] == ["ablation-modules-replace-SPT-by-LSTM-01234567"]
