"""Print every ratio of speed as a table, and write it as JSON.

A part is a group of cases; without a name all parts run. Two ways of computing the same numbers
run in turn on one thread; a row shows the medians of both in CPU seconds, the median of the pairs'
ratios (above 1: this project is faster) and the same ratio by the clock.
With ``--against CHECKOUT`` another commit of this project takes the place of the base, in a process
of its own.
Run: ``python benchmarks/speed.py [PART ...] [--json FILE] [--quick]``; ``--list`` names the parts.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import torch

from benchmarks.measuring import Row
from benchmarks.measuring.against import rows_against
from benchmarks.measuring.machine import described
from benchmarks.measuring.table import HEADER, line

PARTS: Mapping[str, str] = {
    "sugrm": "benchmarks.parts.sugrm",
    "inference": "benchmarks.parts.inference",
    "dispatches": "benchmarks.parts.dispatches",
    "dense": "benchmarks.parts.dense",
    "dropout": "benchmarks.parts.dropout",
    "labels": "benchmarks.parts.labels",
    "epoch": "benchmarks.parts.epoch",
    "lstm": "benchmarks.parts.lstm",
    "text": "benchmarks.parts.text_encoder",
    "evaluation": "benchmarks.parts.evaluation",
}
"""Name of a part -> module with ``rows(*, quick)``, see `benchmarks.measuring`."""


def rows(names: Sequence[str], *, quick: bool) -> Iterator[tuple[str, Row]]:
    """Yield part and row of every case of the parts ``names``, as soon as it is measured."""
    for name in names:
        for row in import_module(PARTS[name]).rows(quick=quick):
            yield name, row


def chosen_rows(options: argparse.Namespace) -> Iterator[tuple[str, Row]]:
    """Yield part and row of what the command line asks for."""
    names = options.parts or list(PARTS)
    if options.against is None:
        yield from rows(names, quick=options.quick)
        return
    for name in names:
        for row in rows_against([PARTS[name]], options.against, pairs=1 if options.quick else 15):
            yield name, row


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(description="Print every ratio of speed.")
    parser.add_argument("parts", nargs="*", metavar="PART", help="parts to run; default: all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows as JSON")
    parser.add_argument(
        "--against", type=Path, metavar="CHECKOUT", help="compare with another commit's checkout"
    )
    parser.add_argument("--quick", action="store_true", help="smallest sizes, one pair")
    parser.add_argument("--list", action="store_true", help="print the names of the parts")
    found = parser.parse_args(given)
    if found.against is not None and not (found.against / "sugrm").is_dir():
        parser.error(f"--against {found.against} holds no folder sugrm; expected a checkout")
    if unknown := sorted(set(found.parts) - set(PARTS)):
        parser.error(f"unknown part {', '.join(unknown)}; expected some of: {', '.join(PARTS)}")
    return found


def main(given: Sequence[str] | None = None) -> None:
    """Run the parts that the command line names."""
    options = arguments(given)
    if options.list:
        print("\n".join(PARTS))
        return
    torch.set_num_threads(1)
    machine = described()
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    print(HEADER)
    measured = []
    for part, row in chosen_rows(options):
        print(line(row), flush=True)
        measured.append({"part": part, **asdict(row), "met": row.met})
    if options.json is not None:
        text = json.dumps({"machine": machine, "rows": measured}, indent=1)
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
