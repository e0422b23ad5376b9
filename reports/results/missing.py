"""Why a cell has no scores: no data for it, every seed failed, or it has not been run."""

from collections.abc import Iterator, Mapping, Sequence

from reports.content.table import Note
from reports.ledger.reading.load import Results
from reports.results.seed_groups import SeedGroup

NO_DATA, FAILED, MISSING = "no data", "failed", "missing"


def why_missing(results: Results, cell: SeedGroup) -> str:
    """Return why a cell has no scores, to be shown in their place; "-" if it has some."""
    if cell.finished:
        return "-"
    if cell.failed:
        return FAILED
    return NO_DATA if _lacks_data(results, cell) else MISSING


def alignment_of(results: Results, cell: SeedGroup) -> str:
    """Return the alignment of a cell: what its trials read, else what the space asks for."""
    for trial in cell.finished.values():
        return str(trial.alignment)
    fixed = results.experiment.space.get("experiment") or {}
    return str(cell.changes.get("alignment") or fixed.get("alignment") or "unaligned")


def missing_notes(results: Results, cells: Sequence[SeedGroup]) -> Iterator[Note]:
    """Yield which cells and seeds are missing, and the command that runs them."""
    command = results.command
    without = [cell for cell in cells if why_missing(results, cell) == NO_DATA]
    for alignment in sorted({alignment_of(results, cell) for cell in without}):
        names = [cell.cell for cell in without if alignment_of(results, cell) == alignment]
        yield Note(
            f"Not run, since the space names no {alignment} data: {', '.join(names)}. "
            f"Add --data {alignment}=PATH to:",
            command,
        )
    failed = {cell.cell: cell.failed for cell in cells if cell.failed}
    if failed:
        yield Note(f"Failed seeds ({_listed(failed)}): see the table of failures.")
    waiting = {cell.cell: _waiting(cell) for cell in cells if cell not in without}
    if any(waiting.values()):
        yield Note(f"Missing seeds ({_listed(waiting)}) are not filled in. Run them with:", command)


def _waiting(cell: SeedGroup) -> tuple[int, ...]:
    """Return the planned seeds that have not run."""
    return tuple(seed for seed in cell.missing if seed not in cell.failed)


def _listed(seeds: Mapping[str, Sequence[int]]) -> str:
    return "; ".join(f"{name}: {', '.join(map(str, some))}" for name, some in seeds.items() if some)


def _lacks_data(results: Results, cell: SeedGroup) -> bool:
    dataset = results.experiment.dataset
    data = results.experiment.space.get("data") or {}
    alignment = alignment_of(results, cell)
    files = [
        alignment,
        *(["text"] if alignment == "unaligned" else []),
    ]  # one file for each modality
    return dataset not in ("", "synthetic") and not any(data.get(name) for name in files)
