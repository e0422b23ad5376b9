from dataclasses import replace

import numpy as np
import pytest
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams.api_pb2 import (
    DATA_TYPE_FLOAT64,
    STATUS_FAILURE,
    STATUS_RUNNING,
    STATUS_SUCCESS,
    STATUS_UNKNOWN,
    ColParams,
    Interval,
    ListSessionGroupsRequest,
)
from tensorboard.plugins.hparams.backend_context import Context
from tensorboard.plugins.hparams.list_session_groups import Handler
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from reports.ledger.places.storage import place
from reports.ledger.roles import Role
from search.queue.queued_trial import QueuedTrial
from search.queue.requests import Request
from search.tracking.tensorboard import TensorBoardWriter
from search.tracking.trackers import Trackers
from search.trials.factory import ResolvedTrial
from sugrm import EpochRecord, resolve
from tests.search.tracking.recording import ended_row


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
    return QueuedTrial(trial=trial, requests=[Request(role=role, trial=trial)])


def board_in(folder):
    """Return the trackers of a run that has TensorBoard alone."""
    return Trackers(folder, files=TensorBoardWriter(folder), others=(), warn=pytest.fail)


def record(epoch):
    return EpochRecord(
        epoch=epoch,
        seconds=1.0,
        train_loss=0.5 / epoch,
        valid={"mae": 1.0 / epoch, "loss": abs(epoch - 2.0), "corr": float("nan")},
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
    board = board_in(tmp_path)
    board.start_trial(item)
    board.write_epoch(item.key, record(1))
    board.write_epoch(item.key, record(2))
    board.end_trial(ended_row(item.key, "finished"))
    events = read(tmp_path)
    assert [(s.step, s.value) for s in events.Scalars("valid/mae")] == [(1, 1.0), (2, 0.5)]
    assert [s.value for s in events.Scalars("train/loss")] == [0.5, 0.25]
    assert [s.value for s in events.Scalars("labels/undefined_direction")] == [2, 2]
    assert [s.value for s in events.Scalars("label_truth/T")] == [0.5, 1.0]
    assert [s.value for s in events.Scalars("human_truth/T")] == [0.25, 0.25]
    histogram = events.Histograms("labels/T")[0].histogram_value
    assert (histogram.num, histogram.min, histogram.max) == (4, -3.0, 3.5)
    assert sum(histogram.bucket) == 4


def test_a_histogram_spans_the_label_range_of_the_dataset_and_what_lies_outside(tmp_path, item):
    item = replace(item, trial=replace(item.trial, label_bound=1.0))
    board = board_in(tmp_path)
    board.start_trial(item)
    board.write_epoch(item.key, replace(record(1), labels={"T": np.float32([-0.5, 1.5])}))
    board.end_trial(ended_row(item.key, "finished"))
    histogram = read(tmp_path).Histograms("labels/T")[0].histogram_value
    assert (histogram.min, histogram.max) == (-1.0, 1.5)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("finished", STATUS_SUCCESS), ("stopped", STATUS_SUCCESS), ("failed", STATUS_FAILURE)],
)
def test_every_trial_has_every_value_as_an_hparam(tmp_path, item, status, expected):
    board = board_in(tmp_path)
    board.start_trial(item)
    board.end_trial(ended_row(item.key, status))
    start, end = sessions(read(tmp_path))
    assert start.hparams["training.learning_rate.others"].number_value == 1e-2
    assert start.hparams["objective.loss"].string_value == "l1"
    assert start.hparams["model.text.finetune"].bool_value is True
    assert start.hparams["model.encoder.radius"].string_value == "[8, 4, 3]"
    assert start.hparams["objective.tasks"].string_value == "M, T, A, V"
    assert start.hparams["seed"].number_value == 3
    assert end.status == expected


def test_a_trial_begun_again_has_no_epoch_twice(tmp_path, item):
    cut_off = board_in(tmp_path)
    cut_off.start_trial(item)
    cut_off.write_epoch(item.key, record(1))
    cut_off.close_files()
    again = board_in(tmp_path)
    again.start_trial(item)
    again.write_epoch(item.key, record(1))
    again.end_trial(ended_row(item.key, "finished"))
    assert [scalar.step for scalar in read(tmp_path).Scalars("valid/mae")] == [1]


def test_a_folder_is_named_by_phase_cell_and_key(tmp_path, item):
    board = board_in(tmp_path)
    board.start_trial(item)
    board.close_files()
    assert [p.name for p in tmp_path.iterdir()] == ["ablation-modules-replace-SPT-by-LSTM-01234567"]


def hparams_plugin(folder):
    """Return TensorBoard's own backend of the HParams tab over a folder."""
    events = EventMultiplexer(tensor_size_guidance={"scalars": 0, "hparams": 0})
    events.AddRunsFromDirectory(str(folder))
    events.Reload()
    provider = MultiplexerDataProvider(events, str(folder))
    return Context(TBContext(data_provider=provider, multiplexer=events))


def hparams_table(folder, *columns):
    """Return what the HParams tab shows: by trial its hparams, status and last metrics.

    ``columns`` are filters of the tab.
    """
    shown = hparams_plugin(folder)
    every = [STATUS_UNKNOWN, STATUS_SUCCESS, STATUS_FAILURE, STATUS_RUNNING]
    request = ListSessionGroupsRequest(allowed_statuses=every, slice_size=100, col_params=columns)
    found = Handler(RequestContext(), shown, "", request).run().session_groups
    return {
        group.name: (
            group.hparams,
            group.sessions[0].status,
            {metric.name.tag: metric.value for metric in group.metric_values},
        )
        for group in found
    }


def test_the_hparams_table_has_every_trial_with_its_metrics(tmp_path, item):
    """One that finished, was stopped, failed in its second epoch, and was cut off after its first.

    The loss, which training monitors, is smallest at epoch 2 (see ``record``): that is the best.
    """
    board = board_in(tmp_path)
    for letter, epochs, status in (
        ("a", 3, "finished"),
        ("b", 2, "stopped"),
        ("c", 1, "failed"),
        ("d", 1, None),
    ):
        one = replace(item.trial, key=letter * 16)
        board.start_trial(QueuedTrial(trial=one, requests=[Request(role=item.role, trial=one)]))
        for epoch in range(1, epochs + 1):
            board.write_epoch(one.key, record(epoch))
        if status is not None:
            board.end_trial(ended_row(one.key, status))
    board.close_files()
    table = {key[0]: found for key, found in hparams_table(tmp_path).items()}
    assert {key: status for key, (_, status, _) in table.items()} == {
        "a": STATUS_SUCCESS,
        "b": STATUS_SUCCESS,
        "c": STATUS_FAILURE,
        "d": STATUS_UNKNOWN,
    }
    assert {key: metrics["best/mae"] for key, (_, _, metrics) in table.items()} == {
        "a": 0.5,
        "b": 0.5,
        "c": 1.0,
        "d": 1.0,
    }
    assert table["a"][2]["valid/mae"] == pytest.approx(1 / 3)
    for hparams, _, _ in table.values():
        assert hparams["training.batch_size"].number_value == 32
        assert hparams["phase"].string_value == "ablation"


def test_a_filter_by_a_number_keeps_trials_in_which_it_is_not_set(tmp_path, item):
    """Three trials: one without a gradient clip, one with 0.5, one with 5."""
    board = board_in(tmp_path)
    for letter, clip in (("a", None), ("b", 0.5), ("c", 5.0)):
        config = resolve({"preset": ["mosi", "paper"], "training": {"gradient_clip": clip}})
        one = replace(item.trial, key=letter * 16, config=config)
        board.start_trial(QueuedTrial(trial=one, requests=[Request(role=item.role, trial=one)]))
        board.write_epoch(one.key, record(1))
        board.end_trial(ended_row(one.key, "finished"))
    name = "training.gradient_clip"
    context = RequestContext()
    plugin = hparams_plugin(tmp_path)
    found = plugin.experiment_from_metadata(
        context,
        "",
        include_metrics=False,
        hparams_run_to_tag_to_content=plugin.hparams_metadata(context, ""),
        data_provider_hparams=None,
    )
    (column,) = [info for info in found.hparam_infos if info.name == name]
    assert column.type == DATA_TYPE_FLOAT64
    assert (column.domain_interval.min_value, column.domain_interval.max_value) == (0.5, 5.0)
    filtered = ColParams(hparam=name, filter_interval=Interval(min_value=0.1, max_value=1.0))
    assert {key[0] for key in hparams_table(tmp_path, filtered)} == {"a", "b"}


@pytest.mark.slow
def test_tensorboard_reads_a_run_where_it_lies_in_a_store(s3, s3_address, item, monkeypatch):
    """By its own reader of ``s3://``, which needs boto3 and has a name of its own for endpoints."""
    pytest.importorskip("boto3")
    monkeypatch.setenv("S3_ENDPOINT", s3_address)
    board = board_in(place(s3) / "tensorboard")
    board.start_trial(item)
    for epoch in (1, 2):
        board.write_epoch(item.key, record(epoch))
    board.end_trial(ended_row(item.key, "stopped"))
    board.close_files()
    _, status, metrics = hparams_table(f"{s3}/tensorboard")[item.key]
    assert (status, metrics["valid/mae"]) == (STATUS_SUCCESS, 0.5)
