"""Time a whole report of 10,000 trials: read the ledger, compute, write Markdown and CSV.

The ledger is what a long search leaves: one part of merged trials and 63 parts of one row.
Run: ``python benchmarks/report_10000.py``; it prints the seconds.
"""

import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from reports import build_report, save_report
from reports.schema import METRICS, SCHEMAS

TRIALS = 10_000
SMALL_PARTS = 63
PARAMETERS = [f"training.option_{number}" for number in range(12)]


def make_run(folder: Path) -> None:
    """Write a ledger of ``TRIALS`` trials of a search, seeded."""
    generator = np.random.default_rng(1)
    trials, roles = [], []
    for number in range(TRIALS):
        status = "finished" if number % 3 == 0 else "stopped"
        mae = float(generator.uniform(0.7, 1.4))
        splits = ("valid", "test") if status == "finished" else ("valid",)
        metrics = {f"{split}_{name}": mae for split in splits for name in METRICS}
        changes = {name: float(generator.uniform()) for name in PARAMETERS}
        key = f"{number:016x}"
        trials.append(
            {"key": key, "status": status, "seed": 1110, "config": json.dumps(changes)}
            | {"data_fingerprint": "d", "epochs": 20, "ended_at": datetime.now(UTC), **metrics}
        )
        roles.append(
            {"phase": "search", "group": "", "cell": "", "number": number, "seed": 1110}
            | {"key": key, "changes": json.dumps(changes)}
        )
    for table, rows in (("trials", trials), ("roles", roles)):
        (folder / table).mkdir(parents=True)
        for part, some in enumerate([rows[SMALL_PARTS:], *([row] for row in rows[:SMALL_PARTS])]):
            columns = {name: [row.get(name) for row in some] for name in SCHEMAS[table].names}
            part_path = folder / table / f"part-{part}.parquet"
            parquet.write_table(pa.table(columns, schema=SCHEMAS[table]), part_path)


def main() -> None:
    """Make the ledger, then time its report."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "long"
        make_run(folder)
        start = time.perf_counter()
        files = save_report(build_report(folder))
        seconds = time.perf_counter() - start
        lines = files[0].read_text(encoding="utf-8").count("\n")
        print(f"report of {TRIALS} trials, {lines} lines of Markdown: {seconds:.2f} s (aim: 5 s)")


if __name__ == "__main__":
    main()
