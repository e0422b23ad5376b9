"""The synthetic corpus as a feature file in MMSA's layout."""

import os
import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np

from sugrm.argument_checks import SYNTHETIC, check_type, checked_path
from sugrm.config.sections.data import SyntheticConfig
from sugrm.config.sections.datasets import DatasetDescription, load_dataset
from sugrm.data.cache.content import SplitContent
from sugrm.data.synthetic import BOUND, make_synthetic
from sugrm.types import Modality


def write_synthetic_pickle(
    path: str | os.PathLike[str],
    config: SyntheticConfig,
    *,
    dataset: DatasetDescription | str = "mosi",
) -> None:
    """Write the unaligned corpus of ``config`` in MMSA's layout, without ``text_bert``.

    Labels have the range of ``dataset``. Where its files hold human labels of each modality, the
    true sentiment of each modality takes their place.

    Raises:
        ArgumentError: an argument is of another type, or the dataset is unknown.
        DataError: the corpus would hold more than ``MOST_VALUES``.
    """
    file = checked_path("path", path)
    check_type("config", config, kind=SyntheticConfig, expected=SYNTHETIC)
    described = load_dataset(dataset)
    content = make_synthetic(config, "unaligned", fingerprint="")
    tree = {
        str(split): {
            **_arrays(utterances, content.padded_lengths),
            **_labels(utterances, described),
        }
        for split, utterances in content.splits.items()
    }
    with file.open("wb") as stream:
        pickle.dump(tree, stream, protocol=4)


def _labels(content: SplitContent, dataset: DatasetDescription) -> dict[str, Any]:
    scale = np.float32(dataset.label_bound / BOUND)
    own = {
        key: content.true_sentiments[modality] * scale
        for modality, key in dataset.unimodal_labels.items()
    }
    return {"regression_labels": content.labels * scale, **own}


def _arrays(content: SplitContent, padded_lengths: Mapping[Modality, int]) -> dict[str, Any]:
    entries: dict[str, Any] = {
        "raw_text": np.array(content.raw_text),
        "id": np.array(content.ids),
    }
    for modality, stream in content.streams.items():
        padded = np.zeros((len(stream), padded_lengths[modality], stream.width), np.float32)
        for row, length in enumerate(stream.lengths):
            padded[row, :length] = stream[row]
        entries[str(modality)] = padded
        # these files give an absent stream one frame of zeros
        entries[f"{modality}_lengths"] = np.maximum(stream.lengths, 1).tolist()
    return entries
