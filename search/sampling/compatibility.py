"""Whether a search could have suggested a trial of another run, and why not."""

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from search.option_values import Changes, OptionValue
from search.space.conditions import Parameters, in_order, is_active
from search.space.options import value_at
from sugrm import SugrmError
from sugrm.config import resolve
from sugrm.config.identity import identifying_options
from sugrm.config.merge import flat

if TYPE_CHECKING:
    from reports.ledger.roles import Role
    from reports.ledger.trials import Trial
    from search.space import Space
    from search.trials.factory import TrialFactory

_MOST_NAMED = 3


def values_or_reason(
    space: "Space", factory: "TrialFactory", *, role: "Role", trial: "Trial"
) -> dict[str, OptionValue] | str:
    """Return a trial's values of this search's parameters, or why the search has no such trial.

    The search has it if this space makes a trial of the same key from these values.

    Args:
        space: a space with a search section.
        factory: resolves the trials of the space.
        role: the trial's role in its own run.
        trial: the trial as its own run recorded it.
    """
    assert space.search is not None
    config = json.loads(trial.config)
    found = parameter_values(space.search.parameters, config, changes=role.changes)
    if isinstance(found, str):
        return found
    try:
        own = factory.trial(found, trial.seed)
    except (ValidationError, SugrmError):
        return "values that do not go together here"
    if own.key == trial.key:
        return found
    mine, theirs = dict(flat(identifying_options(own.config))), dict(flat(config))
    names = [name for name in mine | theirs if mine.get(name, ...) != theirs.get(name, ...)]
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        return f"another fixed {', '.join(names[:_MOST_NAMED])}{more}"
    same_data = own.data_fingerprint == trial.data_fingerprint
    return "another text encoder or version of the code" if same_data else "other data"


def parameter_values(
    parameters: Parameters, config: Changes, *, changes: Changes
) -> dict[str, OptionValue] | str:
    """Return the values of a search's parameters in a recorded trial, or why it has none.

    Args:
        parameters: the parameters of the search.
        config: the resolved experiment of the trial, as it was recorded.
        changes: the changes of the trial's role.
    """
    values: dict[str, OptionValue] = {}
    whole = _with_defaults(config)
    for name in in_order(parameters):
        if is_active(parameters[name], values):
            value = changes.get(name, value_at(whole, name))
            if not parameters[name].contains(value):
                return f"a value outside search.parameters.{name}"
            values[name] = value
    return values


def _with_defaults(config: Changes) -> Changes:
    """Return a recorded experiment with the options that are not recorded at their default."""
    try:
        return resolve(config).model_dump(mode="json")
    except (ValidationError, SugrmError):  # of another version: as it was recorded
        return config
