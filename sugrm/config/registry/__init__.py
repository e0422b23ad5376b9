"""Systems, losses and datasets of plug-ins, which join those of the package.

A plug-in is a module: a file or a package beside the space, or an installed one. It declares what
it adds as module-level objects: ``System``, ``Loss`` and ``DatasetDescription``. Authors import
these names from ``sugrm.plugins``.
"""

from sugrm.config.registry.declarations import Loss, System
from sugrm.config.registry.installed import load_installed
from sugrm.config.registry.loading import load_plugin, load_plugins
from sugrm.config.registry.registered import (
    added_losses,
    added_systems,
    builder_of,
    plugin_digests,
    plugin_packages,
    sources_of,
)
from sugrm.config.registry.sources import PluginSource, write_source

__all__ = [
    "Loss",
    "PluginSource",
    "System",
    "added_losses",
    "added_systems",
    "builder_of",
    "load_installed",
    "load_plugin",
    "load_plugins",
    "plugin_digests",
    "plugin_packages",
    "sources_of",
    "write_source",
]
