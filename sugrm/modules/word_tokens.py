"""Which word of a text each of its tokens belongs to.

A tokeniser makes one or more tokens of a word and puts marks around the sentence. Features that
come one a word follow the tokens: each takes those of its word, and marks have none. MAG-BERT
tokenises each word alone; here the joined text is tokenised, and a token belongs to the word in
which its last character is. For BERT both give the same tokens; for tokenisers to which a space
is part of the next word only the joined text gives the tokens that they were trained on.

Source: Rahman et al. 2020 (MAG-BERT); WasifurRahman/BERT_multimodal_transformer,
multimodal_driver.py (``convert_to_features``, ``prepare_bert_input``).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sugrm.errors import EncoderError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Ids = list[NDArray[np.int64]]

MARK = -1
"""The word of a token that belongs to none, as [CLS] and [SEP]."""


def tokens_of_words(
    tokenizer: "PreTrainedTokenizerBase", words: Sequence[Sequence[str]], *, max_tokens: int
) -> tuple[Ids, Ids]:
    """Return the ids of each text, and for each token the number of its word.

    Args:
        tokenizer: a tokeniser that says where its tokens stand (a "fast" one).
        words: the words of each text.
        max_tokens: the most tokens of a text, marks included; the tokens behind are cut off.

    Returns:
        [T] ids and [T] numbers of words, ``MARK`` for marks, of each text.

    Raises:
        EncoderError: the tokeniser does not say where its tokens stand.
    """
    if not tokenizer.is_fast:
        raise EncoderError(
            f"the tokeniser {type(tokenizer).__name__} does not say to which word a token belongs, "
            "so frames cannot follow its tokens; expected a fast tokeniser (tokenizer.json): "
            "choose another text encoder, or read the file as unaligned"
        )
    encoded = tokenizer(
        [" ".join(each) for each in words],
        truncation=True,
        max_length=max_tokens,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
    )
    ids = [np.asarray(each, dtype=np.int64) for each in encoded["input_ids"]]
    columns = (encoded["offset_mapping"], encoded["special_tokens_mask"])
    return ids, [
        _words_of(offsets, marks, words=each)
        for offsets, marks, each in zip(*columns, words, strict=True)
    ]


def _words_of(
    offsets: Sequence[tuple[int, int]], marks: Sequence[int], *, words: Sequence[str]
) -> NDArray[np.int64]:
    """Return [T] the word of each token; a space belongs to the word behind it."""
    ends = np.cumsum([len(word) + 1 for word in words], dtype=np.int64) - 1  # of words, exclusive
    last = np.array([end - 1 for _, end in offsets], dtype=np.int64)
    found = np.minimum(np.searchsorted(ends, last, side="right"), len(words) - 1)
    return np.where(np.array(marks, dtype=bool), MARK, found).astype(np.int64)
