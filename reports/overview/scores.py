"""The test metrics of the chosen setting beside those of the baseline and the published ones."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reports.content.overview import Section
from reports.content.shortened import clipped
from reports.content.table import Cell, Missing, Note, Style, Table, Text
from reports.ledger.reading.load import Results
from reports.overview.chosen import Chosen, baseline_test
from reports.overview.published_beside import Published, published_beside
from reports.paper.verdicts import verdict_of
from reports.render.cell_text import interval_text, number_text
from reports.statistics import LEAST_PAIRS, ONE_TEST_PAIRS, PairedTest, smallest_p
from reports.tables.few_seeds import FEW_SEEDS, seeds_text, too_few
from reports.tables.metrics import ROUNDING, Metric, main_metric, metrics_of, over_seeds
from reports.tables.search_to_confirmation import search_winner
from reports.tables.verdicts import verdict_alone

_SHOWN = ("metric", "mean", "interval", "baseline", "published")


def scores(results: Results, chosen: Chosen, *, numbers: Table) -> Section:
    """Return the section of test metrics.

    Args:
        results: the run.
        chosen: what validation chose.
        numbers: its key numbers.
    """
    published = published_beside(results, chosen)
    unit = ", Acc-2 in percent" if metrics_of(results).acc2 else ""
    return Section(
        name="scores",
        title=f"Test metrics of the {chosen.name}: {_over(chosen)}{unit}",
        table=_table(numbers, has_means=len(chosen.setting.finished) > 1),
        notes=tuple(_notes(results, chosen, published=published)),
    )


def _over(chosen: Chosen) -> str:
    """Return what the metrics are: means, or values of one seed."""
    seeds = list(chosen.setting.finished)
    return f"means over {seeds_text(len(seeds))}" if len(seeds) > 1 else f"seed {seeds[0]} alone"


def _table(numbers: Table, *, has_means: bool) -> Table:
    """Return the columns that fit on a screen, without the words that its title says."""
    shown = [name for name in _SHOWN if has_means or name != "interval"]
    places = [n for n, column in enumerate(numbers.columns) if column.name in shown]
    columns = (replace(numbers.columns[place]) for place in places)
    named = {"metric": "test metric", "mean": "mean" if has_means else "value"}
    return Table(
        name="key_numbers",
        title=numbers.title,
        columns=tuple(replace(each, title=named.get(each.name, each.title)) for each in columns),
        rows=tuple(tuple(_plain(row[place]) for place in places) for row in numbers.rows),
    )


def _plain(cell: Cell) -> Cell:
    """Return a cell without what the title of the section says: the split, the seeds, the unit."""
    match cell:
        case Text():
            return Text(cell.text.removeprefix("Test ").removesuffix(" (%)"))
        case Missing():
            return Missing(cell.why.rpartition(": ")[2])
        case _:
            return cell


def _notes(results: Results, chosen: Chosen, *, published: Published) -> Iterator[Note]:
    metrics = [
        metric
        for metric in metrics_of(results).key
        if over_seeds(chosen.setting, "test", metric=metric.name) is not None
    ]
    yield from _without_width(chosen, metrics)
    yield from _against_baseline(results, chosen)
    yield from published.notes
    if published.values:
        yield from _against_paper(chosen, metrics, published=published)
    winner = None if chosen.ablation else search_winner(results)
    if winner is not None:
        change = winner.mean - winner.searched
        seeds, fresh = seeds_text(len(winner.values)), seeds_text(len(winner.fresh))
        yield Note(
            f"{winner.metric} over {fresh} not used in the search: {winner.mean:.3f}; in the "
            f"search {winner.searched:.3f} over {seeds} ({change:+.3f})."
        )


def _without_width(chosen: Chosen, metrics: Sequence[Metric]) -> Iterator[Note]:
    """Yield which metrics are equal for all seeds, so that their intervals have no width."""
    found = [over_seeds(chosen.setting, "test", metric=metric.name) for metric in metrics]
    same = [
        metric.title
        for metric, one in zip(metrics, found, strict=True)
        if one is not None and one.half_width is not None and one.half_width < ROUNDING
    ]
    if same:
        yield Note(
            f"All seeds give the same {'; '.join(same)}, so the interval has no width: it is over "
            "seeds, not over utterances."
        )


def _against_baseline(results: Results, chosen: Chosen) -> Iterator[Note]:
    """Yield the paired difference; that of a cell is among the effects of its ablation.

    It is that of one test metric, and the setting was chosen on validation, so its p value is not
    corrected.
    """
    if chosen.baseline is None or chosen.ablation:
        return
    metric, test = main_metric(results), baseline_test(results, chosen)
    if test is None:
        yield Note("Chosen and baseline share no seed, so no difference is tested.")
        return
    if not math.isfinite(test.difference.mean):
        yield Note(f"{metric.title} of chosen against baseline: undefined for at least one seed.")
        return
    mean = number_text(test.difference.mean, metric.style, signed=True)
    value = f"{mean} {interval_text(test.difference, metric.style, signed=True)}".rstrip()
    seeds = seeds_text(test.difference.count or 0)
    verdict, p = _answer(test, metric)
    title = f"{metric.title} of chosen against baseline"
    yield Note(f"{title}: {verdict}; {value} over the {seeds} of both{p}.")


def _answer(test: PairedTest, metric: Metric) -> tuple[str, str]:
    """Return the verdict on a difference, and its p value as the end of a sentence."""
    if test.p is None:
        return f"no interval and no p below {LEAST_PAIRS} seeds", ""
    count = test.difference.count or 0
    p, verdict = number_text(test.p, Style.P_VALUE), verdict_alone(test, metric)
    if verdict == FEW_SEEDS:
        least_text = number_text(smallest_p(count), Style.P_VALUE)
        return too_few(count, ONE_TEST_PAIRS), f", p {p} (least possible: {least_text})"
    return verdict, f", p {p} (sign-flip test, not corrected)"


def _against_paper(
    chosen: Chosen, metrics: Sequence[Metric], *, published: Published
) -> Iterator[Note]:
    source = clipped(published.source, 60)
    if few := too_few(len(chosen.setting.finished)):
        yield Note(f"Published: {source}; {few}.")
        return
    verdicts = {}
    for metric in metrics:
        ours = over_seeds(chosen.setting, "test", metric=metric.name)
        theirs = published.values.get(metric.name)
        if ours is not None and theirs is not None:
            verdict = verdict_of(ours, theirs, metric=metric)
            if verdict:
                verdicts[metric.title] = verdict
    if verdicts:
        text = _in_words(verdicts)
        other = ", its settings are others" if published.notes else ""
        yield Note(f"Ours against published: {text} ({source}; its seeds are not stated{other}).")


def _in_words(verdicts: Mapping[str, str]) -> str:
    """Return the verdict on each metric; once if it is the same for all."""
    if len(verdicts) > 1 and len(set(verdicts.values())) == 1:
        return f"{next(iter(verdicts.values()))} in all {len(verdicts)} metrics"
    return "; ".join(f"{title} {verdict}" for title, verdict in verdicts.items())
