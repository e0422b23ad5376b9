"""What the scripts of speed share: pairs of timings, rows of one table, the machine's description.

A part of `benchmarks/speed.py` is a module with one function::

    def rows(*, quick: bool) -> Iterator[Row]: ...

It yields a row as soon as it is measured. With ``quick`` it takes the smallest sizes and one pair:
tests run that. Add the module to ``PARTS`` in `benchmarks/speed.py`.
"""

from benchmarks.measuring.pairs import Case, Times, compare, interleaved
from benchmarks.measuring.row import Row, at_least, at_most

__all__ = ["Case", "Row", "Times", "at_least", "at_most", "compare", "interleaved"]
