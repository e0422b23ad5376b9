"""``read_inputs``: the corpus of files to score."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from sugrm.argument_checks import check_type, checked_path
from sugrm.data.cache.content import CorpusContent
from sugrm.data.cache.folders import write_whole
from sugrm.data.cache.store import write_store
from sugrm.data.corpus import Corpus
from sugrm.data.files import Given, checked_files
from sugrm.data.formats.layouts import read_raw
from sugrm.data.inputs.content import input_content
from sugrm.data.inputs.expected import ExpectedInputs
from sugrm.errors import DataError

Input = Given | IO[Any]
"""Files as ``import_features`` takes them, or an open file, as ``sys.stdin.buffer``."""

_CHUNK = 2**20
EXPECTED = "an ExpectedInputs, what a trained model reads"


def read_inputs(files: Input, expected: ExpectedInputs, *, cache: str | os.PathLike[str]) -> Corpus:
    """Return the corpus of files to score, in any layout that training reads.

    Labels may be missing: they are NaN. Utterances without ids are named by their row, from 1. A
    file keeps its splits, of which it may lack some; a table without a column of splits is the
    split ``test``. A stream that the input lacks has length 0, and a remark says so
    (``Corpus.notes``). A batch of the corpus has the numbers, the order and the padding of one that
    training makes of the same rows.

    Args:
        files: path of a file, a table or a folder, or one path for each of ``text``, ``audio`` and
            ``vision``, as ``import_features`` takes them (audio and vision also without a table);
            or an open file, as ``sys.stdin.buffer``.
        expected: what the model reads.
        cache: folder that the sequences are written to and mapped from; the caller removes it when
            the corpus is no longer needed.

    Raises:
        ArgumentError: an argument is of another type.
        DataError: a file cannot be read, or the model cannot score it; all its problems are named.
    """
    check_type("expected", expected, kind=ExpectedInputs, expected=EXPECTED)
    folder = checked_path("cache", cache)
    with _on_disk(files, folder) as named:
        given = checked_files(named, needs_table=False)
        content = input_content(read_raw(given, expected.reading), expected)
    return stored_inputs(content, expected, folder=folder)


@contextmanager
def _on_disk(files: Any, folder: Path) -> Iterator[Any]:  # noqa: ANN401 - checked by its reader
    """Give the files as paths; what a file object holds is copied for the while."""
    if not hasattr(files, "read"):
        yield files
        return
    path = folder / f"input-{uuid4().hex}"
    try:
        with _writing(folder):
            _copy(files, path)
        yield path
    except DataError as error:
        raise DataError(str(error).replace(str(path), _name(files))) from error
    finally:
        path.unlink(missing_ok=True)


def _copy(source: IO[Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            target.write(chunk.encode("utf-8") if isinstance(chunk, str) else chunk)


def _name(source: IO[Any]) -> str:
    """Return how messages call a file object: its own name, as ``<stdin>``."""
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "the input"


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{folder}: cannot write the sequences of the input ({error}); free some space, or "
            "name another folder for temporary files (the variable TMPDIR)"
        ) from error


def stored_inputs(content: CorpusContent, expected: ExpectedInputs, *, folder: Path) -> Corpus:
    """Return the content as a corpus in a new folder below ``folder``.

    Raises:
        DataError: it cannot be written.
    """
    place = folder / f"inputs-{uuid4().hex}"
    with _writing(folder):
        write_whole(place, lambda unfinished: write_store(unfinished, content))
    return Corpus.open(place, expected.dataset)
