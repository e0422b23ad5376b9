import io
import struct
import zipfile

import numpy as np
import pytest

from sugrm.data.frames import archive
from sugrm.data.frames.archive import read_archive
from sugrm.data.frames.by_id import read_frames
from sugrm.errors import DataError
from sugrm.types import Modality


@pytest.fixture
def path(tmp_path):
    return tmp_path / "audio.npz"


def refused(path):
    with pytest.raises(DataError) as caught:
        read_archive(path)
    shown = str(caught.value)
    assert "\n" not in shown
    return shown


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_are_read_as_numpy_reads_them(path, save):
    given = {
        "a$_$1": np.arange(6.0).reshape(3, 2),
        "b/c": np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3)),
        "none": np.zeros((0, 2)),
    }
    save(path, **given)
    found = read_archive(path)
    assert list(found) == list(given)
    for name, array in given.items():
        np.testing.assert_array_equal(found[name], array)


def test_arrays_of_objects_are_refused_and_not_executed(path):
    class Evil:
        def __reduce__(self):
            return (pytest.fail, ("executed",))

    np.savez(path, a=np.array([Evil()], dtype=object))
    assert "a.npy is an array of objects, which are not read" in refused(path)


def test_an_archive_that_unpacks_to_far_more_than_its_size_is_refused(path, monkeypatch):
    monkeypatch.setattr(archive, "_SLACK", 1000)
    np.savez_compressed(path, a=np.zeros((1000, 1000)))
    assert "unpacks to 8000128; expected at most 20 times its size" in refused(path)
    np.savez(path, a=np.zeros((1000, 1000)))
    assert read_archive(path)["a"].shape == (1000, 1000)


def test_a_header_that_promises_more_than_the_file_has_takes_no_memory(path):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": "<f8", "fortran_order": False, "shape": (2**40, 2)}
    )
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.npy", file.getvalue() + bytes(64))
    assert "a.npy is cut off" in refused(path)


@pytest.mark.parametrize(
    "content", [b"", b"not numpy", b"\x93NUMPY\x01\x00" + struct.pack("<H", 9) + b"{'descr'}"]
)
def test_an_entry_that_is_no_array_is_one_message(path, content):
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.npy", content)
    assert "not a whole npz archive" in refused(path)


@pytest.mark.parametrize("size", [30, -30])
def test_an_archive_that_is_cut_off_is_one_message(path, size):
    np.savez(path, a=np.ones((4, 4)))
    path.write_bytes(path.read_bytes()[:size])
    assert "not a whole npz archive" in refused(path)


def test_an_archive_of_a_later_version_is_one_message(path):
    """Its directory tells the version that is needed to unpack it."""
    np.savez(path, a=np.ones((4, 4)))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 200
    path.write_bytes(content)
    with pytest.raises(DataError, match="this is a zip archive; store an array"):
        read_frames(path, Modality.AUDIO)
