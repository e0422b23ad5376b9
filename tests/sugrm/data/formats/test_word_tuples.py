"""Files of word tuples, as MAG-BERT, MISA and MMIM write them."""

import pickle

import numpy as np
import pytest

from sugrm.data import import_features
from sugrm.data.formats.assembling import read_features
from sugrm.data.reading.options import Reading
from sugrm.errors import DataError
from sugrm.types import Modality, Split

WORDS = ["the", "movie", "was", "good"]
COUNTS = {"train": 6, "dev": 3, "test": 4}
STREAMS = {Modality.VISION: 1, Modality.AUDIO: 2}


def utterance(random, row, words=None):
    words = WORDS[: 1 + row % 4] if words is None else words
    visual, acoustic = (random.normal(size=(len(words), width)) for width in (47, 74))
    label = np.float32([[random.uniform(-3, 3)]])
    return (list(words), visual.astype("f4"), acoustic.astype("f4")), label, f"video{row}[{row}]"


@pytest.fixture
def mag_bert():
    random = np.random.default_rng(0)
    return {
        name: [utterance(random, row) for row in range(count)] for name, count in COUNTS.items()
    }


@pytest.fixture
def misa(mag_bert):
    """The same with indices for words, and the words behind the frames."""

    def indexed(inner, label, segment):
        words, visual, acoustic = inner
        return (np.arange(len(words)) + 2, visual, acoustic, words), label, segment

    return {name: [indexed(*each) for each in rows] for name, rows in mag_bert.items()}


@pytest.fixture
def mmim(mag_bert):
    """Frames of their own number, with lengths; no indices."""
    random = np.random.default_rng(1)

    def unaligned(inner, label, segment):
        visual, acoustic = random.normal(size=(9, 20)), random.normal(size=(12, 5))
        lengths = (np.int64(len(visual)), np.int64(len(acoustic)))
        return ([], visual, acoustic, inner[0], *lengths), label, segment

    return {name: [unaligned(*each) for each in rows] for name, rows in mag_bert.items()}


def read(path, **options):
    return read_features(path, Reading(**options))


def problems_of(path, **options):
    with pytest.raises(DataError) as caught:
        read(path, **options)
    return str(caught.value).splitlines()[1:]


def changed(tree, split, row, **parts):
    """Replace words, visual, acoustic, label or segment of one utterance."""
    inner, label, segment = tree[split][row]
    names = ("words", "visual", "acoustic")
    new = tuple(parts.get(name, value) for name, value in zip(names, inner, strict=False))
    new += tuple(inner[3:])
    tree[split][row] = (new, parts.get("label", label), parts.get("segment", segment))


@pytest.mark.parametrize("alignment", ["aligned", "unaligned"])
@pytest.mark.parametrize("protocol", range(6))
def test_words_come_with_one_frame_each(save, mag_bert, alignment, protocol):
    content, findings = read(save(mag_bert, protocol=protocol), alignment=alignment)
    assert findings.layout == "word tuples (MAG-BERT, MISA, MMIM)"
    assert (findings.text, findings.is_new, findings.remarks) == ("words", True, [])
    for name, split in zip(COUNTS, Split, strict=True):
        found = content.splits[split]
        assert found.words == [inner[0] for inner, _, _ in mag_bert[name]]
        assert found.raw_text == [" ".join(words) for words in found.words]
        assert found.ids == [segment for _, _, segment in mag_bert[name]]
        labels = [label.item() for _, label, _ in mag_bert[name]]
        np.testing.assert_array_equal(found.labels, np.float32(labels))
        for modality, place in STREAMS.items():
            for row, (inner, _, _) in enumerate(mag_bert[name]):
                np.testing.assert_array_equal(found.streams[modality][row], inner[place])


def test_the_numbers_of_the_usual_small_file(save):
    """The file that its issue names: 60, 20 and 20 words, vision 47 wide, audio 74."""
    random = np.random.default_rng(0)

    def one(row):
        words = WORDS[: 1 + row % 4]
        frames = [random.normal(size=(len(words), width)).astype("f4") for width in (47, 74)]
        return (words, *frames), np.float32([[random.uniform(-3, 3)]]), f"video{row}[{row}]"

    sizes = {"train": 24, "dev": 8, "test": 8}
    tree = {name: [one(row) for row in range(count)] for name, count in sizes.items()}
    content, _ = read(save(tree), alignment="aligned")
    found = list(content.splits.values())
    assert [sum(map(len, each.words)) for each in found] == [60, 20, 20]
    sums = [float(each.labels.sum()) for each in found]
    assert sums == pytest.approx([-8.2571, -12.3119, 2.6847], abs=1e-4)
    for each in found:
        widths = [each.streams[m].width for m in (Modality.VISION, Modality.AUDIO)]
        assert widths == [47, 74]


def test_the_words_of_indices_come_later_in_the_tuple(save, misa, mag_bert):
    content, findings = read(save(misa), alignment="aligned")
    assert content.splits[Split.TRAIN].words == [inner[0] for inner, _, _ in mag_bert["train"]]
    assert findings.remarks == [
        "words are also given as indices of an unknown vocabulary, which are not read"
    ]


def test_indices_without_words_are_refused(save, misa):
    for rows in misa.values():
        rows[:] = [(inner[:3], label, segment) for inner, label, segment in rows]
    assert problems_of(save(misa))[0].startswith(
        "  train.words: got indices or other values, no text at row 0 (6 such rows), expected words"
    )


def test_unaligned_tuples_keep_their_own_frames(save, mmim):
    content, findings = read(save(mmim))
    train = content.splits[Split.TRAIN]
    assert train.words is None
    assert train.raw_text[1] == "the movie"
    assert train.streams[Modality.AUDIO].lengths.tolist() == [12] * 6
    assert train.streams[Modality.VISION].lengths.tolist() == [9] * 6
    assert findings.remarks == []


def test_unaligned_tuples_given_as_aligned_are_said_so(save, mmim):
    line = problems_of(save(mmim), alignment="aligned")[0]
    assert line.startswith(
        "  train.vision: got 9 frames for 1 words at row 0 (6 such rows), expected one frame a "
        "word in an aligned file"
    )


def test_frames_beyond_a_stated_length_are_refused_unless_asked(save, mmim):
    inner, label, segment = mmim["test"][2]
    mmim["test"][2] = ((*inner[:4], np.int64(9), np.int64(10)), label, segment)
    path = save(mmim)
    assert problems_of(path)[0].startswith(
        "  test.acoustic: got 12 frames at row 2 (1 such rows), expected 10, the stated length"
    )

    def audio(lengths):
        return read(path, lengths=lengths)[0].splits[Split.TEST].streams[Modality.AUDIO].lengths[2]

    assert (audio("detected"), audio("stated")) == (12, 10)


@pytest.mark.parametrize("name", ["valid", "val", "validation"])
def test_the_middle_split_has_other_names(save, mag_bert, name):
    mag_bert[name] = mag_bert.pop("dev")
    assert len(read(save(mag_bert))[0].splits[Split.VALID].ids) == 3


@pytest.mark.parametrize(
    "words",
    [
        tuple(WORDS),
        np.array(WORDS),
        np.array(WORDS, object),
        np.array(WORDS, "S"),
        np.array(WORDS, "S").reshape(-1, 1),
        [word.encode() for word in WORDS],
    ],
)
def test_words_are_text_or_bytes_in_any_sequence(save, mag_bert, words):
    changed(mag_bert, "train", 3, words=words)
    assert read(save(mag_bert))[0].splits[Split.TRAIN].words[3] == WORDS


@pytest.mark.parametrize("label", [1.5, [1.5], [[1.5]], np.float64(1.5), np.float32([1.5])])
def test_one_number_is_a_label(save, mag_bert, label):
    for rows in mag_bert.values():
        for row in range(len(rows)):
            rows[row] = (rows[row][0], label, rows[row][2])
    assert set(read(save(mag_bert))[0].splits[Split.TEST].labels.tolist()) == {1.5}


def test_the_first_of_moseis_seven_columns_is_the_sentiment(save, mag_bert):
    for rows in mag_bert.values():
        for row in range(len(rows)):
            rows[row] = (rows[row][0], np.float32([[-1.5, 2, 0, 0, 0, 0, 1]]), rows[row][2])
    content, findings = read(save(mag_bert), alignment="aligned")
    assert set(content.splits[Split.TRAIN].labels.tolist()) == {-1.5}
    assert findings.remarks == ["the labels have seven columns: the first, the sentiment, is read"]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (np.zeros((1, 4)), "float64 of shape [1, 4]"),
        (np.float32([1, 2]), "float32 of shape [2]"),
        ("good", "no array of numbers"),
        (None, "no array of numbers"),
        (np.zeros((1, 0)), "float64 of shape [1, 0]"),
    ],
)
def test_a_label_that_is_none_names_split_and_row(save, mag_bert, label, said):
    changed(mag_bert, "dev", 1, label=label)
    assert problems_of(save(mag_bert)) == [
        f"  valid.label: got {said} at row 1 (1 such rows), expected [[x]], one sentiment; labels "
        "of classes are not read; docs/data.md says what is"
    ]


@pytest.mark.parametrize("label", [-3.5, np.nan])
def test_labels_out_of_range_name_the_utterance(save, mag_bert, label):
    changed(mag_bert, "test", 2, label=np.float32([[label]]))
    (line,) = problems_of(save(mag_bert))
    assert line.startswith(f"  test.label: got {label:g} for video2[2] (1 such labels), expected")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (lambda inner, label, segment: (inner, label), "a tuple of 2 values"),
        (lambda inner, label, segment: (inner, label, segment, 0), "a tuple of 4 values"),
        (lambda inner, label, segment: (inner[:2], label, segment), "2 values before the label"),
        (lambda inner, label, segment: (inner[0], label, segment), "1 values before the label"),
        (lambda inner, label, segment: (*inner, label, segment), "a tuple of 5 values"),
        (lambda inner, label, segment: "words", "str"),
        (lambda inner, label, segment: (None, label, segment), "a tuple of 3 values"),
        (lambda inner, label, segment: (), "a tuple of 0 values"),
    ],
)
def test_a_tuple_of_another_form_names_split_and_row(save, mag_bert, row, said):
    mag_bert["train"][4] = row(*mag_bert["train"][4])
    assert problems_of(save(mag_bert)) == [
        f"  train: got {said} at row 4 (1 such rows), expected ((words, visual, acoustic, ...), "
        "label, segment); write every utterance in this way"
    ]


@pytest.mark.parametrize("nothing", [None, [], np.zeros((0, 47)), np.zeros(0), np.zeros((4, 0))])
def test_a_stream_without_frames_is_absent(save, mag_bert, nothing):
    changed(mag_bert, "train", 3, visual=nothing)
    content, _ = read(save(mag_bert), alignment="aligned")
    train = content.splits[Split.TRAIN]
    assert train.streams[Modality.VISION].lengths[2:5].tolist() == [3, 0, 1]
    assert train.words[3] == WORDS


def test_a_stream_that_the_whole_file_lacks_is_absent(save, mag_bert):
    for name, rows in mag_bert.items():
        for row in range(len(rows)):
            changed(mag_bert, name, row, acoustic=None)
    assert read(save(mag_bert))[0].notes().absent == (Modality.AUDIO,)


def test_a_stream_that_one_split_lacks_is_named(save, mag_bert):
    for row in range(4):
        changed(mag_bert, "test", row, acoustic=None)
    assert problems_of(save(mag_bert))[0].startswith("  audio: got widths train 74, valid 74, exp")


def test_an_utterance_without_words_has_no_frames(save, mag_bert):
    changed(mag_bert, "train", 1, words=[], visual=np.zeros(0), acoustic=np.zeros(0))
    content, _ = read(save(mag_bert), alignment="aligned")
    train = content.splits[Split.TRAIN]
    assert (train.words[1], train.raw_text[1]) == ([], "")
    assert train.streams[Modality.AUDIO].lengths[1] == 0


def test_frames_and_words_of_unequal_number_are_named_where_aligned(save, mag_bert):
    """As unaligned the frames are read as they are."""
    changed(mag_bert, "train", 3, words=WORDS[:3])
    path = save(mag_bert)
    assert problems_of(path, alignment="aligned") == [
        f"  train.{name}: got 4 frames for 3 words at row 3 (1 such rows), expected one frame a "
        "word in an aligned file" + end
        for name, end in (
            (
                "vision, train.audio",
                "; read the file as unaligned (--data unaligned=PATH, --alignment unaligned)",
            ),
        )
    ]
    train = read(path)[0].splits[Split.TRAIN]
    assert train.words is None
    assert train.streams[Modality.AUDIO].lengths[3] == 4


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        (np.zeros(47), "float64 of shape [47]"),
        (np.zeros((1, 2, 47)), "float64 of shape [1, 2, 47]"),
        ("frames", "no array of numbers"),
        (np.array(WORDS), "no array of numbers"),
    ],
)
def test_frames_that_are_none_are_named(save, mag_bert, frames, said):
    changed(mag_bert, "dev", 0, visual=frames)
    assert problems_of(save(mag_bert)) == [
        f"  valid.visual: got {said} at row 0 (1 such rows), expected numbers [T, D]; store the "
        "frames so"
    ]


def test_a_row_of_another_width_is_named(save, mag_bert):
    changed(mag_bert, "train", 5, acoustic=np.ones((2, 33)))
    (line,) = problems_of(save(mag_bert))
    assert line.startswith("  train.acoustic: got width 33 at row 5 (1 such rows), expected 74")


def test_broken_numbers_become_zero_and_are_counted(save, mag_bert):
    mag_bert["train"][3][0][1][2, 5:8] = np.nan
    mag_bert["train"][3][0][2][0, 0] = -np.inf
    content, _ = read(save(mag_bert), alignment="aligned")
    assert content.repaired[Split.TRAIN] == {"vision": 3, "audio": 1}
    assert content.splits[Split.TRAIN].streams[Modality.VISION].lengths[3] == 4


def test_frames_of_zeros_between_or_behind_others_stay(save, mag_bert):
    """All utterances of one length look padded; they are not."""
    for rows in mag_bert.values():
        rows[:] = rows[2:3] * 2
        rows[0][0][1][1:] = 0
    content, _ = read(save(mag_bert))
    assert content.splits[Split.TRAIN].streams[Modality.VISION].lengths.tolist() == [3, 3]


def test_pauses_are_words_and_it_is_said(save, mag_bert):
    changed(mag_bert, "test", 3, words=["the", "sp", "sp", "good"])
    content, findings = read(save(mag_bert), alignment="aligned")
    assert content.splits[Split.TEST].words[3] == ["the", "sp", "sp", "good"]
    assert findings.remarks == [
        "test: 2 words are 'sp', a pause of the aligner; they are read as words, with their frames"
    ]


@pytest.mark.parametrize(
    ("segment", "name"), [(b"v[0]", "v[0]"), (7, "7"), (np.array(["v", "0.5"]), "v_0.5")]
)
def test_segments_are_text_bytes_or_numbers(save, mag_bert, segment, name):
    changed(mag_bert, "train", 0, segment=segment)
    assert read(save(mag_bert))[0].splits[Split.TRAIN].ids[0] == name


@pytest.mark.parametrize("segment", [None, np.zeros((2, 2)), np.nan, {}])
def test_a_segment_that_is_no_name_is_named(save, mag_bert, segment):
    changed(mag_bert, "train", 0, segment=segment)
    assert problems_of(save(mag_bert))[0].startswith("  train.segment: got ")


@pytest.mark.parametrize("ending", [".pkl", ".pickle", ".p"])
def test_a_folder_of_one_pickle_a_split_is_read(tmp_path, misa, ending):
    """MISA and MMIM write them beside the files that they were made from."""
    for name, rows in misa.items():
        (tmp_path / f"{name}{ending}").write_bytes(pickle.dumps(rows))
    (tmp_path / "MOSI-label.csv").write_text("id,label\na,1\n")
    (tmp_path / "mosi_data_noalign.pkl").write_bytes(b"not read")
    content, findings = read(tmp_path, alignment="aligned")
    assert [len(found.ids) for found in content.splits.values()] == [6, 3, 4]
    names = ", ".join(f"{name}{ending}" for name in COUNTS)
    assert findings.layout == f"word tuples (MAG-BERT, MISA, MMIM), in {names}"


def test_two_pickles_of_one_split_are_named(tmp_path, misa):
    for name in ("train", "dev", "valid", "test"):
        (tmp_path / f"{name}.pkl").write_bytes(pickle.dumps(misa["dev"]))
    with pytest.raises(DataError, match=r"dev\.pkl and valid\.pkl could both be the valid split"):
        read(tmp_path)


def test_another_byte_in_a_folder_is_another_fingerprint(tmp_path, misa):
    folder, found = tmp_path / "misa", set()
    folder.mkdir()
    for label in (0.5, 1.5):
        changed(misa, "dev", 0, label=label)
        changed(misa, "dev", 1, label=label)
        changed(misa, "dev", 2, label=label)
        for name, rows in misa.items():
            (folder / f"{name}.pkl").write_bytes(pickle.dumps(rows))
        corpus = import_features(folder, cache=tmp_path / "cache")
        assert corpus.splits[Split.VALID].labels.tolist() == [label] * 3
        found.add(corpus.fingerprint)
    assert len(found) == 2


def test_one_split_alone_is_said_which_folder_to_name(save, misa):
    """MISA and MMIM write train.pkl, dev.pkl and test.pkl."""
    assert problems_of(save(misa["dev"])) == [
        "  the file: got one split, a list of 3 utterances, expected a dict of three such lists, "
        "{train, dev, test}; name the folder that holds train.pkl, dev.pkl and test.pkl"
    ]


@pytest.mark.parametrize(("given", "said"), [([], "no utterances"), ({}, "dict"), (3, "int")])
def test_a_split_that_is_no_list_is_named(save, mag_bert, given, said):
    mag_bert["dev"] = given
    assert problems_of(save(mag_bert))[0].startswith(f"  valid: got {said}, expected a list")


def test_a_missing_split_is_named(save, mag_bert):
    mag_bert["tune"] = mag_bert.pop("dev")
    assert problems_of(save(mag_bert))[0].startswith("  valid: got only train, test, tune, expect")


@pytest.mark.parametrize("text", ["tokens", "features"])
def test_other_text_than_words_is_refused(save, mag_bert, text):
    assert f"got no {text} to read as the text" in problems_of(save(mag_bert), text=text)[0]
