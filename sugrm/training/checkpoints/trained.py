"""A trained model: the file that its trial writes, and the model read back from it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from torch import Tensor, nn

from sugrm.config.experiment import ExperimentConfig
from sugrm.errors import CheckpointError
from sugrm.models import build_model
from sugrm.training.checkpoints.checkpoint import (
    BEST_FILE_NAME,
    CheckpointStore,
    Place,
    checked_place,
    folder_of,
    save_checkpoint,
)
from sugrm.training.checkpoints.contract import InputContract
from sugrm.training.checkpoints.started import StartedFrom
from sugrm.training.checkpoints.state_files import read_state

_INPUTS = frozenset({"audio_width", "vision_width", "text_width", "text_steps", "label_bound"})
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Trained:
    """A model at the best epoch of its trial.

    Attributes:
        model: the model, in evaluation mode, on the CPU.
        config: the options of its experiment.
        seed: the seed of its trial.
        sizes: the keyword arguments with which ``build_model`` made it.
        numerics: ``sugrm.NUMERICS`` of the code that trained it.
        contract: what it reads; None in a file of an earlier version, which does not say it.
        plugins: module -> hash of the source of each plug-in that it was trained with.
        start: what its training started from; None for initial weights.
        text_weights: the weights of a frozen text encoder that stood outside of the model and came
            from the model that training started from, by transformers' names; None for others.
    """

    model: nn.Module
    config: ExperimentConfig
    seed: int
    sizes: Mapping[str, Any]
    numerics: int
    contract: InputContract | None = None
    plugins: Mapping[str, str] = field(default_factory=dict)
    start: StartedFrom | None = None
    text_weights: Mapping[str, Tensor] | None = None

    def __repr__(self) -> str:
        """Return the system and its seed."""
        return f"Trained({self.config.model.name}, seed {self.seed})"


def trained_weights(model: nn.Module) -> dict[str, Tensor]:
    """Return weights and buffers by name, without frozen parameters, which never change."""
    frozen = {name for name, weight in model.named_parameters() if not weight.requires_grad}
    return {name: weight for name, weight in model.state_dict().items() if name not in frozen}


def save_trained(folder: Place, trained: Trained) -> None:
    """Write a model to ``best.pt``, which ``load_trained`` reads.

    With the model that training started from the file also holds frozen weights, which may be those
    of that model.

    Args:
        folder: the folder or the store to write to.
        trained: the model and what is known of it.

    Raises:
        ArgumentError: ``folder`` is neither a folder nor a store.
        OSError: the file system refuses the file.
    """
    model, contract, start = trained.model, trained.contract, trained.start
    weights = trained_weights(model) if start is None else model.state_dict()
    state: dict[str, Any] = {
        "config": trained.config.model_dump_json(),
        "seed": trained.seed,
        "numerics": trained.numerics,
        "plugins": dict(trained.plugins),
        "inputs": dict(trained.sizes),
        "contract": None if contract is None else contract.model_dump_json(),
        "model": {name: weight.cpu() for name, weight in weights.items()},
    }
    if start is not None:
        text = trained.text_weights
        state["start"] = start.model_dump_json()
        state["text_weights"] = None if text is None else dict(text)
    target = folder_of(folder)
    if isinstance(target, Path):
        target.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(target, state, name=BEST_FILE_NAME)


def load_trained(path: str | os.PathLike[str] | CheckpointStore) -> Trained:
    """Return the model that a finished trial kept: ``runs/NAME/checkpoints/KEY``.

    The weights of a frozen text encoder are not in the file. One that stood outside of the model
    stays outside: the model then reads its hidden states as ``Batch.text_features``.

    Args:
        path: the file ``best.pt``, or its folder; or a store that keeps the file, as
            ``search.checkpoint_at`` makes of ``s3://...``.

    Raises:
        SugrmError: there is no such file, it holds no such model, or the text encoder that its
            configuration names cannot be loaded.
    """
    place = checked_place("path", path)
    is_folder = not isinstance(place, Path) or place.is_dir()
    file = f"{place}/{BEST_FILE_NAME}" if is_folder else str(place)
    try:
        state = read_state(Path(file)) if isinstance(place, Path) else _from_store(place)
    except CheckpointError as error:
        raise _no_model(file, error) from error
    return trained_of_state(state, file=file)


def trained_of_state(state: dict[str, Any], *, file: str) -> Trained:
    """Return the model of the content of a file.

    Args:
        state: what the file holds.
        file: the name of the file in messages.

    Raises:
        SugrmError: as ``load_trained``.
    """
    try:
        config = ExperimentConfig.model_validate_json(_part(state, "config", kind=str))
        inputs, weights = _part(state, "inputs", kind=dict), _part(state, "model", kind=dict)
        seed, numerics = (_part(state, name, kind=int) for name in ("seed", "numerics"))
        contract, start = _contract(state), _start(state)
    except (CheckpointError, ValidationError) as error:
        if isinstance(error, ValidationError):
            error = CheckpointError(_why_invalid(state))
        raise _no_model(file, error) from error
    model = _model(file, config, inputs=inputs, weights=weights)
    return Trained(
        model=model.eval(),
        config=config,
        seed=seed,
        sizes=inputs,
        numerics=numerics,
        contract=contract,
        plugins=state.get("plugins") or {},
        start=start,
        text_weights=state.get("text_weights"),
    )


def _no_model(file: str, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"{file} holds no trained model: {error}; expected the {BEST_FILE_NAME} of a finished "
        "trial, which lies in the checkpoints of its run: copy it again, or repeat the trial"
    )


def _contract(state: dict[str, Any]) -> InputContract | None:
    if state.get("contract") is None:
        return None
    return InputContract.model_validate_json(_part(state, "contract", kind=str))


def _start(state: dict[str, Any]) -> StartedFrom | None:
    if state.get("start") is None:
        return None
    return StartedFrom.model_validate_json(_part(state, "start", kind=str))


def _why_invalid(state: dict[str, Any]) -> str:
    """Return why a configuration is invalid: it needs a plug-in, or is of another version."""
    plugins = state.get("plugins")
    if isinstance(plugins, dict) and plugins:
        names = ", ".join(map(str, plugins))
        return (
            f"it was trained with the plug-in {names}, which is not loaded, or is another one now; "
            f"load it first: sugrm.plugins.load_plugins([{names!r}])"
        )
    return "its configuration is none of this version of sugrm"


def _from_store(store: CheckpointStore) -> dict[str, Any]:
    content = store.load(BEST_FILE_NAME)
    if content is None:
        raise CheckpointError("there is no such file")
    return read_state(content)


def _part(state: dict[str, Any], name: str, *, kind: type) -> Any:  # noqa: ANN401 - of that kind
    if not isinstance(state.get(name), kind):
        raise CheckpointError(f"it has no {name} of type {kind.__name__}")
    return state[name]


def _model(
    file: str, config: ExperimentConfig, *, inputs: dict[str, Any], weights: dict[str, Any]
) -> nn.Module:
    """Return the model of a configuration with the weights of a file."""
    if not set(inputs) <= _INPUTS or not all(isinstance(w, Tensor) for w in weights.values()):
        raise _misfit(file, sorted({*inputs} - _INPUTS) or ["what is no tensor"])
    model = build_model(config, **inputs)
    if odd := misfits(model, weights):
        raise _misfit(file, odd)
    model.load_state_dict(weights, strict=False)
    return model


def misfits(model: nn.Module, weights: Mapping[str, Tensor]) -> list[str]:
    """Return the names of weights that a model has and a file lacks, or that do not fit, sorted.

    Frozen weights may be missing: they are those of the text encoder that the model was built with.
    """
    own = model.state_dict()
    frozen = {name for name, weight in model.named_parameters() if not weight.requires_grad}
    return sorted(
        name
        for name in {*own, *weights} - (frozen - {*weights})
        if name not in own or name not in weights or own[name].shape != weights[name].shape
    )


def _misfit(file: str, names: list[str]) -> CheckpointError:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return CheckpointError(
        f"{file} does not fit its own configuration: missing, unknown or of another shape: "
        f"{', '.join(names[:_NAMED])}{more}. Expected a file of this version of sugrm: copy it "
        "again, or repeat the trial"
    )
