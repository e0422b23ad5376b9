"""Where the time goes before the first epoch: of a command that only prints, and of a run.

The first part starts ``sugrm-search report --help`` several times beside a bare interpreter. The
second part runs a space of tiny trials with Ray, in a process of its own, and prints when each step
was reached, with the CPU seconds of this process so far. Ray's processes and the workers compute
beside it: what the clock shows beyond the CPU seconds was spent waiting for them.
Run: ``python benchmarks/start_up.py [REPEATS]``; with 0 repeats only the second part runs, with
``--no-run`` only the first.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measuring.command_line import natural, parser_of

REPEATS = 7
SPACE = """
name: start
data:
  dataset: synthetic
  synthetic: {train: 8, valid: 4, test: 4, audio_length: 2, vision_length: 2, text_length: 8}
experiment:
  model: {text: {name: tiny, finetune: false}, encoder: {name: lstm}}
  training: {max_epochs: 2}
search:
  trials: 4
  sampler: {name: random}
  start: []
  parameters: {training.learning_rate.others: {low: 1.0e-4, high: 1.0e-1, log: true}}
"""
COMMANDS = {
    "a bare interpreter": ["-c", "pass"],
    "sugrm-search report --help": [
        "-c",
        "from search.cli.main import main; main()",
        "report",
        "--help",
    ],
}


def cpu_seconds(arguments: list[str]) -> float:
    """Return the CPU seconds of an interpreter with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_commands(repeats: int) -> None:
    """Print the median CPU seconds of each command; they run in turn."""
    rounds = [[cpu_seconds(each) for each in COMMANDS.values()] for _ in range(repeats)]
    for name, seconds in zip(COMMANDS, zip(*rounds, strict=True), strict=True):
        print(f"{name}: {statistics.median(seconds):.3f} CPU s, median of {repeats}")


def print_run(folder: Path) -> None:
    """Print when a run reaches each step for the first time."""
    started, reached = time.perf_counter(), set[str]()

    def note(step: object) -> None:
        name = step if isinstance(step, str) else type(step).__name__
        if name not in reached:
            reached.add(name)
            clock = time.perf_counter() - started
            print(f"  {clock:6.2f} s, {time.process_time():5.2f} CPU s: {name}", flush=True)

    from search import load_space

    (folder / "start.yaml").write_text(SPACE, encoding="utf-8")
    space = load_space(folder / "start.yaml")
    note("the space is read")
    from search import run

    note("libraries are imported")
    run.left_to_compute(space, folder)
    note("data, encoder and ledger are checked (once more in the run)")
    run.run_space(space, runs=folder, listen=note)
    note("Ray has ended")


def main() -> None:
    """Print both parts."""
    parser = parser_of(__doc__)
    parser.add_argument("repeats", type=natural, nargs="?", default=REPEATS)
    parser.add_argument("--no-run", action="store_true", help="leave out the second part")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        with tempfile.TemporaryDirectory() as temporary:
            print_run(Path(temporary))
        return
    if options.repeats:
        print_commands(options.repeats)
    if not options.no_run:
        print("a run of 4 trials of 2 epochs, the clock and the CPU seconds of the driver")
        subprocess.run([sys.executable, __file__, "--run"], check=True)


if __name__ == "__main__":
    main()
