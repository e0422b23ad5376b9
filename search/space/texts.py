"""The text encoders of a space, and the models that its trials start from: of cells and search."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from shlex import quote
from typing import Any

from pydantic import ValidationError

from search.option_values import Changes, OptionValue
from search.space.configurations import combinations
from search.space.options import value_at
from search.space.parameters import ChoiceParameter, Parameter
from search.space.space import Space
from sugrm import ExperimentConfig, SugrmError
from sugrm.config import nested

_TEXT, _START = "model.text", "start_from"
_ALSO_DECIDE = ("alignment", "model", "model.name", "model.modalities", "preset")
SEARCH_PLACE, _FIXED_PLACE = "search.parameters", "experiment"
_MOST_COMBINATIONS = 1000
_ABSENT = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextUse:
    """A text encoder that trials of a space may use.

    Attributes:
        place: the key of the space below which its options are set: ``experiment``,
            ``search.parameters`` or ``ablations.GROUP.CELL``.
        config: the experiment of such a trial.
        changes: the changes over the fixed values.
    """

    place: str
    config: ExperimentConfig
    changes: Changes


def texts_in_use(space: Space) -> Iterator[TextUse]:
    """Yield the experiments of a space that differ in their text encoder or in ``start_from``.

    Cells come first. Of a searched range the bounds stand for all of its values. Values that do
    not go together are left out.
    """
    for group, cells in space.ablations.items():
        for cell, changes in cells.items():
            yield from _use(space, f"ablations.{group}.{cell}", changes=changes)
    if space.search is not None:
        for changes in space.search.start:
            yield from _use(space, SEARCH_PLACE, changes=changes)
        parameters = _text_parameters(space.search.parameters)
        drawn = combinations(parameters, values_of=_extremes)
        for changes in islice(drawn, _MOST_COMBINATIONS):
            yield from _use(space, SEARCH_PLACE, changes=changes)


def override(space: Space, use: TextUse, *, option: str, value: str) -> str:
    """Return the argument of the command line that gives an option another value where it is used.

    Args:
        space: the space.
        use: where the value is not allowed.
        option: dotted option of the experiment, as ``model.text.max_tokens``.
        value: the value that is allowed, as YAML text.
    """
    if not _sets(use.changes, option) and not _changes_the_encoder(space, use):
        return _argument(f"{_FIXED_PLACE}.{option}={value}")
    if use.place != SEARCH_PLACE:
        return _argument(f"{use.place}.{option}={value}")
    parameter = space.search.parameters.get(option) if space.search is not None else None
    if parameter is None:
        return _argument(f"{_FIXED_PLACE}.{option}={value}")
    if not isinstance(parameter, ChoiceParameter):
        return _argument(f"{SEARCH_PLACE}.{option}.high={value}")
    found = value_at(use.config.model_dump(mode="json"), option)
    stays = _at_most(value) if isinstance(found, int) else lambda each: each != found
    kept = [str(each) for each in parameter.choice if stays(each)] or [value]
    return _argument(f"{SEARCH_PLACE}.{option}.choice=[{','.join(kept)}]")


def _use(space: Space, place: str, *, changes: Changes) -> Iterator[TextUse]:
    try:
        yield TextUse(place=place, config=space.experiment_of(changes), changes=changes)
    except (ValidationError, SugrmError):
        return


def _text_parameters(parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Return the parameters that decide the encoder or the start, and those of their conditions."""
    below = f"{_TEXT}.", f"{_START}."
    waiting = [n for n in parameters if f"{n}.".startswith(below) or n in _ALSO_DECIDE]
    found: dict[str, Parameter] = {}
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = parameters[name]
            waiting.extend(parameters[name].when)
    return found


def _extremes(parameter: Parameter) -> list[OptionValue]:
    if isinstance(parameter, ChoiceParameter):
        return list(parameter.choice)
    return list(dict.fromkeys((parameter.high, parameter.low)))


def _sets(changes: Changes, option: str) -> bool:
    return value_at(nested(changes), option, default=_ABSENT) is not _ABSENT


def _changes_the_encoder(space: Space, use: TextUse) -> bool:
    return use.config.model.text.name != space.experiment_of().model.text.name


def _at_most(limit: str) -> Callable[[Any], bool]:
    return lambda value: bool(value <= int(limit))


def _argument(text: str) -> str:
    return f"--set {quote(text)}"
