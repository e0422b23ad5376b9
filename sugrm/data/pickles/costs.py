"""The cost of each instruction of a pickle, and the total cost that a file may have.

An instruction of one byte makes an empty set, which takes 216 bytes and is visited again by the
checks that follow. Instructions that bring bytes of their own (text, numbers, arrays) need no
bound: the size of their values is limited by their bytes in the file.
"""

import pickle
from collections.abc import Mapping

_CONTAINER, _MARK, _STEP = 256, 96, 64
ENTRY = 128
"""Cost of each key of a dict, member of a set and entry of the memo."""

COSTS: Mapping[bytes, int] = {
    **dict.fromkeys(
        (
            *(pickle.EMPTY_LIST, pickle.EMPTY_DICT, pickle.EMPTY_SET, pickle.EMPTY_TUPLE),
            *(pickle.LIST, pickle.DICT, pickle.FROZENSET, pickle.TUPLE),
            *(pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3),
            *(pickle.REDUCE, pickle.BUILD, pickle.OBJ, pickle.INST),
            *(pickle.NEWOBJ, pickle.NEWOBJ_EX),
            pickle.DUP,  # which no program writes; a tuple of two of its results doubles
        ),
        _CONTAINER,
    ),
    **dict.fromkeys((pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE), ENTRY),
    pickle.MARK: _MARK,
    **dict.fromkeys((pickle.APPEND, pickle.SETITEM, pickle.READONLY_BUFFER), _STEP),
}
"""Instruction -> bytes of memory that it costs, including its share of later checks."""

_AT_ANY_SIZE = 192 << 20
_PER_BYTE = 8


def allowance(size: int) -> int:
    """Return what the instructions of a file of ``size`` bytes may cost together.

    Any file may make 500,000 short lists. A file of any length may make one list of seven or more
    floats for each frame of each utterance.
    """
    return _AT_ANY_SIZE + _PER_BYTE * size
