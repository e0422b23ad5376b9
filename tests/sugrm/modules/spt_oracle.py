"""The sparse phased transformer of one utterance, from its equations, one query at a time.

Cheng et al., EMNLP 2021, Section 3. Keys are gathered first and projected after, as in the released
code. All streams of the utterance are there.
"""

import math

import torch

from sugrm.modules.positions import sinusoids
from sugrm.types import Modality

PAIRS = ("audio_text", "text_vision", "vision_audio")


def window(query, keys, *, stride, places, shift):
    """Return the keys of one query: ((n + 1) stride - window + shift + j) mod c."""
    return [((query + 1) * stride - places + shift + j) % keys for j in range(places)]


def attend(attention, hidden, keys, windows, *, heads, reverse=False):
    """Return [L, D] of [L, D] queries and [c, K] keys; keys None are the queries."""
    queries = attention.norm(hidden)
    context = queries if keys is None else attention.key_norm(keys)
    to_query, to_key = attention.query, attention.key
    if reverse:
        to_query, to_key = to_key, to_query
    rows = []
    for n, places in enumerate(windows):
        seen = context[places]
        query = to_query(queries[n]).view(heads, -1)
        key = to_key(seen).view(len(seen), heads, -1)
        value = attention.value(seen).view(len(seen), heads, -1)
        scores = torch.einsum("hd,jhd->jh", query, key) / query.shape[1] ** 0.5
        attended = torch.einsum("jh,jhd->hd", scores.softmax(0), value).flatten()
        rows.append(hidden[n] + attention.out(attended))
    return torch.stack(rows)


def block(part, hidden, keys, windows, *, heads, reverse=False):
    attended = attend(part.attention, hidden, keys, windows, heads=heads, reverse=reverse)
    return part.feed_forward(attended)


def embed(encoder, frames):
    positions = sinusoids(*frames.shape, device=frames.device)
    return encoder.scale * frames + positions


def encode(encoder, sequences, *, layers):
    """Return the last hidden steps [D] of an utterance's streams [T, D], without dropout."""
    heads, stride = encoder.heads, encoder.pattern.stride
    wide, cross, near = encoder.pattern.windows
    frames = {m: embed(encoder, sequences[m]) for m in encoder.streams}
    hidden = {}
    for row, m in enumerate(encoder.streams):
        steps = -(-len(frames[m]) // stride)
        hidden[m] = embed(encoder, encoder.start[row].expand(steps, -1))
    for layer in range(layers):
        for m in hidden:
            count = len(frames[m])
            phase = [layer + int(count * math.sin(n / 4)) for n in range(len(hidden[m]))]
            windows = [
                window(n, count, stride=stride, places=wide, shift=shift)
                for n, shift in enumerate(phase)
            ]
            hidden[m] = block(encoder.input[m], hidden[m], frames[m], windows, heads=heads)
        attended = {m: [] for m in hidden}
        for pair in PAIRS:
            a, b = (Modality(name) for name in pair.split("_"))
            for target, source in ((a, b), (b, a)):
                windows = [
                    window(n, len(hidden[source]), stride=1, places=cross, shift=layer)
                    for n in range(len(hidden[target]))
                ]
                result = block(
                    encoder.cross[pair],
                    hidden[target],
                    hidden[source],
                    windows,
                    heads=heads,
                    reverse=target is b,
                )
                attended[target].append(result)
        for m in hidden:
            joined = sum(attended[m])
            windows = [
                window(n, len(joined), stride=1, places=near, shift=layer)
                for n in range(len(joined))
            ]
            hidden[m] = block(encoder.own[m], joined, None, windows, heads=heads)
    return {m: encoder.norm(hidden[m])[-1] for m in hidden}
