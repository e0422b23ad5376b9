"""Reads a file and its overrides as a checked ``Space``; reports all faults with positions."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import yaml
from pydantic import ValidationError

from search.space.explain import MISSING, explain
from search.space.findings import Findings
from search.space.options import experiment_options
from search.space.origin import Origin
from search.space.reading.document import Draft, construct, inspect
from search.space.reading.experiments import Resolver, check_changes, check_experiment
from search.space.reading.leave_one_out import expand_groups
from search.space.reading.nodes import check_extent
from search.space.reading.overrides import apply_data, apply_overrides
from search.space.reading.rules import check_sections
from search.space.reading.searches import check_search
from search.space.reading.sources import Source, read_source
from search.space.space import Space
from sugrm.config.registry import PluginSource, load_plugins
from sugrm.errors import PluginError


def load_space(
    source: Source,
    *,
    overrides: Sequence[str] = (),
    data: Sequence[str | os.PathLike[str]] = (),
) -> Space:
    """Return the checked space of a YAML file, or of a dict with the same keys.

    Args:
        source: path of a file, name of a packaged space (``spaces/mosi.yaml`` or ``mosi``), the
            keys and values themselves (text, numbers, truth values, None, lists and dicts; tuples,
            paths and numpy's numbers are read as lists, text and plain numbers), or a loaded space.
        overrides: ``key=value`` for any key of the file, the value as YAML.
        data: files of the corpus, as ``PATH`` for the experiment's alignment, ``aligned=PATH`` or
            ``unaligned=PATH``.

    Raises:
        SpaceError: the file, the dict, an override or a path has faults; the message names all of
            them.
    """
    findings = Findings()
    root, origin = read_source(source, overrides=overrides, data=data, findings=findings)
    draft = _read(root, origin, findings=findings)
    origin = replace(origin, plugins=_load_plugins(draft, origin.folder))
    _fill(draft)
    resolver = check_experiment(draft)
    expand_groups(draft, resolver)
    space = _validate(draft)
    _check(draft, resolver)
    draft.findings.raise_any()
    assert space is not None  # validation that fails notes a fault
    return space.with_origin(replace(origin, values=space.to_dict()))


def _read(root: yaml.Node, origin: Origin, *, findings: Findings) -> Draft:
    """Return the values of a space, with the overrides and the data files in their places."""
    root = apply_overrides(root, origin.overrides, findings=findings)
    check_extent(root, findings)
    inspect(root, findings)
    root = apply_data(root, origin.data, findings=findings)
    # An empty section counts as absent.
    values = {key: value for key, value in construct(root).items() if value is not None}
    return Draft(root=root, values=values, findings=findings)


def _load_plugins(draft: Draft, folder: Path | None) -> tuple[PluginSource, ...]:
    """Import the plug-ins that a space names; what they add may be named from here on."""
    names = draft.values.get("plugins")
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        return ()  # validation of the space notes it
    folders = [Path()] if folder is None else [folder, Path()]
    try:
        return load_plugins(names, folders=folders)
    except PluginError as error:
        place = () if error.place is None else (error.place,)
        draft.refuse(("plugins", *place), str(error))
    draft.findings.raise_any()
    return ()


def _fill(draft: Draft) -> None:
    """Fill in values that depend on more than one section.

    A confirmation without seeds takes those of the space. Whole bounds of an option that is a
    float become floats, so that its range is continuous.
    """
    confirm, seeds = draft.mapping("confirm"), draft.values.get("seeds")
    if confirm and isinstance(seeds, list):
        confirm.setdefault("seeds", seeds)
    for name, given in draft.mapping("search", "parameters").items():
        option = experiment_options().get(name)
        if option is not None and float in option.kinds and isinstance(given, dict):
            for bound in ("low", "high", "step"):
                if type(given.get(bound)) is int:
                    given[bound] = float(given[bound])


def _validate(draft: Draft) -> Space | None:
    try:
        # As JSON: its strict mode refuses text for numbers, but accepts lists for tuples.
        return Space.model_validate_json(json.dumps(draft.values), strict=True)
    except ValidationError as error:
        faults = [
            explain(details, draft.values, model=Space)
            for details in error.errors()
            # the value that such a one depends on has its own error
            if details["type"] != "default_factory_not_called"
        ]
        # A mistyped key and the one that is then missing are one fault.
        meant = {
            (*fault.path[:-1], fault.details["suggestion"])
            for fault in faults
            if fault.details.get("suggestion")
        }
        for fault in faults:
            if fault.problem != MISSING or fault.path not in meant:
                draft.refuse(fault.path, fault.problem, at_key=fault.at_key, **fault.details)
    return None


def _check(draft: Draft, resolver: Resolver) -> None:
    check_sections(draft)
    if draft.mapping("search"):
        check_search(draft, resolver)
    for group in draft.mapping("ablations"):
        for cell, changes in draft.mapping("ablations", group).items():
            check_changes(draft, ("ablations", group, cell), changes=changes, resolver=resolver)
