"""The constructors that a pickle may call: numpy arrays and plain values, implemented here.

numpy's own constructors are not exposed: a forged dtype state could make them read raw bytes as
pointers.
"""

import math
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, SupportsIndex

import numpy as np
import numpy.typing as npt

PLAIN_KINDS = "biufcSUO"
"""Kinds of dtype that are accepted: booleans, numbers, bytes, text, objects."""

_CORES = ("numpy.core", "numpy._core")  # numpy 1 and numpy 2 name the same modules differently
_BUILTINS = ("builtins", "__builtin__")  # Python 3 and Python 2
_LONGEST_CODE = 32  # of a dtype, as in <f4
_LARGEST_KEY = 2**60  # larger whole numbers can be chosen to have one hash
_LAST_CHARACTER = 0x10FFFF


@dataclass(frozen=True)
class _Constructor:
    """A callable that a pickle may name; unlike a function it takes no state (BUILD)."""

    make: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 - whatever the pickle holds
        return self.make(*arguments)

    def __setstate__(self, state: object) -> NoReturn:
        raise pickle.UnpicklingError("a constructor takes no state")


class _Dtype:
    """A replacement of numpy's dtype; its state may only set the byte order."""

    def __init__(self, code: str | bytes, *_: object) -> None:
        code = code.decode("ascii") if isinstance(code, bytes) else code
        if not isinstance(code, str) or len(code) > _LONGEST_CODE:
            raise pickle.UnpicklingError("a dtype that is not plain")
        self._plain = np.dtype(code)
        if self._plain.kind not in PLAIN_KINDS:
            raise pickle.UnpicklingError(f"arrays of dtype {self._plain} are not plain")
        if not self._plain.itemsize:
            raise pickle.UnpicklingError("arrays of elements without bytes are not plain")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, order, subarray, names, structure, *_ = state
        if subarray is not None or names is not None or structure is not None:
            raise pickle.UnpicklingError("structured arrays are not plain")
        if order in ("<", ">"):
            self._plain = self._plain.newbyteorder(order)

    def plain(self) -> np.dtype[Any]:
        return self._plain


class _Array(np.ndarray[Any, Any]):
    """An array whose state is checked before numpy takes it."""

    def __setstate__(self, state: tuple[Any, ...], /) -> None:
        version, shape, dtype, fortran, raw = state
        raw = raw.encode("latin1") if isinstance(raw, str) else raw  # as Python 2 wrote it
        if not isinstance(raw, list if dtype.plain().hasobject else bytes):
            raise pickle.UnpicklingError(f"an array's content is {type(raw).__name__}")
        # numpy does not check the number of objects and would read past the end of the list.
        if isinstance(raw, list):
            if len(raw) != math.prod(shape) or min(shape, default=0) < 0:
                raise pickle.UnpicklingError(f"{len(raw)} objects for an array of shape {shape}")
            # Freed one inside the other, arrays take a frame of the C stack each.
            if any(isinstance(item, np.ndarray) and item.dtype.hasobject for item in raw):
                raise pickle.UnpicklingError("arrays of objects inside another are not plain")
        super().__setstate__((version, shape, dtype.plain(), fortran, raw))


def is_key(value: object) -> bool:
    """Return whether ``value`` may be a key or a set's member: plain, or a tuple of plain values.

    Nested tuples are hashed again at each use, one level of the C stack each.
    """
    if isinstance(value, tuple):
        return all(not isinstance(item, tuple) and is_key(item) for item in value)
    if isinstance(value, int):
        return abs(value) < _LARGEST_KEY
    return value is None or isinstance(value, str | bytes | float | complex | np.generic)


def beyond_unicode(array: npt.NDArray[Any]) -> bool:
    """Return whether an array of text holds numbers that are no characters."""
    if array.dtype.kind != "U" or not array.size:
        return False
    codes = np.ascontiguousarray(array).reshape(-1).view(array.dtype.str[0] + "u4")
    return bool(codes.max() > _LAST_CHARACTER)


def _reconstruct(*_: object) -> _Array:
    return _Array((0,))


def _scalar(dtype: _Dtype, raw: bytes) -> object:
    if dtype.plain().hasobject:
        raise pickle.UnpicklingError("an object scalar is not plain")
    array = np.frombuffer(raw, dtype.plain(), count=1)
    if beyond_unicode(array):
        raise pickle.UnpicklingError("text beyond Unicode")
    return array[0]


def _from_buffer(
    raw: bytes,
    dtype: _Dtype,
    shape: tuple[SupportsIndex, ...],
    order: Any,  # noqa: ANN401
) -> npt.NDArray[Any]:
    return np.frombuffer(raw, dtype.plain()).reshape(shape, order=order)


def _encode(text: str, encoding: str) -> bytes:
    """Return the bytes that protocols 0 to 2 write as text; that is latin-1 and nothing else."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"bytes are written as latin1, got {encoding}")
    return text.encode("latin1")


def _set(members: object = ()) -> set[Any]:
    if not isinstance(members, list | tuple) or not all(map(is_key, members)):
        raise pickle.UnpicklingError("a set of other than plain values")
    return set(members)


def _ordered(pairs: object = ()) -> dict[Any, Any]:
    """Return a dict: what sorts its keys has no other meaning in a feature file."""
    if not isinstance(pairs, list | tuple) or not all(
        isinstance(pair, list | tuple) and len(pair) == 2 and is_key(pair[0]) for pair in pairs
    ):
        raise pickle.UnpicklingError("an OrderedDict of other than pairs with plain keys")
    return dict(pairs)


NAMES: Mapping[tuple[str, str], object] = {
    ("collections", "OrderedDict"): _Constructor(_ordered),
    ("numpy", "ndarray"): _Constructor(_reconstruct),
    ("numpy", "dtype"): _Constructor(_Dtype),
    ("_codecs", "encode"): _Constructor(_encode),
    **{(module, "bytes"): _Constructor(lambda: b"") for module in _BUILTINS},
    # Protocols from 4 on have opcodes for sets; the older ones name them.
    **{(module, "set"): _Constructor(_set) for module in _BUILTINS},
    **{
        (module, "frozenset"): _Constructor(lambda *args: frozenset(_set(*args)))
        for module in _BUILTINS
    },
    **{(f"{core}.multiarray", "_reconstruct"): _Constructor(_reconstruct) for core in _CORES},
    **{(f"{core}.multiarray", "scalar"): _Constructor(_scalar) for core in _CORES},
    **{(f"{core}.numeric", "_frombuffer"): _Constructor(_from_buffer) for core in _CORES},
}
"""(module, name) -> its replacement here; nothing else is called."""
