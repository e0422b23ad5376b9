"""Check and time everything that only a GPU can show, in less than six minutes.

Prints each number as soon as it is known, goes on after a check that fails, and starts none after
five minutes. It needs no data and no network: weights and batches are random.
Run: ``python benchmarks/gpu.py [--json FILE]``; without a GPU ``--device cpu --tiny`` rehearses it.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks.measuring.machine import described
from benchmarks.on_gpu import checks, timings, together
from benchmarks.on_gpu.setting import Check, Found, Setting

LAST_START = 300.0
"""Seconds after which no check starts."""

PARTS: Mapping[str, Callable[[Setting], Iterator[Check]]] = {
    "device": checks.device,
    "golden": checks.golden,
    "waiting": checks.waiting,
    "systems": timings.systems,
    "layouts": timings.layouts,
    "together": together.fused,
    "halves": together.halves,
    "fits": checks.fits,
    "graph": timings.graph,  # last: a capture that fails may break what comes after it
}


def lines(setting: Setting, names: Sequence[str]) -> Iterator[tuple[str, str, Found]]:
    """Yield part, name and result of every check; one that fails gives its error."""
    started = time.perf_counter()
    for part in names:
        checks_of_part = PARTS[part](setting)
        while time.perf_counter() - started < LAST_START:
            name = "preparing"
            try:
                check = next(checks_of_part, None)
                if check is None:
                    break
                name = check.name
                yield part, name, check.run()
            except Exception as error:
                yield part, name, _failed(error)
                if name == "preparing":
                    break
        else:
            yield part, "stopped", Found(f"{LAST_START:.0f} s are over", {"stopped": part})


def _failed(error: Exception) -> Found:
    first = str(error).splitlines()[0] if str(error) else ""
    message = f"{type(error).__name__}: {first}"
    return Found(f"FAILED: {message}", {"error": message})


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(description="Check and time this project on a GPU.")
    parser.add_argument("parts", nargs="*", help=f"parts to run, of: {', '.join(PARTS)}")
    parser.add_argument("--device", default="cuda:0", help="device to run on; default: cuda:0")
    parser.add_argument("--tiny", action="store_true", help="smallest sizes, for a rehearsal")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers as JSON")
    parser.add_argument("--trial", action="store_true", help=argparse.SUPPRESS)
    found = parser.parse_args(given)
    if unknown := sorted(set(found.parts) - set(PARTS)):
        parser.error(f"unknown part {', '.join(unknown)}; expected some of: {', '.join(PARTS)}")
    if found.device.startswith("cuda") and not torch.cuda.is_available():
        parser.error("no CUDA device; expected one; rehearse with: --device cpu --tiny")
    return found


def main(given: Sequence[str] | None = None) -> None:
    """Run the parts that the command line names."""
    options = arguments(given)
    torch.set_num_threads(1)
    setting = Setting(device=torch.device(options.device), tiny=options.tiny)
    if options.trial:
        together.trial(setting)
        return
    machine, found, started = described(), [], time.perf_counter()
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    for part, name, result in lines(setting, options.parts or list(PARTS)):
        seconds = time.perf_counter() - started
        print(f"{seconds:6.1f} s  {part:<9} {name:<34} {result.value}", flush=True)
        found.append({"part": part, "name": name, **asdict(result)})
        if options.json is not None:  # each time: the script may be cut off
            text = json.dumps({"machine": machine, "lines": found}, indent=1)
            options.json.parent.mkdir(parents=True, exist_ok=True)
            options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
