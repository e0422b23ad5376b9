"""Text encoders that leave padding out, against one padded batch.

An encoder of a model gets a batch of 32 texts with MOSI's numbers of tokens. It encodes texts of
similar length together (`sugrm.modules.token_groups`); the other ways encode the batch padded to
its longest text, and to the file's 50 tokens. Weights are random, which changes no time. Real
tokens get the same states, which is checked first; a step adds the backward pass.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.measuring import Case, Row, compare
from benchmarks.parts.corpora import BATCH, MOSI, lengths_of
from sugrm.modules.positions import real_frames
from sugrm.modules.text_encoder import TextEncoder
from sugrm.types import Modality

Given = tuple[Tensor, None, Tensor]

VOCABULARY = 100
_STEPS = MOSI.steps[Modality.TEXT]
SHAPES = {  # name -> width, layers, heads
    "tiny": (16, 1, 2),
    "MiniLM": (384, 6, 12),
    "bert-base": (768, 12, 12),
}


def encoder(shape: str) -> TextEncoder:
    """Return a fine-tuned encoder of the shape with random weights and dropout."""
    from transformers import BertConfig, BertModel

    width, layers, heads = SHAPES[shape]
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=4 * width,
    )
    return TextEncoder(BertModel(config, add_pooling_layer=False), finetune=True)


def batch() -> tuple[Given, Given]:
    """Return ids, no segments and lengths, padded to the longest text and to the file's steps."""
    random = np.random.default_rng(0)
    found = lengths_of(MOSI, "real", count=BATCH, random=random)[Modality.TEXT]
    lengths = torch.from_numpy(found)
    ids = torch.from_numpy(random.integers(1, VOCABULARY, (BATCH, int(found.max()))))
    ids = ids * real_frames(lengths, ids.shape[1])
    return (ids, None, lengths), (F.pad(ids, (0, _STEPS - ids.shape[1])), None, lengths)


def evaluation(text: TextEncoder, given: Given, *, leaves: bool) -> Tensor:
    """Return the states."""
    text.eval()
    text.leaves_padding = leaves
    with torch.inference_mode():
        states: Tensor = text(*given)
    return states


def step(text: TextEncoder, given: Given, *, leaves: bool) -> None:
    """Compute the states with dropout, and the gradients of the weights."""
    text.train()
    text.leaves_padding = leaves
    text.zero_grad(set_to_none=True)
    states = text(*given) * real_frames(given[2], given[0].shape[1])[..., None]
    torch.autograd.backward(states.square().sum())


def check(text: TextEncoder, given: Given) -> None:
    """Raise an error where real tokens get other states."""
    real = real_frames(given[2], given[0].shape[1])
    found, wanted = (evaluation(text, given, leaves=leaves)[real] for leaves in (True, False))
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows of each shape; a step of bert-base takes too long to be repeated."""
    longest, full = batch()
    for shape in ("tiny",) if quick else ("MiniLM", "bert-base"):
        text = encoder(shape)
        check(text, longest)
        for run in (evaluation, step) if shape != "bert-base" else (evaluation,):
            ours = partial(run, text, longest, leaves=True)
            for against, given in (("padded to the longest", longest), ("padded to 50", full)):
                base = partial(run, text, given, leaves=False)
                name = f"{shape}, {run.__name__}, against {against}"
                case = Case(name=name, ours=ours, base=base, against=against, pairs=5)
                yield compare(case, quick=quick)
