"""The working folder, from which workers import first, against the code of this process."""

import filecmp
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from search.errors import SearchError

_PACKAGES = ("sugrm", "search", "reports")


def check_working_folder(folder: Path) -> None:
    """Check that the workers import the code that this process runs.

    Ray, and ``python -m`` in a job of submitit, put the driver's working folder before the
    installed packages. A checkout that has changed since it was installed would compute trials in
    another version than the one that plans them.

    Args:
        folder: the working folder.

    Raises:
        SearchError: the folder has a package with the name of one of ours and with other code.
    """
    for package in _PACKAGES:
        there, ours = folder / package, _folder_of(package)
        if not (there / "__init__.py").is_file() or there.samefile(ours):
            continue
        different = next(_different(there, ours), None)
        if different is not None:
            raise SearchError(
                f"the working folder {folder} has a package {package}, which the workers would "
                f"import instead of the installed one, and {package}/{different} is not the same "
                "in both; expected equal code; install the package again (pip install .), or run "
                "the command in another folder"
            )


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _different(there: Path, ours: Path) -> Iterator[str]:
    """Yield the modules that only one of two packages has, or that differ."""
    names = sorted({str(file.relative_to(top)) for top in (there, ours) for file in _modules(top)})
    _, *others = filecmp.cmpfiles(there, ours, names, shallow=False)
    yield from sorted(name for some in others for name in some)


def _modules(top: Path) -> Iterator[Path]:
    return top.rglob("*.py")
