"""What to do next: what is missing, which seeds a claim needs, and the command for each."""

import itertools
import json
import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from reports.content.overview import Section
from reports.content.table import Note
from reports.errors import NotRepeatableError
from reports.ledger.reading.load import Results
from reports.ledger.reading.run_command import with_values
from reports.ledger.schema import FAILED, SEARCH
from reports.overview.chosen import Chosen, baseline_test
from reports.overview.published_beside import published_beside
from reports.results.confirmation import confirmation_of
from reports.results.missing import NO_DATA, alignment_of, why_missing
from reports.results.seed_groups import ablation_cells
from reports.statistics import ONE_TEST_PAIRS, VERDICT_SEEDS, smallest_pairs
from reports.tables.cell_tests import ablation_tests
from reports.tables.few_seeds import NOT_SHOWN
from reports.tables.metrics import main_metric, metrics_of
from reports.tables.verdicts import verdict_alone

_FIRST_SEED = 1111  # as in the packaged spaces


def next_steps(results: Results, chosen: Chosen | None) -> Section:
    """Return the section of what to do next."""
    missing = tuple(_missing(results))
    steps = [*missing, *_without_data(results), *_failed(results)]
    # Where all trials failed, more seeds would fail too.
    if not results.trials or any(each.status != FAILED for each in results.trials.values()):
        steps += _more(results, chosen, is_done=not missing)
    if not steps:
        warning = _stop(results, chosen)
        steps.append(Note(f"Nothing is missing: every planned seed has finished.{warning}"))
    return Section(name="next", title="What to do next", notes=tuple(steps))


def _stop(results: Results, chosen: Chosen | None) -> str:
    """Return a warning where a comparison of settings could be tried again with more seeds."""
    verdicts = [verdict for tests in ablation_tests(results) for verdict in tests.verdicts()]
    test = None if chosen is None else baseline_test(results, chosen)
    if test is not None:
        verdicts.append(verdict_alone(test, main_metric(results)))
    if NOT_SHOWN not in verdicts:
        return ""
    return (
        " Do not add seeds only because a difference is not shown: testing again after each new "
        "seed makes p < .05 too likely."
    )


def _missing(results: Results) -> Iterator[Note]:
    """Yield what the space plans and the run has not computed."""
    parts = [_search(results), _confirmation(results), _ablations(results)]
    if any(parts):
        planned = "; ".join(filter(None, parts))
        command = results.command or None
        how = "" if command is None else " Continue with:"
        yield Note(f"Not finished: {planned} have ended.{how}", command)


def _search(results: Results) -> str:
    """Return how many trials of the search have ended; "" where all have, or there is none."""
    search = results.experiment.space.get("search") or {}
    planned = results.experiment.newest.search_trials or search.get("trials") or 0
    done = len({role.number for role in results.roles if role.phase == SEARCH})
    return f"{done} of {planned} search trials" if done < int(planned) else ""


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
    confirmed, seeds = [*experiment.confirm_seeds], [*experiment.seeds]
    values: dict[str, str] = {}
    reasons: list[str] = []
    if chosen is None and experiment.space.get("search") and not experiment.space.get("confirm"):
        values["confirm"] = f"{{top: 1, seeds: {_extended(seeds, VERDICT_SEEDS)}}}"
        reasons.append("a confirmation over fresh seeds gives test metrics with intervals")
    elif chosen is not None and not chosen.ablation and _is_compared(results, chosen):
        paired, needed = _paired_seeds(results, chosen)
        if set(paired) - {*confirmed}:
            values["confirm.seeds"] = str([*dict.fromkeys([*confirmed, *paired])])
        if chosen.baseline is not None and chosen.baseline.cell:
            seeds = [*dict.fromkeys([*seeds, *paired])]
        if values or len(seeds) > len(experiment.seeds):
            whom = "published values" if chosen.baseline is None else "the baseline"
            reasons.append(f"a verdict against {whom} needs {needed} seeds")
    ablation = _ablation_seeds(results)
    if ablation > len(experiment.seeds) > 0:
        seeds = _extended(seeds, ablation)
        reasons.append(f"tests of the ablations can reach Holm p < .05 from {ablation} seeds on")
    if len(seeds) > len(experiment.seeds):
        values["seeds"] = str(seeds)
    if values:
        text = "; ".join(reasons)
        yield _offer(results, values, text=f"{text[0].upper()}{text[1:]}", is_done=is_done)


def _is_compared(results: Results, chosen: Chosen) -> bool:
    """Return whether the screen has something that a verdict on the chosen setting is about."""
    return chosen.baseline is not None or bool(published_beside(results, chosen).values)


def _paired_seeds(results: Results, chosen: Chosen) -> tuple[list[int], int]:
    """Return seeds with which the chosen setting and its baseline give a verdict, and their number.

    Those that both have or plan are kept, then the baseline's are used, since a confirmation trains
    fewer models than the cells of all ablations. Seeds of the search are left out, because a
    confirmation may not use them, and so are seeds that failed.
    """
    ours, baseline = chosen.setting, chosen.baseline
    unfit = {*ours.failed, *(role.seed for role in results.roles if role.phase == SEARCH)}
    if baseline is None:
        fit = [seed for seed in ours.planned if seed not in unfit]
        return _extended(fit, VERDICT_SEEDS, unfit=unfit), VERDICT_SEEDS
    needed = ONE_TEST_PAIRS
    unfit |= {*baseline.failed}
    common = [seed for seed in ours.planned if seed in baseline.planned]
    fit = [
        seed
        for seed in dict.fromkeys([*common, *baseline.planned, *ours.planned])
        if seed not in unfit
    ]
    known = max(needed, sum(seed in common for seed in fit))
    return _extended(fit[:known], needed, unfit={*unfit, *fit}), needed


def _offer(results: Results, values: Mapping[str, str], *, text: str, is_done: bool) -> Note:
    """Return the note with the command; where one is given above it, only what to add to it."""
    try:
        command = with_values(results.command, values)
    except NotRepeatableError:  # a script's own command takes no --set
        return Note(f"{text}.")
    if is_done:
        return Note(f"{text}. Run:", command)
    added = itertools.chain(*(("--set", f"{key}={value}") for key, value in values.items()))
    return Note(f"{text}. Add to that command:", shlex.join(added))


def _ablation_seeds(results: Results) -> int:
    """Return the fewest seeds whose tests can reach the level in every ablation that can at all.

    0 without an ablation that can.
    """
    metrics = len(metrics_of(results).tested)
    counts = [metrics * (len(cells) - 1) for cells in ablation_cells(results).values()]
    fewest = (smallest_pairs(count) for count in counts if count)
    return max((pairs for pairs in fewest if pairs is not None), default=0)


def _extended(
    seeds: Sequence[int], count: int, *, unfit: Collection[int] = frozenset()
) -> list[int]:
    """Return ``seeds`` and as many new ones as ``count`` needs, without those in ``unfit``."""
    following = itertools.count(max(seeds, default=_FIRST_SEED - 1) + 1)
    new = (seed for seed in following if seed not in unfit)
    return [*seeds, *itertools.islice(new, max(0, count - len(seeds)))]
