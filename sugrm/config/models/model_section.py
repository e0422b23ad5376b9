"""What the options of every system have in common."""

from collections.abc import Mapping
from typing import ClassVar

from sugrm.config.sections.section import Section
from sugrm.config.sections.text import TextConfig
from sugrm.types import Modality, Task


class ModelSection(Section):
    """Base of the options of a system.

    The class variables are facts of the system, not options:

    Attributes:
        SHARED: options that stay when a layer names another system.
        TASKS: what it can predict, and does by default.
        STEPWISE: whether it joins its streams frame by frame, so that on aligned input every
            token needs its frame.
        UNALIGNED: whether it takes unaligned input.
        ALIGNS: whether it aligns unaligned input to the text itself, so that it needs the text.
        READS_TOKENS: whether it works inside its text encoder, so that it needs token ids.
        WIDTH_OPTIONS: the option that sets the width of each task's features, where the tasks
            may differ in it.
    """

    SHARED: ClassVar[tuple[str, ...]] = ("text",)
    TASKS: ClassVar[tuple[Task, ...]] = (Task.MULTIMODAL,)
    STEPWISE: ClassVar[bool] = False
    UNALIGNED: ClassVar[bool] = True
    ALIGNS: ClassVar[bool] = False
    READS_TOKENS: ClassVar[bool] = False
    WIDTH_OPTIONS: ClassVar[Mapping[Task, str]] = {}

    text: TextConfig = TextConfig()

    @property
    def streams(self) -> tuple[Modality, ...]:
        """The modalities that it reads."""
        return tuple(Modality)

    @property
    def pads_fully(self) -> bool:
        """Whether a batch is padded to the corpus's lengths, because padding counts."""
        return False
