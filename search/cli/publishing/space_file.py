"""``space.yaml``: the newest space of a run, with the options of its command in their places."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from reports.ledger.reading.recorded_experiment import Version
from search.cli.publishing.contents import plugin_name
from search.errors import SearchError
from search.space.findings import Findings
from search.space.reading.loader import load_space
from search.space.reading.nodes import compose, text_of
from search.space.reading.overrides import apply_data, apply_overrides
from search.space.reading.plain_values import compose_values
from search.trials.recorded_space import recorded_space
from sugrm.errors import SugrmError

_SET, _DATA = "# --set ", "# --data "
_HEAD = "# The space of a run; the options of its last command are in their places.\n"


def write_space(file: Path, version: Version) -> None:
    """Write a file from which ``sugrm-search run`` makes the trials of a version.

    It is the recorded text where no option of the command changed it; else the recorded text with
    the options applied, without its comments. Each is read and compared with the recorded values;
    where they differ, and where own systems would have to be imported for that, the file holds
    every value that was recorded.
    """
    if not version.space.get("plugins"):
        for text in _candidates(version.source):
            file.write_text(text, encoding="utf-8")
            if _has_values(file, version):
                return
    file.write_text(_HEAD + _text_of_values(version), encoding="utf-8")


def _candidates(source: str) -> Iterator[str]:
    """Yield texts that may give the recorded values, the most readable one first."""
    lines = source.splitlines()
    overrides: list[str] = []
    data: list[str] = []
    while lines and lines[-1].startswith((_SET, _DATA)):
        line = lines.pop()
        is_set = line.startswith(_SET)
        (overrides if is_set else data).insert(0, line.removeprefix(_SET if is_set else _DATA))
    text = "\n".join(lines) + "\n"
    if source.strip() and not overrides and not data:
        yield text
    findings = Findings()
    try:
        root = compose(text, "", findings=findings)
        if isinstance(root, yaml.MappingNode):
            root = apply_overrides(root, overrides, findings=findings)
            yield _HEAD + text_of(apply_data(root, data, findings=findings))
    except (SearchError, yaml.YAMLError):
        return


def _has_values(file: Path, version: Version) -> bool:
    """Return whether a file gives the recorded space."""
    try:
        return load_space(file).to_dict() == recorded_space(version).to_dict()
    except (SearchError, SugrmError):
        return False


def _text_of_values(version: Version) -> str:
    """Return every recorded value as YAML; plug-ins are named as files beside the space."""
    values: dict[str, Any] = {**version.space}
    if values.get("plugins"):
        values["plugins"] = [plugin_name(str(name)) for name in values["plugins"]]
    return text_of(compose_values(values, findings=Findings()))
