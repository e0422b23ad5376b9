"""Reading pickles without running what they hold.

A pickle is a program: loading it calls whatever it names. This reader resolves the names that
numpy arrays and plain containers need, to constructors of its own
(``sugrm.data.pickles.constructors``), and refuses all others before anything is called. Time and
memory stay in proportion to the file: each instruction is bounded, the memory of all of them is
counted (``sugrm.data.pickles.costs``), and a tree that grows when traversed is rejected.
"""

import os
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from sugrm.data.pickles.constructors import NAMES, is_key
from sugrm.data.pickles.costs import COSTS, ENTRY, allowance
from sugrm.data.pickles.extent import check_extent
from sugrm.errors import DataError

_ADVICE = "download the file again, or check that it is the feature pickle that you meant"
_FACTOR, _SLACK = 4, 1_000_000  # a file of n bytes holds at most _FACTOR * n + _SLACK values


class _File:
    """A file that rejects reads beyond its size, whose memory would be allocated first."""

    def __init__(self, file: BinaryIO) -> None:
        self.size = os.fstat(file.fileno()).st_size
        self.readline, self._read, self._readinto = file.readline, file.read, file.readinto  # type: ignore[attr-defined]

    def read(self, count: int) -> bytes:
        if count > self.size:  # as ``check``; a call less for each instruction
            self.check(count)
        return self._read(count)

    def readinto(self, buffer: bytearray) -> int:
        return int(self._readinto(buffer))

    def check(self, count: int) -> None:
        if count > self.size:
            raise pickle.UnpicklingError(f"{count} bytes promised, the file has {self.size}")


class _PlainUnpickler(pickle._Unpickler):
    """Python's own reader written in Python, whose instructions can be bounded one by one."""

    stack: list[Any]
    dispatch: ClassVar = dict(pickle._Unpickler.dispatch)

    def __init__(self, file: _File, path: Path) -> None:
        super().__init__(file, encoding="latin1")  # Python 2's text, as numpy wrote it
        self._file, self._path = file, path
        self._may_make = _FACTOR * file.size + _SLACK
        self._may_cost = allowance(file.size)

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - the base's signature
        if not (module and name):
            raise pickle.UnpicklingError("a name that is cut off")
        try:
            return NAMES[module, name]
        except KeyError:
            raise DataError(
                f"{self._path}: the pickle names {module[:80]}.{name[:80]}; only numpy arrays, "
                "dict, list, tuple, str, bytes and numbers are read, and nothing was executed. "
                "Convert the file to plain numpy arrays with a tool that you trust."
            ) from None

    def check_keys(self, target: object, keys: Sequence[object]) -> None:
        if not isinstance(target, dict | set):
            raise pickle.UnpicklingError(f"keys for a {type(target).__name__}")
        self.check_members(keys)

    def check_members(self, keys: Sequence[object]) -> None:
        self.spend(ENTRY * len(keys))
        if not all(map(is_key, keys)):
            raise pickle.UnpicklingError("a key that is neither text nor a number of usual size")

    def spend(self, cost: int) -> None:
        self._may_cost -= cost
        if self._may_cost < 0:
            raise pickle.UnpicklingError(
                f"more lists, sets, tuples and calls than {self._file.size} bytes of features need"
            )

    def count_arguments(self, arguments: object) -> None:
        """Count the bytes and items that a call or a state copies, each time it does."""
        given = arguments if isinstance(arguments, tuple) else ()
        self.spend(ENTRY * sum(len(each) for each in given if isinstance(each, list | tuple)))
        self._may_make -= sum(len(each) for each in given if isinstance(each, str | bytes))
        if self._may_make < 0:
            raise pickle.UnpicklingError("arrays that are many times as large as the file")

    def read_bytearray(self) -> None:
        size = int.from_bytes(self.read(8), "little")  # type: ignore[attr-defined]
        self._file.check(size)
        self.append(bytearray(self.read(size)))  # type: ignore[attr-defined]


def _bounded(code: bytes, check: Callable[[_PlainUnpickler], None]) -> None:
    """Run ``check`` on the reader before an instruction is carried out."""
    usual: Callable[[Any], None] = _PlainUnpickler.dispatch[code[0]]

    def bounded(reader: _PlainUnpickler) -> None:
        check(reader)
        usual(reader)

    _PlainUnpickler.dispatch[code[0]] = bounded  # type: ignore[assignment]


def _counted(code: bytes, cost: int) -> None:
    """Charge ``cost`` before an instruction is carried out."""
    _bounded(code, lambda reader: reader.spend(cost))


def _below_mark(reader: _PlainUnpickler) -> Any:  # noqa: ANN401
    stacks: list[list[Any]] = reader.metastack  # type: ignore[attr-defined]
    return stacks[-1][-1]


_bounded(pickle.SETITEM, lambda reader: reader.check_keys(reader.stack[-3], [reader.stack[-2]]))
_bounded(pickle.SETITEMS, lambda reader: reader.check_keys(_below_mark(reader), reader.stack[::2]))
_bounded(pickle.ADDITEMS, lambda reader: reader.check_keys(_below_mark(reader), reader.stack))
_bounded(pickle.DICT, lambda reader: reader.check_members(reader.stack[::2]))
_bounded(pickle.FROZENSET, lambda reader: reader.check_members(reader.stack))
_bounded(pickle.REDUCE, lambda reader: reader.count_arguments(reader.stack[-1]))
_bounded(pickle.BUILD, lambda reader: reader.count_arguments(reader.stack[-1]))
_bounded(pickle.OBJ, lambda reader: reader.count_arguments(tuple(reader.stack)))
_bounded(pickle.INST, lambda reader: reader.count_arguments(tuple(reader.stack)))
_PlainUnpickler.dispatch[pickle.BYTEARRAY8[0]] = _PlainUnpickler.read_bytearray  # type: ignore[assignment]
for _code, _cost in COSTS.items():
    _counted(_code, _cost)


def load_plain_pickle(path: Path) -> object:
    """Return what the pickle holds, if that is numpy arrays and plain containers.

    Raises:
        DataError: the file is missing, is no whole pickle, names any other class (nothing that
            it names has then been executed), or holds far more than its bytes can.
    """
    try:
        with path.open("rb") as file:
            source = _File(file)
            tree: object = _PlainUnpickler(source, path).load()
            check_extent(tree, _FACTOR * source.size + _SLACK)
            return tree
    except DataError:
        raise
    except OSError as error:
        raise DataError(
            f"{path}: cannot read the file ({error.strerror}); check the path"
        ) from error
    except Exception as error:  # a damaged pickle raises almost any class
        said = " ".join(f"{type(error).__name__}: {error}".split())  # on one line
        raise DataError(
            f"{path}: not a whole pickle of plain arrays ({said[:200]}); {_ADVICE}"
        ) from error
