"""The ``tiny`` text encoder: a small randomly initialised BERT with a vocabulary of its own."""

import string
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from sugrm.data.lexicon import LEXICON
from sugrm.modules.encoder_files import TINY_POSITIONS

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertModel, PreTrainedTokenizerFast

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_WIDTH, _LAYERS, _HEADS = 32, 2, 4


def _vocabulary() -> dict[str, int]:
    characters = string.ascii_lowercase + string.digits + string.punctuation
    pieces = [f"##{c}" for c in string.ascii_lowercase + string.digits]
    words = (*_SPECIAL, *characters, *pieces, *LEXICON)
    return {word: index for index, word in enumerate(dict.fromkeys(words))}


def tiny_model() -> "BertModel":
    """Return the encoder with weights drawn from torch's generator."""
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=len(_vocabulary()),
        hidden_size=_WIDTH,
        num_hidden_layers=_LAYERS,
        num_attention_heads=_HEADS,
        intermediate_size=4 * _WIDTH,
        max_position_embeddings=TINY_POSITIONS,
    )
    return BertModel(config, add_pooling_layer=False)


@lru_cache(maxsize=1)
def tiny_tokenizer() -> "PreTrainedTokenizerFast":
    """Return a lower-casing WordPiece tokenizer; unknown words are split into characters."""
    from transformers import PreTrainedTokenizerFast

    build: Callable[..., PreTrainedTokenizerFast] = PreTrainedTokenizerFast  # untyped upstream
    return build(
        tokenizer_object=_word_pieces(_vocabulary()),
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def _word_pieces(vocabulary: dict[str, int]) -> "Tokenizer":
    from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
    from tokenizers.models import WordPiece

    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
    )
    return tokenizer
