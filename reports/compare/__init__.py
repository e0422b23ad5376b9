"""Two runs compared: their best, the differences of their spaces, tests of the best."""

from reports.compare.best import best_of, side_by_side
from reports.compare.differences import settings, spaces
from reports.compare.over_seeds import over_seeds_table
from reports.compare.over_utterances import over_utterances_table
from reports.compare.side import Pair, Side, names_of
from reports.content.table import Table
from reports.ledger.reading.load import Results

__all__ = ["compare"]


def compare(first: Results, second: Results) -> tuple[Table, ...]:
    """Return the tables that compare ``second`` with ``first``.

    They compare the best of each run by validation: see ``best_of``. The tests need a best of both
    runs and the same test utterances; without them a note says what is missing.
    """
    names = names_of(first, second)
    sides = tuple(
        Side(name=name, results=results, best=best_of(results))
        for name, results in zip(names, (first, second), strict=True)
    )
    pair = Pair(*sides)
    return (
        side_by_side(pair),
        *settings(pair),
        spaces(pair),
        *(() if pair.obstacle else (over_seeds_table(pair), *over_utterances_table(pair))),
    )
