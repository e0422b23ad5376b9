"""Options of the data: which corpus, where its files lie, or how to make a synthetic one."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from sugrm.config.sections.datasets import DatasetDescription, load_dataset, recorded_dataset
from sugrm.config.sections.section import Section
from sugrm.errors import SugrmError


def _kind(value: object) -> str:
    return "by_description" if isinstance(value, Mapping | DatasetDescription) else "by_name"


Dataset = Annotated[
    Annotated[str, Tag("by_name")] | Annotated[DatasetDescription, Tag("by_description")],
    Discriminator(_kind),
]
"""The name of a dataset that comes with the package, or the description of another one."""


TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".arrow")
"""Endings of the files that are read as tables, in lower case."""
PICKLE_ENDINGS = (".pkl", ".pickle", ".p")
"""Endings of pickles, in lower case."""
MODALITY_FILES = ("text", "audio", "vision")
"""Options that name one file for each modality."""


class SyntheticConfig(Section):
    """The seeded synthetic corpus; the defaults are sized for the demo.

    ``text_length``, ``audio_length`` and ``vision_length`` are the largest lengths; each
    utterance draws its own.
    """

    seed: int = 1
    train: int = Field(256, ge=8)
    valid: int = Field(64, ge=4)
    test: int = Field(128, ge=4)
    audio_width: int = Field(5, ge=1)
    vision_width: int = Field(8, ge=1)
    text_length: int = Field(16, ge=8)
    audio_length: int = Field(40, ge=2)
    vision_length: int = Field(30, ge=2)


class ExcludeConfig(Section):
    """Utterances that are left out of a corpus: those whose text another corpus has.

    ``texts_of`` is a feature file or a table of that corpus; all of its splits count, and case,
    punctuation and white space do not. So a model that is trained on this corpus and then on the
    other one (``experiment.start_from``) has not seen the other's validation and test texts.
    """

    texts_of: str = Field(min_length=1)


class DataConfig(Section):
    """A corpus: the dataset, and the files that hold it; ``synthetic`` has no files.

    ``dataset`` is ``mosi``, ``mosei``, ``sims``, ``simsv2`` or ``synthetic``, the name of a dataset
    that an installed package adds, the path of a YAML file that describes one, or its description
    as a mapping. ``unaligned`` and ``aligned`` name feature files or tables; instead of
    ``unaligned``, ``text`` may name a table with ids and labels, and ``audio`` and ``vision`` files
    of frames by id. A dataset that does not come with the package is recorded as a whole
    description, so a run repeats without its file. ``exclude`` leaves utterances out.
    """

    dataset: Dataset
    unaligned: str | None = None
    aligned: str | None = None
    text: str | None = None
    audio: str | None = None
    vision: str | None = None
    lengths: Literal["checked", "stated", "detected"] = "checked"
    text_source: Literal["tokens", "features", "words"] | None = None
    exclude: ExcludeConfig | None = None
    synthetic: SyntheticConfig = SyntheticConfig()

    @field_validator("dataset", mode="before")
    @classmethod
    def _finds_the_dataset(cls, given: object) -> object:
        if isinstance(given, Mapping | DatasetDescription):
            return given  # its own fields are checked one by one
        try:
            return recorded_dataset(load_dataset(given))
        except SugrmError as error:
            raise ValueError(str(error)) from None

    @field_validator("dataset")
    @classmethod
    def _records_a_known_dataset_by_name(
        cls, found: str | DatasetDescription
    ) -> str | DatasetDescription:
        try:
            return recorded_dataset(load_dataset(found))
        except SugrmError as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _names_the_unaligned_data_once(self) -> "DataConfig":
        given = [name for name in MODALITY_FILES if getattr(self, name) is not None]
        if given and self.unaligned is not None:
            raise ValueError(
                f"unaligned and {given[0]} both name the unaligned data; expected one feature "
                "file (unaligned), or one file for each modality (text, audio, vision)"
            )
        if given and self.text is None:
            raise ValueError(
                f"{given[0]} needs the file text beside it, a table with id and label; got none"
            )
        return self

    @model_validator(mode="after")
    def _excludes_from_files(self) -> "DataConfig":
        if self.exclude is not None and self.dataset == "synthetic":
            raise ValueError(
                "exclude leaves utterances out of files, and the dataset synthetic has none; "
                "expected another dataset, or no exclude"
            )
        return self

    def files(self, alignment: str) -> str | dict[str, str] | None:
        """Return the path of the data of an alignment, or modality -> path; None without any."""
        found = self.named_files(alignment)
        return found if self.text is not None and alignment != "aligned" else found.get(alignment)

    def named_files(self, alignment: str) -> dict[str, str]:
        """Return option -> path of the files that hold the data of an alignment."""
        names = ("aligned",) if alignment == "aligned" else ("unaligned", *MODALITY_FILES)
        given = {name: getattr(self, name) for name in names}
        return {name: path for name, path in given.items() if path is not None}

    @property
    def description(self) -> DatasetDescription:
        """Return the description of the dataset."""
        return load_dataset(self.dataset)
