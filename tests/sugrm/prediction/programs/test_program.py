"""A model as a program of torch.export scores as the model does."""

import logging

import pytest
import torch
from torch import nn

from sugrm.errors import ModelFolderError
from sugrm.prediction import load, write_model_folder
from sugrm.prediction.programs.lstm import ScanLstm, open_steps
from sugrm.training.feed import build_feed
from sugrm.types import Split

TINY = {"text": {"name": "tiny"}}
FROZEN = {"text": {"name": "tiny", "finetune": False}}
SYSTEMS = {
    "LF-LSTM, frozen text and audio": {
        "preset": ["lf_lstm"],
        "model": {"name": "lf_lstm", "modalities": ["text", "audio"], **FROZEN},
    },
    "MulT, text and audio": {
        "preset": ["mult"],
        "model": {"name": "mult", "modalities": ["text", "audio"], "layers": 1, **TINY},
    },
    "SPT, vision alone": {
        "preset": ["spt"],
        "model": {"name": "spt", "modalities": ["vision"], "encoder": {"layers": 1}, **TINY},
    },
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch's own, of what it imports
@pytest.mark.parametrize("options", SYSTEMS.values(), ids=SYSTEMS)
def test_a_program_scores_batches_of_other_sizes_as_the_model_does(
    options, train, corpus, tmp_path
):
    trained, result = train(options)
    out = tmp_path / "out"
    written = write_model_folder(out, [trained], programs=True)
    assert "model.pt2" in written.sizes
    (entry,) = load(out).description.programs
    program = torch.export.load(out / entry.file).module()
    feed = build_feed(trained.config, corpus, split=Split.TEST)
    for rows in ([0], range(2, 9)):
        found = program(inputs(feed.batch(list(rows)), entry.steps))
        for task, scores in result.predictions["test"].predictions.items():
            assert found[task].tolist() == pytest.approx(scores[list(rows)].tolist(), abs=1e-4)


def inputs(batch, steps):
    """Return the tensors of a batch by the names of a program's inputs, padded to its bounds."""
    found = {}
    for stream, bounds in steps.items():
        values = batch.token_ids if stream == "text" else getattr(batch, stream)
        missing = max(0, bounds.least - values.shape[1])
        padding = (0, missing) if values.ndim == 2 else (0, 0, 0, missing)
        found[str(stream)] = nn.functional.pad(values, padding)
        found[f"{stream}_lengths"] = getattr(batch, f"{stream}_lengths")
    return found


@pytest.mark.slow
def test_a_system_that_cannot_be_exported_is_one_message_and_nothing_is_written(
    train, tmp_path, caplog
):
    options = {"preset": ["mag_bert"], "alignment": "aligned"}
    trained, _ = train({**options, "model": {"name": "mag_bert", **TINY}})
    with pytest.raises(ModelFolderError, match=r"MagBert cannot be written.*--torch-export"):
        write_model_folder(tmp_path / "out", [trained], programs=True)
    assert not (tmp_path / "out").exists()
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []
    assert logging.root.manager.disable == 0


@pytest.mark.slow
@pytest.mark.parametrize("layers", [1, 2])
def test_an_lstm_with_open_steps_computes_the_same(layers):
    lstm = nn.LSTM(3, 4, layers, batch_first=True).eval().requires_grad_(False)
    sequence = torch.randn(2, 5, 3)
    state = torch.randn(layers, 2, 4), torch.randn(layers, 2, 4)
    for given in (None, state):
        (states, final), (wanted, last) = ScanLstm(lstm)(sequence, given), lstm(sequence, given)
        assert torch.allclose(states, wanted, atol=1e-6)
        assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(final, last, strict=True))


def test_a_model_has_its_own_lstms_again_after_the_export():
    model = nn.Sequential(nn.LSTM(3, 4), nn.Linear(4, 1))
    before = model[0]
    with open_steps(model):
        assert isinstance(model[0], ScanLstm)
    assert model[0] is before


def test_an_lstm_of_two_directions_is_refused():
    with pytest.raises(ValueError, match="two directions"):
        ScanLstm(nn.LSTM(3, 4, bidirectional=True))
