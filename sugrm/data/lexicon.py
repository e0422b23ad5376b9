"""The small vocabulary of the synthetic corpus: opinion words with their strengths, and filling."""

from collections.abc import Mapping

NEGATION = "not"
"""Turns the opinion word after it to its opposite strength."""

OPINIONS: Mapping[int, tuple[str, ...]] = {
    -3: ("terrible", "awful", "horrible", "unbearable"),
    -2: ("bad", "boring", "poor", "annoying"),
    -1: ("slow", "weak", "bland", "uneven"),
    0: ("average", "ordinary", "usual", "plain"),
    1: ("decent", "fine", "pleasant", "neat"),
    2: ("good", "funny", "charming", "strong"),
    3: ("wonderful", "brilliant", "amazing", "perfect"),
}
"""Words by sentiment, in MOSI's steps from -3 to 3."""

FILLING: tuple[str, ...] = (
    *("the", "a", "this", "that", "and", "but", "with", "really", "i", "think", "was", "is"),
    *("it", "film", "movie", "story", "plot", "actor", "music", "ending", "scene", "in", "of"),
)
"""Words without sentiment."""

STRENGTHS: Mapping[str, int] = {
    word: strength for strength, words in OPINIONS.items() for word in words
}
"""Strength of each opinion word."""

LEXICON: tuple[str, ...] = tuple(sorted({NEGATION, *FILLING, *STRENGTHS}))
"""All words of the corpus, in lower case."""


def sentence_sentiment(sentence: str) -> float:
    """Return the mean strength of the opinion words, those after "not" with the opposite sign.

    >>> sentence_sentiment("the film was not bad and really wonderful")
    2.5
    """
    words = sentence.split()
    strengths = [
        -STRENGTHS[word] if before == NEGATION else STRENGTHS[word]
        for before, word in zip(["", *words], words, strict=False)
        if word in STRENGTHS
    ]
    return sum(strengths) / len(strengths) if strengths else 0.0
