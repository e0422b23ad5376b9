"""Writing a model folder: everything that is needed to score new utterances, and nothing else.

``config.json`` (``ModelDescription``), one safetensors file for each seed, the text encoder's
configuration and tokeniser in ``text_encoder/``, a frozen encoder's weights there once for all
seeds, the source of plug-ins in ``plugins/``, and a model card, ``README.md``. The layout follows
the conventions of the Hugging Face hub.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sugrm.argument_checks import checked_path
from sugrm.prediction.card.text import card_text
from sugrm.prediction.description import CARD_FILE, CONFIG_FILE, ModelDescription
from sugrm.prediction.export.replacing import new_folder
from sugrm.prediction.export.writer import FolderWriter
from sugrm.training.checkpoints.trained import Trained

Card = Callable[[ModelDescription], str]
"""Returns the text of the model card for what is in the folder."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
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

    def __repr__(self) -> str:
        """Return the folder and its size."""
        return f"WrittenFolder('{self.folder}', {sum(self.sizes.values()) / 2**20:.1f} MiB)"


def write_model_folder(
    folder: object,
    models: Iterable[Trained],
    *,
    card: Card | None = None,
    force: bool = False,
    programs: bool = False,
    adapter: bool = False,
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
        adapter: whether a text encoder that was trained with an adapter (LoRA) is left out, so that
            the folder is small and names the encoder that it needs; the adapters are then also
            written in the format of peft. False merges adapters into the encoder's weights.

    Raises:
        ArgumentError: there is no model, a seed repeats, they belong to several experiments, or
            have no adapter where one is asked for.
        ModelFolderError: ``folder`` holds something already, a model does not say what it reads,
            cannot be written as a program, or was trained with another plug-in than the present.
        EncoderError: the text encoder or its tokeniser cannot be loaded.
    """
    place = checked_path("folder", folder)
    with new_folder(place, force=force) as unfinished:
        writer = FolderWriter(unfinished, programs=programs, adapter=adapter)
        for model in models:
            writer.add(model)
        description = writer.finish()
        text = json.dumps(description.model_dump(mode="json"), indent=2, ensure_ascii=False)
        (unfinished / CONFIG_FILE).write_text(f"{text}\n", encoding="utf-8")
        written = (card or card_text)(description)
        (unfinished / CARD_FILE).write_text(written, encoding="utf-8")
        sizes = _sizes(unfinished)
    return WrittenFolder(folder=place, description=description, sizes=sizes)


def _sizes(folder: Path) -> dict[str, int]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
