"""The files of a published copy."""

from pathlib import PurePosixPath

from reports.build import REPORT as REPORT_FOLDER
from reports.ledger.reading import record, splits
from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.schema import IMPORTANCE_FILE
from search.ledger.published.tables import TABLES

README_FILE, SPACE_FILE, REPORT_FILE = "README.md", "space.yaml", "report.md"
FILES = frozenset({record.FILE, splits.FILE, IMPORTANCE_FILE, README_FILE, SPACE_FILE, REPORT_FILE})
__all__ = [
    "FILES",
    "README_FILE",
    "REPORT_FILE",
    "REPORT_FOLDER",
    "SPACE_FILE",
    "plugin_files",
    "plugin_name",
]

_SUFFIX = ".py"


def plugin_files(version: Version) -> dict[str, str]:
    """Return the recorded files of the plug-ins that lay beside the space: path -> text.

    A path that no plug-in has, or that leads out of the folder, is left out.
    """
    recorded = (plugin.get("files") or {} for plugin in version.plugins.values())
    return {
        path: text
        for files in recorded
        for path, text in sorted(files.items())
        if _is_source(PurePosixPath(path))
    }


def plugin_name(name: str) -> str:
    """Return how a space names a plug-in whose files lie beside it.

    >>> plugin_name("examples/late_fusion.py"), plugin_name("late_fusion")
    ('late_fusion', 'late_fusion')
    """
    path = name.replace("\\", "/")
    return PurePosixPath(path).name.removesuffix(_SUFFIX) if "/" in path else name


def _is_source(path: PurePosixPath) -> bool:
    names = [*path.parts[:-1], path.stem]
    return (
        path.suffix == _SUFFIX and all(map(str.isidentifier, names)) and names[0] not in _RESERVED
    )


_RESERVED = {*TABLES, REPORT_FOLDER}
