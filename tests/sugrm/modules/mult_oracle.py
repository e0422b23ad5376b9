"""MulT for one utterance without padding, straight from Section 3 of Tsai et al. 2019.

NumPy in float64, one query and one key at a time: of the package only the weights are read.
"""

import math

import numpy as np


def weights_of(module):
    return {name: p.detach().double().numpy() for name, p in module.named_parameters()}


def under(weights, prefix):
    return {n.removeprefix(prefix): w for n, w in weights.items() if n.startswith(prefix)}


def normalised(frame, weights):
    centred = frame - frame.mean()
    return centred / math.sqrt((centred**2).mean() + 1e-5) * weights["weight"] + weights["bias"]


def linear(frame, weights):
    return weights["weight"] @ frame + weights["bias"]


def convolved(frames, kernel):
    """Return Conv1D with a kernel [width, D, size] around each frame, zeros past the ends."""
    middle = kernel.shape[2] // 2
    return [
        sum(
            kernel[:, :, middle + step] @ frames[t + step]
            for step in range(-middle, middle + 1)
            if 0 <= t + step < len(frames)
        )
        for t in range(len(frames))
    ]


def embedded(frames):
    """Return sqrt(d) times each frame plus sines and cosines of its place, counted from 1."""
    width = len(frames[0])
    half = width // 2
    result = []
    for place, frame in enumerate(frames, start=1):
        position = np.zeros(width)
        for i in range(half):
            angle = place * 10000 ** (-i / max(half - 1, 1))
            position[i], position[half + i] = math.sin(angle), math.cos(angle)
        result.append(math.sqrt(width) * frame + position)
    return result


def attended(queries, keys, weights, *, heads, future_mask):
    """Return CM(queries, keys): softmax(Q K' / sqrt(d_k)) V for each query and head."""
    width = len(queries[0])
    (to_query, to_key, to_value) = np.split(weights["weight"], 3)
    (query_bias, key_bias, value_bias) = np.split(weights["bias"], 3)
    size = width // heads
    result = []
    for t, asking in enumerate(queries):
        last = t + abs(len(keys) - len(queries)) if future_mask else len(keys) - 1
        joined = []
        for head in range(heads):
            part = slice(head * size, (head + 1) * size)
            query = (to_query @ asking + query_bias)[part]
            scores, values = [], []
            for k, key in enumerate(keys):
                if k > last:
                    continue
                scores.append(query @ (to_key @ key + key_bias)[part] / math.sqrt(size))
                values.append((to_value @ key + value_bias)[part])
            shares = np.exp(scores) / np.exp(scores).sum()
            joined.append(sum(share * value for share, value in zip(shares, values, strict=True)))
        result.append(linear(np.concatenate(joined), under(weights, "out.")))
    return result


def stacked(frames, source, weights, *, heads, future_mask):
    """Return a stack's result; ``source`` None is self-attention."""
    sequence = embedded(frames)
    low_level = None if source is None else embedded(source)
    for layer in range(1 + max(int(n.split(".")[1]) for n in weights if n.startswith("norms."))):
        norm = under(weights, f"norms.{layer}.")
        queries = [normalised(frame, norm) for frame in sequence]
        keys = queries if source is None else [normalised(frame, norm) for frame in low_level]
        attention = under(weights, f"attentions.{layer}.")
        found = attended(queries, keys, attention, heads=heads, future_mask=future_mask)
        sequence = [frame + news for frame, news in zip(sequence, found, strict=True)]
        forward = under(weights, f"feed_forwards.{layer}.")
        sequence = [frame + fed(frame, forward) for frame in sequence]
    return [normalised(frame, under(weights, "final_norm.")) for frame in sequence]


def fed(frame, weights):
    inner = linear(normalised(frame, under(weights, "norm.")), under(weights, "expand."))
    return linear(np.maximum(inner, 0), under(weights, "contract."))


def predicted(streams, weights, *, heads, future_mask):
    """Return MulT's sentiment of an utterance.

    Args:
        streams: name -> frames [T, D], in the order text, audio, vision.
        weights: of the whole system.
        heads: of every attention.
        future_mask: as in the released code.
    """
    frames = {
        name: convolved(raw, weights[f"encoder.convolutions.{name}.convolution.weight"])
        for name, raw in streams.items()
    }
    vectors = []
    for target in streams:
        found = [
            stacked(
                frames[target],
                frames[source],
                under(weights, f"encoder.cross.{target}_from_{source}.stack."),
                heads=heads,
                future_mask=future_mask,
            )
            for source in streams
            if source != target
        ]
        joined = [np.concatenate(parts) for parts in zip(*found, strict=True)]
        own = under(weights, f"encoder.own.{target}.stack.")
        vectors.append(stacked(joined, None, own, heads=heads, future_mask=future_mask)[-1])
    vector = np.concatenate(vectors)
    hidden = np.maximum(linear(vector, under(weights, "head.hidden.")), 0)
    block = linear(hidden, under(weights, "head.project."))
    return linear(vector + block, under(weights, "head.out."))[0]
