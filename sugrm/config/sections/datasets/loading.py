"""Finding a dataset's description: by name, in a YAML file, in a mapping, in a plug-in."""

import json
import os
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from sugrm.argument_checks import checked_path
from sugrm.config.sections.datasets.description import DatasetDescription
from sugrm.errors import ArgumentError, DataError, first_line

GROUP = "sugrm.datasets"
"""Entry points of installed packages; each is a description, a mapping or a path of a file."""

ADDED: dict[str, DatasetDescription] = {}
"""Name -> dataset of the plug-ins that are in use."""

_MOST_BYTES = 64 * 1024
_EXPECTED = (
    "one of {names}, the path of a YAML file (.yaml, .yml) or a mapping that describes a dataset"
)


def load_dataset(value: object) -> DatasetDescription:
    """Return the description of a dataset.

    Args:
        value: one of ``known_datasets()``; the path of a YAML file, which ends in ``.yaml`` or
            ``.yml``; a mapping with the fields of ``DatasetDescription``; or a description.

    Raises:
        ArgumentError: the name is unknown, or ``value`` is of another type.
        DataError: the file, the mapping or the plug-in holds no valid description; all its faults
            are named.

    Examples:
        >>> load_dataset("sims").label_bound
        1.0
        >>> load_dataset({"name": "own", "label_bound": 2, "metrics": "regression"}).title
        'own'
    """
    if isinstance(value, DatasetDescription):
        return _own(value, "the dataset")
    if isinstance(value, Mapping):
        return _described(value, "the dataset")
    if isinstance(value, os.PathLike) or (
        isinstance(value, str) and value.lower().endswith((".yaml", ".yml"))
    ):
        path = checked_path("dataset", value).expanduser()
        return _described(_read(path), str(path))
    if isinstance(value, str):
        return _named(value)
    raise ArgumentError(
        f"dataset is of type {type(value).__name__}; expected {_expected(known_datasets())}"
    )


def recorded_dataset(description: DatasetDescription) -> str | DatasetDescription:
    """Return what a run records: the name of a packaged dataset, else the whole description.

    >>> recorded_dataset(load_dataset("sims"))
    'sims'
    """
    return description.name if description.name in packaged_datasets() else description


@cache
def packaged_datasets() -> tuple[str, ...]:
    """Return the names of the datasets that come with the package.

    >>> packaged_datasets()
    ('mosei', 'mosi', 'sims', 'simsv2', 'synthetic')
    """
    here = files(__package__).iterdir()
    return tuple(sorted(Path(each.name).stem for each in here if each.name.endswith(".yaml")))


def known_datasets() -> tuple[str, ...]:
    """Return the names of the packaged datasets, then of those that plug-ins add."""
    return tuple(dict.fromkeys((*packaged_datasets(), *sorted({*_plugins(), *ADDED}))))


def add_dataset(description: DatasetDescription) -> None:
    """Add the dataset of a plug-in; it replaces an earlier one of its name.

    Raises:
        DataError: a dataset of that name comes with the package and is another one.
    """
    found = _own(description, f"the plug-in's dataset {description.name}")
    if found.name not in packaged_datasets():
        ADDED[found.name] = found


def _named(name: str) -> DatasetDescription:
    if name in packaged_datasets():
        return _packaged(name)
    if name in ADDED:
        return ADDED[name]
    plugin = _plugins().get(name)
    if plugin is not None:
        return _of_plugin(plugin)
    names = known_datasets()
    near = get_close_matches(name.lower(), names, n=1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    raise ArgumentError(f"dataset {name[:40]!r} is unknown{meant}; expected {_expected(names)}")


def _expected(names: tuple[str, ...]) -> str:
    return _EXPECTED.format(names=", ".join(names))


@cache
def _packaged(name: str) -> DatasetDescription:
    text = files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return DatasetDescription.model_validate(yaml.safe_load(text))


def _plugins() -> dict[str, EntryPoint]:
    return {each.name: each for each in entry_points(group=GROUP)}


def _of_plugin(plugin: EntryPoint) -> DatasetDescription:
    source = f"the entry point {plugin.name} of {GROUP}"
    try:
        given = plugin.load()
    except Exception as error:  # whatever the package of another author raises
        raise DataError(
            f"{source} ({plugin.value}) cannot be loaded: {first_line(error)}; update or remove "
            "its package"
        ) from error
    if isinstance(given, DatasetDescription):
        return _own(given, source)
    if isinstance(given, str | os.PathLike):
        given = _read(Path(given))
    return _described(given, source)


def _read(path: Path) -> object:
    """Return the content of a YAML file, which is read as plain data: nothing is executed."""
    try:
        if not path.is_file():
            problem = "is no file" if path.exists() else "does not exist"
            raise DataError(f"{path} {problem}; expected a YAML file that describes a dataset")
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path} is larger than 64 KiB; expected a description of a dataset")
        return yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        reason = first_line(error)
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" (line {mark.line + 1}, column {mark.column + 1})"
        raise DataError(f"{path} cannot be read as YAML: {reason}{where}") from error


def _described(given: object, source: str) -> DatasetDescription:
    fields = ", ".join(DatasetDescription.model_fields)
    if not isinstance(given, Mapping):
        raise DataError(
            f"{source} holds {type(given).__name__}, no description of a dataset; expected a "
            f"mapping with {fields}"
        )
    plain = json.dumps({str(key): value for key, value in given.items()}, default=str)
    try:  # Strict validation of JSON: neither text nor a truth value is a number.
        found = DatasetDescription.model_validate_json(plain, strict=True)
    except ValidationError as error:
        faults = "; ".join(_fault(each) for each in error.errors())
        raise DataError(
            f"{source} is no valid description: {faults}; its fields are {fields}"
        ) from None
    return _own(found, source)


def _own(found: DatasetDescription, source: str) -> DatasetDescription:
    """Return a description whose name is not that of another dataset in the package."""
    if found.name in packaged_datasets() and found != _packaged(found.name):
        raise DataError(
            f"{source} has the name {found.name} of a dataset that comes with the package, but "
            "other fields; expected a name of its own"
        )
    return found


def _fault(found: Any) -> str:  # noqa: ANN401 - pydantic's error details
    where = ".".join(str(step) for step in found["loc"] if step != "[key]")
    if found["type"] == "missing":
        return f"{where} is missing"
    if found["type"] == "extra_forbidden":
        near = get_close_matches(where, DatasetDescription.model_fields, n=1)
        return f"{where} is unknown" + (f" (did you mean {near[0]}?)" if near else "")
    message = found["msg"].removeprefix("Value error, ")
    return f"{where}: {message}, got {str(found['input'])[:40]!r}" if where else message
