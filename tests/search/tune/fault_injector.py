"""Faults of trials, by their seed; Ray calls ``install`` in every worker process (test_faults.py).

A fault strikes in the trial's second epoch. Those marked ``once`` leave a file in the folder that
``SUGRM_TEST_FAULTS`` names, and strike no second time.
"""

import itertools
import os
import resource
import signal
from pathlib import Path

RAISES, NAN, HANGS, HANGS_HARD, DIES = 11, 12, 13, 14, 15
MEMORY_ONCE, MEMORY, DIES_ONCE, DISK, CHECKPOINT_CUT = 21, 22, 23, 24, 25


def install():
    """Let trials fail; the rest of the worker is as it is for a user."""
    from search.worker import time_limit, trial

    time_limit.GRACE_SECONDS = 1.0
    build_run = trial.build_run

    def build(task, **options):
        run = build_run(task, **options)
        run_epoch = run.run_epoch

        def faulty():
            if len(run.history) == 1:
                strike(task)
            return run_epoch()

        run.run_epoch = faulty
        return run

    trial.build_run = build


def strike(task):
    if task.seed in ALWAYS:
        ALWAYS[task.seed]()
    if task.seed in ONCE and once(task):
        ONCE[task.seed](task)


def raises():
    raise ValueError("a fault of the trial\nin two lines")


def diverges():
    from sugrm.errors import NonFiniteLossError

    raise NonFiniteLossError("the training loss of epoch 2 is nan")


def hangs():
    while True:
        sum(range(1000))


def hangs_hard():
    sum(itertools.repeat(1))


def runs_out_of_memory(task=None):
    raise MemoryError("out of memory")


def dies(task=None):
    os.kill(os.getpid(), signal.SIGKILL)


def fills_the_disk(task):
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))


def cuts_the_checkpoint(task):
    path = Path(task.checkpoint) / "last.pt"
    path.write_bytes(path.read_bytes()[:1000])
    dies()


ALWAYS = {
    RAISES: raises,
    NAN: diverges,
    HANGS: hangs,
    HANGS_HARD: hangs_hard,
    DIES: dies,
    MEMORY: runs_out_of_memory,
}
ONCE = {
    MEMORY_ONCE: runs_out_of_memory,
    DIES_ONCE: dies,
    DISK: fills_the_disk,
    CHECKPOINT_CUT: cuts_the_checkpoint,
}


def once(task):
    try:
        (Path(os.environ["SUGRM_TEST_FAULTS"]) / f"{task.key}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
