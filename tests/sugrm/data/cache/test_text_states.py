"""Hidden states in the cache: made once, whole or not there, mapped and never copied."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sugrm.data.cache.ragged import Ragged
from sugrm.data.cache.text_states import SplitStates, TextStates, open_states
from sugrm.errors import DataError
from sugrm.types import Split


def split_of(*lengths, width=3):
    features = [np.random.default_rng(n).normal(size=(n, width)) for n in lengths]
    return SplitStates(
        features=Ragged.pack(features, width), lengths=np.array(lengths), seconds=0.5
    )


def states_of(split):
    splits = dict.fromkeys(Split, split)
    return TextStates(key="k", encoder="tiny", parameters=7, width=3, splits=splits)


def refuse():
    raise AssertionError("computed again")


def test_states_come_back_from_the_cache(tmp_path):
    split = split_of(2, 0, 5)
    written = open_states(tmp_path / "states", lambda: states_of(split))
    read = open_states(tmp_path / "states", refuse)
    for states in (written, read):
        assert (states.key, states.encoder, states.parameters, states.width) == ("k", "tiny", 7, 3)
        found = states.splits[Split.VALID]
        assert (found.lengths.tolist(), found.seconds) == ([2, 0, 5], 0.5)
        for row in range(3):
            np.testing.assert_array_equal(found.features[row], split.features[row])


def test_the_arrays_are_views_of_the_file(tmp_path):
    """Three splits of 1.2 MB; Arrow allocates next to nothing, and nobody can write there."""
    open_states(tmp_path / "states", lambda: states_of(split_of(*[1000] * 100)))
    before = pa.total_allocated_bytes()
    split = open_states(tmp_path / "states", refuse).splits[Split.TRAIN]
    assert pa.total_allocated_bytes() - before < 40_000
    assert np.shares_memory(split.features[7], split.features.values)
    assert not split.features[7].flags.writeable
    assert not split.lengths.flags.writeable


@pytest.mark.parametrize("file", ["states.json", "valid.arrow"])
def test_a_damaged_cache_is_named(tmp_path, file):
    folder = tmp_path / "states"
    open_states(folder, lambda: states_of(split_of(2)))
    path = folder / file
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match=r"states: not a whole cache of hidden states .*delete the"):
        open_states(folder, refuse)


def test_a_flipped_bit_of_the_cache_is_found(tmp_path):
    folder = tmp_path / "states"
    open_states(folder, lambda: states_of(split_of(2)))
    path = folder / "test.arrow"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"the checksum of test\.arrow does not match"):
        open_states(folder, refuse)


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "cache").write_text("a file, not a folder")
    with pytest.raises(DataError, match=r"cannot write the corpus cache .*SUGRM_CACHE"):
        open_states(tmp_path / "cache" / "states", refuse)


PROCESS = """
import logging, os, signal, sys
from pathlib import Path
from sugrm.data.cache import text_states
from tests.sugrm.data.cache.test_text_states import split_of, states_of

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)

def compute():
    print("computing", flush=True)
    if sys.argv[2] == "is killed":
        text_states.write_columns = lambda path, columns: os.kill(os.getpid(), signal.SIGKILL)
        sys.stdin.readline()
    if sys.argv[2] == "is asked to go on":
        sys.stdin.readline()
    return states_of(split_of(2, 5))

found = text_states.open_states(Path(sys.argv[1]), compute)
print(float(found.splits["test"].features.values.sum()), flush=True)
"""


@contextmanager
def process(folder, way):
    command = [sys.executable, "-c", PROCESS, str(folder), way]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    root = Path(__file__).parents[4]  # where the tests are imported from
    with subprocess.Popen(command, cwd=root, **pipes) as started:
        try:
            yield started
        finally:
            started.kill()


def line(started):
    return started.stdout.readline().strip()


@pytest.mark.slow
def test_two_processes_at_once_compute_once(tmp_path):
    folder = tmp_path / "cache" / "states"
    with process(folder, "is asked to go on") as first:
        assert line(first) == "computing"
        with process(folder, "goes on") as second:
            assert line(second).startswith("waiting for another process that computes the hidden")
            first.stdin.write("\n")
            first.stdin.flush()
            assert line(first) == line(second) == str(float(split_of(2, 5).features.values.sum()))
    assert open_states(folder, refuse).parameters == 7


@pytest.mark.slow
def test_a_process_killed_while_it_writes_leaves_nothing_that_is_taken_for_whole(tmp_path):
    folder = tmp_path / "cache" / "states"
    with process(folder, "is killed") as first:
        assert line(first) == "computing"
        with process(folder, "goes on") as second:
            assert line(second).startswith("waiting for another process")
            first.stdin.write("\n")
            first.stdin.flush()
            assert first.wait() == -9
            assert line(second) == "computing"
            assert float(line(second)) == float(split_of(2, 5).features.values.sum())
    assert sorted(path.name for path in folder.parent.iterdir()) == [".states.lock", "states"]
