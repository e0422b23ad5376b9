"""Importing the module of a plug-in, from its own folder or from a copy of it."""

import contextlib
import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from sugrm.config.registry.sources import MARK, PluginSource
from sugrm.errors import PluginError, first_line


def import_source(source: PluginSource) -> ModuleType:
    """Return the module of a plug-in; its code is executed once for each content.

    Args:
        source: the plug-in.

    Raises:
        PluginError: its code fails; the message names the line.
    """
    folder = source.folder
    known = sys.modules.get(source.package)
    if folder is not None and getattr(known, MARK, None) != source.digest:
        _forget(source.package)
        _drop_bytecode(source, folder)
        _import_from(source, folder)
    try:
        return importlib.import_module(source.module)
    except PluginError:
        raise
    except (Exception, SystemExit) as error:  # whatever the code of another author raises
        raise _failed(source, error) from error


def _import_from(source: PluginSource, folder: Path) -> None:
    """Import the top-level module of a plug-in from a folder, without a place on ``sys.path``."""
    package = folder / source.package
    is_package = (package / "__init__.py").is_file()
    file = package / "__init__.py" if is_package else folder / f"{source.package}.py"
    spec = importlib.util.spec_from_file_location(
        source.package, file, submodule_search_locations=[str(package)] if is_package else None
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    setattr(module, MARK, source.digest)
    sys.modules[source.package] = module
    try:
        spec.loader.exec_module(module)
    except PluginError:
        _forget(source.package)
        raise
    except (Exception, SystemExit) as error:  # whatever the code of another author raises
        _forget(source.package)
        raise _failed(source, error) from error


def _drop_bytecode(source: PluginSource, folder: Path) -> None:
    """Let Python compile the files anew, so that what is executed is what was hashed.

    Python takes compiled code for that of a file of the same size and second, so it would execute
    the earlier content of a file that was changed twice within a second.
    """
    if sys.implementation.cache_tag is None:  # this Python keeps no compiled code
        return
    for path in source.files:
        with contextlib.suppress(OSError):  # there is none, or the folder cannot be written
            Path(importlib.util.cache_from_source(str(folder / path))).unlink()
    importlib.invalidate_caches()


def _forget(package: str) -> None:
    """Drop the modules of an earlier content of a plug-in."""
    for name in [name for name in sys.modules if name == package or name.startswith(f"{package}.")]:
        del sys.modules[name]


def _failed(source: PluginSource, error: BaseException) -> PluginError:
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if any(frame.filename.endswith(path) for path in source.files)
    ]
    where = f", line {own[-1].lineno}" if own else ""
    file = Path(own[-1].filename).name if own else source.module
    if isinstance(error, SyntaxError) and error.filename:
        file, where = Path(error.filename).name, f", line {error.lineno}"
    hint = ""
    if isinstance(error, ModuleNotFoundError):
        hint = "; install it, or name a file beside the space in plugins before this one"
    return PluginError(
        f"the plug-in {source.module} cannot be imported ({file}{where}): {type(error).__name__}: "
        f"{first_line(error)}{hint}"
    )
