"""The site made from docs/: its navigation, its links, and what a browser loads for it."""

import importlib.util
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from search.cli.main import execute

DOCS = Path(__file__).resolve().parents[1] / "docs"
# What a browser loads by itself, where an address of another host would need the network.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


class Page(HTMLParser):
    """The anchors of a page, its links, and the files that a browser loads for it."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links, self.loaded = set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors |= {values[key] for key in ("id", "name") if values.get(key)}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if values.get(LOADED.get(tag)):
            self.loaded.append(values[LOADED[tag]])


def navigation():
    """Return the pages that docs/index.md puts into the navigation."""
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    trees = re.findall(r"```\{toctree\}\n(.*?)```", index, re.DOTALL)
    lines = [line for tree in trees for line in tree.splitlines() if line]
    entries = [line for line in lines if not line.startswith(":")]
    return [re.sub(r".*<(.*)>", r"\1", entry) for entry in entries]


def broken_links(site, pages):
    """Yield each link to a file or an anchor of the site that is not there, with its page."""
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages[target].anchors if target in pages else None
            lost = known is not None and parts.fragment and unquote(parts.fragment) not in known
            if lost or not target.is_file():
                yield f"{path.relative_to(site)}: {link}"


def test_every_page_is_in_the_navigation_once():
    pages = [*DOCS.glob("*.md"), *DOCS.glob("api/*.md")]
    names = [path.relative_to(DOCS).with_suffix("").as_posix() for path in pages]
    assert sorted(navigation()) == sorted(set(names) - {"index"})


def test_the_page_on_generated_labels_has_the_correlations_of_the_results():
    """Its rows: a rule, three correlations and the MAE with 384 utterances, the same with 1,284."""
    results = (DOCS / "results.md").read_text(encoding="utf-8")
    page = (DOCS / "generated_labels.md").read_text(encoding="utf-8")
    measured = re.findall(
        r"^\| rules: (\S+) labels +\| \w+ +\| +([\d.-]+) \| +([\d.-]+) \|$", results, re.MULTILINE
    )
    lines = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ")]
    rows = [(re.split(r",? ", line[0].strip())[0], *line[1:4], *line[5:8]) for line in lines[1:5]]
    names = {"SUGRM's": "SUGRM's", "Self-MM's": "Self-MM's", "`aligned`": "aligned"}
    shown = {names.get(name, "human"): [float(value) for value in values] for name, *values in rows}
    assert set(shown) == {"human", *names.values()}
    for rule in names.values():
        mine = [(float(human), float(last)) for name, human, last in measured if name == rule]
        assert mine == list(zip(shown["human"], shown[rule], strict=True))
    for number, run in enumerate(("label_rules", "label_rules_1284")):
        table = results.partition(f"<!-- table {run} ablation_rules:")[2].partition("<!-- end")[0]
        errors = re.findall(r"^\| (.+?) +\| 12 / 12 \| ([\d.]+) ±", table, re.MULTILINE)
        assert sorted(mae for _, mae in errors) == sorted(
            f"0{line[4 + 4 * number].strip()}" for line in lines[1:6]
        )
        assert dict(errors)["aligned labels"] == f"0{lines[4][4 + 4 * number].strip()}"


def test_plan_prints_what_the_tutorial_shows(tmp_path, monkeypatch, capsys):
    page = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    (space,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "mrm.yaml").write_text(space)
    monkeypatch.chdir(tmp_path)
    assert execute(["plan", "mrm.yaml"]) == 0
    assert f"```text\n{capsys.readouterr().out}```" in page


@pytest.mark.slow
def test_the_site_builds_without_warnings_and_needs_no_other_host(tmp_path):
    for name in ("sphinx", "furo", "myst_parser"):
        if importlib.util.find_spec(name) is None:
            pytest.skip("needs the extra docs: pip install '.[docs]'")
    site = tmp_path / "site"
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", DOCS, site]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")

    pages = {path: Page(path) for path in site.rglob("*.html")}
    assert {site / f"{name}.html" for name in (*navigation(), "index", "search")} <= set(pages)
    assert list(broken_links(site, pages)) == []
    loaded = {address for page in pages.values() for address in page.loaded}
    assert [address for address in loaded if urlsplit(address).netloc] == []
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)]*", styles) == []
