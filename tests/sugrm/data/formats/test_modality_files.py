import pickle
import warnings
import zipfile

import numpy as np
import pytest

from sugrm.config.sections.data import DataConfig
from sugrm.data import Reading, import_features, load_corpus
from sugrm.errors import ArgumentError, DataError
from sugrm.types import Modality, Split
from tests.sugrm.data.tables.tables import ROWS, csv_of

IDS = [row["id"] for row in ROWS]  # two of train, one of valid, one of test
TRAIN, VALID, TEST = Split.TRAIN, Split.VALID, Split.TEST


def frames(steps=3, width=2, ids=IDS, first=1):
    """Return id -> [T, D]; the utterances' numbers of frames are ``steps``, ``steps`` + 1, ..."""
    return {
        name: np.full((steps + row, width), first + row, np.float32) for row, name in enumerate(ids)
    }


@pytest.fixture
def read(tmp_path):
    """Return a function that writes a table and files of frames, and reads them."""

    def reads(audio=None, vision=None, table=None, **options):
        paths = {"text": tmp_path / "label.csv"}
        paths["text"].write_text(csv_of() if table is None else table)
        for name, given in (("audio", audio), ("vision", vision)):
            if given is not None:
                paths[name] = tmp_path / f"{name}.npz"
                if isinstance(given, bytes):
                    paths[name].write_bytes(given)
                else:
                    np.savez(paths[name], **given)
        return import_features(paths, Reading(**options), cache=tmp_path / "cache")

    return reads


def refused(call, **given):
    with pytest.raises(DataError) as caught:
        call(**given)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_frames_stand_beside_the_rows_of_their_names(read):
    corpus = read(audio=frames(), vision=frames(width=5))
    assert (corpus.audio_width, corpus.vision_width, corpus.text_width) == (2, 5, None)
    train = corpus.splits[TRAIN]
    assert train.raw_text == ["good", "so, so"]
    np.testing.assert_array_equal(train.audio(1), frames()[IDS[1]])
    np.testing.assert_array_equal(corpus.splits[TEST].vision(0), frames(width=5)[IDS[3]])
    assert corpus.notes.layout == "one file for each modality (CSV table)"
    assert (corpus.notes.absent, corpus.notes.remarks) == ((), ())


@pytest.mark.parametrize("present", ["audio", "vision"])
def test_a_modality_without_a_file_is_absent(read, present):
    corpus = read(**{present: frames()})
    (absent,) = {Modality.AUDIO, Modality.VISION} - {Modality(present)}
    assert corpus.notes.absent == (absent,)


def test_a_table_alone_is_enough(read):
    assert read().notes.absent == (Modality.AUDIO, Modality.VISION)


def test_pickles_hold_names_alone_or_splits_of_names(read):
    plain = read(audio=pickle.dumps(frames()))
    of_splits = {"train": frames(ids=IDS[:2]), "dev": {IDS[2]: frames()[IDS[2]]}}
    of_splits["test"] = {IDS[3].encode(): frames()[IDS[3]].tolist()}
    by_split = read(audio=pickle.dumps(of_splits))
    for split in Split:
        np.testing.assert_array_equal(by_split.splits[split].audio(0), plain.splits[split].audio(0))
    assert by_split.notes.remarks == ()


def test_frames_of_another_split_than_the_row_s_are_not_taken(read):
    tree = {"train": frames(ids=IDS[:2]), "valid": frames(ids=IDS[3:]), "test": frames(ids=IDS[3:])}
    corpus = read(vision=pickle.dumps(tree))
    assert corpus.notes.absent_utterances[VALID][Modality.VISION] == 1
    assert corpus.notes.remarks == (
        "vision: 1 of 4 utterances have no frames in vision.npz; the stream is absent for them",
        "vision: 1 of 4 entries of vision.npz have no row in the table and are not read",
    )


def test_what_one_side_lacks_is_counted_and_said(read):
    corpus = read(audio=frames(ids=[*IDS[1:], "else$_$1", "else$_$2"]))
    assert [len(corpus.splits[TRAIN].audio(row)) for row in range(2)] == [0, 3]
    assert corpus.notes.remarks == (
        "audio: 1 of 4 utterances have no frames in audio.npz; the stream is absent for them",
        "audio: 2 of 5 entries of audio.npz have no row in the table and are not read",
    )


def test_files_without_a_common_name_are_refused_with_one_of_each(read):
    shown = refused(read, audio=frames(), vision=frames(ids=["v0_1", "v1_1"]))
    assert "vision.npz: no name of an utterance is in the table" in shown
    assert "the file has 'v0_1', the table 'v0$_$1'" in shown


def test_rows_without_ids_are_named_by_their_number(read):
    table = "text,label,split\na,1,train\nb,-1,valid\nc,0.5,test\n"
    corpus = read(audio=pickle.dumps({1: np.ones((2, 2)), 3: np.ones((4, 2))}), table=table)
    assert [len(corpus.splits[split].audio(0)) for split in Split] == [2, 0, 4]


def test_a_table_without_texts_serves_beside_features(read):
    table = "id,label,split\n" + "\n".join(
        f"{row['id']},{row['label']},{row['split']}" for row in ROWS
    )
    assert read(audio=frames(), table=table).splits[TRAIN].raw_text == ["", ""]
    with pytest.raises(DataError, match="expected a column text, sentence"):
        read(table=table)


def padded(in_front=False):
    """Return arrays of one length, padded with zeros to it."""
    found = {}
    for name, array in frames().items():
        zeros = np.zeros((9 - len(array), 2), np.float32)
        found[name] = np.concatenate([zeros, array] if in_front else [array, zeros])
    return found


@pytest.mark.parametrize("in_front", [False, True])
def test_zeros_that_pad_every_array_to_one_length_are_found(read, in_front):
    corpus = read(vision=padded(in_front=in_front))
    np.testing.assert_array_equal(corpus.splits[TRAIN].vision(0), frames()[IDS[0]])
    side = "front" if in_front else "back"
    assert corpus.notes.sides[TRAIN] == {Modality.VISION: side}


def test_stated_lengths_keep_these_zeros(read):
    corpus = read(vision=padded(), lengths="stated")
    assert len(corpus.splits[TRAIN].vision(0)) == 9


def test_zeros_of_arrays_that_differ_in_length_are_frames(read):
    given = frames()
    given[IDS[0]][-1] = 0
    assert len(read(audio=given).splits[TRAIN].audio(0)) == 3


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.ones(3), "audio of v0$_$1 is float64 of shape [3]; expected numbers [T, D]"),
        (np.ones((1, 3, 2)), "audio of v0$_$1 is float64 of shape [1, 3, 2]"),
        ("frames", "audio of v0$_$1 is no array of numbers"),
        ([[1.0], [1.0, 2.0]], "audio of v0$_$1 is no array of numbers"),
        (np.ones((3, 7)), "frames of v0$_$1 are 7 wide, those of v1$_$1 2; expected one width"),
    ],
)
def test_values_that_are_no_frames_are_named(read, value, said):
    assert said in refused(read, audio=pickle.dumps({**frames(), IDS[0]: value}))


@pytest.mark.parametrize("value", [[], np.zeros(0), np.zeros((0, 2)), np.zeros((0, 7))])
def test_an_utterance_without_a_frame_lacks_the_stream(read, value):
    corpus = read(audio=pickle.dumps({**frames(), IDS[0]: value}))
    assert corpus.notes.absent_utterances[TRAIN][Modality.AUDIO] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pickle.dumps([1]), "the pickle holds a list; store an array [T, D]"),
        (pickle.dumps({}), "no frames at all"),
        (pickle.dumps({"train": {}, "other": frames()}), "other beside the splits train"),
        (b"id,a\n1,2\n", "this is a text file; store an array [T, D]"),
        (b"cos\nsystem\n(S'true'\ntR.", "names os.system"),
    ],
)
def test_a_file_of_another_kind_is_one_line(read, content, said):
    assert said in refused(read, vision=content)


def test_a_pickle_in_place_of_the_table_is_named(tmp_path, save, tree):
    with pytest.raises(DataError, match=r"this is a pickle; expected a table with id, text and l"):
        import_features({"text": save(tree)}, cache=tmp_path / "cache")


def test_aligned_data_are_refused_in_one_line(read):
    assert "a table is unaligned data" in refused(read, audio=frames(), alignment="aligned")


def test_every_file_is_part_of_the_fingerprint(read):
    found = {
        read(audio=frames(), vision=frames()).fingerprint,
        read(audio=frames(first=2), vision=frames()).fingerprint,
        read(audio=frames(), vision=frames(first=2)).fingerprint,
        read(audio=frames()).fingerprint,
        read(vision=frames()).fingerprint,
        read(audio=frames(), vision=frames(), table=csv_of(ROWS[::-1])).fingerprint,
    }
    assert len(found) == 6
    assert read(vision=frames()).fingerprint in found


def test_the_options_of_the_data_name_the_files(tmp_path, read):
    read(audio=frames())
    data = DataConfig(
        dataset="mosi", text=str(tmp_path / "label.csv"), audio=str(tmp_path / "audio.npz")
    )
    corpus = load_corpus(data, "unaligned", cache=tmp_path / "cache")
    assert (corpus.audio_width, corpus.notes.absent) == (2, (Modality.VISION,))
    with pytest.raises(DataError, match=r"data\.aligned is missing"):
        load_corpus(data, "aligned", cache=tmp_path / "cache")


@pytest.mark.parametrize("paths", [{"text": 7}, {"text": "a\0"}, {"words": "a.csv"}, {7: "a.csv"}])
def test_paths_that_are_none_are_named(paths):
    with pytest.raises(ArgumentError):
        import_features(paths)


def test_frames_without_a_table_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"audio and vision need the file text beside them"):
        import_features({"audio": tmp_path / "a.npz"})


@pytest.mark.parametrize("side", [0, -1])
@pytest.mark.parametrize("silent", [{0: 1}, {0: 1, 1: 1}, {0: 2}])
def test_windows_that_begin_or_end_with_silence_keep_it(read, side, silent):
    """``silent``: row -> number of its frames that are silent."""
    given = {name: np.ones((5, 2), np.float32) for name in IDS}
    for row, count in silent.items():
        given[IDS[row]][slice(count) if side == 0 else slice(5 - count, None)] = 0
    corpus = read(audio=given)
    assert [len(corpus.splits[TRAIN].audio(row)) for row in range(2)] == [5, 5]
    np.testing.assert_array_equal(corpus.splits[TRAIN].audio(0), given[IDS[0]])


def test_a_window_of_zeros_alone_is_absent_beside_a_silent_frame(read):
    given = {name: np.ones((5, 2), np.float32) for name in IDS}
    given[IDS[0]][0], given[IDS[1]][:] = 0, 0
    corpus = read(audio=given)
    assert [len(corpus.splits[TRAIN].audio(row)) for row in range(2)] == [5, 0]


def test_two_entries_of_one_name_are_refused(read, tmp_path):
    table = csv_of().replace("v0$_$1", "1")
    given = {IDS[1]: np.ones((2, 2)), "1": np.ones((2, 2)), 1: np.zeros((2, 2))}
    shown = refused(read, audio=pickle.dumps(given), table=table)
    assert "two entries have the name '1'" in shown
    path = tmp_path / "twice.npz"
    np.savez(path, **frames())
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(f"{IDS[2]}.npy", archive.read(f"{IDS[1]}.npy"))
    assert f"2 entries have the name '{IDS[2]}'" in refused(read, audio=path.read_bytes())
