"""Reading pickles without running what they hold.

A pickle is a program: loading it calls whatever it names. This reader resolves the names that
numpy arrays and plain containers need, to constructors of its own, and refuses all others before
anything is called. numpy's own constructors are not exposed either: a forged dtype state could
make them read raw bytes as pointers.
"""

import math
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, SupportsIndex

import numpy as np
import numpy.typing as npt

from sugrm.errors import DataError

PLAIN_KINDS = "biufcSUO"
"""Kinds of dtype that are let through: booleans, numbers, bytes, text, objects."""

_CORES = ("numpy.core", "numpy._core")  # numpy 1 and numpy 2 name the same modules differently
_BUILTINS = ("builtins", "__builtin__")  # Python 3 and Python 2, likewise
_ADVICE = "download the file again, or check that it is the feature pickle that you meant"


@dataclass(frozen=True)
class _Constructor:
    """A callable that a pickle may name; unlike a function it takes no state (BUILD)."""

    make: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 - whatever the pickle holds
        return self.make(*arguments)

    def __setstate__(self, state: object) -> NoReturn:
        raise pickle.UnpicklingError("a constructor takes no state")


class _Dtype:
    """Stands for a numpy dtype; its state may only set the byte order."""

    def __init__(self, code: str | bytes, *_: object) -> None:
        self._plain = np.dtype(code.decode("ascii") if isinstance(code, bytes) else code)
        if self._plain.kind not in PLAIN_KINDS:
            raise pickle.UnpicklingError(f"arrays of dtype {self._plain} are not plain")

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
        # numpy takes the number of objects on trust and would read past the end of the list.
        if isinstance(raw, list) and (len(raw) != math.prod(shape) or min(shape, default=0) < 0):
            raise pickle.UnpicklingError(f"{len(raw)} objects for an array of shape {shape}")
        super().__setstate__((version, shape, dtype.plain(), fortran, raw))


def _reconstruct(*_: object) -> _Array:
    return _Array((0,))


def _scalar(dtype: _Dtype, raw: bytes) -> object:
    if dtype.plain().hasobject:
        raise pickle.UnpicklingError("an object scalar is not plain")
    return np.frombuffer(raw, dtype.plain(), count=1)[0]


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


_NAMES: Mapping[tuple[str, str], object] = {
    ("numpy", "ndarray"): _Constructor(_reconstruct),
    ("numpy", "dtype"): _Constructor(_Dtype),
    ("_codecs", "encode"): _Constructor(_encode),
    **{(module, "bytes"): _Constructor(lambda: b"") for module in _BUILTINS},
    # Protocols from 4 on have opcodes for sets; the older ones name them.
    **{(module, "set"): _Constructor(set) for module in _BUILTINS},
    **{(module, "frozenset"): _Constructor(frozenset) for module in _BUILTINS},
    **{(f"{core}.multiarray", "_reconstruct"): _Constructor(_reconstruct) for core in _CORES},
    **{(f"{core}.multiarray", "scalar"): _Constructor(_scalar) for core in _CORES},
    **{(f"{core}.numeric", "_frombuffer"): _Constructor(_from_buffer) for core in _CORES},
}


class _PlainUnpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO, path: Path) -> None:
        super().__init__(file, encoding="latin1")  # Python 2's text, as numpy wrote it
        self._path = path

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - the base's signature
        try:
            return _NAMES[module, name]
        except KeyError:
            raise DataError(
                f"{self._path}: the pickle names {module}.{name}; only numpy arrays, dict, list, "
                "tuple, str, bytes and numbers are read, and nothing was executed. "
                "Convert the file to plain numpy arrays with a tool that you trust."
            ) from None


def load_plain_pickle(path: Path) -> object:
    """Return what the pickle holds, if that is numpy arrays and plain containers.

    Raises:
        DataError: the file is missing, is no whole pickle, or names any other class; nothing
            that it names has then been executed.
    """
    try:
        with path.open("rb") as file:
            return _PlainUnpickler(file, path).load()
    except DataError:
        raise
    except OSError as error:
        raise DataError(
            f"{path}: cannot read the file ({error.strerror}); check the path"
        ) from error
    except Exception as error:  # a damaged pickle raises almost any class
        said = " ".join(f"{type(error).__name__}: {error}".split())  # on one line
        raise DataError(
            f"{path}: not a whole pickle of plain arrays ({said}); {_ADVICE}"
        ) from error
