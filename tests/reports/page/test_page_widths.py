"""The top of the page in a real browser, from the narrowest phone to a desktop."""

import pytest

from reports.content.overview import Overview, Section
from reports.content.table import Column, Table, Text
from reports.page import Page, page_text

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("width", [320, 340, 360, 412, 500, 520, 600, 640, 768, 1280])
def test_cards_and_options_are_readable_at_every_width(browser, tmp_path, width):
    """A word that is broken, or a column that is cut off, cannot be read."""
    path = tmp_path / "report.html"
    path.write_text(page_text(_usual_page()), encoding="utf-8")
    with browser(width=width, touch=width < 640) as tab:
        tab.page.goto(path.as_uri())
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = "[...document.querySelectorAll('.overview .table-box')]"
        cut = tab.page.evaluate(f"{boxes}.map((box) => box.scrollWidth - box.clientWidth)")
        assert max(cut) <= 0
        broken = tab.page.evaluate(_BROKEN_WORDS, [".cards", ".overview thead", ".overview td"])
        assert broken == []


_BROKEN_WORDS = """(places) => places.flatMap((place) =>
  [...document.querySelectorAll(place)].flatMap((root) => {
    const broken = [];
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode()); ) {
      for (const word of node.data.matchAll(/[^\\s-]+/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((box) => box.top)).size > 1)
          broken.push(word[0]);
      }
    }
    return broken;
  }))"""


def _usual_page():
    """Return a page with the texts of a usual run."""
    cards = ("metric", "mean over seeds", "95 % interval", "baseline", "difference", "seeds")
    values = ("0.703", "[0.690, 0.716]", "0.941", "+0.016 no difference shown", "5 / 5")
    names = ("Test MAE", "Test Corr", "Test Acc-2 negative / non-negative (%)")
    options = ("option", "baseline", "chosen")
    rows = (("training.learning_rate.others", "0.001", "0.002123"), ("model.name", "spt", "lstm"))
    effects = ("cell", "Δ [95 % interval]", "verdict", "Holm p", "seeds")
    cells = (("SUGRM - MRM", "+0.037 [-0.003, +0.077]", "too few seeds", "0.188", "8"),)
    sections = (("chosen", options, rows), ("effects", effects, cells))
    return Page(
        title="demo",
        summary=_table("summary", ("item", "value"), ()),
        key_numbers=_table("key_numbers", cards, [(name, *values) for name in names]),
        overview=Overview(
            title="demo",
            sections=(
                *(Section(name=n, title=n, table=_table(n, *parts)) for n, *parts in sections),
                Section(name="scores", title="Test metrics"),
            ),
        ),
    )


def _table(name, titles, rows):
    columns = tuple(Column(title, title, is_text=True) for title in titles)
    return Table(
        name=name, title=name, columns=columns, rows=tuple(tuple(map(Text, row)) for row in rows)
    )
