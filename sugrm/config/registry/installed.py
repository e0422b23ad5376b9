"""Systems and losses that installed packages add through entry points."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from sugrm.config.registry.declarations import Loss, System
from sugrm.config.registry.loading import load_plugin
from sugrm.config.registry.registered import register
from sugrm.config.registry.sources import installed_source
from sugrm.errors import PluginError, SugrmError, first_line

GROUPS = ("sugrm.models", "sugrm.losses")
"""Entry points; each is a ``System`` or a ``Loss``, or a module that declares some."""


@cache
def load_installed() -> dict[str, str]:
    """Register what installed packages add, once a process.

    Returns:
        Name of an entry point that cannot be used -> the reason. It harms only those who name it.
    """
    failures: dict[str, str] = {}
    for group in GROUPS:
        for entry in entry_points(group=group):
            try:
                _load(entry)
            except SugrmError as error:
                failures[entry.name] = f"the entry point {entry.name} of {group}: {error}"
    return failures


def _load(entry: EntryPoint) -> None:
    source = installed_source(entry.module)
    try:
        found = entry.load()
    except Exception as error:  # whatever the package of another author raises
        raise PluginError(
            f"{entry.value} cannot be loaded: {type(error).__name__}: {first_line(error)}; update "
            "or remove its package"
        ) from error
    if isinstance(found, System | Loss):
        register([found], source)
    elif entry.attr:
        raise PluginError(
            f"{entry.value} is of type {type(found).__name__}; expected a System, a Loss, or a "
            "module that declares some"
        )
    else:
        load_plugin(source)
