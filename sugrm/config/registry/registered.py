"""The systems and losses that were added to those of the package."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from sugrm.config.extension import LOSS_NAMES, SYSTEM_NAMES, use_losses, use_systems
from sugrm.config.registry.declarations import Loss, System
from sugrm.config.registry.sources import PluginSource
from sugrm.config.sections.datasets.loading import ADDED
from sugrm.config.sections.section import Section
from sugrm.errors import PluginError


@dataclass(slots=True)
class _Registry:
    """Name -> what is in use, and options -> what built them, earlier contents included."""

    systems: dict[str, System] = field(default_factory=dict)
    losses: dict[str, Loss] = field(default_factory=dict)
    built_by: dict[type[Section], System | Loss] = field(default_factory=dict)
    sources: dict[type[Section], PluginSource] = field(default_factory=dict)


_REGISTRY = _Registry()


def register(declared: Iterable[System | Loss], source: PluginSource) -> None:
    """Add the systems and losses of a plug-in; they replace those of an earlier one of that name.

    Raises:
        PluginError: the package has a system or a loss of that name.
    """
    for each in declared:
        _check_name(each, source)
        table: dict[str, Any] = _REGISTRY.systems if isinstance(each, System) else _REGISTRY.losses
        table[each.name] = each
        _REGISTRY.built_by[each.options] = each
        _REGISTRY.sources[each.options] = source
    _use()


@contextmanager
def preserved() -> Iterator[None]:
    """Restore, after the block, what plug-ins had added before it."""
    systems, losses = dict(_REGISTRY.systems), dict(_REGISTRY.losses)
    datasets = dict(ADDED)
    try:
        yield
    finally:
        ADDED.clear()
        ADDED.update(datasets)
        _REGISTRY.systems, _REGISTRY.losses = systems, losses
        _use()


def _use() -> None:
    use_systems([each.options for each in _REGISTRY.systems.values()])
    use_losses([each.options for each in _REGISTRY.losses.values()])


def _check_name(declared: System | Loss, source: PluginSource) -> None:
    kind, own = ("system", SYSTEM_NAMES) if isinstance(declared, System) else ("loss", LOSS_NAMES)
    if declared.name in own:
        raise PluginError(
            f"the plug-in {source.module} declares the {kind} {declared.name!r}, which the package "
            f"has; expected a name other than {', '.join(own)}"
        )


def added_systems() -> Mapping[str, System]:
    """Return name -> system of the plug-ins that are in use."""
    return dict(_REGISTRY.systems)


def added_losses() -> Mapping[str, Loss]:
    """Return name -> loss of the plug-ins that are in use."""
    return dict(_REGISTRY.losses)


def builder_of(options: Section) -> Callable[..., Any] | None:
    """Return what builds a system or a loss of these options, None for one of the package."""
    declared = _REGISTRY.built_by.get(type(options))
    return None if declared is None else declared.build


def sources_of(config: BaseModel) -> tuple[PluginSource, ...]:
    """Return the plug-ins whose options an experiment, or a section of it, holds; each once."""
    found: dict[str, PluginSource] = {}
    source = _REGISTRY.sources.get(type(config))  # type: ignore[arg-type]
    if source is not None:
        found[source.module] = source
    for key in type(config).model_fields:
        value = getattr(config, key)
        if isinstance(value, BaseModel):
            found |= {each.module: each for each in sources_of(value)}
    return tuple(found[module] for module in sorted(found))


def plugin_packages() -> frozenset[str]:
    """Return the top-level modules of all plug-ins that added a system or a loss."""
    return frozenset(source.package for source in _REGISTRY.sources.values())


def plugin_digests(config: BaseModel) -> dict[str, str]:
    """Return module -> hash of the source of each plug-in that an experiment uses."""
    return {each.module: each.digest for each in sources_of(config)}
