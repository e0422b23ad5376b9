"""What a published copy holds of the tables of a run.

Rows are sorted, so that they do not depend on the parts that a run holds them in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from reports.ledger import schema
from reports.ledger.places.storage import Place
from reports.ledger.trials import UNKNOWN_TIME, Trial, choose, trials_in
from search.ledger.ledger import damaged_parts, open_tables
from search.ledger.part_folder import PartFolder
from search.ledger.recovery import whole_trials

Tables = Mapping[str, PartFolder]
_NODE = "node {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The rows of a run at one moment, without data and without names of its machines.

    Attributes:
        tables: ``trials``, ``roles`` and ``epochs``: their rows, sorted, each once. Nodes have
            numbers instead of host names, and failures no message and no traceback.
        without_checksum: table -> how many parts without checksums its rows come from.
        damaged: a line for each part of the run that cannot be read.
    """

    tables: Mapping[str, pa.Table]
    without_checksum: Mapping[str, int]
    damaged: tuple[str, ...]

    @property
    def trials(self) -> dict[str, Trial]:
        """Return the trials by key, sorted by it."""
        return {trial.key: trial for trial in trials_in(self.tables["trials"])}


def snapshot_of(run: Place) -> Snapshot:
    """Return what a published copy holds of a run, which may be at work.

    Only trials that a next command would keep are in it (``recovery.whole_trials``). They are read
    first: a run writes the row of a trial after its other rows, so what a row names is there.
    """
    tables = open_tables(run)
    trials = tables["trials"].read_parts()
    rows = _chosen(trials.rows, keep=whole_trials(tables))
    roles, keys = tables["roles"].read_parts(), [str(key) for key in rows["key"].to_pylist()]
    epochs = tables["epochs"].read_parts(keys=keys)
    ended = dict(zip(keys, rows["ended_at"].to_pylist(), strict=True))
    read = {"trials": trials, "roles": roles, "epochs": epochs}
    return Snapshot(
        tables={
            "trials": _anonymous(rows),
            "roles": _sorted_roles(roles.rows, ended=ended),
            "epochs": epochs.distinct("epochs").sort_by(
                [("key", "ascending"), ("epoch", "ascending")]
            ),
        },
        without_checksum={name: parts.without_checksum for name, parts in read.items()},
        damaged=damaged_parts(tables),
    )


def _chosen(rows: pa.Table, *, keep: Mapping[str, Trial]) -> pa.Table:
    """Return the row that counts of each of these trials, sorted by key."""
    trials = list(trials_in(rows))
    places = {id(trial): place for place, trial in enumerate(trials)}
    chosen = sorted(choose(trials).items())
    return rows.take(
        pa.array([places[id(each)] for key, each in chosen if key in keep], pa.int64())
    )


def _anonymous(rows: pa.Table) -> pa.Table:
    """Return rows of ``trials`` without host names, and without messages that may hold paths."""
    failed = pc.equal(rows["status"], pa.scalar(schema.FAILED))
    nothing = pa.scalar(None, pa.string())
    for name in ("message", "traceback"):
        rows = _with(rows, name, column=pc.if_else(failed, nothing, rows[name]))
    return _with(rows, "node", column=pa.array(_numbered_nodes(rows), pa.string()))


def _numbered_nodes(rows: pa.Table) -> list[str | None]:
    """Return ``node 1`` and so on for each row, numbered by the first trial that ended there."""
    names: list[str | None] = rows["node"].to_pylist()
    times = [time or UNKNOWN_TIME for time in rows["ended_at"].to_pylist()]
    order = sorted(range(len(names)), key=lambda place: (times[place], place))
    known = dict.fromkeys(names[place] for place in order if names[place])
    numbers = {name: _NODE.format(number) for number, name in enumerate(known, start=1)}
    return [numbers.get(name) for name in names]


def _sorted_roles(rows: pa.Table, *, ended: Mapping[str, Any]) -> pa.Table:
    """Return the roles of these trials; of several trials of one role the newest comes last."""
    found = [row for row in rows.to_pylist() if row["key"] in ended]
    distinct = {tuple(row.values()): row for row in found}.values()

    def order(row: Mapping[str, Any]) -> tuple[Any, ...]:
        role = row["phase"], row["group"] or "", row["cell"] or "", row["number"] or 0, row["seed"]
        time = ended[row["key"]] or UNKNOWN_TIME
        return *role, time, row["key"], row["changes"] or ""

    return pa.Table.from_pylist(sorted(distinct, key=order), schema=schema.ROLES)


def _with(rows: pa.Table, name: str, *, column: "pa.ChunkedArray[Any] | pa.Array[Any]") -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.set_column(place, rows.schema.field(place), column)
