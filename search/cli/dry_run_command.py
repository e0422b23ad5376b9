"""The command of a dry run on a file, which ``data inspect`` prints."""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sugrm.data import Reading

DEFAULT_DATASET = "mosi"
"""The dataset of a file that is named after none."""

_SPACES = {"mosi": "mosi", "mosei": "mosei", "sims": "sims", "simsv2": "sims"}
"""The packaged space for the metrics and the label range of each known dataset."""

_YAML_WORDS = ("null", "true", "false", "yes", "no", "on", "off")


def dry_run_command(
    files: str | Mapping[str, str],
    reading: "Reading",
    *,
    dataset: str | None = None,
    plugins: Sequence[str] = (),
) -> str:
    """Return the command that shows what a run on files takes, read in the same way.

    Args:
        files: a path, or modality -> path.
        reading: how they are read.
        dataset: the dataset as it was typed; None for the one that the reading found.
        plugins: the plug-ins that were read for it.
    """
    named = {reading.alignment: files} if isinstance(files, str) else files
    first = Path(next(iter(named.values())))
    words = ["sugrm-search", "run", _SPACES.get(reading.dataset.name, DEFAULT_DATASET)]
    for name, path in named.items():
        words += ["--data", f"{name}={path}"]
    values = {"name": _run_name(first.stem)}
    if plugins:
        paths = [str(Path(each).absolute()) if each.endswith(".py") else each for each in plugins]
        values["plugins"] = json.dumps(paths)
    known = reading.dataset.name if reading.dataset.name in _SPACES else words[2]
    if (dataset or known) != words[2]:
        values["data.dataset"] = dataset or known
    if reading.alignment == "aligned":
        values["experiment.alignment"] = reading.alignment
    if reading.lengths != "checked":
        values["data.lengths"] = reading.lengths
    if reading.text is not None:
        values["data.text_source"] = reading.text
    for option, value in values.items():
        words += ["--set", f"{option}={value}"]
    return shlex.join([*words, "--dry-run"])


def _run_name(stem: str) -> str:
    """Return a name of a run for a file: one that YAML reads as text, of the allowed characters."""
    name = re.sub(r"[^a-z0-9_]+", "_", stem.lower()).strip("_")
    return name if name[:1].isalpha() and name not in _YAML_WORDS else f"run_{name}"
