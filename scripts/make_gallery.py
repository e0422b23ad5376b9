"""Write docs/gallery.md and its pictures from a finished run of the demo.

Usage, in this folder, after ``sugrm-search run spaces/demo.yaml``:
``python scripts/make_gallery.py RUNS`` with the folder that holds ``demo``. It needs the dev extra
and Chromium, and only reads the run.
"""

import io
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # for tests.chromium, which is not installed

from PIL import Image  # noqa: E402

from reports import Report, build_report, save_report  # noqa: E402
from reports.content.figure import Figure  # noqa: E402
from reports.render.drawing import draw_png  # noqa: E402
from reports.render.markdown import escape, markdown_table  # noqa: E402
from tests.chromium import opened  # noqa: E402
from tests.tensorboard_server import SECONDS, tensorboard  # noqa: E402

RUN = "demo"
DOCS = ROOT / "docs"
PICTURES = DOCS / "gallery"
MOST_BYTES = 250_000
WIDEST = 1_400  # pixels
HEAD = """# Gallery

<!-- Written by scripts/make_gallery.py; change what it reads, not this file. -->

The report page, figures, tables and TensorBoard of a run of the demo, on synthetic data and two
CPU cores. They show what a report looks like; the numbers say nothing about the model.

```sh
sugrm-search run spaces/demo.yaml
sugrm-search report demo --format html
tensorboard --logdir runs/demo/tensorboard
python scripts/make_gallery.py runs
```
"""


@dataclass(frozen=True)
class Picture:
    """A picture of the gallery: where it lies under docs/ and what it shows."""

    path: Path
    alt: str

    def markdown(self) -> str:
        """Return what shows it."""
        return f"![{escape(self.alt)}]({self.path.relative_to(DOCS).as_posix()})"


def keep(name: str, png: bytes, alt: str) -> Picture:
    """Write a picture of few colours, smaller until it is below ``MOST_BYTES``."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    path = PICTURES / f"{plain}.png"
    image = Image.open(io.BytesIO(png)).convert("RGB")
    width = min(WIDEST, image.width)
    while True:
        size = (width, round(image.height * width / image.width))
        small = image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)
        out = io.BytesIO()
        small.quantize(128, dither=Image.Dither.NONE).save(out, "png", optimize=True)
        if out.tell() < MOST_BYTES:
            path.write_bytes(out.getvalue())
            return Picture(path, alt)
        width = round(width * 0.85)


def page_pictures(report: Report) -> Iterator[Picture]:
    """Yield the report's page on a desktop, in the dark and on a phone."""
    with tempfile.TemporaryDirectory() as folder:
        save_report(report, Path(folder), formats=("html",))
        address = (Path(folder) / "report.html").as_uri()
        for name, alt, look in (
            ("page", "The report's page on a desktop: the summary first", {}),
            ("page dark", "The same page where the system prefers dark colours", {"dark": True}),
            (
                "page phone",
                "The same page on a phone, 390 pixels wide",
                {"width": 390, "height": 844, "touch": True},
            ),
        ):
            with opened(**look) as tab:
                tab.page.goto(address)
                yield keep(name, tab.page.screenshot(), alt)


def figure_parts(figures: tuple[Figure, ...]) -> Iterator[str]:
    """Yield each figure under its title; its notes are drawn in it."""
    for figure in figures:
        picture = keep(f"figure {figure.name}", draw_png(figure), figure.summary)
        yield f"### {escape(figure.title)}"
        yield picture.markdown()


def table_parts(report: Report) -> Iterator[str]:
    """Yield each table that documents show, one level of headings down."""
    for table in report.tables:
        if not table.is_data:
            yield f"#{markdown_table(table)}"


def tensorboard_pictures(folder: Path) -> Iterator[Picture]:
    """Yield the dashboards of TensorBoard over a run."""
    dashboards = (
        ("timeseries", "card-view svg", "validation metrics by epoch, a line a trial"),
        ("hparams", "vaadin-grid-cell-content", "every trial with its options and metrics"),
        ("histograms", "tf-histogram-loader path", "the generated labels, a ridge an epoch"),
    )
    with tensorboard(folder) as address, opened(width=1400, height=900) as tab:
        tab.page.set_default_timeout(1000 * SECONDS)
        for dashboard, card, what in dashboards:
            tab.page.goto("about:blank")
            tab.page.goto(f"{address}/#{dashboard}")
            tab.page.locator(card).first.wait_for(state="attached")
            tab.page.wait_for_load_state("networkidle")
            tab.page.wait_for_timeout(3_000)  # cards are drawn after their data have come
            name = f"tensorboard {dashboard}"
            yield keep(name, tab.page.screenshot(), f"TensorBoard, {dashboard}: {what}")


def gallery(run: Path) -> str:
    """Write the pictures and return docs/gallery.md."""
    report = build_report(run)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    sections: dict[str, Callable[[], Iterator[str]]] = {
        "The page": lambda: (picture.markdown() for picture in page_pictures(report)),
        "Figures": lambda: figure_parts(report.figures),
        "TensorBoard": lambda: (
            picture.markdown() for picture in tensorboard_pictures(run / "tensorboard")
        ),
        "Tables": lambda: table_parts(report),
    }
    parts = [HEAD.rstrip()]
    for title, made in sections.items():
        parts += [f"## {title}", *made()]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Write the gallery of the run that is named."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / RUN / "experiment.json").is_file():
        sys.exit(
            f"usage: python scripts/make_gallery.py RUNS: a folder that holds a run {RUN}; make "
            "one with: sugrm-search run spaces/demo.yaml"
        )
    text = gallery(Path(sys.argv[1]) / RUN)
    (DOCS / "gallery.md").write_text(text, encoding="utf-8")
    pictures = sorted(PICTURES.glob("*.png"))
    size = sum(path.stat().st_size for path in pictures)
    print(f"wrote docs/gallery.md and {len(pictures)} pictures, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
