"""The settings of each row of the paper's tables of results, as the packaged spaces run it.

``scripts/make_docs.py`` writes them to reports/published/row_settings.json. A report, which does
not import the model, reads them there to compare them with a row's settings.
"""

import json
import shlex
from typing import Any

from reports.paper.rows.commands import packaged_command
from reports.paper.rows.layouts import LAYOUTS
from search.space import Space
from search.space.reading import load_space
from sugrm.config.identity import identifying_options
from sugrm.config.merge import flat

DATASETS = ("mosi", "mosei")
_NO_SETTING = frozenset({"alignment", "training.device"})


def row_settings() -> str:
    """Return the file: every option of each system, and of each row what it changes of them."""
    systems: dict[str, dict[str, Any]] = {}
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for number, layout in LAYOUTS.items():
        for dataset in DATASETS:
            space = _space(packaged_command(number, dataset))
            cells = [cell for group in space.ablations.values() for cell in group.items()]
            for cell, changes in cells:
                config = space.experiment_of(changes)
                if config.alignment != layout.alignment:
                    continue
                found = dict(flat(identifying_options(config)))  # as a ledger records them
                options = {key: value for key, value in found.items() if key not in _NO_SETTING}
                system = f"{config.model.name} on {dataset}"
                usual = systems.setdefault(system, options)
                own = {
                    key: value
                    for key, value in options.items()
                    if key not in usual or usual[key] != value
                }
                rows.setdefault(number, {}).setdefault(dataset, {})[cell] = {system: own}
    return json.dumps({"systems": systems, "tables": rows}, indent=1, ensure_ascii=False) + "\n"


def _space(command: str) -> Space:
    """Return the space that a command runs, with its overrides."""
    words = shlex.split(command)
    options = list(zip(words[3::2], words[4::2], strict=True))
    return load_space(
        words[2],
        overrides=[value for name, value in options if name == "--set"],
        data=[value for name, value in options if name == "--data"],
    )
