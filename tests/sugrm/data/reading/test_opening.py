"""Files under a wrong name are called what they are; nothing in them is executed."""

import bz2
import gzip
import io
import lzma
import pickle
import zipfile

import numpy as np
import pytest
import torch

from sugrm.data.reading.opening import Kind, kind_of, load_tree
from sugrm.errors import DataError

TREE = {"train": {"id": ["a"]}}


def saved(save):
    """Return what a function writes into a file object."""
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def zipped(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


CONTENTS = {
    Kind.PICKLE: pickle.dumps(TREE),
    Kind.GZIP: gzip.compress(pickle.dumps(TREE)),
    Kind.BZIP: bz2.compress(pickle.dumps(TREE)),
    Kind.XZ: lzma.compress(pickle.dumps(TREE)),
    Kind.NPZ: saved(lambda file: np.savez(file, a=np.ones(2))),
    Kind.NPY: saved(lambda file: np.save(file, np.ones(2))),
    Kind.TORCH: saved(lambda file: torch.save({"a": torch.ones(2)}, file)),
    Kind.ZIP: zipped("a.txt"),
    Kind.EXCEL: zipped("xl/workbook.xml", "xl/styles.xml"),
    Kind.HDF5: b"\x89HDF\r\n\x1a\n" + b"\0" * 20,
    Kind.MATLAB: b"MATLAB 5.0 MAT-file, Platform: x" + b"\0" * 100,
    Kind.LFS: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    Kind.HTML: b"\n<!DOCTYPE html><html><title>Quota exceeded</title></html>",
    Kind.EMPTY: b"",
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_a_file_is_known_by_its_content(tmp_path, kind):
    path = tmp_path / "features.pkl"
    path.write_bytes(CONTENTS[kind])
    assert kind_of(path) is kind


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("tree", [TREE, [TREE], np.ones(3), {"a": np.ones((2, 3))}])
def test_pickles_of_every_protocol_are_pickles(tmp_path, protocol, tree):
    path = tmp_path / "features"
    path.write_bytes(pickle.dumps(tree, protocol=protocol))
    assert kind_of(path) is Kind.PICKLE


@pytest.mark.parametrize(
    "text",
    [
        "text,label\ngood,1\n",
        "id\ttext\na\tgood\n",
        "content\nhello world\n",
        "(text),label\na,1\n",
    ],
)
def test_text_is_no_pickle(tmp_path, text):
    path = tmp_path / "reviews.pkl"
    path.write_text(text, encoding="utf-8")
    assert kind_of(path) is Kind.CSV


@pytest.mark.parametrize("text", ['{"text": "good"}\n{"text": "bad"}\n', '[{"text": "good"}]'])
def test_json_is_said_from_other_text(tmp_path, text):
    path = tmp_path / "reviews"
    path.write_text(text, encoding="utf-8")
    assert kind_of(path) is Kind.JSON


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        (Kind.GZIP, "unpack it with gunzip"),
        (Kind.TORCH, "save plain numpy arrays"),
        (Kind.HDF5, "CMU-MultimodalSDK"),
        (Kind.LFS, "git lfs pull"),
        (Kind.HTML, "the download did not give the file"),
        (Kind.EMPTY, "download or write it again"),
    ],
)
def test_a_wrong_file_is_refused_with_its_kind_and_a_next_step(tmp_path, kind, step):
    path = tmp_path / "features.pkl"
    path.write_bytes(CONTENTS[kind])
    with pytest.raises(DataError, match=rf"features\.pkl: this is {kind}.*{step}") as caught:
        load_tree(path)
    assert "\n" not in str(caught.value)


def test_a_cut_off_archive_is_an_archive(tmp_path):
    path = tmp_path / "features.npz"
    path.write_bytes(CONTENTS[Kind.NPZ][:40])
    assert kind_of(path) is Kind.ZIP


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere: cannot read the file \(No such file"):
        kind_of(tmp_path / "nowhere")


@pytest.mark.parametrize("byte", [b"\x1b", b"\x01"])
def test_text_with_a_control_character_is_text(tmp_path, byte):
    path = tmp_path / "reviews"
    path.write_bytes(b"text,label\ngo" + byte + b"od,1\n")
    assert kind_of(path) is Kind.CSV
