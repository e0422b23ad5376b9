"""Time ``sugrm-search report`` on 10,000 trials, start-up included: Markdown, CSV and the page.

The ledger is that of a long search: one part of merged trials and 63 parts of one row.
Run: ``python benchmarks/report_10000.py``; it prints the shortest of three times.
"""

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from reports.ledger.schema import METRICS, SCHEMAS

TRIALS = 10_000
SMALL_PARTS = 63
PARAMETERS = [f"training.option_{number}" for number in range(12)]


def make_run(folder: Path) -> None:
    """Write a ledger of ``TRIALS`` trials of a search, seeded."""
    trials, roles = search_rows()
    for table, rows in (("trials", trials), ("roles", roles)):
        (folder / table).mkdir(parents=True)
        for part, some in enumerate([rows[SMALL_PARTS:], *([row] for row in rows[:SMALL_PARTS])]):
            columns = {name: [row.get(name) for row in some] for name in SCHEMAS[table].names}
            part_path = folder / table / f"part-{part}.parquet"
            parquet.write_table(pa.table(columns, schema=SCHEMAS[table]), part_path)


def search_rows() -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Return the rows of the trials and of their roles."""
    generator = np.random.default_rng(1)
    trials: list[dict[str, object]] = []
    roles: list[dict[str, object]] = []
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
    return trials, roles


def report(runs: Path) -> float:
    """Return the seconds that the command takes."""
    command = [sys.executable, "-c", "from search.cli.main import main; main()", "report", "long"]
    start = time.perf_counter()
    subprocess.run([*command, "--runs", str(runs)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Make the ledger, then time its report."""
    with tempfile.TemporaryDirectory() as temporary:
        runs = Path(temporary)
        make_run(runs / "long")
        seconds = min(report(runs) for _ in range(3))
        size = sum(path.stat().st_size for path in (runs / "long" / "report").iterdir()) / 1e6
        print(f"report of {TRIALS} trials, {size:.0f} MB: {seconds:.2f} s (aim: 5 s)")


if __name__ == "__main__":
    main()
