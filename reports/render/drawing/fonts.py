"""The fonts of a drawing: matplotlib's own, and others for characters that it lacks."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from matplotlib.font_manager import FontEntry, FontProperties, fontManager
from matplotlib.ft2font import FT2Font

from reports.content.figure import Figure, Panel
from reports.content.mark import Texts, Tiles

OWN = "DejaVu Sans"
"""It comes with matplotlib, so the layout is the same everywhere."""


def families(figure: Figure) -> list[str]:
    """Return the fonts of ``figure``: ``OWN``, then installed ones for missing characters."""
    found = [OWN]
    for character in _foreign(figure):
        if not any(character in _of(family) for family in found):
            found += [family for family in [_family_with(character)] if family]
    return found


def lacking(figure: Figure) -> str:
    """Return the characters in ``figure`` that no installed font has; it shows boxes for them."""
    return "".join(character for character in _foreign(figure) if not _family_with(character))


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress matplotlib's warnings about fonts without bold letters."""
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _foreign(figure: Figure) -> list[str]:
    texts = [figure.title, *figure.notes]
    texts += [text for panel in figure.panels for text in _written(panel)]
    used = {character for text in texts if not text.isascii() for character in text}
    return sorted(character for character in used - _of(OWN) if character.isprintable())


def _written(panel: Panel) -> Iterator[str]:
    """Yield the texts of a panel, including those of its series in the legend."""
    yield panel.title
    for axis in (panel.x, panel.y):
        yield from (axis.title, *axis.categories)
    for mark in panel.marks:
        yield getattr(mark, "series", "") or getattr(mark, "text", "")
        match mark:
            case Texts():
                yield from mark.texts
            case Tiles():
                yield from (text for row in mark.texts for text in row)


@lru_cache(maxsize=4096)
def _family_with(character: str) -> str:
    """Return the first installed family that has ``character``, "" without one."""
    plain = (entry for entry in fontManager.ttflist if _is_plain(entry))
    names = sorted({entry.name for entry in plain})
    return next((name for name in names if character in _of(name)), "")


def _is_plain(entry: FontEntry) -> bool:
    return entry.style == "normal" and entry.weight == 400 and not entry.name.startswith(".")


@lru_cache(maxsize=512)
def _of(family: str) -> frozenset[str]:
    """Return the characters of a font family; none if it cannot be read or scaled."""
    try:
        font = FT2Font(fontManager.findfont(FontProperties(family=[family])))
    except (OSError, RuntimeError):
        return frozenset()
    return frozenset(map(chr, font.get_charmap())) if font.scalable else frozenset()
