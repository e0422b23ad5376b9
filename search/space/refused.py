"""Values that do not go together, as one line of a run; a space file names all with positions."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from search.errors import Problem
from search.space.explain import explain
from search.space.findings import dotted
from sugrm import ExperimentConfig
from sugrm.config.merge import flat, nested

_NEXT = "change the value in the space and run the same command again"


def first_fault(
    error: ValidationError, experiment: Mapping[str, Any], changes: Mapping[str, Any]
) -> str:
    """Return the first fault of ``changes`` over ``experiment``: key, value, rule, what to do.

    Args:
        error: of resolving them.
        experiment: the fixed values of the space.
        changes: dotted.
    """
    given = nested({**dict(flat(experiment)), **changes})
    first, *others = error.errors()
    fault = explain(first, given, ExperimentConfig)
    where = dotted(fault.path or first["loc"]) or "the experiment"
    told = str(Problem(where, "", fault.problem, **fault.details))
    more = f"; and {len(others)} more" if others else ""
    return f"{told}{more}; {_NEXT}"
