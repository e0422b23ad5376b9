"""Slow unimodal label generation, one utterance at a time, from the equations of Section 3.3.

NumPy in float64, lists and `if`s: nothing here is shared with the package.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Generated:
    """What the equations give for one modality of one utterance."""

    label: float
    margin: float  # how far the two ratios are apart, relatively; inf where nothing was compared
    reasons: frozenset[str]


def mean_where(bank, chosen):
    rows = [bank[row] for row in range(len(bank)) for _ in range(int(chosen[row]))]
    return np.mean(rows, axis=0) if rows else None


def oracle_centres(bank, human, *, zero_is_positive):
    positive = [label > 0 or (zero_is_positive and label == 0) for label in human]
    return mean_where(bank, positive), mean_where(bank, [label < 0 for label in human])


def oracle_bound(bank, human, repetitions):
    plus = mean_where(bank, [n if y == 3 else 0 for y, n in zip(human, repetitions, strict=True)])
    minus = mean_where(bank, [n if y == -3 else 0 for y, n in zip(human, repetitions, strict=True)])
    if plus is None or minus is None:
        return 0.0
    return float(np.linalg.norm(plus - minus))


def oracle_target(fusion, modality, human, positive, negative, bound, *, clamp):
    reasons = set()
    margin = np.inf
    if bound == 0:
        reasons.add("undefined_label_bound")
    if positive is None or negative is None:
        reasons.add("undefined_centre")
    else:
        to_negative = [np.linalg.norm(feature - negative) for feature in (modality, fusion)]
        if 0 in to_negative:
            reasons.add("undefined_direction")
    if reasons:
        return Generated(human, margin, frozenset(reasons))
    ratio_s = np.linalg.norm(modality - positive) / to_negative[0]
    ratio_m = np.linalg.norm(fusion - positive) / to_negative[1]
    margin = abs(ratio_s - ratio_m) / max(ratio_s, ratio_m, 1e-12)
    size = min(np.linalg.norm(fusion - modality), bound) / bound * 6
    if ratio_s < ratio_m:
        label = human + size
    elif ratio_s > ratio_m:
        label = human - size
    else:
        return Generated(human, margin, frozenset())
    if clamp is not None:
        label = max(-clamp, min(clamp, label))
    return Generated(label, margin, frozenset())


def oracle_momentum(previous, target, epoch):
    return (epoch - 1) / (epoch + 1) * previous + 2 / (epoch + 1) * target


def oracle_repetitions(order, batch_size):
    """Walk as the released first pass does: each batch lists again all rows filled in so far."""
    listed, filled = [], []
    for start in range(0, len(order), batch_size):
        filled.extend(order[start : start + batch_size])
        listed.extend(filled)
    return [listed.count(row) for row in range(len(order))]
