"""The paper's setup: the sizes of its splits and its hyper-parameters.

Source: Hwang & Kim, Findings of EACL 2023, Tables 6 (splits) and 7 (hyper-parameters).
"""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSetting:
    """A line of Table 7.

    Attributes:
        label: name of the setting.
        options: dotted options for it in this project; the first one that is set is used.
        values: the paper's value by dataset.
    """

    label: str
    options: tuple[str, ...]
    values: Mapping[str, int | float | str]


def published_splits(dataset: str) -> Mapping[str, int]:
    """Return the utterances in each split; empty where the paper has no such dataset.

    >>> published_splits("mosi")["test"]
    686
    """
    for row in _rows("splits.csv"):
        if row["dataset"] == dataset:
            return {split: int(row[split]) for split in SPLITS}
    return {}


def datasets_with_splits() -> tuple[str, ...]:
    """Return the datasets of Table 6, in the paper's order."""
    return tuple(row["dataset"] for row in _rows("splits.csv"))


def published_settings() -> tuple[PublishedSetting, ...]:
    """Return the lines of Table 7, with one line for each learning rate."""
    return tuple(
        PublishedSetting(
            label=row["label"],
            options=tuple(row["options"].split()),
            values={
                name: _value(text) for name, text in row.items() if name not in ("label", "options")
            },
        )
        for row in _rows("settings.csv")
    )


def _value(text: str) -> int | float | str:
    try:
        value: int | float = json.loads(text)
    except json.JSONDecodeError:
        return text
    return value


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = files("reports.published").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
