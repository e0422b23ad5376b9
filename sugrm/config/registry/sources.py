"""The source of a plug-in: its files, and the hash that is part of the keys of its trials."""

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.machinery import ModuleSpec
from pathlib import Path

from sugrm.errors import PluginError

DIGEST_LENGTH = 16
_MOST_BYTES = 16 * 2**20
_SUFFIX = ".py"
MARK = "__sugrm_plugin__"
"""Attribute of a module that was imported as a plug-in from files: the hash of its source."""


@dataclass(frozen=True, kw_only=True)
class PluginSource:
    """The source of a plug-in.

    Attributes:
        module: its module, as in ``import``: ``late_fusion`` or ``my_package.models``.
        files: the Python files of its top-level module or package: path -> content.
        folder: the folder that holds them; None for an installed package.
        needs: the plug-ins that it imports.
        copied: the hash of the source that these files were copied from; "" for the source itself.
    """

    module: str
    files: Mapping[str, bytes] = field(repr=False)
    folder: Path | None = None
    needs: tuple["PluginSource", ...] = ()
    copied: str = ""

    @property
    def package(self) -> str:
        """Return the name of the top-level module or package."""
        return self.module.partition(".")[0]

    @cached_property
    def digest(self) -> str:
        """Return a hash of the files, and of those of the plug-ins that it imports."""
        if self.copied:
            return self.copied
        digest = hashlib.sha256()
        for path, content in sorted(self.files.items()):
            text = content.replace(b"\r\n", b"\n")
            digest.update(f"{path} {len(text)}\n".encode() + text)
        for each in sorted(self.needs, key=lambda need: need.package):
            digest.update(f"needs {each.package} {each.digest}\n".encode())
        return digest.hexdigest()[:DIGEST_LENGTH]

    def with_needs(self, others: Iterable["PluginSource"]) -> "PluginSource":
        """Return the source with those of ``others`` that it imports.

        Raises:
            PluginError: it imports another file of its folder, whose source would be in no key.
        """
        imported = set(_imported(self.files))
        needs = tuple(each for each in others if each.package in imported)
        self._check_all_named(imported - {self.package, *(each.package for each in needs)})
        return replace(self, needs=needs)

    def _check_all_named(self, imported: Iterable[str]) -> None:
        """Refuse files of the folder that only ``sys.path`` finds, as it does in a notebook."""
        for name in sorted(imported):
            if self.folder is not None and _is_beside(name, self.folder):
                raise PluginError(
                    f"the plug-in {self.module} imports {name}, a file beside it, whose source "
                    f"would not count; expected it before: plugins: [{name}, {self.module}]"
                )


def find_source(name: str, folders: Iterable[Path]) -> PluginSource:
    """Return the source of a plug-in.

    Args:
        name: a module, or the path of a file or of a package's folder.
        folders: where files are looked for; the first that has one counts, then installed modules.

    Raises:
        PluginError: there is no such module, or it cannot be read.
    """
    places = list(folders)
    if name.endswith(_SUFFIX) or "/" in name or "\\" in name:
        found = next((each for each in (_at(folder / name) for folder in places) if each), None)
    else:
        beside = (_at(folder / name.partition(".")[0]) for folder in places)
        found = next((each for each in beside if each), None)
        found = _installed(name) if found is None else _module_of(found, name)
    if found is None:
        looked = " or ".join(str(folder.resolve()) for folder in dict.fromkeys(places))
        raise PluginError(
            f"there is no plug-in {name!r}: no such file or package in {looked}, and no installed "
            "module of that name; expected the path of a Python file, its name without .py, or the "
            "name of an installed module"
        )
    return found


def installed_source(module: str) -> PluginSource:
    """Return the source of an installed module.

    Raises:
        PluginError: it is not installed, or holds no Python files.
    """
    found = _installed(module)
    if found is None:
        raise PluginError(f"there is no installed module {module!r}")
    return found


def write_source(source: PluginSource, folder: Path) -> None:
    """Write the files of a plug-in, and of those that it imports, below a new folder."""
    for each in (*source.needs, source):
        if each is not source:
            write_source(each, folder)
            continue
        for path, content in each.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)


def _at(path: Path) -> PluginSource | None:
    """Return the source of a file, with or without ``.py``, or of a package's folder."""
    path = path.expanduser()
    file = path if path.suffix == _SUFFIX else path.with_name(f"{path.name}{_SUFFIX}")
    if file.is_file():
        _check_name(file.stem, file)
        return PluginSource(module=file.stem, files=_read([file], file.parent), folder=file.parent)
    if (path / "__init__.py").is_file():
        _check_name(path.name, path / "__init__.py")
        files = _read(sorted(path.rglob(f"*{_SUFFIX}")), path.parent)
        return PluginSource(module=path.name, files=files, folder=path.parent)
    return None


def _module_of(source: PluginSource, name: str) -> PluginSource | None:
    """Return the source of a module of a package, whose files are the same; None without it."""
    path = name.replace(".", "/")
    is_there = {f"{path}{_SUFFIX}", f"{path}/__init__{_SUFFIX}"} & {*source.files}
    return replace(source, module=name) if is_there else None


def _check_name(name: str, file: Path) -> None:
    if not name.isidentifier():
        raise PluginError(
            f"{name!r} is no name of a Python module; expected letters, digits and _, the first no "
            "digit: rename the file"
        )
    if getattr(sys.modules.get(name), MARK, None) is not None:  # a plug-in imported before
        return
    spec = _spec(name)
    if spec is not None and not (spec.origin and Path(spec.origin).resolve() == file.resolve()):
        raise PluginError(
            f"the plug-in {name!r} has the name of an installed module; expected a name of its "
            "own: rename the file"
        )


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None


def _is_beside(name: str, folder: Path) -> bool:
    """Return whether ``import name`` takes a file or a package of a folder."""
    spec = _spec(name) if name != __name__.partition(".")[0] else None
    if spec is None or spec.origin is None:
        return False
    files = (folder / f"{name}{_SUFFIX}", folder / name / f"__init__{_SUFFIX}")
    return Path(spec.origin).resolve() in [file.resolve() for file in files]


def _installed(module: str) -> PluginSource | None:
    top = module.partition(".")[0]
    spec = _spec(top) if all(part.isidentifier() for part in module.split(".")) else None
    if spec is None:
        return None
    places = [Path(place) for place in spec.submodule_search_locations or ()]
    if places:
        files: dict[str, bytes] = {}
        for place in places:
            files |= _read(sorted(place.rglob(f"*{_SUFFIX}")), place.parent)
    elif spec.origin and spec.origin.endswith(_SUFFIX):
        files = _read([Path(spec.origin)], Path(spec.origin).parent)
    else:
        files = {}
    if not files:
        raise PluginError(
            f"the module {top} has no Python files; expected a plug-in written in Python"
        )
    return PluginSource(module=module, files=files)


def _read(paths: Iterable[Path], root: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise PluginError(f"{path} cannot be read: {error.strerror}") from error
        total += len(content)
        if total > _MOST_BYTES:
            raise PluginError(
                f"the Python files below {root} hold more than 16 MiB; expected a plug-in: a file, "
                "or a package that holds only its own code"
            )
        files[path.relative_to(root).as_posix()] = content
    return files


def _imported(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield the top-level names that the files import."""
    for content in files.values():
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError):  # importing the plug-in says so, with the line
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]
