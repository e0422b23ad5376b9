"""How a table, a figure or a report shows itself: in a notebook as HTML, with ``print`` as text.

What draws them lies above this folder: ``reports`` names it with ``show_with`` when it is imported.
"""

from collections.abc import Callable


class Displayed:
    """An object that a notebook shows as HTML and ``print`` as text."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return _DRAWN_BY["html"](self)

    def __str__(self) -> str:
        """Return the object as text for a terminal of 100 characters."""
        return _DRAWN_BY["text"](self)


_DRAWN_BY: dict[str, Callable[[Displayed], str]] = {"html": repr, "text": repr}


def show_with(*, html: Callable[[Displayed], str], text: Callable[[Displayed], str]) -> None:
    """Set what draws objects.

    Args:
        html: returns an object as HTML, all text in it escaped.
        text: returns an object as plain text.
    """
    _DRAWN_BY.update(html=html, text=text)
