"""The page in a real browser: it sorts, filters and tells, and nothing of a run acts in it."""

import re
from dataclasses import replace

import pytest

from reports.content.mark import Look
from reports.content.table import Column, Table, Text
from reports.page import Page, page_text
from reports.render.drawing.marks import POINTS
from reports.render.drawing.style import PALETTE
from tests.reports.page.pages import COMMAND, HOSTILE, hostile_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
_SCREENS = [{"width": 1280}, {"width": 1280, "dark": True}, {"width": 360, "touch": True}]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page_text(hostile_page(130)), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def shown(browser, file):
    """The page on a desktop; at the end nothing has gone wrong, loaded or run."""
    with browser() as tab:
        tab.page.goto(file)
        yield tab.page
        assert tab.page.evaluate("window.hacked") is None
        assert tab.errors == []
        assert set(tab.requests) == {file}


def column(page, place):
    return page.locator(f"#trials tbody tr > :nth-child({place})").all_text_contents()


def sort_state(page, name):
    return page.locator(f"#trials th[data-name={name}]").get_attribute("aria-sort")


def heading(page, name):
    return page.locator(f"#trials th[data-name={name}] button")


def scroll_to_end(page, rows):
    """Scroll the table, which grows, until all ``rows`` are there."""
    box = page.locator("#trials .table-box")
    for _ in range(rows // 50 + 1):
        box.evaluate("box => box.scrollTo(0, box.scrollHeight)")
        page.wait_for_timeout(50)
    assert page.locator("#trials tbody tr").count() == rows


@pytest.mark.parametrize("screen", _SCREENS, ids=["light", "dark", "phone"])
def test_it_is_accessible_fits_its_screen_and_runs_nothing_of_the_run(browser, file, screen):
    with browser(**screen) as tab:
        tab.page.goto(file)
        assert tab.violations() == []
        width = tab.page.evaluate("document.documentElement.scrollWidth")
        assert width <= screen["width"]
        for section in ("figures", "tables", "trials", "provenance"):
            tab.page.locator(f"#{section}").scroll_into_view_if_needed()
        for text in HOSTILE[:5]:
            assert text in tab.page.inner_text("#provenance")
        assert r"\u202eexe.gnp\u2066 \x00" in tab.page.inner_text("#provenance")
        assert tab.page.evaluate("window.hacked") is None
        assert tab.errors == []
        assert tab.requests == [file]


def test_it_opens_with_the_overview_and_what_to_do_next(shown):
    headings = shown.locator("main :is(h2, h3)").all_text_contents()
    assert headings[0] == "Summary"
    assert headings[2] == "Test metrics"
    assert headings[4] == "What to do next"
    assert shown.locator("#summary .cards li").count() == 1
    assert shown.locator("#summary .next .command").inner_text() == COMMAND
    facts = shown.locator("#summary > details.fold")
    assert facts.get_attribute("open") is None
    assert shown.locator("#summary > details .table-box").is_hidden()


def test_notes_are_folded_and_open_by_click_and_by_keyboard(shown):
    notes = shown.locator("#table-1 details.fold")
    listed = notes.locator(".notes")
    assert notes.locator("summary").inner_text() == "6 notes"
    assert listed.is_hidden()
    notes.locator("summary").click()
    assert listed.is_visible()
    notes.locator("summary").focus()
    shown.keyboard.press("Enter")
    assert listed.is_hidden()
    shown.keyboard.press("Space")
    assert listed.is_visible()


@pytest.mark.parametrize("screen", _SCREENS, ids=["light", "dark", "phone"])
def test_with_all_notes_open_it_is_still_accessible_and_fits(browser, file, screen):
    with browser(**screen) as tab:
        tab.page.goto(file)
        for summary in tab.page.locator("main summary").all():
            summary.click()
        assert tab.page.locator("main details:not([open])").count() == 0
        assert tab.violations() == []
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= screen["width"]


def test_on_paper_notes_are_open_and_fold_again_afterwards(shown):
    folded = shown.locator("main details:not([open])").count()
    assert folded > 2
    print_layout(shown)
    assert shown.locator("main details:not([open])").count() == 0
    shown.evaluate("dispatchEvent(new Event('afterprint'))")
    assert shown.locator("main details:not([open])").count() == folded


def test_the_policy_stops_a_script_that_got_in(browser, file):
    with browser() as tab:
        tab.page.goto(file)
        tab.page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'),"
            " {textContent: 'window.hacked = 1'}))"
        )
        assert tab.page.evaluate("window.hacked") is None
        assert "Content Security Policy" in tab.errors[0]


def test_a_click_sorts_by_value_with_what_is_missing_last(shown):
    heading(shown, "mae").click()
    assert sort_state(shown, "mae") == "ascending"
    scroll_to_end(shown, 130)
    values = [value for value in column(shown, 4) if value != "-"]
    expected = sorted(
        (((number * 37) % 101) / 1e5 + 0.5, number) for number in range(130) if number % 3 != 2
    )
    # Three decimals read the same for many: that the trials stand in order shows full precision,
    # and that equals stay in the order they had.
    assert column(shown, 2)[: len(expected)] == [str(number) for _, number in expected]
    assert values == [f"{value:.3f}" for value, _ in expected]
    assert column(shown, 4)[len(expected) :] == ["-"] * (130 - len(expected))

    heading(shown, "mae").click()
    assert sort_state(shown, "mae") == "descending"
    scroll_to_end(shown, 130)
    falling = sorted(expected, key=lambda each: -each[0])
    assert column(shown, 2)[: len(falling)] == [str(number) for _, number in falling]
    assert column(shown, 4)[-1] == "-"


def test_the_keyboard_sorts(shown):
    heading(shown, "trial").focus()
    shown.keyboard.press("Enter")
    shown.keyboard.press("Enter")
    assert sort_state(shown, "trial") == "descending"
    assert column(shown, 2)[:3] == ["129", "128", "127"]
    heading(shown, "status").focus()
    shown.keyboard.press("Space")
    assert sort_state(shown, "trial") is None
    assert column(shown, 3)[:2] == ["failed", "failed"]
    assert column(shown, 2)[:2] == ["128", "125"]


def test_words_and_choices_filter_together_until_they_are_reset(shown):
    count = shown.locator("#trials .count")
    assert count.text_content() == "130 of 130 rows"
    shown.get_by_label("status").select_option("failed (43)")
    assert count.text_content() == "43 of 130 rows"
    assert set(column(shown, 3)) == {"failed"}
    shown.get_by_label("phase").select_option(label="confirm (33)")
    assert column(shown, 2) == ["8", "20", "32", "44", "56", "68", "80", "92", "104", "116", "128"]
    shown.get_by_label("Rows with the words").fill("--TRIAL 104")
    assert column(shown, 2) == ["104"]
    shown.get_by_label("Rows with the words").fill("no such words")
    assert count.text_content() == "0 of 130 rows"
    shown.get_by_role("button", name="Reset").click()
    assert count.text_content() == "130 of 130 rows"
    assert shown.locator("[role=status]").text_content() == "130 of 130 rows"


def test_arrow_keys_tell_the_points_of_a_figure(shown):
    tooltip = shown.locator(".tooltip")
    shown.locator(".plot").focus()
    assert tooltip.is_hidden()
    shown.keyboard.press("ArrowRight")
    assert tooltip.inner_text() == "one two"
    shown.keyboard.press("ArrowRight")
    assert tooltip.inner_text() == HOSTILE[0]
    assert shown.locator("[role=status]").text_content() == HOSTILE[0]
    shown.keyboard.press("End")
    assert tooltip.inner_text() == r"{{ 7 * 7 }} {% raw %} \u202eexe.gnp\u2066 \x00 ]]> <!--"
    shown.keyboard.press("Escape")
    assert tooltip.is_hidden()


def test_a_figure_is_one_stop_that_lets_a_screen_reader_use_the_arrow_keys(shown):
    plot = shown.locator(".plot")
    assert plot.get_attribute("role") == "application"
    assert shown.locator(".plot [tabindex]").count() == 0
    hint = shown.locator(f"#{plot.get_attribute('aria-describedby')}")
    assert hint.text_content() == "Use the arrow keys to move between points."


def test_the_keyboard_passes_the_table_without_its_copy_buttons(shown):
    shown.get_by_role("button", name="Reset").focus()
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.textContent") == "Skip the table"
    shown.keyboard.press("Enter")
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.closest('section').id") == "provenance"


def test_the_pointer_tells_the_nearest_point(shown):
    shown.locator(".plot").scroll_into_view_if_needed()
    box = shown.locator(".plot circle").first.bounding_box()
    shown.mouse.move(box["x"] - 5, box["y"] + 5)
    assert shown.locator(".tooltip").inner_text() == "one two"
    shown.mouse.move(box["x"] + 60, box["y"] + 120)
    assert shown.locator(".tooltip").is_hidden()


def test_a_finger_tells_a_point(browser, file):
    with browser(width=360, touch=True) as tab:
        tab.page.goto(file)
        tab.page.locator(".plot").scroll_into_view_if_needed()
        box = tab.page.locator(".plot circle").first.bounding_box()
        tab.page.touchscreen.tap(box["x"] - 12, box["y"] + 5)
        assert tab.page.locator(".tooltip").inner_text() == "one two"
        tip = tab.page.locator(".tooltip").bounding_box()
        assert tip["x"] >= 0
        assert tip["x"] + tip["width"] <= 360


def test_the_colours_that_one_chose_stay(shown):
    colour = "getComputedStyle(document.body).backgroundColor"
    light = shown.evaluate(colour)
    shown.get_by_role("button", name="Use dark colours").click()
    dark = shown.evaluate(colour)
    assert dark != light
    shown.reload()
    assert shown.evaluate(colour) == dark
    shown.get_by_role("button", name="Use light colours").click()
    assert shown.evaluate(colour) == light


def test_a_command_is_copied_as_it_stands(browser, file):
    with browser() as tab:
        tab.page.goto(file)
        tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        tab.page.locator("#provenance .copy").click()
        tab.page.locator("#provenance .copy", has_text="Copied").wait_for()
        copied = tab.page.evaluate("navigator.clipboard.readText()")
        assert copied == COMMAND


def test_a_long_command_keeps_its_trial_on_one_line_and_is_copied_whole(browser, tmp_path):
    made = hostile_page(3)
    long = f"{COMMAND} " + "--set experiment.model.text.name=minilm " * 20
    rows = tuple((*row[:-1], Text(long.strip(), code=True)) for row in made.trials.rows)
    path = tmp_path / "report.html"
    changed = replace(made, trials=replace(made.trials, rows=rows))
    path.write_text(page_text(changed), encoding="utf-8")
    with browser() as tab:
        tab.page.goto(path.as_uri())
        tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        command = tab.page.locator("#trials td .command").first
        assert command.bounding_box()["height"] < 24
        assert command.get_attribute("title") == long.strip()
        tab.page.locator("#trials td .copy").first.click()
        tab.page.locator("#trials td .copy", has_text="Copied").wait_for()
        assert tab.page.evaluate("navigator.clipboard.readText()") == long.strip()
        print_layout(tab.page)
        assert command.bounding_box()["height"] > 48


def test_without_scripts_everything_is_there(browser, file):
    with browser() as tab:
        context = tab.page.context.browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(file)
        assert page.locator("#trials tbody tr").count() == 130
        assert "--trial 129" in page.text_content("#trials")
        assert page.locator("button:visible").count() == 0


def print_layout(page):
    """Lay the page out as for paper, without the event that ends it."""
    page.set_viewport_size({"width": 680, "height": 900})
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")


def test_on_paper_every_row_stands_whole_with_its_titles(shown):
    assert shown.locator("#trials tbody tr").count() == 60
    print_layout(shown)
    assert shown.locator("#trials tbody tr").count() == 130
    cut = "[...document.querySelectorAll('.table-box')].map(b => b.scrollWidth - b.clientWidth)"
    assert max(shown.evaluate(cut)) <= 1
    assert shown.evaluate("document.documentElement.scrollWidth") <= 680
    titles = shown.evaluate(
        "[...document.querySelector('#trials tr td').parentNode.cells].map(c => c.dataset.title)"
    )
    assert titles == ["phase", "trial", "status", "MAE", "Acc-2", "message", "command"]
    assert shown.locator("#provenance pre").is_visible()
    assert shown.locator("#trials .count").is_visible()
    shown.evaluate("dispatchEvent(new Event('afterprint'))")
    assert shown.evaluate("document.documentElement.className") == ""


def test_a_long_table_says_how_much_of_it_is_printed(browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page_text(hostile_page(1200)), encoding="utf-8")
    with browser() as tab:
        tab.page.goto(path.as_uri())
        print_layout(tab.page)
        assert tab.page.locator("#trials tbody tr").count() == 1020  # whole chunks of 60
        assert tab.page.locator("#trials .count").text_content() == (
            "1,200 of 1,200 rows, the first 1,020 of them printed"
        )


def test_on_a_phone_the_words_of_the_summary_stay_whole(browser, tmp_path):
    columns = (Column("item", "", is_text=True), Column("value", "", is_text=True))
    rows = (
        (Text("test MAE of the chosen configuration"), Text("0.7")),
        (Text("repeat with"), Text("sugrm-search run " + "spaces/long-name.yaml " * 4, True)),
    )
    page = Page(
        title="x", summary=Table(name="summary", title="Summary", columns=columns, rows=rows)
    )
    path = tmp_path / "report.html"
    path.write_text(page_text(page), encoding="utf-8")
    with browser(width=360, touch=True) as tab:
        tab.page.goto(path.as_uri())
        assert tab.page.locator("#summary tbody th").first.bounding_box()["width"] > 120
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("dark", [False, True])
def test_the_colours_of_series_stand_out_from_the_page(browser, file, dark):
    """3:1 as WCAG 2 has it; on a dark page also where points are faint."""
    with browser(dark=dark) as tab:
        tab.page.goto(file)
        colours = tab.page.evaluate(
            """() => ["--paper", ...[1, 2, 3, 4, 5, 6, 7].map((n) => `--series-${n}`)].map(
              (name) => {
                const probe = document.body.appendChild(document.createElement("i"));
                probe.style.color = `var(${name})`;
                return getComputedStyle(probe).color;
              })"""
        )
    paper, *series = ([int(part) for part in re.findall(r"\d+", each)] for each in colours)
    if not dark:
        assert [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in series] == list(PALETTE)
    alpha = POINTS[Look.FAINT][1] if dark else 1
    for colour in series:
        mixed = [alpha * c + (1 - alpha) * p for c, p in zip(colour, paper, strict=True)]
        assert contrast(mixed, paper) >= 3


def contrast(one, other):
    """The ratio of WCAG 2 of two colours of 0 to 255."""
    parts = [[c / 255 for c in colour] for colour in (one, other)]
    linear = [
        [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in c] for c in parts
    ]
    low, high = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in linear)
    return (high + 0.05) / (low + 0.05)


def test_a_run_without_trials_has_an_empty_table(browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page_text(hostile_page(0)), encoding="utf-8")
    with browser() as tab:
        tab.page.goto(path.as_uri())
        assert tab.page.locator("#trials .count").text_content() == "0 of 0 rows"
        assert tab.errors == []


def test_ten_thousand_trials_stay_usable(browser, tmp_path):
    """The limits leave room for a machine with other work; an idle one needs a tenth of them."""
    path = tmp_path / "report.html"
    path.write_text(page_text(hostile_page(10_000)), encoding="utf-8")
    assert path.stat().st_size < 12e6
    with browser() as tab:
        tab.page.goto(path.as_uri())
        tab.page.get_by_label("status").select_option(label="failed (3,333)")
        assert tab.page.locator("#trials tbody tr").count() < 200
        tab.page.get_by_role("button", name="Reset").click()
        times = tab.page.evaluate(
            """() => [...document.querySelectorAll("#trials th button")].map((button) => {
              const start = performance.now();
              button.click();
              document.querySelector("#trials tbody").getBoundingClientRect();
              return performance.now() - start;
            })"""
        )
        assert max(times) < 3000
        assert tab.errors == []
