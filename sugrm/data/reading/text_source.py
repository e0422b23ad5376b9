"""What is read as the text: stored token ids, features or the words."""

from dataclasses import replace

from sugrm.data.cache.content import TextSource
from sugrm.data.reading.options import Findings, Reading
from sugrm.data.reading.problems import Problems
from sugrm.data.reading.raw import RawSplit
from sugrm.data.reading.text_arrays import VOCABULARY, foreign_rows
from sugrm.types import Modality, Split

FEATURES_READ = "the text is read as the file's features, no text encoder is used"
"""The remark on text features."""

FOREIGN_TOKENS = (
    "text_bert holds ids of another vocabulary than BERT's: the words of raw_text are read instead"
)
"""The remark on token ids that are not read."""

_DATASET_ADVICE = (
    "name the dataset (--set data.dataset=sims; data inspect: --dataset sims), or describe your "
    "own (docs/data.md)"
)
_MODEL_ADVICE = "score texts in the language of the model's training"
_SAMPLE = 200
_FIRST_EAST_ASIAN = "\u2e80"

Splits = dict[Split, RawSplit]


def choose_text(
    raw: Splits, reading: Reading, *, layout: str, problems: Problems
) -> tuple[Splits, Findings]:
    """Return the splits with one kind of text, and which one it is.

    Token ids of another vocabulary than BERT's are not read; the words are, where the file holds
    them.
    """
    check_language(raw, reading, problems=problems)
    findings = Findings(layout=layout, text=first_text(raw), lengths=reading.lengths)
    if findings.text == "tokens" and are_foreign(raw):
        raw = _without_tokens(raw, findings, problems=problems)
    wanted = reading.text
    if wanted is not None and wanted != findings.text:
        has_any = findings.text != "words" or has_words(raw)
        _note_lack(wanted, findings.text if has_any else None, problems=problems)
    if findings.text == "words" and wanted == "words":
        _check_words(raw, problems=problems)
    if findings.text == "features" and wanted is None and has_words(raw):
        findings.remarks.append(
            f"{FEATURES_READ}; to read the words instead: --set data.text_source=words"
        )
    return raw, findings


def check_language(raw: Splits, reading: Reading, *, problems: Problems) -> None:
    """Note Chinese, Japanese or Korean text in a dataset of English."""
    if reading.dataset.language != "en":
        return
    for split, found in raw.items():
        letters = [sign for text in (found.raw_text or ())[:_SAMPLE] for sign in text[:_SAMPLE]]
        foreign = sum(sign >= _FIRST_EAST_ASIAN for sign in letters)
        if 2 * foreign > len(letters):
            problems.add(
                split,
                "raw_text",
                got="text in Chinese, Japanese or Korean",
                expected="English, the language of the dataset",
                advice=_DATASET_ADVICE if reading.for_training else _MODEL_ADVICE,
            )


def first_text(raw: Splits) -> TextSource:
    """Return what is read as the text where nothing else is asked for."""
    splits = list(raw.values())
    if all(split.token_ids is not None for split in splits):
        return "tokens"
    if all(Modality.TEXT in split.streams for split in splits):
        return "features"
    return "words"


def has_words(raw: Splits) -> bool:
    """Return whether every split holds words."""
    return all(split.raw_text is not None and any(split.raw_text) for split in raw.values())


def are_foreign(raw: Splits) -> bool:
    """Return whether token ids of a split are of another vocabulary than BERT's."""
    ids = [split.token_ids for split in raw.values() if split.token_ids is not None]
    if any((each[:, 0] >= VOCABULARY).any() for each in ids):
        return True
    return any(2 * len(foreign_rows(each)) > len(each) for each in ids)


def _without_tokens(raw: Splits, findings: Findings, *, problems: Problems) -> Splits:
    if not has_words(raw):
        problems.add(
            None,
            "text_bert",
            got="ids of another vocabulary",
            expected="ids of BERT's, each row from 101 to 102, or raw_text",
            advice="add the words as raw_text",
        )
        return raw
    findings.text, findings.is_new = "words", True
    findings.remarks.append(FOREIGN_TOKENS)
    return {split: replace(found, token_ids=None) for split, found in raw.items()}


def _note_lack(wanted: TextSource, found: TextSource | None, *, problems: Problems) -> None:
    problems.add(
        None,
        "",
        got=f"no {wanted} to read as the text, {f'only {found}' if found else 'and no words'}",
        expected=f"{wanted}, as data.text_source asks for",
        advice=f"set it to {found}, or leave it out" if found else "leave data.text_source out",
    )


def _check_words(raw: Splits, *, problems: Problems) -> None:
    if not has_words(raw):
        problems.add(
            None,
            "raw_text",
            got="no words",
            expected="the transcript of each utterance, as data.text_source=words asks for",
            advice="add raw_text, or leave data.text_source out",
        )
