"""What to do next: what is missing, which seeds a claim needs, and the command for each."""

import json
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from reports.content.overview import Section
from reports.content.table import Note
from reports.errors import NotRepeatableError
from reports.ledger.reading.load import Results
from reports.ledger.reading.run_command import with_values
from reports.ledger.schema import FAILED, SEARCH
from reports.overview.chosen import Chosen
from reports.results.confirmation import confirmation_of
from reports.results.missing import NO_DATA, alignment_of, why_missing
from reports.results.seed_groups import ablation_cells
from reports.statistics import VERDICT_SEEDS, smallest_pairs
from reports.tables.metrics import metrics_of

_FIRST_SEED = 1111  # as in the packaged spaces


def next_steps(results: Results, chosen: Chosen | None) -> Section:
    """Return the section of what to do next."""
    missing = tuple(_missing(results))
    steps = (
        *missing,
        *_without_data(results),
        *_failed(results),
        *_more(results, chosen, is_done=not missing),
    )
    nothing = Note("Nothing is missing: every planned seed has finished.")
    return Section(name="next", title="What to do next", notes=steps or (nothing,))


def _missing(results: Results) -> Iterator[Note]:
    """Yield what the space plans and the run has not computed."""
    parts = [_search(results), _confirmation(results), _ablations(results)]
    if any(parts):
        planned = "; ".join(filter(None, parts))
        command = results.command or None
        how = "" if command is None else " Continue with:"
        yield Note(f"Not done yet: {planned}.{how}", command)


def _search(results: Results) -> str:
    """Return how many trials of the search have ended; "" where all have, or there is none."""
    search = results.experiment.space.get("search") or {}
    planned = results.experiment.newest.search_trials or search.get("trials") or 0
    done = len({role.number for role in results.roles if role.phase == SEARCH})
    return f"{done} of {planned} search trials ended" if done < int(planned) else ""


def _confirmation(results: Results) -> str:
    planned = results.experiment.space.get("confirm") or {}
    if not planned:
        return ""
    top = int(planned.get("top") or 1)
    total = top * len(results.experiment.confirm_seeds)
    found = confirmation_of(results).configurations[:top]
    done = sum(len(each.finished) + len(each.failed) for each in found)
    return f"{done} of {total} confirmation trials" if done < total else ""


def _ablations(results: Results) -> str:
    """Return how many trials of the ablations have ended; cells with equal changes share theirs."""
    ended: dict[tuple[str, int], bool] = {}
    for cells in ablation_cells(results).values():
        for cell in cells:
            if why_missing(results, cell) == NO_DATA:
                continue
            changes = json.dumps(cell.changes, sort_keys=True, default=str)
            for seed in cell.planned:
                has_ended = seed in cell.finished or seed in cell.failed
                ended[changes, seed] = ended.get((changes, seed), False) or has_ended
    done = sum(ended.values())
    return f"{done} of {len(ended)} ablation trials" if done < len(ended) else ""


def _without_data(results: Results) -> Iterator[Note]:
    cells = [cell for cells in ablation_cells(results).values() for cell in cells]
    without = [cell for cell in cells if why_missing(results, cell) == NO_DATA]
    counts = Counter(alignment_of(results, cell) for cell in without)
    for alignment, count in sorted(counts.items()):
        yield Note(
            f"{'1 cell has' if count == 1 else f'{count} cells have'} no {alignment} data: add "
            f"--data {alignment}=PATH to the command of the run."
        )


def _failed(results: Results) -> Iterator[Note]:
    kinds = Counter(
        trial.failure or "unknown" for trial in results.trials.values() if trial.status == FAILED
    )
    if kinds:
        listed = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(4))
        count = sum(kinds.values())
        yield Note(
            f"{count} trial{'s' if count > 1 else ''} failed ({listed}): see --tables failures. "
            "The command of the run tries them again, except those of kind nan."
        )


def _more(results: Results, chosen: Chosen | None, *, is_done: bool) -> Iterator[Note]:
    """Yield the command for the seeds that a claim needs."""
    experiment = results.experiment
    values: dict[str, str] = {}
    reasons: list[str] = []
    if chosen is None and experiment.space.get("search") and not experiment.space.get("confirm"):
        seeds = _extended(experiment.seeds, VERDICT_SEEDS)
        values["confirm"] = f"{{top: 1, seeds: {seeds}}}"
        reasons.append("a confirmation over fresh seeds gives test metrics with intervals")
    confirmed, paired = _chosen_seeds(chosen)
    if confirmed > len(experiment.confirm_seeds):
        values["confirm.seeds"] = str(_extended(experiment.confirm_seeds, confirmed))
    if max(confirmed - len(experiment.confirm_seeds), paired - len(experiment.seeds)) > 0:
        reasons.append(f"a verdict on the chosen configuration needs {confirmed} seeds")
    ablation = _ablation_seeds(results)
    if max(ablation, paired) > len(experiment.seeds) > 0:
        values["seeds"] = str(_extended(experiment.seeds, max(ablation, paired)))
    if ablation > len(experiment.seeds) > 0:
        reasons.append(f"tests of the ablations can reach Holm p < .05 from {ablation} seeds on")
    if values:
        text = "; ".join(reasons)
        yield _offer(results, values, text=f"{text[0].upper()}{text[1:]}", is_done=is_done)


def _offer(results: Results, values: Mapping[str, str], *, text: str, is_done: bool) -> Note:
    """Return the note with the command; where one is given above it, only what to add to it."""
    try:
        command = with_values(results.command, values)
    except NotRepeatableError:  # a script's own command takes no --set
        return Note(f"{text}.")
    if is_done:
        return Note(f"{text}. Run:", command)
    added = chain(*(("--set", f"{key}={value}") for key, value in values.items()))
    return Note(f"{text}. Add to that command:", shlex.join(added))


def _chosen_seeds(chosen: Chosen | None) -> tuple[int, int]:
    """Return the fewest seeds of a confirmation and of its baseline cell that give a verdict."""
    if chosen is None or chosen.ablation:
        return 0, 0
    if chosen.baseline is None:
        return VERDICT_SEEDS, 0
    count = max(VERDICT_SEEDS, smallest_pairs(1))
    return count, count if chosen.baseline.cell else 0


def _ablation_seeds(results: Results) -> int:
    """Return the fewest seeds whose tests can reach the level in every ablation; 0 without one."""
    metrics = len(metrics_of(results).tested)
    counts = [metrics * (len(cells) - 1) for cells in ablation_cells(results).values()]
    return max((smallest_pairs(count) for count in counts if count), default=0)


def _extended(seeds: Sequence[int], count: int) -> list[int]:
    """Return ``seeds`` and as many new ones as ``count`` needs."""
    following = max(seeds, default=_FIRST_SEED - 1) + 1
    return [*seeds, *range(following, following + max(0, count - len(seeds)))]
