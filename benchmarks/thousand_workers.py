"""Drive the controller with 1,000 simulated workers over runs of 1,000, 10,000 and 100,000 trials.

There is no Ray and no training: each simulated worker reports one epoch after another, in turn with
the others, and takes the next trial when its own has ended. The controller is that of a run: early
stopping, ledger, records of running trials, TensorBoard, checkpoints and events. So the numbers are
what the process of ``sugrm-search run`` spends on a cluster, without what Ray Tune spends in it.

Each run is made once (``benchmarks/scale/made_run.py``). Then a process of its own measures each of
these: ``status`` of the run; what the same command does until its first trial; the reports of the
workers; one suggestion of TPE, which fits its densities to all trials; ``sugrm-search report``.
Seconds are CPU seconds, memory is what the process holds.

Run: ``python benchmarks/thousand_workers.py [TRIALS ...]``; it prints the numbers. With
``--sampler NAME`` it prints what continuing and suggesting take with that sampler.
"""

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import get_args

from benchmarks.measuring.command_line import parser_of, positive
from benchmarks.scale import made_run
from benchmarks.scale.simulated_cluster import Driver
from search.space.sections import SamplerConfig
from search.status.run_status import run_status

SIZES = (1_000, 10_000, 100_000)
WORKERS, EPOCHS_PER_SECOND = 1_000, 200
SECONDS = 20.0
"""The seconds of such a cluster whose reports are timed."""
SUGGESTIONS = 5
SAMPLERS = get_args(SamplerConfig.model_fields["name"].annotation)

Numbers = dict[str, float]


def memory(name: str = "VmRSS") -> float:
    """Return the memory of this process in MiB: what it holds, or with ``VmHWM`` its peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def status(runs: Path, trials: int) -> Numbers:
    """Return what ``status`` of the run takes."""
    started = time.process_time()
    found = run_status(runs, made_run.NAME)
    seconds = time.process_time() - started
    assert found.done == trials, found
    return {"status_s": seconds, "status_mib": memory("VmHWM")}


def drive(runs: Path, trials: int) -> Numbers:
    """Return what continuing the run takes, and what the reports of its workers take then."""
    epochs = int(EPOCHS_PER_SECOND * SECONDS)
    started = time.process_time()
    driver = Driver(runs, trials + WORKERS + epochs)
    found = {"continue_s": time.process_time() - started, "continue_mib": memory("VmHWM")}
    workers = [driver.next_worker() for _ in range(WORKERS)]
    found["driver_mib"] = memory()
    found["events"] = -driver.events
    spent, counts, wall = {True: 0.0, False: 0.0}, {True: 0, False: 0}, time.perf_counter()
    for number in range(epochs):
        started = time.process_time()
        worker = workers[number % WORKERS]
        has_ended = driver.receive(worker)
        if has_ended:
            workers[number % WORKERS] = driver.next_worker()
        spent[has_ended] += time.process_time() - started
        counts[has_ended] += 1
    found["wall_s"] = time.perf_counter() - wall
    found["events"] += driver.events
    driver.controller.close()
    return found | {
        "epochs": epochs,
        "ends": counts[True],
        "epoch_ms": 1e3 * spent[False] / max(counts[False], 1),
        "end_ms": 1e3 * spent[True] / max(counts[True], 1),
        "cpu_s": sum(spent.values()),
        "grown_mib": memory() - found["driver_mib"],
    }


def suggest(runs: Path, trials: int) -> Numbers:
    """Return what one suggestion of TPE takes, with the start of its trial."""
    driver = Driver(runs, trials + SUGGESTIONS + 1, sampler="tpe")
    started = time.process_time()
    for _ in range(SUGGESTIONS):
        driver.next_worker()
    return {"tpe_s": (time.process_time() - started) / SUGGESTIONS}


def report(runs: Path, trials: int) -> Numbers:
    """Return what ``sugrm-search report`` takes, start-up included, and the size of its files."""
    from search.cli.main import main as command

    sys.argv = ["sugrm-search", "report", made_run.NAME, "--runs", str(runs)]
    with contextlib.suppress(SystemExit):
        command()
    files = (runs / made_run.NAME / "report").rglob("*")
    size = sum(path.stat().st_size for path in files) / 1e6
    assert size, "no report was written"
    return {"report_s": time.process_time(), "report_mb": size, "report_mib": memory("VmHWM")}


MEASURES = {each.__name__: each for each in (status, drive, suggest, report)}


def measured(name: str, run: Path, trials: int) -> Numbers:
    """Return what a measure finds in a process of its own, with a copy of the run."""
    with tempfile.TemporaryDirectory() as temporary:
        shutil.copytree(run, Path(temporary) / made_run.NAME)
        command = [sys.executable, __file__, str(trials), "--measure", name, temporary]
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: Numbers = json.loads(said.splitlines()[-1])
    return found


LINES = {
    "status": "{status_s:.1f} s; peak memory {status_mib:.0f} MiB",
    "continued to the first trial": "{continue_s:.1f} s; peak memory {continue_mib:.0f} MiB",
    "memory of the driver, all workers busy": "{driver_mib:.0f} MiB",
    "an epoch": "{epoch_ms:.2f} ms",
    "a trial that ends, and the start of the next": "{end_ms:.1f} ms",
    "epochs a second": "{rate:.0f}, {ends_share:.0%} of which end a trial",
    "one core's share at " + f"{EPOCHS_PER_SECOND} epochs a second": "{share:.0%}",
    "a suggestion of TPE, and the start of its trial": "{tpe_s:.3f} s",
    "report": "{report_s:.1f} s, {report_mb:.0f} MB; peak memory {report_mib:.0f} MiB",
}


def print_numbers(trials: int, found: Numbers) -> None:
    """Print what was measured of a run of so many trials."""
    rate = found["epochs"] / found["cpu_s"]
    more = {
        "rate": rate,
        "share": EPOCHS_PER_SECOND / rate,
        "ends_share": found["ends"] / found["epochs"],
    }
    print(f"{trials:,} trials, {WORKERS} simulated workers")
    for name, line in LINES.items():
        print(f"  {name}: {line.format(**found, **more)}", flush=True)


def print_sampler(name: str, trials: int) -> None:
    """Print what a continued run and a suggestion take with a sampler."""
    with tempfile.TemporaryDirectory() as temporary:
        runs = Path(temporary)
        made_run.write_run(made_run.space_of(runs, trials), runs / made_run.NAME)
        started = time.process_time()
        driver = Driver(runs, trials + SUGGESTIONS + 1, sampler=name)
        continued = time.process_time()
        for _ in range(SUGGESTIONS):
            driver.next_worker()
        each = (time.process_time() - continued) / SUGGESTIONS
        print(
            f"{name}, {trials:,} trials: continued in {continued - started:.1f} s; a suggestion "
            f"and the start of its trial {1e3 * each:.1f} ms",
            flush=True,
        )


def print_all(trials: int) -> None:
    """Make a run of so many trials, and print what each measure finds."""
    found: Numbers = {}
    with tempfile.TemporaryDirectory() as temporary:
        runs = Path(temporary)
        made_run.write_run(made_run.space_of(runs, trials), runs / made_run.NAME)
        for name in MEASURES:
            found |= measured(name, runs / made_run.NAME, trials)
    print_numbers(trials, found)


def main() -> None:
    """Print the numbers of each size."""
    parser = parser_of(__doc__)
    parser.add_argument("trials", type=positive, nargs="*", default=SIZES)
    parser.add_argument("--sampler", metavar="NAME", choices=SAMPLERS)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for trials in options.trials:
        if options.sampler:
            print_sampler(options.sampler, trials)
        elif options.measure:
            name, runs = options.measure
            print(json.dumps(MEASURES[name](Path(runs), trials)))
        else:
            print_all(trials)


if __name__ == "__main__":
    main()
