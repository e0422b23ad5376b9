"""``config.json`` of a model folder: what the model is, what it reads, and which files hold it."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, PlainSerializer, PlainValidator

from sugrm.config.experiment import ExperimentConfig
from sugrm.config.sections.section import Section
from sugrm.training.checkpoints.contract import InputContract
from sugrm.training.checkpoints.started import StartedFrom
from sugrm.types import Modality, Task
from sugrm.version import NUMERICS

CONFIG_FILE, CARD_FILE = "config.json", "README.md"
ENCODER_FOLDER, PLUGIN_FOLDER = "text_encoder", "plugins"
MODEL_TYPE, LIBRARY = "sugrm", "sugrm-search"
FORMAT = 1
"""Raised when a folder changes so that earlier code cannot read it."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""The name of a file in the folder: no path, which could lead out of it."""
SizeName = Annotated[str, Field(pattern=r"^((audio|vision|text)_width|text_steps|label_bound)$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _experiment(value: object) -> ExperimentConfig:
    if isinstance(value, ExperimentConfig):
        return value
    return ExperimentConfig.model_validate(value)


Experiment = Annotated[
    ExperimentConfig,
    PlainValidator(_experiment),
    PlainSerializer(lambda found: found.model_dump(mode="json")),
]
"""The options of a trial, with the systems of the plug-ins that are loaded at the time."""


class WeightsFile(Section):
    """A file of weights.

    Attributes:
        seed: seed of the trial that trained them; None for those of a frozen text encoder.
        file: name of the file.
        sha256: hex digest of its content.
    """

    seed: int | None = None
    file: Name
    sha256: Digest


class EncoderFiles(Section):
    """The text encoder in ``text_encoder/``: its configuration and its tokeniser.

    Attributes:
        name: its name when the model was trained: of the hub, of a folder or a built-in one.
        finetuned: whether the model was trained together with it.
        max_tokens: the most tokens of a text; the tokens behind are cut off.
        weights: the file of its weights; None where they are in the model's files, or left out.
        files: name -> hex digest (SHA-256) of its configuration and of each file of its tokeniser.
        base: hash of its weights where they are left out; ``name`` then says where they come from.
        merged_adapter: whether its weights contain an adapter that was trained apart from them.
    """

    name: str
    finetuned: bool
    max_tokens: int
    weights: WeightsFile | None = None
    files: dict[Name, Digest] = Field(default_factory=dict)
    base: Digest | None = None
    merged_adapter: bool = False


class PluginFiles(Section):
    """A plug-in that a model needs.

    Attributes:
        module: its module.
        digest: the hash of its source (``sugrm.config.registry``).
        file: the copy of its source in the folder.
    """

    module: str
    digest: str
    file: str


class StepBounds(Section):
    """The least and the most steps of a stream, padding included."""

    least: int
    most: int


class ProgramFile(Section):
    """A program of ``torch.export`` beside the weights; ``sugrm.load`` does not read it.

    Attributes:
        seed: seed of the trial.
        file: name of the file.
        steps: stream -> numbers of steps that its tensor may have.
    """

    seed: int
    file: Name
    steps: dict[Modality, StepBounds]


class ModelDescription(Section):
    """The content of ``config.json``; other keys, as tools of the hub add them, are not read.

    Attributes:
        model_type: ``sugrm``, which tells this folder from those of other libraries.
        library_name: ``sugrm-search``.
        architectures: the class of the model.
        format: ``FORMAT`` of the code that wrote it.
        sugrm_version: version of the package that wrote it.
        numerics: ``sugrm.NUMERICS`` of the code that trained the model.
        experiment: the resolved options of the trial.
        sizes: the keyword arguments of ``sugrm.build_model``.
        tasks: the tasks that it scores: M (multimodal), T, A, V (text, audio, vision alone).
        inputs: what it reads.
        text_encoder: its text encoder; None where it reads no words.
        weights: the weights of each seed, in the order of the seeds; several are an ensemble.
        plugins: the plug-ins that it needs, in the order in which they are loaded.
        started_from: seed -> what its training started from; empty for initial weights.
        programs: the same models as programs of ``torch.export``, where they were asked for.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)

    model_type: Literal["sugrm"] = "sugrm"
    library_name: str = LIBRARY
    architectures: tuple[str, ...] = ()
    format: int = FORMAT
    sugrm_version: str = ""
    numerics: int = NUMERICS
    experiment: Experiment
    sizes: dict[SizeName, Any]
    tasks: tuple[Task, ...]
    inputs: InputContract
    text_encoder: EncoderFiles | None = None
    weights: Annotated[tuple[WeightsFile, ...], Field(min_length=1)]
    programs: tuple[ProgramFile, ...] = ()
    plugins: tuple[PluginFiles, ...] = ()
    started_from: dict[int, StartedFrom] = Field(default_factory=dict)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the ensemble, one or more."""
        return tuple(each.seed for each in self.weights if each.seed is not None)


WEIGHTS, PROGRAM = ".safetensors", ".pt2"


def file_name(seed: int, ending: str, *, is_alone: bool) -> str:
    """Return the name of the file of a seed.

    >>> file_name(1111, WEIGHTS, is_alone=True), file_name(1111, PROGRAM, is_alone=False)
    ('model.safetensors', 'model-seed1111.pt2')
    """
    return f"model{ending}" if is_alone else f"model-seed{seed}{ending}"
