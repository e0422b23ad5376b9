"""Writing a model folder: everything that is needed to score new utterances, and nothing else.

``config.json`` (``ModelDescription``), one safetensors file for each seed, the text encoder's
configuration and tokeniser in ``text_encoder/``, a frozen encoder's weights there once for all
seeds, and a model card, ``README.md``. The layout follows the conventions of the Hugging Face hub.
"""

import importlib.metadata
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from sugrm.argument_checks import check_type, checked_path
from sugrm.config.experiment import ExperimentConfig
from sugrm.errors import ArgumentError, ModelFolderError
from sugrm.modules.text_encoder import TextEncoder, load_text_encoder, load_tokeniser
from sugrm.prediction.card.text import card_text
from sugrm.prediction.description import (
    CARD_FILE,
    CONFIG_FILE,
    LIBRARY,
    PROGRAM,
    WEIGHTS,
    EncoderFiles,
    ModelDescription,
    ProgramFile,
    WeightsFile,
    file_name,
)
from sugrm.prediction.encoder_files import encoder_in, write_encoder
from sugrm.prediction.replacing import new_folder
from sugrm.prediction.weights import write_weights
from sugrm.training.checkpoints.contract import InputContract
from sugrm.training.checkpoints.trained import Trained, trained_weights
from sugrm.types import Modality

Entry = TypeVar("Entry", WeightsFile, ProgramFile)
Card = Callable[[ModelDescription], str]
"""Returns the text of the model card for what is in the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFolder:
    """A model folder that has been written.

    Attributes:
        folder: the folder.
        description: its ``config.json``.
        sizes: path in the folder -> size of the file in bytes.
    """

    folder: Path
    description: ModelDescription
    sizes: Mapping[str, int]


def write_model_folder(
    folder: object,
    models: Iterable[Trained],
    *,
    card: Card | None = None,
    force: bool = False,
    programs: bool = False,
) -> WrittenFolder:
    """Write trained models into a folder, whole or not at all; several are an ensemble.

    Args:
        folder: the folder to write; its parents are made.
        models: the models of one experiment, one for each seed, as ``load_trained`` returns them;
            an iterator need hold no more than one in memory.
        card: makes the text of the model card; None writes one without results.
        force: whether an earlier model folder is replaced.
        programs: whether each model is also written as a program of ``torch.export``, which runs
            without this package; it takes some seconds a model.

    Raises:
        ArgumentError: there is no model, a seed repeats, or they belong to several experiments.
        ModelFolderError: ``folder`` holds something already, a model does not say what it reads,
            or cannot be written as a program.
        EncoderError: the text encoder or its tokeniser cannot be loaded.
    """
    place = checked_path("folder", folder)
    with new_folder(place, force=force) as unfinished:
        writer = _Writer(unfinished, programs=programs)
        for model in models:
            writer.add(model)
        description = writer.finish()
        text = json.dumps(description.model_dump(mode="json"), indent=2, ensure_ascii=False)
        (unfinished / CONFIG_FILE).write_text(f"{text}\n", encoding="utf-8")
        written = (card or card_text)(description)
        (unfinished / CARD_FILE).write_text(written, encoding="utf-8")
        sizes = _sizes(unfinished)
    return WrittenFolder(folder=place, description=description, sizes=sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What all models of a folder share."""

    config: ExperimentConfig
    sizes: Mapping[str, Any]
    contract: InputContract
    numerics: int
    architecture: str


class _Writer:
    """Writes the models of one experiment one after the other."""

    def __init__(self, folder: Path, *, programs: bool) -> None:
        self._folder, self._writes_programs = folder, programs
        self._common: _Common | None = None
        self._encoder: EncoderFiles | None = None
        self._frozen: TextEncoder | None = None
        self._entries: list[WeightsFile] = []
        self._programs: list[ProgramFile] = []

    def add(self, trained: Trained) -> None:
        """Write the weights of a seed; with the first one also the text encoder."""
        common = _common(trained)
        if self._common is None:
            self._common = common
            self._write_text(trained, contract=common.contract)
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
        path = self._folder / file_name(trained.seed, WEIGHTS, is_alone=False)
        weights = trained_weights(trained.model)
        self._entries.append(write_weights(path, weights, seed=trained.seed))
        if self._writes_programs:
            self._programs.append(self._program(trained, contract=common.contract))

    def _write_text(self, trained: Trained, *, contract: InputContract) -> None:
        """Write the text encoder of a model that reads words; a frozen one may stand outside."""
        text = trained.config.model.text
        if Modality.TEXT not in contract.streams or Modality.TEXT in contract.widths:
            return
        encoder = encoder_in(trained.model)
        if encoder is None:
            encoder = self._frozen = load_text_encoder(text.name, finetune=False).eval()
        tokeniser = load_tokeniser(text.name, text.max_tokens)
        self._encoder = write_encoder(self._folder, encoder, name=text.name, tokeniser=tokeniser)

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
    check_type("models", trained, kind=Trained, expected="models as load_trained returns them")
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


def _sizes(folder: Path) -> dict[str, int]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def package_version() -> str:
    """Return the version of the installed package, "" in a checkout that is not installed."""
    try:
        return importlib.metadata.version(LIBRARY)
    except importlib.metadata.PackageNotFoundError:
        return ""
