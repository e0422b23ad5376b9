"""The options that identify an experiment, for keys of trials and identities of checkpoints.

An option that a later version adds (``Section.ADDED``) is left out while it has its default, so the
keys of earlier ledgers stay as they are.
"""

from typing import Any

from pydantic import BaseModel

from sugrm.config.experiment import ExperimentConfig
from sugrm.config.sections.section import Section

_Exclude = dict[str, Any]


def identifying_options(config: Section) -> dict[str, Any]:
    """Return the options that identify an experiment or a section of it, as nested plain values.

    >>> from sugrm.config import ExperimentConfig
    >>> identifying_options(ExperimentConfig())["alignment"]
    'unaligned'
    """
    return config.model_dump(mode="json", exclude=_defaults_added_later(config))


def identifying_json(config: Section) -> str:
    """Return the options that identify an experiment, as JSON."""
    return config.model_dump_json(exclude=_defaults_added_later(config))


def pinned(config: ExperimentConfig, start: str | None) -> ExperimentConfig:
    """Return an experiment whose ``start_from`` is the digest of the weights instead of a name.

    So the identity of a trial depends on the weights that it starts from, not on where they lie.

    Args:
        config: the experiment.
        start: the digest of the weights; not read where ``start_from`` names no model.
    """
    if config.start_from is None:
        return config
    source = config.start_from.model_copy(update={"model": start or ""})
    return config.model_copy(update={"start_from": source})


def _defaults_added_later(section: BaseModel) -> _Exclude:
    """Return the options below a section that were added later and have their default.

    The result has the form that pydantic's ``exclude`` takes.
    """
    added = section.ADDED if isinstance(section, Section) else ()
    left_out: _Exclude = {}
    for key, field in type(section).model_fields.items():
        value = getattr(section, key)
        if key in added and value == field.default:
            left_out[key] = True
        elif isinstance(value, BaseModel) and (below := _defaults_added_later(value)):
            left_out[key] = below
    return left_out
