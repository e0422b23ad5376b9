"""Predictions of a split as large as MOSI's test set: SUGRM against Self-MM.

Both read real lengths through `predict`, the evaluation that a fit uses. Without the text encoder
they read text features; with it, token ids through a BERT of bert-base's shape with random weights,
of a third of the utterances, because the encoder takes nearly all of the time.
"""

from collections.abc import Iterator
from functools import partial

import torch
from torch import nn

from benchmarks.measuring import Case, Row, at_most, compare
from benchmarks.parts.corpora import MOSI, TINY, Sizes
from benchmarks.parts.feeds import random_feed
from sugrm import build_model, resolve
from sugrm.models import build_around
from sugrm.modules.text_encoder import TextEncoder
from sugrm.training.evaluation import predict
from sugrm.types import Modality

BATCH = 32
SYSTEMS = ("sugrm", "self_mm")


def encoder(*, small: bool) -> TextEncoder:
    """Return a BERT of bert-base's shape, or a small one for tests, with random weights."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    sizes = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2} if small else {}
    return TextEncoder(BertModel(BertConfig(**sizes), add_pooling_layer=False), finetune=False)


def system(name: str, sizes: Sizes, text: TextEncoder | None) -> nn.Module:
    """Return a system in its own presets; without a text encoder it reads text features."""
    presets = [sizes.corpus, "paper"] if name == "sugrm" else ["self_mm"]
    config = resolve({"preset": presets})
    widths = {
        "audio_width": sizes.widths[Modality.AUDIO],
        "vision_width": sizes.widths[Modality.VISION],
    }
    if text is not None:
        return build_around(config, text, sizes=widths).eval()
    return build_model(config, text_width=sizes.widths[Modality.TEXT], **widths).eval()


def case(sizes: Sizes, *, count: int, text: TextEncoder | None) -> Case:
    """Return the predictions of both systems on one split of ``count`` utterances."""
    vocabulary = None if text is None else int(text.model.config.vocab_size)
    feed = random_feed(sizes, count=count, vocabulary=vocabulary)
    runs = [partial(predict, system(name, sizes, text), feed, batch_size=BATCH) for name in SYSTEMS]
    encoded = "without text encoder" if text is None else "with a bert-base-shaped encoder"
    return Case(
        name=f"{count} utterances {encoded}, SUGRM / Self-MM",
        ours=runs[0],
        base=runs[1],
        against="Self-MM",
        pairs=15 if text is None else 3,
        share=True,
        aim=None if text is None else at_most(1.03),
    )


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows without and with a text encoder."""
    sizes, count, encoded = (TINY, 5, 5) if quick else (MOSI, 686, 224)
    yield compare(case(sizes, count=count, text=None), quick=quick)
    yield compare(case(sizes, count=encoded, text=encoder(small=quick)), quick=quick)
