"""Self-MM's slow label generation, one utterance at a time, straight from the released rule.

NumPy in float64, lists and `if`s: nothing here is shared with the package.
"""

import numpy as np

from sugrm.labels.state import COUNTERS


def oracle_centres(bank, filled, labels, *, exclude_zero):
    positive, negative = [], []
    for feature, held, label in zip(bank, filled, labels, strict=True):
        if held and (label > 0 or (label == 0 and not exclude_zero)):
            positive.append(feature)
        elif held and label < 0:
            negative.append(feature)
    return [np.mean(rows, axis=0) if rows else None for rows in (positive, negative)]


def oracle_alpha(feature, centres):
    """Return the relative distance, None where D_p is 0."""
    to_positive, to_negative = (np.linalg.norm(feature - centre) for centre in centres)
    return None if to_positive == 0 else (to_negative - to_positive) / (to_positive + 1e-8)


def oracle_label(human, fusion, modality, *, bound):
    by_ratio = modality / (fusion + 1e-8) * human
    by_difference = human + modality - fusion
    return max(-bound, min(bound, (by_ratio + by_difference) / 2))


def oracle_step(situation, *, exclude_zero, bound=3.0):
    """Return labels [3, N], counters and the least size of an alpha_m that divided."""
    banks = [bank.astype(float) for bank in situation.banks]
    human = situation.human.astype(float)
    marked = [human, *situation.previous.astype(float)]
    centres = [
        oracle_centres(bank, held, labels, exclude_zero=exclude_zero)
        for bank, held, labels in zip(banks, situation.filled, marked, strict=True)
    ]
    labels, smallest = situation.previous.astype(float), np.inf
    counters = dict.fromkeys(COUNTERS, 0)
    for place, row in enumerate(situation.index):
        reasons = set()
        for s in (1, 2, 3):
            if not situation.present[s, place]:
                continue
            target = human[row]
            if any(centre is None for centre in (*centres[0], *centres[s])):
                reasons.add("undefined_centre")
            else:
                alphas = [
                    oracle_alpha(situation.features[k][place].astype(float), centres[k])
                    for k in (0, s)
                ]
                if None in alphas or alphas[0] == 0:
                    reasons.add("undefined_direction")
                else:
                    target = oracle_label(human[row], *alphas, bound=bound)
                    smallest = min(smallest, abs(alphas[0]))
            e = situation.epoch
            labels[s - 1, row] = (e - 1) / (e + 1) * labels[s - 1, row] + 2 / (e + 1) * target
        for reason in reasons:
            counters[reason] += 1
    return labels, counters, smallest
