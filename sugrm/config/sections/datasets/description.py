"""What is known of a dataset before any of its files is read."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sugrm.config.sections.section import Section
from sugrm.types import LABEL_BOUND, Modality, Split

Name = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""Letters, digits, ``_``, ``.`` and ``-``; the first is a letter or a digit."""
Key = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]

VOCABULARY = "bert-base-uncased"
"""The text encoder whose token ids the files of MOSI and MOSEI hold."""
METRIC_BOUNDS: Mapping[str, float] = {"mosi": LABEL_BOUND, "sims": 1.0}
"""Metrics whose classes are defined for labels in [-bound, bound] alone -> that bound."""


class DatasetDescription(Section):
    """A dataset: the range and the metrics of its labels, its language and its files' keys.

    Labels lie in [-``label_bound``, ``label_bound``]. ``metrics`` are ``mosi`` (Acc-2, F1, Acc-5
    and Acc-7 of labels in [-3, 3]), ``sims`` (Acc-2, F1, Acc-3 and Acc-5 of labels in [-1, 1]) or
    ``regression`` (MAE and Corr alone, for labels of any range). ``language`` is the code of the
    transcripts' language: ``en``, ``zh``. ``vocabulary`` names the text encoder whose token ids the
    files hold, null where they hold none. ``unimodal_labels`` maps a modality to the key of its
    human labels in the files, and ``splits`` a split to its published number of utterances.
    ``title`` is the name in documents; without one it is ``name``.
    """

    name: Name
    title: str = ""
    label_bound: float = Field(gt=0.0)
    metrics: Literal["mosi", "sims", "regression"]
    language: Key = "en"
    vocabulary: Key | None = None
    unimodal_labels: Mapping[Modality, Key] = {}
    splits: Mapping[Split, Count] = {}

    def data_identity(self, fingerprint: str) -> str:
        """Return what identifies the data of a trial: all of them that decides its numbers.

        It is the fingerprint alone for labels, metrics and vocabulary of MOSI, and names them for
        others, since the same file gives other numbers under them. The synthetic corpus holds no
        token ids, so its vocabulary decides nothing.

        Args:
            fingerprint: the fingerprint of the corpus.

        >>> DatasetDescription(name="a", label_bound=1, metrics="sims").data_identity("12ab")
        '12ab:label_bound=1:metrics=sims:vocabulary=None'
        """
        found = fingerprint
        if (self.label_bound, self.metrics) != (LABEL_BOUND, "mosi"):
            found += f":label_bound={self.label_bound:g}:metrics={self.metrics}"
        if self.vocabulary != VOCABULARY and self.name != "synthetic":
            found += f":vocabulary={self.vocabulary}"
        return found

    @model_validator(mode="after")
    def _title_follows_the_name(self) -> "DatasetDescription":
        if not self.title:
            object.__setattr__(self, "title", self.name)  # frozen, but no caller has it yet
        return self

    @model_validator(mode="after")
    def _metrics_fit_the_labels(self) -> "DatasetDescription":
        bound = METRIC_BOUNDS.get(self.metrics, self.label_bound)
        if bound != self.label_bound:
            raise ValueError(
                f"metrics: {self.metrics} is defined for labels in [-{bound:g}, {bound:g}]; got "
                f"label_bound: {self.label_bound:g}; expected label_bound: {bound:g}, or metrics: "
                "regression"
            )
        return self
