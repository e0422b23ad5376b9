"""Every option that a configuration model has, by its path."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from search.space.findings import nearest
from sugrm.config import ExperimentConfig
from sugrm.config.extension import generation

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option, or a section of options.

    Attributes:
        path: keys of the option; ``*`` is any key of a free mapping and any place in a list.
        kinds: plain types and sections of its value.
        variants: dotted path of a section's ``name`` -> its values under which the option exists.
    """

    path: Keys
    kinds: frozenset[object]
    variants: Mapping[str, Keys]


def options(model: type[BaseModel]) -> Mapping[Keys, Option]:
    """Return every option of ``model`` and of the sections below it, all variants included."""
    return _options(model, generation())


@cache
def _options(model: type[BaseModel], unions: int) -> Mapping[Keys, Option]:
    found: dict[Keys, Option] = {}
    for option in _below(model, (), variants={}):
        known = found.get(option.path)
        found[option.path] = option if known is None else _joined(known, option)
    return found


def experiment_options() -> Mapping[str, Option]:
    """Return every option of an experiment by its dotted path, ``preset`` among them."""
    return _experiment_options(generation())


@cache
def _experiment_options(unions: int) -> Mapping[str, Option]:
    preset = Option(path=("preset",), kinds=frozenset({str, list}), variants={})
    found = {"preset": preset}
    for keys, option in options(ExperimentConfig).items():
        if "*" not in keys:
            found[".".join(keys)] = option
    return found


def keys_below(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that the section at ``path`` may have; none where every key is allowed."""
    return [
        option[-1]
        for option in options(model)
        if len(option) == len(path) + 1
        and option[-1] != "*"
        and all(mine in ("*", step) for mine, step in zip(option, path, strict=False))
    ]


def nearest_option(key: str) -> str:
    """Return the dotted option that a mistyped or shortened one probably means, "" without one."""
    known = list(experiment_options())
    last = key.rpartition(".")[2]
    if last == "lr":
        return "training.learning_rate.text"
    same = [option for option in known if option.rpartition(".")[2] == last]
    return nearest(key, same) or nearest(key, known) or (same[0] if same else "")


def value_at(values: Mapping[str, Any], name: str, *, default: object = None) -> Any:  # noqa: ANN401
    """Return the value of a dotted option in a resolved experiment; ``default`` without one."""
    value: Any = values
    for step in name.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return default
        value = value[step]
    return value


def _below(annotation: object, path: Keys, *, variants: Mapping[str, Keys]) -> Iterator[Option]:
    kinds = list(_kinds(annotation))
    sections = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    for section in sections:
        fields = section.model_fields
        name = _fixed_name(section)
        here = {**variants, ".".join((*path, "name")): (name,)} if name else variants
        for key, field in fields.items():
            child = (*path, field.alias or key)
            yield Option(path=child, kinds=frozenset(_kinds(field.annotation)), variants=here)
            yield from _below(field.annotation, child, variants=here)
    for kind in kinds:
        if get_origin(kind) in (dict, tuple):
            inner = get_args(kind)[-1 if get_origin(kind) is dict else 0]
            yield Option(path=(*path, "*"), kinds=frozenset(_kinds(inner)), variants=variants)
            yield from _below(inner, (*path, "*"), variants=variants)


def _fixed_name(section: type[BaseModel]) -> str | None:
    """Return the only ``name`` that a section can have; None where there is none."""
    field = section.model_fields.get("name")
    if field is None or get_origin(field.annotation) is not Literal:
        return None
    return str(field.default)


def _kinds(annotation: object) -> Iterator[object]:
    """Yield the members of a union, without their ``Annotated`` wrappers."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _kinds(member)
    else:
        yield annotation


def _joined(one: Option, other: Option) -> Option:
    shared = [key for key in one.variants if key in other.variants]
    variants = {
        key: tuple(dict.fromkeys((*one.variants[key], *other.variants[key]))) for key in shared
    }
    return Option(path=one.path, kinds=one.kinds | other.kinds, variants=variants)
