"""The identity of a fit, which its checkpoint must share: options, seed, data, numerics, texts."""

import json
import re
from typing import Any

from sugrm.config.experiment import ExperimentConfig
from sugrm.config.identity import identifying_json, pinned
from sugrm.config.merge import flat
from sugrm.config.registry import plugin_digests
from sugrm.version import NUMERICS

_IDENTITY = re.compile(
    r"(?P<options>\{.*\}) seed (?P<seed>\d+) data (?P<data>\S+) numerics (?P<numerics>\d+)"
    r"(?: text (?P<texts>\S+))?(?: plugins (?P<plugins>\S+))?"
)
_NAMED = 3


def identity_of(
    config: ExperimentConfig,
    seed: int,
    *,
    data: str,
    texts: str | None,
    start: str | None = None,
) -> str:
    """Return the identity of a fit as text.

    Args:
        config: the experiment.
        seed: seed of the fit.
        data: the identity of the data, see ``DatasetDescription.data_identity``.
        texts: key of the hidden states that the fit reads; None where it reads none.
        start: digest of the weights that the fit starts from; None where it starts from none.
    """
    states = "" if texts is None else f" text {texts}"
    plugins = ",".join(f"{name}={digest}" for name, digest in plugin_digests(config).items())
    states += f" plugins {plugins}" if plugins else ""
    options = identifying_json(pinned(config, start))
    return f"{options} seed {seed} data {data} numerics {NUMERICS}{states}"


def difference(saved: str, own: str) -> str:
    """Return a short text that names how a saved identity differs from a fit's own."""
    theirs, ours = _IDENTITY.fullmatch(saved), _IDENTITY.fullmatch(own)
    if theirs is None or ours is None:
        return "it names no options and no seed"
    parts = [
        f"{name} {theirs[name]}, not {ours[name]}"
        for name in ("seed", "data", "numerics", "texts", "plugins")
        if theirs[name] != ours[name]
    ]
    options = _options(theirs["options"]), _options(ours["options"])
    names = sorted(n for n in {*options[0], *options[1]} if options[0].get(n) != options[1].get(n))
    parts += [f"{n} {options[0].get(n)}, not {options[1].get(n)}" for n in names[:_NAMED]]
    more = [f"{len(names) - _NAMED} more options"] if len(names) > _NAMED else []
    return "; ".join(parts + more)


def _options(written: str) -> dict[str, Any]:
    try:
        return dict(flat(json.loads(written)))
    except ValueError:
        return {}
