"""Finding a space: on disk, or among those that come with the package."""

import os
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from search.errors import Problem, SpaceError, UnknownSpaceProblem
from search.space.findings import nearest

_FOLDER = "spaces"
_ENDINGS = (".yaml", ".yml")


def packaged_spaces() -> dict[str, Traversable]:
    """Return the spaces that come with the package, by their path ``spaces/NAME.yaml``."""
    return {
        f"{_FOLDER}/{entry.name}": entry
        for entry in sorted(files(_FOLDER).iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".yaml")
    }


def read_space(path: str | os.PathLike[str]) -> str:
    """Return the text of a space file; ``spaces/NAME.yaml`` and ``NAME`` may be packaged ones.

    Raises:
        SpaceError: there is no such file, or it is not text.
    """
    if Path(path).is_file():
        _check_ending(Path(path))
        return _text(Path(path), str(path))
    given = PurePosixPath(Path(path).as_posix())
    bare = given if given.suffix == ".yaml" else given.with_name(f"{given.name}.yaml")
    name = str(bare if len(bare.parts) > 1 else _FOLDER / bare)
    packaged = packaged_spaces()
    if name in packaged:
        return _text(packaged[name], name)
    problem = "no such file"
    if Path(path).exists():
        problem = f"{'a folder' if Path(path).is_dir() else 'a device or pipe'}, not a file"
    # The names alone: what all paths share would make every word look alike.
    names = [PurePosixPath(space).stem for space in packaged]
    expected = f"a space file, or the name of one that comes with the package: {', '.join(names)}"
    known = {name: f"{_FOLDER}/{name}.yaml" for name in names} | _beside(Path(path))
    likely = nearest(given.stem if given.suffix in _ENDINGS else given.name, known)
    meant = known[likely] if likely else ""
    raise SpaceError([UnknownSpaceProblem(str(path), "", problem, "", expected, meant)])


def _check_ending(path: Path) -> None:
    """Refuse a file of data, by its ending: read as YAML it has faults that say nothing."""
    from sugrm.config.sections.data import PICKLE_ENDINGS, TABLE_ENDINGS

    ending = path.suffix.lower()
    # JSON is YAML too, and a text may be anything: both are read as a space.
    is_data = ending in (*TABLE_ENDINGS, *PICKLE_ENDINGS) and ending not in (".json", ".txt")
    if is_data or ending == ".npz":
        problem = f"a file of data ({path.suffix}), not a space"
        given = f"--data {'text=TABLE --data audio' if ending == '.npz' else 'unaligned'}={path}"
        expected = f"a space (a YAML file) here, and the data beside it: {given}"
        raise SpaceError([Problem(str(path), "", problem, "", expected)])


def _beside(path: Path) -> dict[str, str]:
    """Return the space files in the folder of a mistyped path: name without ending -> path."""
    if not path.parent.is_dir():
        return {}
    found = sorted(file for file in path.parent.glob("[!.]*") if file.suffix in _ENDINGS)
    return {file.stem: str(file) for file in found if file.is_file()}


def _text(file: Path | Traversable, name: str) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"not text in UTF-8 (byte {error.start})"
        raise SpaceError([Problem(name, "", problem, "", "a YAML file")]) from None
    except OSError as error:
        raise SpaceError([Problem(name, "", f"cannot be read: {error.strerror}")]) from None
