"""A headless Chromium of the system, through Playwright, which downloads no browser of its own."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_AXE = Path(__file__).with_name("axe") / "axe.min.js"


@dataclass
class Opened:
    """A tab, and what it complained of: console errors, exceptions, requests that went out."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """Return what axe-core finds that is serious or critical, one line each."""
        self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("async () => (await axe.run()).violations")
        return [
            f"{each['impact']} {each['id']}: {each['help']}: {json.dumps(each['nodes'][0]['html'])}"
            for each in found
            if each["impact"] in ("serious", "critical")
        ]


def chromium() -> str | None:
    """Return the path of the system's Chromium, None where it is not installed."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def opened(
    *, width: int = 1280, height: int = 900, dark: bool = False, touch: bool = False
) -> Iterator[Opened]:
    """Open an empty tab of ``width`` x ``height`` pixels; ``touch`` is a phone."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            is_mobile=touch,
            reduced_motion="reduce",
        )
        tab = Opened(context.new_page())
        tab.page.on(
            "console",
            lambda message: tab.errors.append(message.text) if message.type == "error" else None,
        )
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        tab.page.on("request", lambda request: tab.requests.append(request.url))
        yield tab
        browser.close()
