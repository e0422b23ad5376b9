"""Merging option layers into one checked ``ExperimentConfig``.

A layer that gives a section another ``name`` switches it to another variant. From the layers
below, only the options that the new variant also has are kept (an LSTM keeps no ``heads``); from
another system, only those that mean the same in all systems (``ModelSection.SHARED``). An unknown
option of the layer itself is kept, so that validation rejects it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from types import UnionType
from typing import Annotated, Any, NoReturn, Union, get_args, get_origin

from pydantic import BaseModel

from sugrm.argument_checks import check_type
from sugrm.config.experiment import ExperimentConfig
from sugrm.config.extension import generation
from sugrm.config.models.model_section import ModelSection
from sugrm.config.presets import PRESETS
from sugrm.config.registry import load_installed
from sugrm.errors import ArgumentError, PluginError

Nested = dict[str, Any]
_LAYER = (
    'a mapping of nested options, as {"training": {"batch_size": 8}}; an ExperimentConfig becomes '
    'one by config.model_dump(mode="json")'
)


def nested(dotted: Mapping[str, Any]) -> Nested:
    """Return ``{"a.b": 1}`` as ``{"a": {"b": 1}}``.

    Raises:
        ArgumentError: a key is not text, or one key lies below the value of another.
    """
    check_type(
        "the dotted options",
        dotted,
        kind=Mapping,
        expected='a mapping, as {"training.batch_size": 8}',
    )
    tree: Nested = {}
    for key, value in dotted.items():
        check_type("a dotted key", key, kind=str, expected='text, as "training.batch_size"')
        _section_of(tree, key)[key.rpartition(".")[2]] = value
    return tree


def _section_of(tree: Nested, key: str) -> Nested:
    """Return the section of a dotted key, made where it is missing."""
    section = tree
    for parent in key.split(".")[:-1]:
        section = section.setdefault(parent, {})
        if not isinstance(section, dict):
            raise ArgumentError(
                f"option {key} lies below {parent}, which has the value {section!r}; expected one "
                "of the two"
            )
    return section


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value of nested options under its dotted key; the inverse of ``nested``."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def resolve(*layers: Mapping[str, Any]) -> ExperimentConfig:
    """Return the experiment that the layers describe, later layers over earlier ones.

    A layer may hold ``preset``, a name or a list of names of ``PRESETS``. Only the preset of the
    last layer that has one is used; it is merged below all layers, left to right. Where it names
    another system than the layers before it, only those of their model options are kept that mean
    the same in all systems. Values are plain JSON data and types are strict: "1e-5" is text.

    Args:
        layers: nested options, as ``{"training": {"batch_size": 8}}``.

    Raises:
        ArgumentError: a layer is not a mapping of plain data, or a preset is unknown.
        PluginError: an installed plug-in that the layers name cannot be used.
        pydantic.ValidationError: an option is unknown, or a value is out of its range.
    """
    unusable = load_installed()
    for layer in layers:
        check_type("an option layer", layer, kind=Mapping, expected=_LAYER)
        _check_keys(layer)
    merged = _default_variants(ExperimentConfig)
    for layer in (*_presets(layers), *_for_one_system(layers)):
        body = {key: value for key, value in layer.items() if key != "preset"}
        if isinstance(body.get("start_from"), str):  # short form: only the name
            body["start_from"] = {"model": body["start_from"], "parts": None}
        merged = _merge(ExperimentConfig, merged, over=body)
    _check_installed(merged, unusable)
    # Strict validation of JSON: text is not a number, 1 is not a truth value, lists become tuples.
    return ExperimentConfig.model_validate_json(_as_json(merged), strict=True)


def _check_installed(merged: Mapping[str, Any], unusable: Mapping[str, str]) -> None:
    """Raise an error where the system or the loss is one of a package that cannot be used."""
    for section, key in (("model", "name"), ("objective", "loss")):
        given = merged.get(section)
        value = given.get(key) if isinstance(given, Mapping) else None
        name = value.get("name") if isinstance(value, Mapping) else value
        if isinstance(name, str) and name in unusable:
            raise PluginError(unusable[name])


def _check_keys(value: object, where: str = "an option layer") -> None:
    """Raise an error where a mapping, at any depth, has a key that is not text."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            check_type(f"a key of {where}", key, kind=str, expected='text, as "batch_size"')
            _check_keys(below, key[:40])
    elif isinstance(value, list | tuple):
        for below in value:
            _check_keys(below, where)


def _as_json(merged: Mapping[str, Any]) -> str:
    def refuse(value: object) -> NoReturn:
        path = next((path for path, given in flat(merged) if given is value), "an option")
        raise ArgumentError(
            f"{path} is of type {type(value).__name__}; expected plain data: text, a number, true "
            "or false, None, or lists and mappings of these"
        )

    return json.dumps(merged, default=refuse)


def _default_variants(section: type[BaseModel]) -> Nested:
    """Return the default ``name`` of each section below, so that a layer may omit it."""
    return {
        key: _default_variants(of) if isinstance(of, type) else of
        for key, of in _named_below(section)
    }


def _named_below(section: type[BaseModel]) -> tuple[tuple[str, str | type[BaseModel]], ...]:
    return _named_below_of(section, generation())


@cache
def _named_below_of(
    section: type[BaseModel], unions: int
) -> tuple[tuple[str, str | type[BaseModel]], ...]:
    """Return the default ``name`` of a section and, by key, the sections below that have names."""
    found: list[tuple[str, str | type[BaseModel]]] = []
    for key, field in section.model_fields.items():
        if isinstance(field.default, BaseModel):
            if _named_below(type(field.default)):
                found.append((key, type(field.default)))
        elif key == "name" and isinstance(field.default, str):
            found.append((key, field.default))
    return tuple(found)


def _shared(section: type[BaseModel], under: Mapping[str, Any]) -> Nested:
    """Return the options of another variant that mean the same to ``section``."""
    shared = section.SHARED if issubclass(section, ModelSection) else section.model_fields
    return {key: value for key, value in under.items() if key in shared}


def _presets(layers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    chosen = next((layer["preset"] for layer in reversed(layers) if "preset" in layer), ())
    if not isinstance(chosen, str | Sequence) or isinstance(chosen, bytes | bytearray):
        raise _unknown_preset(chosen)
    return [_preset(name) for name in ((chosen,) if isinstance(chosen, str) else chosen)]


def _preset(name: object) -> Mapping[str, Any]:
    if not isinstance(name, str) or name not in PRESETS:
        raise _unknown_preset(name)
    return PRESETS[name]


def _unknown_preset(name: object) -> ArgumentError:
    near = get_close_matches(str(name), PRESETS, n=1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    return ArgumentError(
        f"preset {str(name)[:40]!r} is unknown{meant}; expected a name or a list of names of: "
        f"{', '.join(PRESETS)}"
    )


def _for_one_system(layers: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the layers without model options for another system than the chosen preset's."""
    chosen = max((i for i, layer in enumerate(layers) if "preset" in layer), default=0)
    before, rest = layers[:chosen], layers[chosen:]
    system = _system(_presets(layers))
    if system is None or system == _system((*_presets(before), *before)):
        return [*layers]
    return [
        {**layer, "model": {k: v for k, v in layer["model"].items() if k in ModelSection.SHARED}}
        if isinstance(layer.get("model"), Mapping)
        else layer
        for layer in before
    ] + [*rest]


def _system(layers: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the name of the system that the layers ask for, None where they name none."""
    models = [layer["model"] for layer in layers if isinstance(layer.get("model"), Mapping)]
    return next((model["name"] for model in reversed(models) if "name" in model), None)


def _merge(
    section: type[BaseModel] | None, under: Mapping[str, Any], *, over: Mapping[str, Any]
) -> Nested:
    kept = dict(under)
    if section is not None and "name" in over and over["name"] != under.get("name", over["name"]):
        kept = {**_default_variants(section), **_shared(section, under)}
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(kept.get(key, {}), Mapping):
            kept[key] = _merge(
                _section(section, key, over=value, under=kept.get(key, {})),
                kept.get(key, {}),
                over=value,
            )
        else:
            kept[key] = value
    return kept


def _section(
    parent: type[BaseModel] | None, key: str, *, over: Mapping[str, Any], under: Mapping[str, Any]
) -> type[BaseModel] | None:
    """Return the section class of ``key``: of a union, the variant that the layers name."""
    variants = _sections(parent).get(key, {}) if parent is not None else {}
    name = over.get("name", under.get("name", None))
    if isinstance(name, str) and name in variants:
        return variants[name]
    return next(iter(variants.values())) if len(variants) == 1 else None


def _sections(parent: type[BaseModel]) -> Mapping[str, Mapping[str | None, type[BaseModel]]]:
    return _sections_of(parent, generation())


@cache
def _sections_of(
    parent: type[BaseModel], unions: int
) -> Mapping[str, Mapping[str | None, type[BaseModel]]]:
    """Return key -> name -> section class of that key; the name None is a class without a name."""
    return {key: _variants(field.annotation) for key, field in parent.model_fields.items()}


def _variants(annotation: object) -> dict[str | None, type[BaseModel]]:
    found: dict[str | None, type[BaseModel]] = {}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get("name")
        found[None if field is None else field.default] = annotation
    elif get_origin(annotation) in (Annotated, Union, UnionType):
        for member in get_args(annotation):
            found |= _variants(member)
    return found
