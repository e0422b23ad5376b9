"""Write the files that follow from the code.

They are docs/commands.md, docs/spaces.md, docs/results_schema.md and
reports/published/row_settings.json.
Usage: python scripts/make_docs.py; a test fails while a file differs from what this writes.
"""

import inspect
import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from reports.ledger import schema
from scripts.command_reference import command_reference
from scripts.row_settings import row_settings
from scripts.space_reference import space_reference

ROOT = Path(__file__).resolve().parents[1]
_GENERATED = "<!-- Written by scripts/make_docs.py; change the code it reads, not this file. -->"
_COMMENT = re.compile(r'pa\.field\(\s*"(?P<name>\w+)".*?\),\s*#\s*(?P<text>.+)')


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
    lines = ["# Reference of the space file", "", _GENERATED, "", *space_reference()]
    return "\n".join(lines).rstrip() + "\n"


def commands() -> str:
    """Return docs/commands.md: every command with its options and examples."""
    lines = ["# Reference of the commands", "", _GENERATED, "", *command_reference()]
    return "\n".join(lines).rstrip() + "\n"


FILES = {
    "docs/commands.md": commands,
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
