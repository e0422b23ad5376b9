"""The base class of the options of every system."""

from collections.abc import Mapping
from typing import ClassVar

from sugrm.config.sections.section import Section
from sugrm.config.sections.text import TextConfig
from sugrm.types import MODALITY_OF, Modality, Task


class ModelSection(Section):
    """Base of the options of a system.

    A system that can leave streams out has an option ``modalities``, of the type ``Modalities``.
    The class variables are facts of the system, not options:

    Attributes:
        SHARED: names of the options that are kept when a layer names another system.
        TASKS: the tasks that the system can predict where it reads every stream.
        STEPWISE: True for a system that joins its streams frame by frame. Its aligned input must
            then have one frame for each token.
        UNALIGNED: True for a system that takes unaligned input.
        ALIGNS: True for a system that aligns unaligned input to the text itself. It then needs the
            text.
        READS_TOKENS: True for a system that works inside its text encoder. It then needs token ids.
        WIDTH_OPTIONS: task -> name of the option that sets the width of its features; empty where
            all tasks share one width.
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
        """The modalities that it reads, by its option ``modalities``; all, where it has none."""
        read: tuple[Modality, ...] = getattr(self, "modalities", tuple(Modality))
        return read

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that it can predict from its streams; by default it predicts all of these."""
        return tuple(task for task in self.TASKS if MODALITY_OF.get(task) in (None, *self.streams))

    @property
    def pads_fully(self) -> bool:
        """Whether a batch is padded to the corpus's lengths, because padding counts."""
        return False
