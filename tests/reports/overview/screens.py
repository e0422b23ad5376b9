"""Runs of every kind that an overview is about, each as a folder ``runs/NAME``."""

from reports import Choice, build_report
from tests.reports.ledger_builder import COMMAND, SPACE, LedgerBuilder, tiny_rows, tiny_run
from tests.reports.paper.paper_runs import run as paper_run
from tests.reports.sims_runs import SIMS_SPACE

PARTS = ("search", "confirm", "ablations")
PLAIN = Choice(with_figures=False)
FAST = {"training.learning_rate.text": 3e-5, "training.batch_size": 16}


def only(*parts, **values):
    """Return the space of tiny runs with these of its parts."""
    kept = {name: value for name, value in SPACE.items() if name not in PARTS or name in parts}
    return {**kept, **values}


def whole(folder):
    return tiny_run(folder)


def complete(folder):
    """A search, a confirmation over five seeds beside the published values, its fixed values."""
    builder = LedgerBuilder(folder)
    builder.searched(0, 0.90)
    builder.searched(1, 0.70, changes=FAST)
    for seed in range(1, 6):
        builder.confirmed("s1", 0, seed, 0.70 + seed / 100, 0.71 + seed / 100, changes=FAST)
        builder.cell("baseline", seed, 0.90 + seed / 100 + 0.001 * seed**2)
    space = only("search", confirm={"top": 1, "seeds": [1, 2, 3, 4, 5]}, seeds=[1, 2, 3, 4, 5])
    space["search"] = {**space["search"], "trials": 2}
    return builder.write({**space, "ablations": {"modules": {"baseline": {}}}})


def search(folder):
    builder = LedgerBuilder(folder)
    builder.searched(0, 0.90, 0.1)
    builder.searched(1, 0.80, 0.2, changes=FAST)
    builder.searched(2, 0.95, status="stopped")
    builder.searched(3, 0.85)
    return builder.write(only("search"))


def one_trial(folder):
    builder = LedgerBuilder(folder)
    builder.searched(0, 0.9)
    return builder.write(only("search"))


def failed(folder):
    builder = LedgerBuilder(folder)
    builder.searched(0, status="failed", failure="oom")
    builder.searched(1, status="failed", failure="nan")
    builder.searched(2, status="failed", failure="nan")
    return builder.write()


def pareto(folder):
    builder = LedgerBuilder(folder)
    for number, (mae, size) in enumerate(((0.9, 100), (0.8, 300), (0.85, 200), (0.95, 400))):
        changes = {"training.batch_size": 16 * (number + 1)}
        builder.searched(number, mae, changes=changes, parameters=size)
    objective = [{"metric": "valid/mae"}, {"metric": "cost/parameters"}]
    return builder.write(only(search={**SPACE["search"], "objective": objective}))


def repeated(folder):
    """One trial of another run again, by the command that the program records."""
    builder = LedgerBuilder(folder)
    builder.cell("trial", 1113, 0.7, group="repeat", changes=FAST)
    space = only(seeds=[1113], ablations={"repeat": {"trial": FAST}})
    return builder.write({**space, "name": "repeat-18440d6ea63920a4"})


def without_comparison(folder):
    """A search that ended and its confirmation, without fixed values over seeds."""
    builder = LedgerBuilder(folder)
    builder.searched(0, 0.7, changes=FAST)
    seeds = list(range(1, 6))
    for seed in seeds:
        builder.confirmed("s0", 0, seed, 0.7 + seed / 100, 0.7 + seed / 100, changes=FAST)
    space = only("search", confirm={"top": 1, "seeds": seeds})
    return builder.write({**space, "search": {**space["search"], "trials": 1}})


def undecided(folder):
    """A cell that differs from its baseline by chance alone, with seeds that could show more."""
    builder = LedgerBuilder(folder)
    seeds = list(range(1, 9))
    for seed in seeds:
        builder.cell("baseline", seed, 0.7)
        builder.cell("LSTM", seed, 0.7 + 0.002 * seed * (-1) ** seed)
    return builder.write(only(seeds=seeds, ablations={"modules": {"baseline": {}, "LSTM": {}}}))


def cells(folder):
    """Rows of the paper's Table 4, one of them with too few seeds."""
    groups = {
        "modules": {
            "SUGRM": [0.72, 0.73, 0.71, 0.72, 0.74, 0.72],
            "SUGRM - MRM": [0.70, 0.70, 0.69, 0.71, 0.70, 0.69],
            "SUGRM, SPT->LSTM": [0.80, 0.82, 0.81],
            "SUGRM, SPT->TE": [],
        }
    }
    return paper_run(folder, groups, name=folder.name, seeds=(1, 2, 3, 4, 5, 6)).folder


def copy(folder):
    """The whole run as a published copy in another folder."""
    builder = tiny_rows(LedgerBuilder(folder))
    for row in builder.rows["trials"]:
        row["data_left_out"] = True
    return builder.write()


def sims(folder):
    builder = LedgerBuilder(folder, kind="sims")
    for seed in range(1, 6):
        builder.confirmed("s0", 0, seed, 0.42 + seed / 100, 0.43 + seed / 100)
        builder.cell("baseline", seed, 0.44 + seed / 100)
        builder.cell("LSTM", seed, 0.45 + seed**2 / 100, changes={"model.encoder.name": "lstm"})
    return builder.write({**SIMS_SPACE, "name": folder.name})


def script(folder):
    """A run of a script, whose command takes no options of ``sugrm-search``."""
    builder = LedgerBuilder(folder)
    builder.searched(0, 0.9)
    return builder.write(only("search"), command="python study.py --all")


def long_texts(folder):
    """Names, values and a command of thousands of characters, with control characters."""
    long = "a long name \x1b[31m " * 100
    builder = LedgerBuilder(folder)
    groups = {
        f"{n} {long}": {f"{m} {long}": {"a": f"{m} {long}"} for m in range(9)} for n in range(4)
    }
    for group, cells in groups.items():
        for place, (cell, changes) in enumerate(cells.items()):
            for seed in (1, 2, 3):
                mae = 0.8 + place * seed / 50
                builder.cell(cell, seed, mae, group=group, changes=changes)
    command = f"{COMMAND} {' '.join(f'--set a.b.c.{n}={n * 1000}' for n in range(400))}"
    return builder.write(only(name=folder.name, ablations=groups), command)


KINDS = {
    each.__name__: each
    for each in (
        whole,
        complete,
        search,
        one_trial,
        failed,
        pareto,
        repeated,
        without_comparison,
        undecided,
        cells,
        copy,
        sims,
        script,
        long_texts,
    )
}


def made(kind, runs):
    """Return the report, without figures, of a run of this kind in the folder ``runs``."""
    return build_report(KINDS[kind](runs / kind), PLAIN)
