"""What kind of file a path names, by its first bytes: files often bear a wrong name."""

import re
import zipfile
from enum import StrEnum
from pathlib import Path

from sugrm.data.pickles.plain import load_plain_pickle
from sugrm.errors import DataError


class Kind(StrEnum):
    """What a file is, as messages say it."""

    PICKLE = "a pickle"
    GZIP = "a gzip file"
    BZIP = "a bzip2 file"
    XZ = "an xz file"
    NPZ = "an npz archive of numpy arrays"
    NPY = "a single numpy array"
    TORCH = "a file of PyTorch"
    ZIP = "a zip archive"
    EXCEL = "an Excel workbook"
    HDF5 = "an HDF5 file"
    MATLAB = "a MATLAB file"
    PARQUET = "a Parquet file"
    ARROW = "an Arrow file"
    LFS = "a pointer of Git LFS, not the file itself"
    HTML = "a web page"
    JSON = "a JSON file"
    CSV = "a text file"
    UTF_16 = "a text file in UTF-16"
    OTHER_TEXT = "a text file of another encoding than UTF-8"
    FOLDER = "a folder"
    EMPTY = "an empty file"


_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\x1f\x8b", Kind.GZIP),
    (b"BZh", Kind.BZIP),
    (b"\xfd7zXZ", Kind.XZ),
    (b"\x93NUMPY", Kind.NPY),
    (b"\x89HDF", Kind.HDF5),
    (b"MATLAB 5.0", Kind.MATLAB),
    (b"PAR1", Kind.PARQUET),
    (b"ARROW1", Kind.ARROW),
    (b"\xff\xff\xff\xff", Kind.ARROW),  # a stream, as Hugging Face's datasets save it
    (b"\xff\xfe", Kind.UTF_16),
    (b"\xfe\xff", Kind.UTF_16),
    (b"version https://git-lfs", Kind.LFS),
)
_HTML = (b"<!doctype html", b"<html")
_BOM = b"\xef\xbb\xbf"
_HEAD = 4096
_MOST_CUT = 3  # bytes of a character at the end of the head
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")  # text holds no such bytes
_LATEST_PROTOCOL = 5
_PROTOCOL_0 = re.compile(rb"\(?[dlt]p?\d*\n|\(*c[\w.]+\n[\w.]+\n|\(i")

_NEXT: dict[Kind, str] = {
    Kind.GZIP: "unpack it with gunzip, and name the unpacked file",
    Kind.BZIP: "unpack it with bunzip2, and name the unpacked file",
    Kind.XZ: "unpack it with unxz, and name the unpacked file",
    Kind.ZIP: "unpack it, and name the file inside",
    Kind.TORCH: "load it with a PyTorch that you trust, and save plain numpy arrays as a pickle",
    Kind.HDF5: "read it with its own library (a .csd file: CMU-MultimodalSDK), align it, and save "
    "plain numpy arrays as a pickle",
    Kind.EXCEL: "save the sheet as CSV",
    Kind.LFS: "fetch the file with git lfs pull",
    Kind.HTML: "the download did not give the file: open the link in a browser, and save the file",
    Kind.EMPTY: "download or write it again",
    Kind.UTF_16: "save it as UTF-8 (CSV UTF-8 in a spreadsheet)",
    Kind.OTHER_TEXT: "save it as UTF-8: iconv -f latin1 -t utf-8 OLD > NEW, if it is latin-1",
}


def kind_of(path: Path) -> Kind:
    """Return what kind of file ``path`` is.

    Raises:
        DataError: it cannot be read.
    """
    try:
        if path.is_dir():
            return Kind.FOLDER
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise DataError(
            f"{path}: cannot read the file ({error.strerror}); check the path"
        ) from error
    return _kind_of_head(path, head)


def _kind_of_head(path: Path, head: bytes) -> Kind:
    if not head:
        return Kind.EMPTY
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"PK"):
        return _kind_of_zip(path)
    if head.lstrip().lower().startswith(_HTML):
        return Kind.HTML
    if head[:1] == b"\x80" and head[1:2] and head[1] <= _LATEST_PROTOCOL:
        return Kind.PICKLE
    if _is_protocol_0(head):
        return Kind.PICKLE
    if _BINARY.search(head) and not _is_text_with_a_stray_byte(head):
        return Kind.PICKLE  # protocols 0 and 1 have no mark; the reader says what is wrong
    if not _is_text(head):
        return Kind.OTHER_TEXT
    is_json = head.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")
    return Kind.JSON if is_json else Kind.CSV


def _kind_of_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except Exception:  # a damaged archive raises almost any class
        return Kind.ZIP
    if any(name.endswith("data.pkl") for name in names):
        return Kind.TORCH
    if "xl/workbook.xml" in names:
        return Kind.EXCEL
    return Kind.NPZ if names and all(name.endswith(".npy") for name in names) else Kind.ZIP


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        is_cut_off = error.reason == "unexpected end of data" and len(head) == _HEAD
        return is_cut_off and error.start >= len(head) - _MOST_CUT
    return True


def _is_text_with_a_stray_byte(head: bytes) -> bool:
    """Whether a head is text but for control characters; a pickle of protocol 1 has zero bytes."""
    return b"\0" not in head and _is_text(head) and any(sign in head for sign in (b",", b"\n"))


def stray_byte(data: bytes) -> int | None:
    """Return the place of the first control character in the head of a text file, None without."""
    found = _BINARY.search(data, 0, _HEAD)
    return found.start() if found else None


def _is_protocol_0(head: bytes) -> bool:
    """Whether text is a pickle of protocol 0: it begins with a container or names a callable."""
    return _PROTOCOL_0.match(head) is not None


def load_tree(path: Path) -> object:
    """Return the plain values that the pickle at ``path`` holds; nothing in it is executed.

    Raises:
        DataError: it is another kind of file, and what it is; or it cannot be read.
    """
    kind = kind_of(path)
    if kind is Kind.PICKLE:
        return load_plain_pickle(path)
    raise not_read(path, kind)


def not_read(path: Path, kind: Kind) -> DataError:
    """Return the error of a file of a kind that is not read in this place."""
    advice = _NEXT.get(kind, "docs/data.md lists the files that are read")
    if kind is Kind.NPZ:
        advice = (
            f"frames are given beside a table: text=TABLE audio={path}, or vision={path} (run: "
            f"--data text=TABLE --data audio={path})"
        )
    return DataError(f"{path}: this is {kind}; expected a feature pickle or a table; {advice}")
