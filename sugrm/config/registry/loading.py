"""Loading plug-ins: find their source, import it, register what it declares."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

from sugrm.config.registry.declarations import Loss, System
from sugrm.config.registry.importing import import_source
from sugrm.config.registry.registered import register
from sugrm.config.registry.sources import PluginSource, find_source
from sugrm.config.sections.datasets import DatasetDescription
from sugrm.config.sections.datasets.loading import add_dataset
from sugrm.errors import PluginError


def load_plugins(
    names: Sequence[str], *, folders: Iterable[Path] = (Path(),)
) -> tuple[PluginSource, ...]:
    """Import plug-ins in the given order and register what they declare; return their sources.

    Their code is executed in this process. A plug-in may import those before it. One whose files
    changed since it was last loaded is imported again.

    Args:
        names: modules, or paths of files or packages.
        folders: where files are looked for, before installed modules.

    Raises:
        PluginError: one cannot be found or imported, or declares what cannot be used.
    """
    places, found = list(folders), list[PluginSource]()
    for name in names:
        source = find_source(name, places).with_needs(found)
        load_plugin(source)
        found.append(source)
    return tuple(found)


def load_plugin(source: PluginSource) -> None:
    """Import one plug-in and register what it declares; those that it imports come first.

    Raises:
        PluginError: it cannot be imported, or declares what cannot be used.
    """
    for needed in source.needs:
        import_source(needed)
    module = import_source(source)
    systems = _declared(module)
    for dataset in _datasets(module):
        add_dataset(dataset)
    register(systems, source)


def _declared(module: ModuleType) -> list[System | Loss]:
    """Return the systems and losses that are names of a module; each name once."""
    found: list[System | Loss] = []
    for value in vars(module).values():
        if isinstance(value, System | Loss) and not any(value is each for each in found):
            found.append(value)
    names = [(type(each), each.name) for each in found]
    if twice := sorted({name for kind, name in names if names.count((kind, name)) > 1}):
        raise PluginError(
            f"the plug-in {module.__name__} declares {', '.join(twice)} twice; expected one of "
            "each name"
        )
    return found


def _datasets(module: ModuleType) -> list[DatasetDescription]:
    return [value for value in vars(module).values() if isinstance(value, DatasetDescription)]
