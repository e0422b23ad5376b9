"""Another commit of this project against this one: two processes that are timed in turn."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.measuring.machine import ROOT, commit
from benchmarks.measuring.pairs import Case, Times, row_of
from benchmarks.measuring.row import Row

WORKER = Path(__file__).with_name("worker.py")


class Worker:
    """A process that times a case on a checkout's ``sugrm`` whenever it is asked to.

    Args:
        checkout: the folder that holds the package.
        module: the part that holds the case.
        case: the name of the case.
    """

    def __init__(self, checkout: Path, module: str, case: str, *, repeats: int = 1) -> None:
        command = [sys.executable, str(WORKER), str(checkout), module, case, str(repeats)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        if self._line() != "ready":
            self._process.communicate()
            raise SystemExit(f"{case} does not run on {checkout}; its error is above")

    def __enter__(self) -> "Worker":
        """Return the worker."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the process."""
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def times(self) -> Times:
        """Return the seconds of one run."""
        assert self._process.stdin is not None
        self._process.stdin.write("run\n")
        self._process.stdin.flush()
        return Times(**json.loads(self._line()))


def rows_against(modules: Sequence[str], checkout: Path, *, pairs: int) -> Iterator[Row]:
    """Yield a row for each case of the parts that have ``RUNS``: the other checkout's time / ours.

    Args:
        modules: names of the parts' modules.
        checkout: the folder of the other checkout.
        pairs: number of pairs that are timed, after one pair that is thrown away.
    """
    other = checkout.resolve()
    for module in modules:
        for name in getattr(import_module(module), "RUNS", {}):
            with Worker(ROOT, module, name) as ours, Worker(other, module, name) as theirs:
                measured = [(ours.times(), theirs.times()) for _ in range(pairs + 1)][1:]
            case = Case(name=name, ours=list, base=list, against=f"commit {commit(other)}")
            yield row_of(case, measured)
