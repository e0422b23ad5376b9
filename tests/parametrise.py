"""Parametrised tests with some cases in the quick suite and the others marked slow."""

from collections.abc import Iterable

import pytest


def mostly_slow(cases: Iterable, *, quick: Iterable) -> list:
    """Return all cases, those marked ``slow`` that the quick suite can do without."""
    cases, quick = list(cases), list(quick)
    assert all(case in cases for case in quick), "a quick case is none of the cases"
    return [
        case if case in quick else pytest.param(*_values(case), marks=pytest.mark.slow)
        for case in cases
    ]


def _values(case: object) -> tuple:
    return case if isinstance(case, tuple) else (case,)
