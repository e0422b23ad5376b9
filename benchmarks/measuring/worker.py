"""Time one case on a checkout's ``sugrm``, each time that a line comes in; see `against`.

Run by `against`: ``python worker.py CHECKOUT MODULE CASE REPEATS``. The benchmarks are those of
this checkout, the package is the other one's.
"""

import json
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path


def main(checkout: str, module: str, case: str, repeats: int) -> None:
    """Build the case, then print the seconds of a run for each line of the input."""
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    pairs = import_module("benchmarks.measuring.pairs")  # before the other checkout has priority
    sys.path.insert(0, checkout)
    torch = import_module("torch")
    torch.set_num_threads(1)
    run = import_module(module).RUNS[case]()
    package = Path(str(import_module("sugrm").__file__))
    if not package.is_relative_to(checkout):
        raise SystemExit(f"sugrm comes from {package}; expected it in {checkout}")
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps(asdict(pairs.timed(run, repeats))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
