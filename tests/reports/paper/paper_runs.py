"""Small runs whose cells are called as rows of the paper's tables."""

import json
from datetime import timedelta

from reports.ledger.reading.load import load_results
from reports.paper.rows.layouts import LAYOUTS
from reports.paper.scores import paper_table
from tests.reports.ledger_builder import START, LedgerBuilder

COSTS = {
    "parameters": 22_000_000,
    "seconds_per_epoch": 12.5,
    "inference_seconds": 0.775,
    "peak_memory_mib": 1536.0,
    "device": "cuda:0",
}


def run(folder, groups, *, name="run", dataset="mosi", seeds=(1, 2, 3), day=0, **options):
    """Return the results of a run whose ablation cells have these MAEs by seed.

    ``groups`` maps ablation to cell to the MAE of each seed, in the order of ``seeds``; fewer are
    seeds that are missing. ``alignment``, ``text`` (the encoder's options), ``data`` (paths) and
    any column of the ledger go to every trial; each day ends later than the one before. ``sizes``
    are those of the data's splits, the paper's unless given; ``configs`` whole ones by cell.
    """
    alignment = options.pop("alignment", "unaligned")
    text = options.pop("text", {"name": "bert-base-uncased", "finetune": True})
    paths = options.pop("data", {alignment: "mosi.pkl"})
    sizes, configs = options.pop("sizes", None), options.pop("configs", {})
    builder = LedgerBuilder(folder)
    for group, cells in groups.items():
        for place, (cell, maes) in enumerate(cells.items()):
            for seed, mae in zip(seeds, maes, strict=False):
                config = configs.get(cell) or {"model": {"text": text}}
                config = json.dumps({**config, "cell": cell, "run": name})
                ended_at = START + timedelta(days=day, minutes=place)
                builder.cell(
                    cell,
                    seed,
                    mae,
                    group=group,
                    changes=_changes(cell),
                    config=config,
                    alignment=alignment,
                    ended_at=ended_at,
                    **{**COSTS, **options},
                )
    space = {
        "name": name,
        "data": {"dataset": dataset, **paths},
        "experiment": {"alignment": alignment},
        "ablations": {
            group: {cell: _changes(cell) for cell in cells} for group, cells in groups.items()
        },
        "seeds": list(seeds),
    }
    return load_results(builder.write(space, f"sugrm-search run {name}.yaml", sizes=sizes))


def _changes(cell):
    return {"experiment.cell": cell}


def by_name(tables, name):
    """Return the table of that name."""
    (table,) = (table for table in tables if table.name == name)
    return table


def lines(table, row):
    """Return the lines under a row, each with its cells by column."""
    labels = [cells[0].text for cells in table.rows]
    first = labels.index(row)
    names = [column.name for column in table.columns]
    found = {"ours": dict(zip(names, table.rows[first], strict=True))}
    for cells in table.rows[first + 1 :]:
        if not cells[0].text.startswith("  "):
            break
        found[cells[0].text.strip()] = dict(zip(names, cells, strict=True))
    return found


def texts(table):
    """Return the notes of a table, each with its command."""
    return [f"{note.text} {note.command}" if note.command else note.text for note in table.notes]


def notes(number, *runs):
    """Return the notes under a table of the paper that ``runs`` fill."""
    return texts(paper_table(LAYOUTS[number], runs)[0])


def found(lines, *words):
    """Return the only line that has all the words."""
    (line,) = (line for line in lines if all(word in line for word in words))
    return line
