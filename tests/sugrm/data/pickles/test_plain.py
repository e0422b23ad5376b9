import builtins
import os
import pickle

import numpy as np
import pytest
import torch

from sugrm.data.pickles.plain import load_plain_pickle
from sugrm.errors import DataError


class Hostile:
    """Asks the reader to call a function."""

    def __init__(self, function, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        """Name the function and its arguments."""
        return self.reduced


@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_come_back_whole_in_every_protocol(save, protocol):
    tree = {
        "floats": np.arange(6, dtype=np.float32).reshape(2, 3),
        "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "big endian": np.arange(3, dtype=">i4"),
        "words": np.array(["a", "bcd"]),
        "objects": np.array(["a", 2, None], dtype=object),
        "numbers": [np.float32(1.5), np.int64(-2), np.True_, 3, 0.25],
        "bytes": (b"\x00\xff", b""),
        "sets": [{1, "a"}, frozenset((2,))],
        "nothing": None,
    }
    read = load_plain_pickle(save(tree, protocol=protocol))
    ordinary = pickle.loads(pickle.dumps(tree, protocol=protocol))
    assert read.keys() == tree.keys()
    for key in ("floats", "columns", "big endian", "words", "objects"):
        np.testing.assert_array_equal(np.asarray(read[key]), tree[key])
        assert read[key].dtype == ordinary[key].dtype
    for key in ("numbers", "bytes", "sets", "nothing"):
        assert read[key] == tree[key]


def test_the_module_names_of_numpy_1_are_known(tmp_path):
    path = tmp_path / "old.pkl"
    new = pickle.dumps(np.arange(3.0), protocol=2)
    assert b"numpy._core.multiarray" in new
    path.write_bytes(new.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
    np.testing.assert_array_equal(np.asarray(load_plain_pickle(path)), [0, 1, 2])


def test_an_array_that_python_2_wrote_is_read(tmp_path):
    """Its bytes stand there as a string: 1.5 and -2.0 in single precision."""
    path = tmp_path / "python2.pkl"
    path.write_bytes(
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR"
        b"(K\x01K\x02\x85cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R"
        b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        b"\x89U\x08\x00\x00\xc0\x3f\x00\x00\x00\xc0tb."
    )
    assert np.asarray(load_plain_pickle(path)).tolist() == [1.5, -2.0]


@pytest.mark.parametrize(
    ("function", "name"), [(os.system, f"{os.name}.system"), (builtins.eval, "builtins.eval")]
)
def test_a_call_is_refused_by_name_and_not_made(save, tmp_path, function, name):
    witness = tmp_path / "executed"
    commands = {
        "posix.system": f"touch {witness}",
        "builtins.eval": f"open({str(witness)!r}, 'w').close()",
    }
    path = save({"train": Hostile(function, commands[name])})
    with pytest.raises(DataError) as caught:
        load_plain_pickle(path)
    assert str(caught.value) == (
        f"{path}: the pickle names {name}; only numpy arrays, dict, list, tuple, str, bytes and "
        "numbers are read, and nothing was executed. "
        "Convert the file to plain numpy arrays with a tool that you trust."
    )
    assert not witness.exists()


def test_the_hostile_calls_of_these_tests_do_run_under_the_ordinary_reader(save, tmp_path):
    witness = tmp_path / "executed"
    path = save(Hostile(os.system, f"touch {witness}"))
    pickle.loads(path.read_bytes())
    assert witness.exists()


def test_a_tensor_is_refused_by_name(save):
    with pytest.raises(DataError, match=r"names torch\._utils\._rebuild_tensor_v2;"):
        load_plain_pickle(save({"audio": torch.zeros(2)}))


def test_a_dotted_name_does_not_reach_an_attribute_of_an_allowed_class(tmp_path):
    path = tmp_path / "dotted.pkl"
    path.write_bytes(b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.")
    with pytest.raises(DataError, match=r"names numpy\.ndarray\.tofile;"):
        load_plain_pickle(path)


def test_a_dtype_with_a_forged_state_is_refused(tmp_path):
    """An object dtype relabelled as plain memory would let numpy read raw bytes as pointers."""
    forged = pickle.dumps(np.dtype("O"), protocol=2).replace(b"K?t", b"K\x00t")
    raw = b"\x41" * 8
    path = tmp_path / "forged.pkl"
    array = (
        b"\x80\x02cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR"
        + b"(K\x01K\x01\x85"
        + forged[2:-1]
        + b"\x89U\x08"
        + raw
        + b"tb."
    )
    path.write_bytes(array)
    with pytest.raises(DataError, match="an array's content is"):
        load_plain_pickle(path)


@pytest.mark.parametrize("dtype", ["M8[s]", [("a", "f4")]])
def test_arrays_of_other_kinds_are_refused(save, dtype):
    with pytest.raises(DataError, match="not plain"):
        load_plain_pickle(save(np.zeros(2, dtype)))


def test_an_allowed_constructor_takes_no_state(tmp_path):
    path = tmp_path / "state.pkl"
    path.write_bytes(b"\x80\x02cnumpy\nndarray\n}U\x04makeNsb.")
    with pytest.raises(DataError, match="a constructor takes no state"):
        load_plain_pickle(path)


def test_a_truncated_pickle_is_named(save, tmp_path):
    path = save({"a": np.zeros(100)})
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DataError, match=r"features\.pkl: not a whole pickle of plain arrays"):
        load_plain_pickle(path)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"id,text,label\n", b"PK\x03\x04"])
def test_a_file_that_is_no_pickle_is_named(tmp_path, content):
    path = tmp_path / "notes.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"notes\.csv: not a whole pickle .*; download the file"):
        load_plain_pickle(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"absent\.pkl: cannot read the file .*; check the path"):
        load_plain_pickle(tmp_path / "absent.pkl")


def forged(state):
    """Return an object array whose state claims another number of objects than it brings."""
    reconstruct, (kind, _, code), _ = np.empty(1, object).__reduce__()
    array = Hostile(reconstruct, kind, (0,), code)
    array.reduced = (*array.reduced, state)
    return array


@pytest.mark.parametrize("shape", [(2,), (1 << 40,), (-1,), (-1, -1), (0,)])
def test_an_array_with_more_or_fewer_objects_than_its_shape_is_refused(save, shape):
    """Given such a state, numpy reads past the end of the list."""
    path = save({"a": forged((1, shape, np.dtype(object), False, ["one"]))})
    with pytest.raises(DataError, match="1 objects for an array of shape"):
        load_plain_pickle(path)


def test_an_ordered_dict_of_python_2_is_a_dict(tmp_path):
    """It was written as a call with a list of pairs."""
    program = b"\x80\x02ccollections\nOrderedDict\n]]q\x00(U\x01aK\x01ea\x85R."
    path = tmp_path / "old.pkl"
    path.write_bytes(program)
    assert load_plain_pickle(path) == {"a": 1}


@pytest.mark.parametrize("pairs", [b"]K\x01a", b"]]a", b"](]K\x01ea", b"U\x02ab"])
def test_an_ordered_dict_of_other_values_is_refused(tmp_path, pairs):
    path = tmp_path / "odd.pkl"
    path.write_bytes(b"\x80\x02ccollections\nOrderedDict\n" + pairs + b"\x85R.")
    with pytest.raises(DataError, match="not a whole pickle of plain arrays"):
        load_plain_pickle(path)
