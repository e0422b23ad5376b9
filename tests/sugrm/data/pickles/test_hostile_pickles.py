"""Small files that were made to cost time, memory or a crash are one message each."""

import pickle
import struct
import subprocess
import sys

import numpy as np
import pytest

from sugrm.data.formats.assembling import read_features
from sugrm.data.pickles.extent import DEEPEST, ExtentError, check_extent
from sugrm.data.pickles.plain import load_plain_pickle
from sugrm.data.reading.options import Reading
from sugrm.errors import DataError

HUGE = [10**5000]
MANY = "more lists, sets, tuples and calls than"
PAIRS_OF_PAIRS = b"K\x01" + b"2\x86" * 60  # DUP, TUPLE2: a tuple of 2 ** 60 ones
DEEP = b"(" * 300_000 + b"K\x01" + b"t" * 300_000


def nested(levels, kind):
    value = kind([1] * 10)
    for _ in range(levels):
        value = kind([value] * 10)
    return value


def itself():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize("kind", [list, tuple])
@pytest.mark.parametrize("key", ["id", "raw_text", "audio", "regression_labels", "text_bert"])
def test_lists_that_refer_to_each_other_many_times_are_refused(save, tree, key, kind):
    tree["train"][key] = nested(12, kind)
    with pytest.raises(DataError, match=r"more than .* values, most of them referred to many"):
        read_features(save(tree), Reading())


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("key", ["id", "audio", "regression_labels", "other"])
def test_a_list_that_contains_itself_is_refused(save, tree, key, protocol):
    tree["train"][key] = itself()
    with pytest.raises(DataError, match="contains itself"):
        load_plain_pickle(save(tree, protocol=protocol))


FLOODS = {
    "sets": (b"", b"\x8f", b""),
    "dicts": (b"", b"}", b""),
    "lists": (b"", b"]", b""),
    "empty tuples": (b"", b")", b""),
    "marks": (b"", b"(", b""),
    "marked lists": (b"", b"(l", b""),
    "marked dicts": (b"", b"(d", b""),
    "marked tuples": (b"", b"(t", b""),
    "frozen sets": (b"", b"(\x91", b""),
    "tuples in one another": (b"N", b"\x85", b""),
    "pairs": (b"N", b"2\x86", b""),
    "memo entries": (b"N", b"\x94", b""),
    "lists in the memo": (b"", b"]\x94", b""),
    "arrays": (b"cnumpy\nndarray\n\x94", b"h\x00)R", b""),
    "dtypes": (b"cnumpy\ndtype\n\x94U\x02f4\x85\x94", b"h\x00h\x01R", b""),
    "members": (b"\x8f(", b"K\x01", b"\x90"),
    "keys": (b"}(", b"K\x01N", b"u"),
    "items of sets": (b"\x8f", b"(\x90", b""),
    "items of lists": (b"]", b"Na", b""),
}


def flood(name, size):
    """Return one instruction, or a few, over and over."""
    start, each, end = FLOODS[name]
    return b"\x80\x05" + start + each * (size // len(each)) + end + b"."


PROGRAMS = {
    "deep value": (DEEP, "nest more than 64 deep"),
    "deep key": (b"}" + DEEP + b"K\x01s", "a key that is neither"),
    "key of pairs": (b"}" + PAIRS_OF_PAIRS + b"K\x01s", "a key that is neither"),
    "keys of pairs": (b"}(" + PAIRS_OF_PAIRS + b"K\x01u", "a key that is neither"),
    "dict of pairs": (b"(" + PAIRS_OF_PAIRS + b"K\x01d", "a key that is neither"),
    "set of pairs": (b"\x8f(" + PAIRS_OF_PAIRS + b"\x90", "a key that is neither"),
    "frozen set of pairs": (b"(" + PAIRS_OF_PAIRS + b"\x91", "a key that is neither"),
    "named set of pairs": (
        b"c__builtin__\nset\n]" + PAIRS_OF_PAIRS + b"a\x85R",
        "a set of other than plain values",
    ),
    "huge key": (b"}" + pickle.dumps(10**5000, 2)[2:-1] + b"K\x01s", "a key that is neither"),
    "item of a list": (b"](K\x00K\x01u", "keys for a list"),
    "frame": (b"\x95" + struct.pack("<Q", 1 << 40) + b"K\x01", "bytes promised"),
    "bytes": (b"\x8e" + struct.pack("<Q", 1 << 36) + b"K\x01", "bytes promised"),
    "text": (b"\x8d" + struct.pack("<Q", 1 << 36) + b"K\x01", "bytes promised"),
    "bytearray": (b"\x96" + struct.pack("<Q", 1 << 36) + b"K\x01", "bytes promised"),
    "copies": (
        b"X" + struct.pack("<I", 1 << 20) + b"a" * (1 << 20) + b"q\x010"
        b"]" + b"c_codecs\nencode\nh\x01X\x06\x00\x00\x00latin1\x86Ra" * 1000,
        "arrays that are many times as large as the file",
    ),
    "dtype of many parts": (b"cnumpy\ndtype\n]\x85R", "a dtype that is not plain"),
    "sets of one list": (
        b"c__builtin__\nset\n\x94]\x94(" + b"K\x01" * 100_000 + b"e\x85\x94" + b"h\x00h\x02R" * 100,
        MANY,
    ),
    "empty elements": (b"cnumpy\ndtype\nU\x02S0\x85R", "elements without bytes"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_was_made_to_cost_much_is_refused(tmp_path, name):
    program, said = PROGRAMS[name]
    path = tmp_path / "hostile.pkl"
    path.write_bytes(b"\x80\x05" + program + b".")
    with pytest.raises(DataError, match=said):
        load_plain_pickle(path)


def test_arrays_of_objects_inside_one_another_are_refused(save):
    """Freed, each takes a frame of the C stack: 300,000 of them end the process."""
    inner = outer = np.empty(1, object)
    for _ in range(3):
        outer = np.empty(1, object)
        outer[0], inner = inner, outer
    with pytest.raises(DataError, match="arrays of objects inside another"):
        load_plain_pickle(save({"a": outer}))


@pytest.mark.parametrize("key", ["id", "raw_text"])
@pytest.mark.parametrize(
    "value", [*HUGE, [[1]], float("nan"), "\ud800" * 1000], ids=lambda value: type(value).__name__
)
def test_a_value_that_is_no_text_is_shown_short(save, tree, key, value):
    tree["train"][key] = [value, "b", "c"]
    with pytest.raises(DataError, match=rf"train\.{key}: got .*, expected text") as caught:
        read_features(save(tree), Reading())
    assert all(len(line) < 300 for line in str(caught.value).splitlines()[1:])


@pytest.mark.parametrize("key", ["id", "raw_text", "audio", "regression_labels"])
def test_text_beyond_unicode_is_named(save, tree, key):
    tree["train"][key] = np.frombuffer(b"\xff" * 48, "U4")
    with pytest.raises(DataError, match=rf"train\.{key}: got"):
        read_features(save(tree), Reading())


@pytest.mark.parametrize(
    "value",
    [["a" * 100_000, "b"] * 4, [HUGE[0], 0.5], HUGE, np.array([HUGE[0], 1], object), {}, "x"],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("key", ["audio", "regression_labels", "audio_lengths", "text_bert"])
def test_values_that_are_no_numbers_are_named(save, tree, key, value):
    tree["train"][key] = value
    with pytest.raises(DataError, match=rf"train\.{key}: got .*, expected numbers of shape"):
        read_features(save(tree), Reading())


def test_many_splits_are_named_by_the_first(save):
    with pytest.raises(DataError, match=r"got only k0, .*, k7 and 19992 more, expected") as caught:
        read_features(save({f"k{i}": 1 for i in range(20_000)}), Reading())
    assert len(str(caught.value)) < 1000


def test_the_extent_counts_what_is_referred_to_twice_twice():
    part = [1, "ab"]  # 1 + 1 + 3
    check_extent([part, part], 11)
    with pytest.raises(ExtentError):
        check_extent([part, part], 10)


def test_the_extent_allows_as_many_levels_as_it_says():
    value = []
    for _ in range(DEEPEST - 1):
        value = [value]
    check_extent(value, 1000)
    with pytest.raises(ExtentError):
        check_extent([value], 1000)


@pytest.mark.parametrize("name", FLOODS)
def test_what_takes_memory_beyond_its_bytes_is_counted(tmp_path, monkeypatch, name):
    monkeypatch.setattr("sugrm.data.pickles.plain.allowance", lambda size: 1 << 20)
    path = tmp_path / "hostile.pkl"
    path.write_bytes(flood(name, 100_000))
    with pytest.raises(DataError, match=MANY):
        load_plain_pickle(path)


@pytest.mark.slow
def test_a_file_of_many_short_lists_is_read(save):
    """Such as the start and end of each word of MOSEI."""
    times = [[0.25, 0.5] for _ in range(400_000)]
    assert load_plain_pickle(save({"times": times})) == {"times": times}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["deep value", "deep key", "key of pairs", "bytes", "copies", "sets of one list"],
)
def test_data_inspect_refuses_it_within_a_gibibyte_and_five_seconds_of_work(tmp_path, name):
    """Beyond what the command takes for a good file: 300 MiB and two seconds of imports."""
    path = tmp_path / "hostile.pkl"
    path.write_bytes(b"\x80\x05" + PROGRAMS[name][0] + b".")
    check_cost(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sets", "lists", "marks", "memo entries", "arrays", "members"])
def test_a_flood_of_8_mib_is_refused_within_a_gibibyte_and_five_seconds_of_work(tmp_path, name):
    path = tmp_path / "hostile.pkl"
    path.write_bytes(flood(name, 8 << 20))
    check_cost(path)


def check_cost(path):
    """Let a process of its own inspect the file: exit code 2, 1 GiB, 5 s and those of imports.

    The peak is that of `/proc`: `ru_maxrss` starts with the memory of the process that forked it.
    """
    code = (
        "import os, re\nfrom pathlib import Path\nfrom search.cli.main import execute\n"
        f"code = execute(['data', 'inspect', {str(path)!r}])\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1]\n"
        "print(code, int(peak) // 1024, os.times().user)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    exit_code, mebibytes, seconds = done.stdout.split()
    assert exit_code == "2"
    assert int(mebibytes) < 1024
    assert float(seconds) < 7
    assert "Traceback" not in done.stderr
