"""Damaged files are moved into the folder ``damaged/`` of the run, under their own path."""

from reports.ledger.places.storage import Place, move, remove_tree

DAMAGED = "damaged"


def set_aside(run: Place, path: Place, *, why: str) -> str:
    """Move a damaged file of the run to ``damaged``; return a line that says so."""
    target = move_aside(run, path)
    return (
        f"{path.relative_to(run)} cannot be read ({why}); it was moved to {target.relative_to(run)}"
    )


def move_aside(run: Place, path: Place) -> Place:
    """Move a file of the run to ``damaged``; return where it is then."""
    target = run / DAMAGED
    for part in path.relative_to(run).parts:
        target = target / part
    if target.is_dir():
        remove_tree(target)
    move(path, target)
    return target
