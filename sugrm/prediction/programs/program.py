"""A model with its text encoder as one program of ``torch.export``.

Its inputs are tensors: token ids or text features, frames and numbers of real steps of the streams
that the model reads. Its output is task letter -> [B] scores. Batch size and numbers of steps stay
open within bounds.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.export import Dim

from sugrm.errors import ModelFolderError, first_line
from sugrm.modules.text_encoder import TextEncoder
from sugrm.prediction.description import ProgramFile, StepBounds
from sugrm.prediction.programs.lstm import open_steps
from sugrm.training.checkpoints.contract import InputContract
from sugrm.types import Batch, Modality

_MOST_STEPS, _MOST_UTTERANCES = 4096, 4096
_LEAST_STEPS = (8, 32)  # tried one after the other: some systems shorten sequences
_TOLERANCE = 1e-4
_IDS = 100  # token ids of the examples lie below it


class _Whole(nn.Module):
    """A model and, where it stands outside, its frozen text encoder."""

    def __init__(self, model: nn.Module, frozen: TextEncoder | None, *, reads_ids: bool) -> None:
        super().__init__()
        self.model, self.frozen, self.reads_ids = model, frozen, reads_ids

    def forward(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return task letter -> [B] scores."""
        given = next(iter(inputs.values()))
        nothing = torch.zeros(given.shape[0], 1, 1, device=given.device)
        text: dict[str, Tensor] = {}
        if "text" in inputs and self.frozen is not None:
            lengths = inputs["text_lengths"].clamp(min=1)
            text["text_features"] = self.frozen(inputs["text"], None, lengths)
        elif "text" in inputs:
            text["token_ids" if self.reads_ids else "text_features"] = inputs["text"]
        batch = Batch(
            audio=inputs.get("audio", nothing),
            vision=inputs.get("vision", nothing),
            text_lengths=inputs.get("text_lengths"),
            audio_lengths=inputs.get("audio_lengths"),
            vision_lengths=inputs.get("vision_lengths"),
            **text,
        )
        return {task.value: scores for task, scores in self.model(batch).predictions.items()}


def write_program(
    path: Path,
    model: nn.Module,
    *,
    seed: int,
    contract: InputContract,
    text_steps: int,
    frozen: TextEncoder | None,
) -> ProgramFile:
    """Write a model as a program of ``torch.export``; return its entry for ``config.json``.

    The program is read back and compared with the model on other sizes than those it was traced
    with.

    Args:
        path: the file.
        model: the model, in evaluation mode on the CPU; it is left as it was.
        seed: seed of its trial.
        contract: what it reads.
        text_steps: the most steps of a text.
        frozen: the frozen text encoder that stands outside of the model; None without one.

    Raises:
        ModelFolderError: the system cannot be exported; the message says why.
    """
    whole = _Whole(model, frozen, reads_ids=Modality.TEXT not in contract.widths).eval()
    first: Exception | None = None
    with torch.random.fork_rng(devices=[]), _quiet(), torch.no_grad():
        for least in _LEAST_STEPS:
            steps = _bounds(contract, least=least, text_steps=text_steps)
            try:
                torch.export.save(_traced(whole, contract, steps=steps), path)
                _check(whole, path, contract=contract, steps=steps)
                return ProgramFile(seed=seed, file=path.name, steps=steps)
            except Exception as error:  # whatever torch raises for what it cannot trace
                first = first or error
    raise ModelFolderError(
        f"the system {type(model).__name__} cannot be written as a program of torch.export "
        f"({first_line(first or ValueError())}); nothing was written: export without "
        "--torch-export, since a model folder needs no program"
    ) from first


def _bounds(contract: InputContract, *, least: int, text_steps: int) -> dict[Modality, StepBounds]:
    most = {Modality.TEXT: text_steps}
    return {
        m: StepBounds(least=min(least, most.get(m, least)), most=most.get(m, _MOST_STEPS))
        for m in contract.streams
    }


def _traced(
    whole: _Whole, contract: InputContract, *, steps: Mapping[Modality, StepBounds]
) -> torch.export.ExportedProgram:
    batch = Dim("batch", min=1, max=_MOST_UTTERANCES)
    shapes: dict[str, dict[int, Dim]] = {}
    for m, bounds in steps.items():
        own = Dim(f"{m.value}_steps", min=bounds.least, max=bounds.most)
        shapes |= {m.value: {0: batch, 1: own}, f"{m.value}_lengths": {0: batch}}
    example = _example(contract, steps=steps, size=3)
    with open_steps(whole):
        return torch.export.export(whole, (example,), dynamic_shapes=(shapes,), strict=True)


def _example(
    contract: InputContract, *, steps: Mapping[Modality, StepBounds], size: int
) -> dict[str, Tensor]:
    """Return random inputs; numbers of steps and utterances differ from each other."""
    inputs: dict[str, Tensor] = {}
    for place, (m, bounds) in enumerate(steps.items()):
        count = min(bounds.most, bounds.least + 3 + 2 * size + 5 * place)
        if m in contract.widths:
            inputs[m.value] = torch.randn(size, count, contract.widths[m])
        else:
            inputs[m.value] = torch.randint(_IDS, (size, count))
        lengths = torch.linspace(1, count, size).round().long()
        inputs[f"{m.value}_lengths"] = lengths
    return inputs


def _check(
    whole: _Whole,
    path: Path,
    *,
    contract: InputContract,
    steps: Mapping[Modality, StepBounds],
) -> None:
    """Raise an error where the program that was written does not give the scores of the model."""
    program = torch.export.load(path).module()
    for size in (1, 5):
        inputs = _example(contract, steps=steps, size=size)
        expected, found = whole(inputs), program(inputs)
        for task, scores in expected.items():
            if not torch.allclose(scores, found[task], atol=_TOLERANCE, rtol=_TOLERANCE):
                raise ValueError("the program gives other scores than the model")


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress what torch logs while it tries to trace; the error says the same once."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
