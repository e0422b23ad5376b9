"""Repairing a ledger that a killed driver or a damaged disk left behind."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from reports import schema
from reports.storage import Place, each, move
from search.ledger.parts import MERGED, PartFolder

DAMAGED = "damaged"
Tables = Mapping[str, PartFolder]


def recover(folder: Place, tables: Tables) -> Iterator[str]:
    """Make the tables of a run consistent; yield a line for each part that was set aside.

    Afterwards every row of every table belongs to a trial whose row and epochs are all readable.
    """
    for table in tables.values():
        table.remove_temporary()
    for name, table in tables.items():
        for path, line in set_aside_damaged(folder, table, ["key"]):
            if name in ("labels", "predictions", "epochs") and MERGED not in path.name:
                # Without its epochs a trial counts as incomplete and runs again.
                tables["epochs"].path(path.stem).unlink(missing_ok=True)
            yield f"{line}, and what it held runs again"
    complete = _complete_keys(tables)
    for table in tables.values():
        _drop_others(table, complete)


def set_aside_damaged(
    run: Place, table: PartFolder, columns: Sequence[str]
) -> Iterator[tuple[Place, str]]:
    """Move the parts whose ``columns`` cannot be read to ``damaged``; yield each, and a line."""
    paths = table.paths()
    found = each(lambda path: _damage(table, path, columns), paths)
    for path, error in zip(paths, found, strict=True):
        if error is not None:
            target = run / DAMAGED / table.folder.name / path.name
            move(path, target)
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            yield (
                path,
                f"{path.relative_to(run)} cannot be read ({reason}); it was moved to "
                f"{target.relative_to(run)}",
            )


def _damage(table: PartFolder, path: Place, columns: Sequence[str]) -> Exception | None:
    """Return why a part cannot be read; an object store that does not answer is no damage."""
    try:
        table.read(path, columns)
    except (OSError, pa.ArrowException) as error:
        return error
    return None


def _complete_keys(tables: Tables) -> set[str]:
    """Return the keys whose trial row has the epochs and predictions that it speaks of."""
    epochs = set(pc.unique(tables["epochs"].read_all(["key"])["key"]).to_pylist())
    predicted = set(pc.unique(tables["predictions"].read_all(["key"])["key"]).to_pylist())
    rows = tables["trials"].read_all(["key", "status", "epochs"]).to_pylist()
    return {
        row["key"]
        for row in rows
        if (not row["epochs"] or row["key"] in epochs)
        and (row["status"] != schema.FINISHED or row["key"] in predicted)
    }


def _drop_others(table: PartFolder, keys: set[str]) -> None:
    """Drop the rows of other keys: a kill left them without a trial, or with half of one."""
    wanted = pa.array(sorted(keys), pa.string())
    paths = table.paths()
    for path, part in zip(paths, each(lambda path: table.read(path, ["key"]), paths), strict=True):
        held = part["key"]
        kept = pc.is_in(held, value_set=wanted)
        if pc.all(kept).as_py() is False:
            if pc.any(kept).as_py():
                table.replace([path], iter([table.read(path).filter(kept)]))
            else:
                path.unlink()
