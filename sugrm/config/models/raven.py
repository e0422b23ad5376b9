"""Options of RAVEN."""

from typing import ClassVar, Literal

from pydantic import Field

from sugrm.config.models.modalities import TextAndOthers
from sugrm.config.models.model_section import ModelSection
from sugrm.config.sections.section import Dropout
from sugrm.types import Modality


class RavenConfig(ModelSection):
    """RAVEN (Wang et al. 2019): words shifted by the nonverbal behaviour that goes with them.

    ``frame_width`` is what frames are projected to, ``nonverbal_width`` the state of the
    nonverbal LSTMs, ``width`` that of the LSTM over the words. ``shift_bound`` is the most that a
    word may shift, as a share of its length. ``nonverbal_span: word`` restarts the nonverbal LSTMs
    at each word, as the authors do; ``utterance`` runs them over the whole utterance.
    """

    STEPWISE: ClassVar[bool] = True
    ALIGNS: ClassVar[bool] = True

    name: Literal["raven"] = "raven"
    modalities: TextAndOthers = tuple(Modality)
    frame_width: int = Field(150, ge=1)
    nonverbal_width: int = Field(150, ge=1)
    nonverbal_span: Literal["word", "utterance"] = "word"
    width: int = Field(300, ge=1)
    depth: int = Field(1, ge=1)
    shift_bound: float = Field(0.2, gt=0)
    dropout: Dropout = 0.2
