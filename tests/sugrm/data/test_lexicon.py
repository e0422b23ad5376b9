import pytest

from sugrm.data.lexicon import FILLING, LEXICON, NEGATION, STRENGTHS, sentence_sentiment


@pytest.mark.parametrize(
    ("sentence", "sentiment"),
    [
        ("the film was", 0.0),
        ("wonderful", 3.0),
        ("not wonderful", -3.0),
        ("the plot was bad and the music was good", 0.0),
        ("not bad really perfect", 2.5),
    ],
)
def test_the_sentiment_is_the_mean_of_the_opinions(sentence, sentiment):
    assert sentence_sentiment(sentence) == sentiment


def test_the_lexicon_names_each_word_once_in_lower_case():
    assert len(LEXICON) == len(set(LEXICON)) == len(FILLING) + len(STRENGTHS) + 1
    assert all(word == word.lower() and " " not in word for word in LEXICON)
    assert NEGATION in LEXICON
