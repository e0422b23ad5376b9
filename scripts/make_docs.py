"""Write the files that follow from the code.

They are docs/spaces.md, docs/results_schema.md and reports/published/row_settings.json.
Usage: python scripts/make_docs.py; a test fails while a file differs from what this writes.
"""

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from reports.ledger import schema
from scripts.row_settings import row_settings
from search.space import Space
from search.space.listing import value_text, words_of
from search.space.reading.components import COMPONENTS
from sugrm.config import PRESETS, ExperimentConfig
from sugrm.config.merge import flat
from sugrm.config.presets.about import PRESETS_ABOUT

ROOT = Path(__file__).resolve().parents[1]
_GENERATED = "<!-- Written by scripts/make_docs.py; change the code it reads, not this file. -->"
_COMMENT = re.compile(r'pa\.field\(\s*"(?P<name>\w+)".*?\),\s*#\s*(?P<text>.+)')

JsonSchema = Mapping[str, Any]


def results_schema() -> str:
    """Return docs/results_schema.md: every table of the ledger with its columns."""
    comments = {
        match["name"]: match["text"] for match in _COMMENT.finditer(inspect.getsource(schema))
    }
    lines = ["# The columns of a run's ledger", "", _GENERATED, ""]
    lines += [(inspect.getdoc(schema) or "").replace("``", "`"), ""]
    lines += [f"Schema version {schema.SCHEMA_VERSION}.", ""]
    for name, table in schema.SCHEMAS.items():
        lines += [f"## {name}", "", "| column | type | meaning |", "|---|---|---|"]
        lines += [_column(field, comments.get(field.name, "")) for field in table]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _column(field: "pa.Field[Any]", comment: str) -> str:
    return f"| `{field.name}` | {field.type} | {comment} |"


def spaces() -> str:
    """Return docs/spaces.md: every key of a space file, then every option of an experiment."""
    lines = ["# Reference of the space file", "", _GENERATED, ""]
    lines += ["One YAML file describes fixed values, a search, its confirmation and ablations.", ""]
    lines += ["## Keys of the file", ""]
    lines += _model(Space.model_json_schema())
    lines += _components()
    lines += ["## Options under `experiment`", ""]
    lines += ["`search.parameters`, `start` and the cells of `ablations` name them by dotted keys,"]
    lines += ["as in `training.learning_rate.text`.", ""]
    lines += _model(ExperimentConfig.model_json_schema())
    lines += ["## Presets", "", "Merged left to right, below the explicit values.", ""]
    for name, options in PRESETS.items():
        lines += [f"### `{name}`", "", f"{PRESETS_ABOUT[name]}.", ""]
        lines += ["| option | value |", "|---|---|"]
        lines += [f"| `{key}` | {value_text(value)} |" for key, value in flat(options)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _components() -> list[str]:
    lines = ["## Components that `leave_one_out` knows", ""]
    lines += ["Each can be left out of a baseline that has it; a baseline without it is refused."]
    lines += ["A mapping leaves out other components, under names of your own.", ""]
    lines += ["```yaml", "ablations:", "  components:"]
    lines += ["    baseline: {}                       # or changes, as in {model.width: 16}"]
    lines += ["    leave_one_out: [recalibration, generated labels, text task]"]
    lines += ["  dropouts:", "    baseline: {}", "    leave_one_out:"]
    lines += ["      output dropout: {model.output_dropout: 0.0}"]
    lines += ["      attention dropout: {model.encoder.attention_dropout: 0.0}", "```", ""]
    lines += ["| component | left out by |", "|---|---|"]
    lines += [f"| `{name}` | {component.about} |" for name, component in COMPONENTS.items()]
    return [*lines, ""]


def _model(whole: JsonSchema) -> list[str]:
    known = whole.get("$defs", {})
    lines = []

    def link(name: str) -> str:
        choices = known[name].get("enum")
        return (
            f"[{name}](#{name.lower()})" if choices is None else ", ".join(map(value_text, choices))
        )

    for name, part in [(whole["title"], whole), *known.items()]:
        if "properties" not in part:
            continue
        about = part.get("description", "").replace("``", "`")
        lines += [f"### {name}", "", about, ""]
        lines += ["| key | value | default |", "|---|---|---|"]
        required = part.get("required", ())
        for key, rule in part["properties"].items():
            default = value_text(rule["default"]) if "default" in rule else ""
            default = "required" if key in required else default
            lines.append(f"| `{key}` | {words_of(rule, link)} | {default} |")
        lines.append("")
    return lines


FILES = {
    "docs/spaces.md": spaces,
    "docs/results_schema.md": results_schema,
    "reports/published/row_settings.json": row_settings,
}
"""Path in the checkout -> what the file should hold."""


def main() -> None:
    """Write every file."""
    for name, content in FILES.items():
        (ROOT / name).write_text(content(), encoding="utf-8")


if __name__ == "__main__":
    main()
