"""The costs of the work of a run: from ledgers, measured, or those of a similar group."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from operator import eq

from search.estimate.prober import Prober
from search.estimate.trial_costs import Cost, CostKey
from search.estimate.work import Work
from search.trials.corpora import CorpusFolder

PROBING_SECONDS = 60.0
"""Time after which only new systems, alignments and text encoders are measured."""
_AS = "as "


def measure_costs(
    work: Sequence[Work],
    corpora: Mapping[str, CorpusFolder],
    *,
    known: Mapping[CostKey, Cost],
    prober: Prober,
) -> tuple[list[Work], list[Cost]]:
    """Return the work with its costs: from the ledgers, or measured once for each group.

    After ``PROBING_SECONDS`` a group gets the cost of a similar one. Trials that cannot be trained
    here are left out: the run will try them.
    """
    found: dict[CostKey, Cost | None] = dict(known)
    deadline = time.monotonic() + PROBING_SECONDS
    for each in work:
        key = _key(each, corpora)
        alike = most_similar_cost(key, found) if time.monotonic() > deadline else None
        if key not in found:
            found[key] = alike or prober.measure(each, corpora[each.config.alignment])
    pairs = [(each, found[_key(each, corpora)]) for each in work]
    costed = [(each, cost) for each, cost in pairs if cost is not None]
    return [each for each, _ in costed], [cost for _, cost in costed]


def most_similar_cost(wanted: CostKey, found: Mapping[CostKey, Cost | None]) -> Cost | None:
    """Return the cost of the group that is most like ``wanted``, None without one.

    Of two that share as many values, the one with the same sequence encoder is more alike than one
    with the same batch size: an epoch of a transformer takes up to a hundred times that of an LSTM.
    """
    candidates = {
        key.group: cost
        for key, cost in found.items()
        if cost is not None
        and not cost.source.startswith(_AS)
        and key.data_fingerprint == wanted.data_fingerprint
        and key.group.kind == wanted.group.kind
    }
    if not candidates:
        return None
    own = astuple(wanted.group)
    nearest = max(
        candidates,
        key=lambda group: (
            sum(map(eq, astuple(group), own)),
            group.encoder == wanted.group.encoder,
        ),
    )
    return replace(candidates[nearest], source=f"{_AS}{nearest.title}")


def _key(work: Work, corpora: Mapping[str, CorpusFolder]) -> CostKey:
    return CostKey(work.group, corpora[work.config.alignment].fingerprint)
