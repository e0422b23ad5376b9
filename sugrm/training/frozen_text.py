"""The hidden states of a frozen text encoder, which are the same in every epoch and trial.

They are computed once per machine and read from the cache as text features, so that a trial holds
no encoder. They depend on the encoder's weights and on the tokens alone, and so does their key.
They are computed in float32, in batches of a fixed size and order, on the trial's type of device,
because devices round differently. States of real tokens are kept, and those of padded positions
only where padding counts.
"""

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from sugrm.config.experiment import ExperimentConfig
from sugrm.data import Corpus, SplitStates, TextStates, open_states
from sugrm.data.cache.ragged import Ragged
from sugrm.errors import EncoderError
from sugrm.models.inputs import read_sequences
from sugrm.modules.encoder_fingerprint import encoder_fingerprint
from sugrm.modules.text_checks import check_text
from sugrm.modules.text_encoder import TextEncoder, load_text_encoder
from sugrm.training.feed import Feed, build_feed
from sugrm.training.seeding import choose_device
from sugrm.training.start.taking import fill_encoder, takes_text
from sugrm.training.start.weights import StartFacts, StartWeights
from sugrm.types import Modality, Split

_logger = logging.getLogger(__name__)

FOLDER = "text_states"
"""Folder of all states, beside the converted corpora."""

_BATCH_SIZE = 32
_BATCHES_PER_MESSAGE = 50


def reads_states(config: ExperimentConfig, corpus: Corpus) -> bool:
    """Return whether the texts are read as cached states of a frozen encoder."""
    model = config.model
    encodes = Modality.TEXT in model.streams and corpus.text_width is None
    return encodes and not model.text.finetune and not model.READS_TOKENS


def states_key(
    config: ExperimentConfig, corpus: Corpus, *, start: StartFacts | None = None
) -> str | None:
    """Return the key of the states that an experiment reads, None where it reads none.

    Args:
        config: the experiment.
        corpus: the data.
        start: the weights that the experiment starts from, which may be those of the encoder.

    Raises:
        EncoderError: the encoder or its tokeniser cannot be loaded.
    """
    if not reads_states(config, corpus):
        return None
    return _key(config, _token_feeds(config, corpus), start=start)


def text_states(
    config: ExperimentConfig,
    corpus: Corpus,
    *,
    device: torch.device,
    key: str | None = None,
    start: StartWeights | None = None,
) -> TextStates | None:
    """Return the states that an experiment reads, None where it reads none.

    Args:
        config: the experiment.
        corpus: the data; the states are cached beside its folder.
        device: the device to compute the states on, where the cache lacks them.
        key: key of the states, from ``states_key``; with a key whose states are cached, the encoder
            and its tokeniser are not loaded. None computes the key.
        start: the weights that the experiment starts from, which may be those of the encoder.

    Raises:
        EncoderError: the encoder cannot be loaded, or is not the one of ``key``.
        DataError: the cache cannot be written, or is damaged.
    """
    if not reads_states(config, corpus):
        return None
    key = key or states_key(config, corpus, start=None if start is None else start.facts)
    assert key is not None
    folder = _folder(corpus, device, key=key)
    return open_states(
        folder, lambda: _compute(config, corpus, device=device, key=key, start=start)
    )


def states_folder(config: ExperimentConfig, corpus: Corpus, *, key: str) -> Path:
    """Return the folder of the states of ``key`` on this machine; it may not exist yet."""
    return _folder(corpus, choose_device(config.training.device), key=key)


def has_states(config: ExperimentConfig, corpus: Corpus, *, device: torch.device) -> bool:
    """Return whether the states that an experiment reads have been computed on this machine."""
    key = states_key(config, corpus)
    return key is not None and _folder(corpus, device, key=key).exists()


def _folder(corpus: Corpus, device: torch.device, *, key: str) -> Path:
    return corpus.folder.parent / FOLDER / f"{key}-{device.type}"


def _token_feeds(config: ExperimentConfig, corpus: Corpus) -> dict[Split, Feed]:
    check_text(config.model.text)
    return {split: build_feed(config, corpus, split=split) for split in Split}


def _key(config: ExperimentConfig, feeds: Mapping[Split, Feed], *, start: StartFacts | None) -> str:
    text = config.model.text
    padding = text.max_tokens if config.model.pads_fully else 0
    fingerprint = encoder_fingerprint(text.name, finetune=False)
    digest = hashlib.sha256(f"{fingerprint} padded to {padding}".encode())
    if start is not None and takes_text(config, start):
        digest.update(f"started from {start.digest}".encode())
    for feed in feeds.values():
        for ids in (feed.tokens, feed.segments):
            packed = Ragged.pack(ids or [], 1, dtype=np.int64)
            digest.update(packed.offsets.tobytes() + packed.values.tobytes())
    return digest.hexdigest()


def _compute(
    config: ExperimentConfig,
    corpus: Corpus,
    *,
    device: torch.device,
    key: str,
    start: StartWeights | None,
) -> TextStates:
    name, feeds = config.model.text.name, _token_feeds(config, corpus)
    if _key(config, feeds, start=None if start is None else start.facts) != key:
        raise EncoderError(
            f"text encoder {name!r} has other weights or another tokeniser on this machine than "
            "where the run was planned; expected the same files on every machine"
        )
    encoder = load_text_encoder(name, finetune=False)
    if start is not None:
        fill_encoder(encoder, start, config=config)
    encoder = encoder.to(device).eval()
    width, parameters = encoder.width, sum(weight.numel() for weight in encoder.parameters())
    splits = {}
    for split, feed in feeds.items():
        _logger.info("%s: hidden states of %d %s utterances", name, len(feed), split)
        splits[split] = encode_texts(encoder, feed, device=device)
    del encoder
    if device.type == "cuda":
        torch.cuda.empty_cache()  # other trials on this GPU need the memory
    return TextStates(key=key, encoder=name, parameters=parameters, width=width, splits=splits)


@torch.inference_mode()
def encode_texts(
    encoder: TextEncoder, feed: Feed, *, device: torch.device, rows: Sequence[int] | None = None
) -> SplitStates:
    """Return the states of a split, utterances of similar length encoded together.

    Args:
        encoder: the frozen encoder, on ``device``.
        feed: the split with its tokens.
        device: the device to compute on.
        rows: the utterances to encode; the others get no states. None encodes all.
    """
    started = time.perf_counter()
    lengths = np.array([len(ids) for ids in feed.tokens or []], dtype=np.int64)
    chosen = np.arange(len(lengths)) if rows is None else np.asarray(rows, dtype=np.int64)
    kept = np.zeros_like(lengths)
    kept[chosen] = lengths[chosen] if feed.padded_lengths is None else feed.text_steps
    features = Ragged.empty(kept, encoder.width)
    order = chosen[np.argsort(lengths[chosen], kind="stable")].tolist()
    for start in range(0, len(order), _BATCH_SIZE):
        batch_rows = order[start : start + _BATCH_SIZE]
        batch = feed.batch(batch_rows).to(str(device))
        with torch.autocast(device.type, enabled=False):
            hidden = read_sequences(batch, encoder)[Modality.TEXT].cpu().numpy()
        for row, states in zip(batch_rows, hidden, strict=True):
            features[row][:] = states[: kept[row]]
        if start and not start % (_BATCHES_PER_MESSAGE * _BATCH_SIZE):
            _logger.info("%d of %d utterances", start, len(order))
    return SplitStates(features=features, lengths=lengths, seconds=time.perf_counter() - started)
