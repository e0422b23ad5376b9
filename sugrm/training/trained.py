"""A trained model, read back from the file of its trial."""

import io
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from sugrm.config.experiment import ExperimentConfig
from sugrm.errors import SugrmError
from sugrm.models import build_model
from sugrm.training.checkpoint import BEST_FILE_NAME, CheckpointStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model at the best epoch of its trial.

    Attributes:
        model: in evaluation mode, on the CPU.
        config: of its experiment.
        seed: of its trial.
    """

    model: nn.Module
    config: ExperimentConfig
    seed: int


def load_trained(path: Path | CheckpointStore) -> Trained:
    """Return the model that a finished trial kept: ``runs/NAME/checkpoints/KEY``.

    The weights of a frozen text encoder are not in the file. One that stood outside of the model
    stays outside: the model then reads its hidden states as ``Batch.text_features``.

    Args:
        path: the file ``best.pt``, or its folder; or a store that keeps the file, as
            ``search.tune.checkpoint_store.checkpoint_at`` makes of ``s3://...``.

    Raises:
        SugrmError: there is no such file, or it holds no such model.
    """
    if isinstance(path, str):
        raise SugrmError(
            f"load_trained got the text {path!r}; expected a pathlib.Path, or for an address of an "
            "object store what search.tune.checkpoint_store.checkpoint_at returns"
        )
    is_folder = not isinstance(path, Path) or path.is_dir()
    file = f"{path}/{BEST_FILE_NAME}" if is_folder else str(path)
    source = file if isinstance(path, Path) else io.BytesIO(path.load(BEST_FILE_NAME) or b"")
    try:
        state = torch.load(source, map_location="cpu", weights_only=True)
        config = ExperimentConfig.model_validate_json(state["config"])
        model = build_model(config, **state["inputs"])
        found = model.load_state_dict(state["model"], strict=False)
        seed = int(state["seed"])
    except Exception as error:  # torch raises many kinds for a cut or foreign file
        raise SugrmError(
            f"{file} holds no trained model ({type(error).__name__}: {error}); expected the "
            f"{BEST_FILE_NAME} of a finished trial, which lies in the checkpoints of its run"
        ) from error
    frozen = {name for name, weight in model.named_parameters() if not weight.requires_grad}
    odd = sorted({*found.unexpected_keys, *found.missing_keys} - frozen)
    if odd:
        raise SugrmError(
            f"{file} does not fit its own configuration: weights missing or unknown: "
            f"{', '.join(odd)}; expected a file of this version of sugrm"
        )
    return Trained(model=model.eval(), config=config, seed=seed)
