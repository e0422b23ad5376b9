"""The writer of the models of one experiment, which need not be in memory together."""

import importlib.metadata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from sugrm.argument_checks import check_type
from sugrm.config.experiment import ExperimentConfig
from sugrm.errors import ArgumentError, ModelFolderError
from sugrm.modules.text_encoder import (
    TextEncoder,
    encoder_in,
    load_text_encoder,
    load_tokeniser,
)
from sugrm.prediction.description import (
    LIBRARY,
    PROGRAM,
    WEIGHTS,
    EncoderFiles,
    ModelDescription,
    PluginFiles,
    ProgramFile,
    WeightsFile,
    file_name,
)
from sugrm.prediction.encoder_files import write_encoder
from sugrm.prediction.export.merging import merged_model
from sugrm.prediction.export.plugins import write_plugins
from sugrm.prediction.weights import write_weights
from sugrm.training.checkpoints.contract import InputContract
from sugrm.training.checkpoints.started import StartedFrom
from sugrm.training.checkpoints.trained import Trained, trained_weights
from sugrm.training.checkpoints.weights_digest import weights_digest
from sugrm.types import Modality

ADAPTER_FOLDER = "adapter"
Entry = TypeVar("Entry", WeightsFile, ProgramFile)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What all models of a folder share."""

    config: ExperimentConfig
    sizes: Mapping[str, Any]
    contract: InputContract
    numerics: int
    architecture: str


class FolderWriter:
    """Writes the models of one experiment one after the other.

    Args:
        folder: the folder, which exists and is empty.
        programs: whether each model is also written as a program of ``torch.export``.
        adapter: whether adapters are kept apart, without the text encoder that they belong to.
    """

    def __init__(self, folder: Path, *, programs: bool = False, adapter: bool = False) -> None:
        self._folder, self._writes_programs, self._keeps_adapter = folder, programs, adapter
        self._common: _Common | None = None
        self._encoder: EncoderFiles | None = None
        self._plugins: tuple[PluginFiles, ...] = ()
        self._frozen: TextEncoder | None = None
        self._entries: list[WeightsFile] = []
        self._programs: list[ProgramFile] = []
        self._started: dict[int, StartedFrom] = {}
        self._frozen_digest = ""

    def add(self, trained: Trained) -> None:
        """Write the weights of a seed; with the first one also the text encoder and plug-ins.

        Raises:
            ArgumentError: the model belongs to another experiment, its seed is there already, or it
                has another frozen text encoder than the models before it.
            ModelFolderError: it does not say what it reads, cannot be written as a program, or was
                trained with another plug-in.
            EncoderError: the text encoder or its tokeniser cannot be loaded.
        """
        check_type("models", trained, kind=Trained, expected="models as load_trained returns them")
        had_adapter = trained.config.model.text.lora is not None
        trained = self._with_or_without_adapter(trained)
        common = _common(trained)
        if self._common is None:
            self._common = common
            self._plugins = write_plugins(self._folder, trained)
            self._write_text(trained, contract=common.contract)
            if self._encoder is not None and had_adapter and not self._keeps_adapter:
                self._encoder = self._encoder.model_copy(update={"merged_adapter": True})
        elif common != self._common:
            raise ArgumentError(
                f"models: seed {trained.seed} differs from the others in its "
                f"{', '.join(_different(common, self._common))}; expected models of one experiment "
                "that differ in nothing but their seed"
            )
        if any(entry.seed == trained.seed for entry in self._entries):
            raise ArgumentError(
                f"models: seed {trained.seed} is there twice; expected each seed once"
            )
        self._check_frozen(trained)
        if trained.start is not None:
            self._started[trained.seed] = trained.start
        path = self._folder / file_name(trained.seed, WEIGHTS, is_alone=False)
        weights = trained_weights(trained.model)
        self._entries.append(write_weights(path, weights, seed=trained.seed))
        if self._writes_programs:
            self._programs.append(self._program(trained, contract=common.contract))

    def _check_frozen(self, trained: Trained) -> None:
        """Raise an error where seeds that started from several models have several encoders."""
        if trained.start is None or trained.config.model.text.trains_weights:
            return
        encoder = encoder_in(trained.model)
        own = trained.text_weights or (encoder.own_weights() if encoder is not None else {})
        digest = weights_digest(own)
        if self._entries and digest != self._frozen_digest:
            raise ArgumentError(
                f"models: seed {trained.seed} started from another model than the seeds before, so "
                "its frozen text encoder is another one, and a folder holds one for all seeds; "
                "export one seed: --seed N"
            )
        self._frozen_digest = digest

    def _with_or_without_adapter(self, trained: Trained) -> Trained:
        """Return a model whose adapter is merged; write the adapter where it is kept apart."""
        if trained.config.model.text.lora is None:
            if self._keeps_adapter:
                raise ArgumentError(
                    "adapter: the model has none; expected one that was trained with "
                    "model.text.lora; export it without --adapter"
                )
            return trained
        if not self._keeps_adapter:
            return merged_model(trained)
        if trained.start is not None:
            raise ArgumentError(
                f"adapter: the model started from {trained.start.origin}, and its text encoder "
                "cannot be loaded under a name; export it without --adapter"
            )
        encoder = encoder_in(trained.model)
        assert encoder is not None
        encoder.save_adapter(self._folder / ADAPTER_FOLDER / f"seed{trained.seed}")
        return trained

    def _write_text(self, trained: Trained, *, contract: InputContract) -> None:
        """Write the text encoder of a model that reads words; a frozen one may stand outside."""
        text = trained.config.model.text
        if Modality.TEXT not in contract.streams or Modality.TEXT in contract.widths:
            return
        encoder = encoder_in(trained.model)
        if encoder is None:
            encoder = self._frozen = load_text_encoder(text.name, finetune=False).eval()
            if trained.text_weights is not None:
                encoder.model.load_state_dict(trained.text_weights)
        tokeniser = load_tokeniser(text.name, text.max_tokens)
        self._encoder = write_encoder(
            self._folder,
            encoder,
            name=text.name,
            tokeniser=tokeniser,
            leaves_base=self._keeps_adapter,
        )

    def _program(self, trained: Trained, *, contract: InputContract) -> ProgramFile:
        from sugrm.prediction.programs.program import write_program

        return write_program(
            self._folder / file_name(trained.seed, PROGRAM, is_alone=False),
            trained.model,
            seed=trained.seed,
            contract=contract,
            text_steps=trained.sizes["text_steps"],
            frozen=self._frozen,
        )

    def finish(self) -> ModelDescription:
        """Return the description of what has been written; a single seed gets the plain name."""
        common = self._common
        if common is None:
            raise ArgumentError("models is empty; expected at least one trained model")
        return ModelDescription(
            architectures=(common.architecture,),
            sugrm_version=package_version(),
            numerics=common.numerics,
            experiment=common.config,
            sizes=dict(common.sizes),
            tasks=common.config.objective.tasks,
            inputs=common.contract,
            text_encoder=self._encoder,
            plugins=self._plugins,
            started_from=dict(sorted(self._started.items())),
            weights=self._named(self._entries, WEIGHTS),
            programs=self._named(self._programs, PROGRAM),
        )

    def _named(self, entries: Sequence[Entry], ending: str) -> tuple[Entry, ...]:
        """Return the entries by seed; the file of a single seed gets its plain name."""
        if len(entries) != 1:
            return tuple(sorted(entries, key=lambda entry: entry.seed or 0))
        name = file_name(entries[0].seed or 0, ending, is_alone=True)
        (self._folder / entries[0].file).rename(self._folder / name)
        return (entries[0].model_copy(update={"file": name}),)


def _common(trained: Trained) -> _Common:
    if trained.contract is None:
        raise ModelFolderError(
            f"the model of seed {trained.seed} was kept by an earlier version of sugrm, which did "
            "not record what it reads; give it the contract of its corpus: "
            "dataclasses.replace(trained, contract=contract_of(trained.config, corpus)), "
            "from sugrm.training.checkpoints.contract"
        )
    return _Common(
        config=trained.config,
        sizes=dict(trained.sizes),
        contract=trained.contract,
        numerics=trained.numerics,
        architecture=type(trained.model).__name__,
    )


def _different(one: _Common, other: _Common) -> Iterator[str]:
    for field in fields(one):
        if getattr(one, field.name) != getattr(other, field.name):
            yield field.name


def package_version() -> str:
    """Return the version of the installed package, "" in a checkout that is not installed."""
    try:
        return importlib.metadata.version(LIBRARY)
    except importlib.metadata.PackageNotFoundError:
        return ""
