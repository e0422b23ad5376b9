"""Loading plug-ins: find their source, import it, register what it declares."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from sugrm.config.registry.declarations import Loss, System
from sugrm.config.registry.importing import import_source
from sugrm.config.registry.registered import register
from sugrm.config.registry.sources import PluginSource, find_source
from sugrm.config.sections.datasets import DatasetDescription
from sugrm.config.sections.datasets.loading import add_dataset
from sugrm.errors import PluginError, SugrmError


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
    places, found, empty = list(folders), list[PluginSource](), dict[str, int]()
    for place, name in enumerate(names):
        try:
            source = find_source(name, places).with_needs(found)
            if not load_plugin(source):
                empty[source.module] = place
        except SugrmError as error:
            raise PluginError(str(error), place=place) from error
        found.append(source)
    _check_used(empty, found)
    return tuple(found)


def _check_used(empty: Mapping[str, int], found: Iterable[PluginSource]) -> None:
    """Raise an error where a plug-in declares nothing and no other one imports it."""
    needed = {each.module for source in found for each in source.needs}
    for module, place in empty.items():
        if module not in needed:
            raise PluginError(
                f"the plug-in {module} declares nothing; expected an object of the module that is "
                "a System, a Loss or a DatasetDescription, as OWN = System(options=..., "
                "build=...); or a plug-in after it that imports it",
                place=place,
            )


def load_plugin(source: PluginSource) -> bool:
    """Import one plug-in, after those that it imports; return whether it declares anything.

    Raises:
        PluginError: it cannot be imported, or declares what cannot be used.
    """
    for needed in source.needs:
        import_source(needed)
    module = import_source(source)
    systems, datasets = _declared(module), _datasets(module)
    for dataset in datasets:
        add_dataset(dataset)
    register(systems, source)
    return bool(systems or datasets)


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
