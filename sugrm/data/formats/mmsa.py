"""MMSA's layout, the most common one, as CH-SIMS and MMSA-FET have it too.

``{train, valid, test}``, each a dict with ``id``, ``regression_labels``, ``raw_text``, ``audio``
and ``vision`` [N, T, D] or N sequences [T, D], and in unaligned files ``audio_lengths`` and
``vision_lengths``. Text comes as ``text_bert`` [N, 3, T] (ids, mask and segment ids), as features
``text`` [N, T, D], or as ``raw_text`` alone. Where ``text_bert`` is present, ``text`` holds the
same sentences' frozen BERT states in the files people have. A file without ``audio`` or ``vision``
lacks that stream. CH-SIMS adds labels of single modalities: ``regression_labels_T``, ``_A`` and
``_V``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sugrm.data.reading.checks import check_aligned_steps
from sugrm.data.reading.entries import Entries
from sugrm.data.reading.label_columns import known_labels
from sugrm.data.reading.options import Reading
from sugrm.data.reading.padding import Side
from sugrm.data.reading.problems import Problems, shown_keys
from sugrm.data.reading.raw import Array, RawSplit, RawStream
from sugrm.data.reading.split_names import entry_of
from sugrm.data.reading.text_arrays import is_token_array, token_lengths, tokens_first
from sugrm.types import Modality, Split

NAME = "MMSA"

_LABELS, _TOKENS = "regression_labels", "text_bert"
_NEEDED = ("id", _LABELS)
_FRAMES = (Modality.AUDIO, Modality.VISION)
_INPUTS = ("raw_text", "text_bert", "text", *_FRAMES)
_ADVICE = "write the file in one of the layouts of docs/data.md"
_LENGTHS_ADVICE = (
    "add the true lengths, have them found (--set data.lengths=detected; data inspect: --lengths "
    "detected), or say that the file is aligned (--data aligned=PATH --set "
    "experiment.alignment=aligned; data inspect: --alignment aligned)"
)

_DETECTED_ADVICE = "add the true lengths, or have them found from the zeros (--lengths detected)"


def matches(tree: object) -> bool:
    """Whether a tree is a dict in which a split is a dict."""
    if not isinstance(tree, Mapping):
        return False
    return any(isinstance(entry_of(tree, split), Mapping) for split in Split)


def read(tree: object, reading: Reading, *, problems: Problems) -> dict[Split, RawSplit]:
    """Return the splits of the tree that have no problem; what is wrong is noted."""
    if not isinstance(tree, Mapping):
        got, expected = type(tree).__name__, f"a dict of {', '.join(Split)}"
        problems.add(None, "", got=got, expected=expected, advice=_ADVICE)
        return {}
    found: dict[Split, RawSplit] = {}
    for split in Split:
        given = entry_of(tree, split)
        if not isinstance(given, Mapping):
            if given is not None or reading.for_training:
                _note_split(tree, split, problems=problems)
            continue
        bound = reading.dataset.label_bound
        entries = Entries(split=split, given=given, bound=bound, problems=problems)
        before = len(problems.found)
        raw = _SplitReader(entries, reading).read()
        if raw is not None and len(problems.found) == before:
            found[split] = raw
    if not found and not problems.found:
        _note_split(tree, None, problems=problems)
    return found


def _note_split(tree: Mapping[object, object], split: Split | None, *, problems: Problems) -> None:
    """Note what a tree holds in place of a split, or that it lacks all where ``split`` is None."""
    given = None if split is None else entry_of(tree, split)
    if given is not None:
        got, expected = type(given).__name__, "a dict of arrays"
    else:
        got = f"only {shown_keys(tree) or 'an empty dict'}"
        expected = f"the splits {', '.join(Split)}"
    problems.add(split, "", got=got, expected=expected, advice=_ADVICE)


@dataclass(frozen=True, slots=True)
class _SplitReader:
    """Reads one split."""

    entries: Entries
    reading: Reading

    def read(self) -> RawSplit | None:
        """Return the split, None where it has no labels; what is wrong is noted."""
        entries, for_training = self.entries, self.reading.for_training
        unimodal = self.reading.dataset.unimodal_labels if for_training else {}
        lengths = [f"{modality}_lengths" for modality in _FRAMES]
        keys = (*_NEEDED, "raw_text", *_FRAMES, *lengths, _TOKENS, "text", *unimodal.values())
        for key in _NEEDED if for_training else ():
            if key not in entries:
                entries.note(key, "no such key", expected="the key", advice=_ADVICE)
        counted = "id" if for_training else entries.first_of(("id", *_INPUTS))
        ids = entries.names("id") if counted == "id" else entries.numbers(counted)
        raw_text = entries.texts("raw_text")
        streams = self._streams()
        token_ids, token_padding = self._token_ids()
        labels, remarks = self._labels(ids)
        own = {modality: entries.labels(key, ids) for modality, key in unimodal.items()}
        entries.check_counts(keys, of=counted)
        self._check_content(raw_text, token_ids, streams=streams)
        if labels is None:
            return None
        return RawSplit(
            ids=ids,
            raw_text=raw_text,
            labels=labels,
            streams=streams,
            token_ids=token_ids,
            token_padding=token_padding,
            unimodal_labels={
                modality: values for modality, values in own.items() if values is not None
            },
            remarks=remarks,
        )

    def _labels(self, ids: list[str]) -> tuple[Array | None, tuple[str, ...]]:
        entries = self.entries
        if self.reading.for_training:
            return entries.labels(_LABELS, ids), ()
        return known_labels(entries.given, _LABELS, count=len(ids), bound=entries.bound)

    def _streams(self) -> dict[Modality, RawStream]:
        given = {modality: self._frames(modality) for modality in _FRAMES}
        asked = self.reading.text
        if asked == "features" or (asked is None and _TOKENS not in self.entries):
            given[Modality.TEXT] = self._text_features()
        return {modality: stream for modality, stream in given.items() if stream is not None}

    def _text_features(self) -> RawStream | None:
        """Return the text features; beside token ids they have the tokens' lengths."""
        features, entries = self.entries.stream("text"), self.entries
        if features is None or not features.is_padded or _TOKENS not in entries:
            return features
        found = self._tokens()
        if found is None:
            return None
        tokens, side = found
        if tokens.shape[2] != features.steps or side is Side.FRONT:
            return features
        return replace(features, lengths=token_lengths(tokens))

    def _frames(self, modality: Modality) -> RawStream | None:
        stream = self.entries.stream(modality)
        states_lengths = self.reading.alignment == "unaligned" and (
            self.reading.lengths != "detected"
        )
        if stream is None or not stream.is_padded or not states_lengths:
            return stream
        key = f"{modality}_lengths"
        if key not in self.entries:
            for_training = self.reading.for_training
            advice = _LENGTHS_ADVICE if for_training else _DETECTED_ADVICE
            self.entries.note(key, "no such key", expected="the key", advice=advice)
            return None
        lengths = self.entries.lengths(key, stream=modality, steps=stream.steps)
        return replace(stream, lengths=lengths)

    def _token_ids(self) -> tuple[Array | None, Side]:
        if self.reading.text not in (None, "tokens"):
            return None, Side.BACK
        return self._tokens() or (None, Side.BACK)

    def _tokens(self) -> tuple[Array, Side] | None:
        """Return the stored token ids and the side of their padding; None where they are wrong."""
        entries = self.entries
        array = entries.padded(_TOKENS, shape="[N, 3, T]")
        if array is None or not is_token_array(array, entries.split, problems=entries.problems):
            return None
        return tokens_first(array)

    def _check_content(
        self,
        raw_text: list[str] | None,
        token_ids: Array | None,
        *,
        streams: Mapping[Modality, RawStream],
    ) -> None:
        """Note a split without input, and an aligned one of unequal steps."""
        entries = self.entries
        if raw_text is None and token_ids is None and not streams:
            got = f"only {shown_keys(entries.given)}"
            expected = "raw_text, text_bert, text, audio or vision"
            entries.note("", got, expected=expected, advice=_ADVICE)
        steps = {str(name): stream.steps for name, stream in streams.items() if stream.is_padded}
        if token_ids is not None:
            steps[_TOKENS] = token_ids.shape[2]
        if self.reading.alignment == "aligned":
            check_aligned_steps(entries, steps)
