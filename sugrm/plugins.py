"""What authors of plug-ins import: own systems, losses and datasets.

A plug-in is a Python module. Name it in a space, ``plugins: [late_fusion]``, or install it as a
package with the entry points ``sugrm.models``, ``sugrm.losses`` or ``sugrm.datasets``. It declares
each ``System``, ``Loss`` and ``DatasetDescription`` as an object of the module.
"""

from sugrm.config.models import ModelSection
from sugrm.config.models.modalities import Modalities
from sugrm.config.registry import Loss, System, load_plugins
from sugrm.config.sections.datasets import DatasetDescription
from sugrm.config.sections.objective import LossSection
from sugrm.config.sections.section import Dropout, Section
from sugrm.models.inputs import ModelInputs, multimodal_output, read_lengths, read_sequences
from sugrm.models.task_heads import read_heads
from sugrm.modules.positions import mean_of_frames, real_frames
from sugrm.types import Batch, Modality, ModelOutput, Task

__all__ = [
    "Batch",
    "DatasetDescription",
    "Dropout",
    "Loss",
    "LossSection",
    "Modalities",
    "Modality",
    "ModelInputs",
    "ModelOutput",
    "ModelSection",
    "Section",
    "System",
    "Task",
    "load_plugins",
    "mean_of_frames",
    "multimodal_output",
    "read_heads",
    "read_lengths",
    "read_sequences",
    "real_frames",
]
