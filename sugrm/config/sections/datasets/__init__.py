"""Datasets as descriptions: what a corpus's labels, metrics, language and keys are.

One YAML file in this folder describes each known dataset. ``sugrm.data`` exports both names; they
lie here because options name datasets, and checking options loads neither PyTorch nor Arrow.
"""

from sugrm.config.sections.datasets.description import DatasetDescription
from sugrm.config.sections.datasets.loading import (
    known_datasets,
    load_dataset,
    packaged_datasets,
    recorded_dataset,
)

__all__ = [
    "DatasetDescription",
    "known_datasets",
    "load_dataset",
    "packaged_datasets",
    "recorded_dataset",
]
