"""The slow labels of aligned features, one utterance at a time, straight from the rule.

NumPy in float64, lists and `if`s: nothing here is shared with the package.
"""

import numpy as np

from sugrm.labels.state import COUNTERS


def oracle_means(bank, filled, human, *, bound):
    """Return the means of the positive, the negative, the highest and the lowest; None without."""
    kinds = [
        lambda label: label > 0,
        lambda label: label < 0,
        lambda label: label == bound,
        lambda label: label == -bound,
    ]
    means = []
    for kind in kinds:
        rows = [bank[n] for n in range(len(bank)) if filled[n] and kind(human[n])]
        means.append(np.mean(rows, axis=0) if rows else None)
    return means


def oracle_map(source, target, both, *, kind, ridge):
    """Return a function into the fusion's space; None where there is none."""
    if kind == "none":
        return lambda feature: feature
    x = np.array([source[n] for n in range(len(both)) if both[n]])
    y = np.array([target[n] for n in range(len(both)) if both[n]])
    if not len(x):
        return None
    x_mean, y_mean = x.mean(0), y.mean(0)
    if kind == "centre":
        return lambda feature: feature - x_mean + y_mean
    centred = x - x_mean
    k = ridge * np.trace(centred.T @ centred) / x.shape[1]
    if k == 0:
        return None
    # Ridge regression as least squares with one more row for each feature.
    rows = np.concatenate([centred, np.sqrt(k) * np.eye(x.shape[1])])
    values = np.concatenate([y - y_mean, np.zeros((x.shape[1], y.shape[1]))])
    weight, *_ = np.linalg.lstsq(rows, values, rcond=None)
    return lambda feature: (feature - x_mean) @ weight + y_mean


def oracle_target(human, fusion, moved, *, means, magnitude, bound):
    """Return the shifted label; None where D_n is 0."""
    positive, negative, high, low = means
    length = np.linalg.norm(high - low)
    if magnitude == "axis":
        return human + 2 * bound * (moved - fusion) @ (high - low) / length**2
    ratios = []
    for feature in (fusion, moved):
        to_negative = np.linalg.norm(feature - negative)
        if to_negative == 0:
            return None
        ratios.append(np.linalg.norm(feature - positive) / to_negative)
    size = min(np.linalg.norm(fusion - moved), length) / length * 2 * bound
    return human + np.sign(ratios[0] - ratios[1]) * size


def oracle_step(situation, *, kind="ridge", ridge=0.01, magnitude="axis", bound=3.0):
    """Return labels [3, N] and counters."""
    banks = [bank.astype(float) for bank in situation.banks]
    human = situation.human.astype(float)
    means = oracle_means(banks[0], situation.filled[0], human, bound=bound)
    maps = [
        oracle_map(
            banks[s], banks[0], situation.filled[s] & situation.filled[0], kind=kind, ridge=ridge
        )
        for s in (1, 2, 3)
    ]
    no_bound = means[2] is None or means[3] is None or np.linalg.norm(means[2] - means[3]) == 0
    labels, counters = situation.previous.astype(float), dict.fromkeys(COUNTERS, 0)
    for place, row in enumerate(situation.index):
        reasons = set()
        for s in (1, 2, 3):
            if not situation.present[s, place]:
                continue
            target = None
            if no_bound:
                reasons.add("undefined_label_bound")
            else:
                if maps[s - 1] is not None:
                    target = oracle_target(
                        human[row],
                        situation.features[0][place].astype(float),
                        maps[s - 1](situation.features[s][place].astype(float)),
                        means=means,
                        magnitude=magnitude,
                        bound=bound,
                    )
                if target is None:
                    reasons.add("undefined_direction")
            target = human[row] if target is None else target
            e = situation.epoch
            labels[s - 1, row] = (e - 1) / (e + 1) * labels[s - 1, row] + 2 / (e + 1) * target
        for reason in reasons:
            counters[reason] += 1
    return labels, counters
