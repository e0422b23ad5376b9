"""The settings that a row of the paper's tables has in the packaged space that fills it.

They are the preset of its system with the change that the row's name states.
``scripts/make_docs.py`` computes ``row_settings.json`` from the spaces and the presets.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

_LIKE_MOSI = "mosi"


def row_settings(table: str, dataset: str, *, row: str) -> Mapping[str, Any]:
    """Return each dotted option of a row with its value; empty where no packaged space has it.

    A dataset that the paper lacks is run with the settings for MOSI.

    >>> row_settings("8", "mosi", row="Huber")["objective.loss"]
    'huber'
    """
    found = _settings()
    by_dataset = found["tables"].get(table, {})
    rows = by_dataset.get(dataset) or by_dataset.get(_LIKE_MOSI, {})
    return {
        option: value
        for system, changes in rows.get(row, {}).items()
        for option, value in {**found["systems"][system], **changes}.items()
    }


def system_settings(dataset: str, system: str) -> Mapping[str, Any]:
    """Return each dotted option of an unchanged system; empty if the paper lacks the system."""
    settings: Mapping[str, Any] = _settings()["systems"].get(f"{system} on {dataset}", {})
    return settings


@cache
def _settings() -> dict[str, Any]:
    text = files("reports.published").joinpath("row_settings.json").read_text(encoding="utf-8")
    settings: dict[str, Any] = json.loads(text)
    return settings
