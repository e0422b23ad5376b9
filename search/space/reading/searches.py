"""Checks of a search's parameters and starting points against ``ExperimentConfig``."""

import itertools
import json
import random
from collections.abc import Iterator, Mapping

from pydantic import TypeAdapter, ValidationError

from search.option_values import Changes, OptionValue
from search.space.conditions import Parameters, draw, settings_of
from search.space.explain import Fault, explain
from search.space.findings import Path, dotted, one_of, shown
from search.space.options import experiment_options
from search.space.parameters import ChoiceParameter, IntParameter, Parameter
from search.space.reading.document import Draft
from search.space.reading.experiments import (
    Resolver,
    check_changes,
    check_preset,
    keep_known_options,
)
from search.space.reading.methods import check_methods
from search.space.reading.rules import check_conditions
from search.space.start import starting_values
from sugrm.config import ExperimentConfig, nested

_PARAMETERS: Path = ("search", "parameters")
_MOST_VALUES = 64  # size of an integer range whose values are all tried
_MOST_SETTINGS = 256  # settings of a condition's parameters under which each value is tried
_MOST_STARTS = 1000  # starting points that are checked; more are rejected
_DRAWS = 300  # joint settings that are tried to find values that do not go together


def check_search(draft: Draft, resolver: Resolver) -> None:
    """Note every fault of the parameters and of the starting points."""
    starts = _check_start(draft, resolver)
    before = len(draft.findings)
    given = draft.mapping(*_PARAMETERS)
    parameters = _parameters(draft, given)
    check_conditions(draft, parameters, names=list(given))
    whole = len(parameters) == len(given) and len(draft.findings) == before
    methods_for = parameters if whole else {}
    if not whole:
        parameters = {name: one for name, one in parameters.items() if not one.when}
    for name in parameters:
        _check_values(draft, resolver, name=name, parameters=parameters)
    if len(parameters) == len(given) and len(draft.findings) == before:
        _check_draws(draft, resolver, parameters=parameters)
        for place in starts if not resolver.fixed_errors else ():
            _check_suggestible(draft, resolver, parameters=parameters, base=place)
    check_methods(draft, methods_for)


def _parameters(draft: Draft, given: Mapping[str, object]) -> dict[str, Parameter]:
    """Return the parameters that are options and valid by themselves."""
    return {
        name: parameter
        for name in keep_known_options(draft, _PARAMETERS, keys=given)
        if (parameter := _parsed(given[name])) is not None
    }


def _check_values(draft: Draft, resolver: Resolver, *, name: str, parameters: Parameters) -> None:
    """Try each bound and choice of a parameter alone, wherever its condition holds."""
    if not _check_section(draft, name, parameter=parameters[name]):
        return
    for place, value in _values(parameters[name]):
        at = (*_PARAMETERS, name, *place)
        if name == "preset" and not check_preset(draft, at, preset=value):
            continue
        for fault in _faults_of(name, value, resolver=resolver, parameters=parameters):
            path = dotted(fault.path)
            if path == name and fault.at_key:
                _refuse_variant(draft, name, fault=fault, parameters=parameters)
            elif path == name or path.startswith((f"{name}.", f"{name}[")):
                details = {**fault.details, "got": shown(value)}
                draft.refuse(at, fault.problem, at_key=False, **details)


def _check_section(draft: Draft, name: str, *, parameter: Parameter) -> bool:
    """Note a range of a section of options; return whether there was none."""
    parts = [key for key in experiment_options() if key.startswith(f"{name}.")]
    if not parts or isinstance(parameter, ChoiceParameter):
        return True
    problem = "a section of options, which has no range"
    draft.refuse((*_PARAMETERS, name), problem, at_key=True, expected=one_of(parts))
    return False


def _faults_of(
    name: str, value: OptionValue, *, resolver: Resolver, parameters: Parameters
) -> Iterator[Fault]:
    """Yield the faults of a parameter's value wherever its condition holds."""
    for setting in itertools.islice(settings_of(name, parameters), _MOST_SETTINGS):
        changes = {**setting, name: value}
        for error in resolver.errors(changes):
            yield explain(error, nested(changes), model=ExperimentConfig)


def _check_draws(draft: Draft, resolver: Resolver, *, parameters: Parameters) -> None:
    """Try joint settings: values that are valid alone may not go together."""
    generator = random.Random(0)
    for _ in range(_DRAWS):
        changes = draw(parameters, generator)
        for error in resolver.errors(changes):
            fault = explain(error, nested(changes), model=ExperimentConfig)
            path = dotted(fault.path)
            if path in parameters and fault.at_key:
                _refuse_variant(draft, path, fault=fault, parameters=parameters)
            else:
                few = _fewest(changes, resolver)
                draft.refuse(
                    _PARAMETERS,
                    f"values that do not go together: {fault.problem}",
                    at_key=True,
                    got=", ".join(f"{key} {shown(value)}" for key, value in few.items()),
                )
                return


def _fewest(changes: Changes, resolver: Resolver) -> Changes:
    """Return as few of the changes as still cause an error."""
    for key in list(changes):
        fewer = {name: value for name, value in changes.items() if name != key}
        if resolver.errors(fewer):
            changes = fewer
    return changes


def _check_start(draft: Draft, resolver: Resolver) -> list[Path]:
    """Check each starting point as changes; return the paths of those without a fault."""
    entries = draft.mapping("search").get("start", [{}])
    places: list[Path] = []
    for index, entry in enumerate(entries[:_MOST_STARTS] if isinstance(entries, list) else []):
        base: Path = ("search", "start", index)
        if check_changes(draft, base, changes=entry, resolver=resolver):
            places.append(base)
    return places


def _check_suggestible(
    draft: Draft, resolver: Resolver, *, parameters: Parameters, base: Path
) -> None:
    """Note values of a starting point that the search could not have suggested."""
    entry = _start_at(draft, base)
    for key in entry:
        if key not in parameters:
            draft.refuse(
                (*base, key),
                "a starting value for an option that is no parameter of this search",
                at_key=True,
                expected=one_of(parameters),
            )
    values = starting_values(parameters, entry, experiment_of=resolver.experiment_of)
    for name, value in values.items():
        if not parameters[name].contains(value):
            draft.refuse(
                (*base, name) if name in entry else ("experiment", *name.split(".")),
                f"a starting value outside search.parameters.{name}",
                got=shown(value),
                expected=f"{_range(parameters[name])}; or no starting point (search.start: [])",
            )


def _start_at(draft: Draft, base: Path) -> Changes:
    # Without search.start the first trial is the fixed values.
    return draft.mapping(*base) if "start" in draft.mapping("search") else {}


def _range(parameter: Parameter) -> str:
    if isinstance(parameter, ChoiceParameter):
        return one_of(str(value) for value in parameter.choice)
    step = f" in steps of {parameter.step}" if parameter.step else ""
    return f"{parameter.low} to {parameter.high}{step}"


def _refuse_variant(draft: Draft, name: str, *, fault: Fault, parameters: Parameters) -> None:
    """Note a parameter that some of the chosen variants do not have."""
    variants = experiment_options()[name].variants
    # Where the system is not searched, a space may hold no condition on it.
    needed = {k: names for k, names in variants.items() if k != "model.name" or k in parameters}
    if not needed:
        draft.refuse((*_PARAMETERS, name), fault.problem, at_key=True, **fault.details)
        return
    conditions = ", ".join(f"{key}: [{', '.join(names)}]" for key, names in needed.items())
    draft.refuse(
        (*_PARAMETERS, name),
        "not an option of every variant that may be chosen",
        at_key=True,
        expected=f"a condition, when: {{{conditions}}}",
    )


def _values(parameter: Parameter) -> Iterator[tuple[Path, OptionValue]]:
    if isinstance(parameter, ChoiceParameter):
        yield from ((("choice", index), value) for index, value in enumerate(parameter.choice))
        return
    yield ("low",), parameter.low
    yield ("high",), parameter.high
    if isinstance(parameter, IntParameter):
        inner = range(parameter.low, parameter.high, parameter.step or 1)
        if len(inner) <= _MOST_VALUES:
            yield from (((), value) for value in inner[1:])


def _parsed(given: object) -> Parameter | None:
    adapter: TypeAdapter[Parameter] = TypeAdapter(Parameter)
    try:
        return adapter.validate_json(json.dumps(given), strict=True)
    except ValidationError:  # validation of the space has noted it
        return None
