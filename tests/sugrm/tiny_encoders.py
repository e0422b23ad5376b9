"""Small randomly initialised encoders of several architectures, each with a tokeniser of its sort.

Real ones are downloads of hundreds of megabytes. What differs between architectures is the same in
these: positions, segments, poolers, attention and marks.
"""

from tokenizers import Tokenizer, models, pre_tokenizers, processors

from sugrm.data.lexicon import LEXICON

WIDTH, POSITIONS = 16, 40
_SIZES = {"hidden_size": WIDTH, "num_hidden_layers": 2, "num_attention_heads": 2}
_USUAL = {"intermediate_size": 16, "max_position_embeddings": POSITIONS, **_SIZES}
_AFTER_PADDING = {**_USUAL, "max_position_embeddings": POSITIONS + 2, "pad_token_id": 1}
_DISTIL = {"dim": WIDTH, "n_layers": 2, "n_heads": 2, "hidden_dim": 16}
_MARKS = {"bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3}
_MODERN = {"global_attn_every_n_layers": 2, "local_attention": 8, "pad_token_id": 0, **_MARKS}
_RELATIVE = {
    "relative_attention": True,
    "position_biased_input": False,
    "pos_att_type": ["p2c", "c2p"],
}
_T5 = {"d_model": WIDTH, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2}

ENCODERS = {
    "bert": _USUAL,
    "roberta": _AFTER_PADDING,
    "xlm-roberta": _AFTER_PADDING,
    "mpnet": _AFTER_PADDING,
    "electra": {"embedding_size": 8, **_USUAL},
    "albert": {"embedding_size": 8, **_USUAL},
    "deberta-v2": {**_USUAL, **_RELATIVE},
    "distilbert": {"max_position_embeddings": POSITIONS, **_DISTIL},
    "modernbert": {**_USUAL, **_MODERN},
}
"""Architecture -> its sizes. All have 40 positions but DeBERTa-v2, whose positions are relative."""
REFUSED = {
    "t5": _T5,
    "mt5": _T5,
    "bart": {"d_model": WIDTH, "encoder_layers": 1, "decoder_layers": 1},
    "gpt2": {"n_embd": WIDTH, "n_layer": 1, "n_head": 2, "bos_token_id": 2, "eos_token_id": 3},
    "dpr": _USUAL,
    "vit": _SIZES,
}
"""Architecture -> its sizes, of those that cannot be the text encoder."""

_BYTES = ("roberta", "modernbert")
_SENTENCE_PIECES = ("xlm-roberta", "albert", "deberta-v2")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789'"


def write_config(folder, kind, **changes):
    """Write the configuration of an architecture alone; return the folder as text."""
    from transformers import AutoConfig

    sizes = {**(ENCODERS[kind] if kind in ENCODERS else REFUSED[kind]), **changes}
    AutoConfig.for_model(kind, vocab_size=400, **sizes).save_pretrained(folder)
    return str(folder)


def write_encoder(folder, kind, **changes):
    """Write an encoder of an architecture with its tokeniser; return the folder as text."""
    from transformers import AutoConfig, AutoModel

    name = write_config(folder, kind, **changes)
    AutoModel.from_config(AutoConfig.from_pretrained(name)).save_pretrained(name)
    _tokeniser_of(kind).save_pretrained(name)
    return name


def _tokeniser_of(kind):
    """Return a tokeniser of the sort that an architecture usually has."""
    from transformers import PreTrainedTokenizerFast

    first, last, padding, unknown = marks = ("[CLS]", "[SEP]", "[PAD]", "[UNK]")
    ids = (padding, unknown, first, last)
    if ENCODERS[kind].get("pad_token_id") == 1:
        first, last, padding, unknown = marks = ("<s>", "</s>", "<pad>", "<unk>")
        ids = (first, padding, last, unknown)
    tokenizer = _without_marks(kind, ids, unknown=unknown)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        special_tokens=[(mark, tokenizer.token_to_id(mark)) for mark in (first, last)],
    )
    names = dict(zip(("cls_token", "sep_token", "pad_token", "unk_token"), marks, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)


def _without_marks(kind, ids, *, unknown):
    if kind in _BYTES:
        pieces = [*ids, *sorted(pre_tokenizers.ByteLevel.alphabet())]
        tokenizer = Tokenizer(models.BPE(vocab=_numbered(pieces), merges=[]))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    elif kind in _SENTENCE_PIECES:
        pieces = [*ids, "\u2581", *_LETTERS, *(f"\u2581{word}" for word in LEXICON)]
        scores = [(piece, -float(place)) for piece, place in _numbered(pieces).items()]
        tokenizer = Tokenizer(models.Unigram(scores, unk_id=ids.index(unknown)))
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    else:
        pieces = [*ids, *_LETTERS, *(f"##{letter}" for letter in _LETTERS), *LEXICON]
        tokenizer = Tokenizer(models.WordPiece(_numbered(pieces), unk_token=unknown))
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def _numbered(pieces):
    return {piece: place for place, piece in enumerate(dict.fromkeys(pieces))}
