"""Small ledgers made by hand, written through ``reports.ledger.schema`` alone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from reports.ledger.checksums import add_checksum
from reports.ledger.schema import ABLATION, CONFIRM, SCHEMA_VERSION, SCHEMAS, SEARCH
from reports.published.setup import published_splits
from sugrm.metrics import METRIC_NAMES

SPLITS = ("train", "valid", "test")
_TELL_SIZES = ("utterances", "predictions", "labels")
START = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
COMMAND = "sugrm-search run spaces/demo.yaml"
SPACE: dict[str, Any] = {
    "name": "tiny",
    "data": {"dataset": "mosi", "unaligned": "mosi.pkl"},
    "experiment": {"training": {"batch_size": 32}},
    "search": {
        "trials": 4,
        "objective": {"metric": "valid/mae", "mode": "min"},
        "parameters": {
            "training.learning_rate.text": {"low": 1e-5, "high": 1e-4},
            "training.batch_size": {"choice": [16, 32]},
        },
    },
    "confirm": {"top": 2, "seeds": [1, 2]},
    "ablations": {
        "modules": {
            "baseline": {},
            "remove MRM": {"model.recalibration": "none"},
            "LSTM": {"model.encoder.name": "lstm"},
        }
    },
    "seeds": [1, 2, 3],
}
SEEDS = {**SPACE, "search": {**SPACE["search"], "seed": 1110, "seeds": [1110, 8]}}
"""The space with two seeds for each configuration of the search."""


def continued(folder: Path) -> str:
    """Return the command that continues the run in ``folder``, which names the folder of runs."""
    return f"{COMMAND} --runs {folder.parent}"


def metrics(mae: float, kind: str = "mosi") -> dict[str, float]:
    """Return the metrics of a trial on a dataset of this kind, each a plain function of its MAE."""
    share = 1 - mae / 4
    basic = {"loss": mae, "mae": mae, "corr": 1 - mae / 3}
    if kind == "regression":
        return basic
    if kind == "sims":
        return basic | {
            "acc2_sims": share,
            "f1_sims": share - 0.01,
            "acc3_sims": share - 0.1,
            "acc5_sims": share - 0.3,
        }
    return basic | {
        "acc2_negative_nonnegative": share,
        "acc2_negative_positive": share + 0.02,
        "f1_negative_nonnegative": share - 0.01,
        "f1_negative_positive": share + 0.01,
        "acc5": 0.45,
        "acc7": 0.4,
    }


class LedgerBuilder:
    """Collect rows, then write them as a run folder."""

    def __init__(self, folder: Path, kind: str = "mosi") -> None:
        self.folder = folder
        self.kind = kind  # of the metrics of its trials
        self.rows: dict[str, list[dict[str, Any]]] = {table: [] for table in SCHEMAS}

    def trial(self, key: str, mae: float = 1.0, test: float | None = None, **values: Any) -> str:
        """Add a trial; a finished one scores ``test`` (the validation MAE unless given)."""
        status = values.get("status", "finished")
        row = {
            "key": key,
            "status": status,
            "seed": 1110,
            "config": json.dumps({"training": {"batch_size": 32}}),
            "alignment": "unaligned",
            "model": "sugrm",
            "data_fingerprint": "d0d0",
            "encoder_fingerprint": "e0",
            "numerics": 1,
            "epochs": 5,
            "best_epoch": 4,
            "monitor": "valid/loss",
            "attempts": 1,
            "seconds": 36.0,
            "seconds_per_epoch": 7.2,
            "ended_at": START + timedelta(minutes=len(self.rows["trials"])),
            **values,
        }
        if status != "failed":
            row |= {f"valid_{name}": value for name, value in metrics(mae, self.kind).items()}
        if status == "finished":
            scores = metrics(mae if test is None else test, self.kind)
            row |= {f"test_{name}": value for name, value in scores.items()}
        self.rows["trials"].append(row | values)
        return key

    def role(self, phase: str, key: str, **values: Any) -> None:
        """Add a role; ``changes`` is a plain dict."""
        changes = json.dumps(values.pop("changes", {}))
        row = {"phase": phase, "group": "", "cell": "", "number": 0, "seed": 1110, "key": key}
        self.rows["roles"].append({**row, "changes": changes, **values})

    def searched(self, number: int, mae: float = 1.0, test: float | None = None, **values: Any):
        """Add a trial of the search; ``changes`` are its searched values."""
        changes = values.pop("changes", {})
        key = self.trial(f"s{number}", mae, test, **values)
        self.role(SEARCH, key, number=number, changes=changes)

    def other_seed(self, number: int, seed: int, mae: float = 1.0, **values: Any):
        """Add a trial of the search with another seed than the first."""
        key = self.trial(f"s{number}-{seed}", mae, seed=seed, **values)
        self.role(SEARCH, key, group=f"s{number}", number=number, seed=seed)

    def confirmed(self, of: str, rank: int, seed: int, mae: float, test: float, **values: Any):
        """Add a confirmation run of the search trial ``of``."""
        changes = values.pop("changes", {})
        config = json.dumps({"configuration": of})
        key = self.trial(f"c{rank}-{seed}", mae, test, seed=seed, config=config, **values)
        self.role(CONFIRM, key, group=of, number=rank, seed=seed, changes=changes)

    def cell(self, name: str, seed: int, mae: float, group: str = "modules", **values: Any):
        """Add a run of an ablation cell; validation and test metrics are equal."""
        changes = values.pop("changes", {})
        config = values.pop("config", json.dumps({"cell": name}))
        key = self.trial(f"{group}-{name}-{seed}-{config}", mae, seed=seed, config=config, **values)
        self.role(ABLATION, key, group=group, cell=name, seed=seed, changes=changes)

    def write(
        self,
        space: dict[str, Any] | None = SPACE,
        command: str = COMMAND,
        *,
        sizes: tuple[int, ...] | None = None,
    ) -> Path:
        """Write one part a table and ``experiment.json``; return the run folder.

        ``sizes``: utterances that each split of each corpus lists, () for a ledger without them;
        those of the paper's dataset where a test says nothing of utterances, predictions, labels.
        """
        for table, rows in self.rows.items():
            self.part(table, "part", rows)
        if sizes is None and not any(self.rows[name] for name in _TELL_SIZES):
            dataset = (space or {}).get("data", {}).get("dataset", "")
            sizes = tuple(published_splits(dataset).values()) if isinstance(dataset, str) else ()
        if sizes:
            self._list_utterances(dict(zip(SPLITS, sizes, strict=True)))
        if space is not None:
            version = {
                "space": space,
                "command": command,
                "started_at": "2026-01-02T03:04:05+00:00",
                "environment": {
                    "packages": {"torch": "2.13.0"},
                    "python": "3.11.9",
                    "git": {"commit": "abc123", "modified": True},
                    "machine": {"system": "Linux", "cpus": 2, "memory_gib": 8.0, "gpus": []},
                },
            }
            record = {"schema_version": 1, "name": space["name"], "versions": [version]}
            (self.folder / "experiment.json").write_text(json.dumps(record), encoding="utf-8")
        return self.folder

    def _list_utterances(self, sizes: dict[str, int]) -> None:
        """Write the utterances of every corpus that a trial read, each by its place alone."""
        names = ("data_fingerprint", "alignment")
        corpora = {tuple(row[name] for name in names) for row in self.rows["trials"]}
        listed = []
        for fingerprint, alignment in sorted(corpora):
            for split, size in sizes.items():
                columns = {
                    "data_fingerprint": [fingerprint] * size,
                    "alignment": [alignment] * size,
                    "split": [split] * size,
                    "position": range(size),
                    "id": [f"{split}{place}" for place in range(size)],
                }
                listed.append(
                    pa.table(
                        [columns.get(name, [None] * size) for name in SCHEMAS["utterances"].names],
                        schema=SCHEMAS["utterances"],
                    )
                )
        if listed:
            _write(self.folder / "utterances" / "listed.parquet", pa.concat_tables(listed))

    def part(self, table: str, name: str, rows: list[dict[str, Any]]) -> Path:
        """Write one Parquet part and return its path."""
        schema = SCHEMAS[table]
        columns = {
            field: [{"schema_version": SCHEMA_VERSION, **row}.get(field) for row in rows]
            for field in schema.names
        }
        path = self.folder / table / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, pa.table(columns, schema=schema))
        return path


def _write(path: Path, rows: pa.Table) -> None:
    parquet.write_table(rows, path, write_page_checksum=True)
    add_checksum(path)


def tiny_run(folder: Path) -> Path:
    """Write a run with every kind of row: two configurations confirmed, one cell missing."""
    return tiny_rows(LedgerBuilder(folder)).write()


def tiny_rows(builder: LedgerBuilder) -> LedgerBuilder:
    """Add the rows of ``tiny_run``."""
    fast = {"training.learning_rate.text": 0.00003162277, "training.batch_size": 16}
    builder.searched(0, 0.90, 0.95)
    builder.searched(1, 0.80, 0.99, changes=fast)
    builder.searched(2, 0.95, status="stopped", changes={"training.learning_rate.text": 9e-5})
    builder.searched(
        3, status="failed", failure="nan", message="loss is NaN\nin epoch 2 | of 5", epochs=2
    )
    for seed, mae, test in ((1, 0.82, 0.97), (2, 0.84, 1.01)):
        builder.confirmed("s1", 0, seed, mae, test, changes=fast)
    builder.confirmed("s0", 1, 1, 0.91, 0.93)
    for seed, mae in ((1, 0.9), (2, 1.0), (3, 1.1)):
        builder.cell("baseline", seed, mae)
    for seed, mae in ((1, 1.0), (2, 1.2)):
        builder.cell("remove MRM", seed, mae, changes={"model.recalibration": "none"})
    return builder


assert all(set(metrics(1.0, kind)) == set(names) for kind, names in METRIC_NAMES.items())
