"""Which text of an input a model reads: features as in its training, else token ids or words."""

from dataclasses import replace

from sugrm.data.inputs.expected import ExpectedInputs
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import RawSplit
from sugrm.data.reading.text_arrays import token_lengths
from sugrm.data.reading.text_source import FOREIGN_TOKENS, are_foreign, check_language, has_words
from sugrm.types import Modality, Split

Splits = dict[Split, RawSplit]

_FEATURES_ADVICE = (
    "add the features of the text, extracted as for training (key or column text_features of a "
    "record, text of a file)"
)
_WORDS_ADVICE = "add the transcript of each utterance"


def choose_input_text(
    raw: Splits, expected: ExpectedInputs, *, problems: Problems
) -> tuple[Splits, list[str]]:
    """Return the splits with the text that the model can read, and remarks; a lack is noted.

    Token ids stay where only their extent counts, as in an aligned file.
    """
    check_language(raw, expected.reading, problems=problems)
    remarks = []
    if _have_tokens(raw) and are_foreign(raw):
        raw = {split: replace(found, token_ids=None) for split, found in raw.items()}
        remarks += [FOREIGN_TOKENS] if has_words(raw) and expected.reads_text else []
    if not expected.reads_text:
        return raw, remarks
    if expected.reads_features:
        if not _have_features(raw):
            _note_no_features(raw, expected, problems=problems)
        return raw, remarks
    if not has_words(raw) and not reads_tokens(raw, expected):
        _note_no_words(raw, expected, problems=problems)
    return {split: _without_features(found) for split, found in raw.items()}, remarks


def reads_tokens(raw: Splits, expected: ExpectedInputs) -> bool:
    """Return whether the stored token ids are read: they are in training, and none is too long."""
    if not (expected.stored_ids and expected.reads_text and _have_tokens(raw)):
        return False
    most = expected.padded_lengths.get(Modality.TEXT, 0)
    arrays = [found.token_ids for found in raw.values() if found.token_ids is not None]
    return all(token_lengths(each).max(initial=0) <= most for each in arrays)


def _have_tokens(raw: Splits) -> bool:
    return all(found.token_ids is not None for found in raw.values())


def _have_features(raw: Splits) -> bool:
    return all(Modality.TEXT in found.streams for found in raw.values())


def _without_features(raw: RawSplit) -> RawSplit:
    kept = (Modality.AUDIO, Modality.VISION)
    return replace(raw, streams={m: each for m, each in raw.streams.items() if m in kept})


def _note_no_features(raw: Splits, expected: ExpectedInputs, *, problems: Problems) -> None:
    width = expected.widths[Modality.TEXT]
    problems.add(
        None,
        Modality.TEXT,
        got="only words" if has_words(raw) else "no text",
        expected=f"text features {width} wide, which the model was trained on",
        advice=_FEATURES_ADVICE,
    )


def _note_no_words(raw: Splits, expected: ExpectedInputs, *, problems: Problems) -> None:
    got, expects = "no text", "words, which the model reads"
    if _have_features(raw):
        got = "only features of the text"
    if _have_tokens(raw):
        got = "only token ids that the model does not read"
        if expected.stored_ids:
            most = expected.padded_lengths.get(Modality.TEXT, 0)
            got = f"only token ids, more than {most} in an utterance"
            expects = f"at most {most} token ids, as in training, or words"
    problems.add(None, Modality.TEXT, got=got, expected=expects, advice=_WORDS_ADVICE)
