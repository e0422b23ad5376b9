"""Every section and figure that is cited of the SUGRM paper exists there, and is about that."""

import ast
import io
import re
import tokenize
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("sugrm", "search", "reports", "spaces", "benchmarks", "scripts", "docs", "tests")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
# The paper (Hwang & Kim, Findings of EACL 2023): what each section and figure is about, as words of
# which the citing passage holds at least one. There is no Section 3.5.
LABELS = ("label generation", "ULGM", "generated label")
TOPICS = {
    "Section 3.2": ("architecture", "recalibrat", "representation", "whole model"),
    "Section 3.2.1": ("recalibrat", "MRM", "sparse phased", "SPT", "fusion head", "heads"),
    "Section 3.2.2": ("unimodal head", "heads"),
    "Section 3.3": (*LABELS, "update scheme"),
    "Section 3.4": ("loss", "objective"),
    "Section 4.1": ("dataset", "corpus", "corpora"),
    "Section 4.2": ("baseline",),
    "Section 4.3": ("implementation", "hyper-parameter", "seeds"),
    "Section 4.4": ("metric", "accuracy"),
    "Section 5": ("result", "ablation", "Table"),
    "Section A.1": ("split", "Table 6"),
    "Section A.2": ("hyper-parameter", "Table 7"),
    "Section A.3": ("loss", "Table 8"),
    "Figure 1": ("architecture", "recalibrat", "whole model"),
    "Figure 2": ("distance",),
    "Figure 3": ("direction",),
    "Figure 4": LABELS,
}
OWN = ("Hwang & Kim", "SUGRM paper", "of the paper", "paper's")
NUMBER = r"(?:[A-Z]\.\d+|\d+)(?:\.\d+)*"
CITATION = re.compile(
    rf"\b(Section|Appendix|Figure)s? ({NUMBER})((?:(?:,| and|, and) (?:{NUMBER})(?![\w-]))*)"
)
CITES = re.compile(rf"\b(?:(?:Section|Appendix|Figure)s?\s+{NUMBER}|\| Section \|)")
# "Tsai et al.", "Williams et al. 2018", "Hwang & Kim 2023": whose section or figure follows.
AUTHORS = re.compile(r"\b[A-Z]\w+ et al\.|\b[A-Z]\w+ & [A-Z]\w+")


class Passage(NamedTuple):
    """A docstring, a text, a block of comments, a paragraph or a row of a table."""

    path: str
    line: int
    text: str


class Citation(NamedTuple):
    """A section or figure of the SUGRM paper."""

    what: str
    passage: Passage


def python_passages(path, source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Passage(path, node.lineno, " ".join(node.value.split()))
    block, last = [], 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if block and token.start[0] > last + 1:
                yield Passage(path, last, " ".join(block))
                block = []
            block.append(token.string.lstrip("#: "))
            last = token.start[0]
    if block:
        yield Passage(path, last, " ".join(block))


def page_passages(path, text):
    """Yield paragraphs, and rows of tables with ``Section`` before the cells of that column."""
    header, number = [], 1
    for line in re.split(r"\n(?=\s*\n|\||- |\s*#)", text):
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|"):
            header = []
        elif not header:
            header = cells
        elif "Section" in header and len(cells) == len(header):
            place = header.index("Section")
            cells[place] = re.sub(rf"\b{NUMBER}", r"Section \g<0>", cells[place], count=1)
            line = " | ".join(cells)
        yield Passage(path, number, " ".join(line.split()))
        number += line.count("\n") + 1


def passages():
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))]
    for path in (*files, *(ROOT / page for page in PAGES)):
        if path.suffix not in {".py", ".md", ".yaml", ".j2", ".js", ".csv"}:
            continue
        name, text = str(path.relative_to(ROOT)), path.read_text()
        if not CITES.search(text) or path == Path(__file__).resolve():
            continue
        yield from (python_passages if path.suffix == ".py" else page_passages)(name, text)


def is_of_the_paper(text, found):
    """Whether the authors right after a citation, else last before it, are SUGRM's or nobody."""
    after = text[found.end() :]
    if any(after.startswith(f" {own}") for own in OWN):
        return True
    if following := re.match(rf" of ({AUTHORS.pattern})", after):
        return following[1] == "Hwang & Kim"
    named = [author[0] for author in AUTHORS.finditer(text[: found.start()])]
    return not named or named[-1] == "Hwang & Kim"


def citations_in(passage):
    for found in CITATION.finditer(passage.text):
        if is_of_the_paper(passage.text, found):
            kind = "Section" if found[1] == "Appendix" else found[1]
            for number in re.findall(NUMBER, found[2] + found[3]):
                yield Citation(f"{kind} {number}", passage)


def error_of(citation):
    """Return what is wrong with a citation, or None."""
    topics = TOPICS.get(citation.what)
    if topics is None:
        return f"the paper has no {citation.what}"
    text = citation.passage.text.lower()
    if not any(topic.lower() in text for topic in topics):
        return f"{citation.what} is about {', '.join(topics)}"
    return None


@pytest.mark.slow
def test_every_citation_of_the_paper_names_the_right_section_or_figure():
    found = [citation for passage in passages() for citation in citations_in(passage)]
    wrong = [
        f"{citation.passage.path}:{citation.passage.line}: {error}"
        for citation in found
        if (error := error_of(citation))
    ]
    assert wrong == []
    assert len(found) > 25  # so that a pattern that finds nothing does not pass


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Unimodal label generation. Source: Section 3.4 of the paper.", "Section 3.4 is about"),
        ("The weighted loss (Section 3.5).", "the paper has no Section 3.5"),
        ("MRM. Source: Hwang & Kim 2023, Section 3.1.", "the paper has no Section 3.1"),
        ("Architecture: Section 3.2, Figure 2.", "Figure 2 is about distance"),
        ("Metrics: Figure 1 of Tsai et al., Section 4.2 of the paper.", "Section 4.2 is about"),
        ("Losses, Sections 3.4 and 3.9.", "the paper has no Section 3.9"),
        ("Losses by Tsai et al. 2019, Section 3; Hwang & Kim 2023, Section 3.6", "no Section 3.6"),
    ],
)
def test_a_wrong_citation_is_found(text, error):
    errors = [error_of(found) for found in citations_in(Passage("", 1, text))]
    assert any(found and error in found for found in errors)


@pytest.mark.parametrize(
    "text",
    [
        "Source: Tsai et al., ACL 2019 (MulT), Section 3.5, Figure 9",
        "Straight from Section 3 of Tsai et al. 2019.",
        "The objective (Section 3.4), without a bound on the loss.",
        "Heads: Hwang & Kim 2023, Section 3.2.1 and Section 3.2.2",
    ],
)
def test_a_right_or_foreign_citation_passes(text):
    assert [error_of(found) for found in citations_in(Passage("", 1, text))] in (
        [],
        [None],
        [None] * 2,
    )


def test_cells_under_the_heading_section_are_citations():
    page = "| part | Section |\n|---|---|\n| metrics | 3.4 |\n| loss, ULGM | 3.3, Figure 1 |\n"
    found = [
        (citation.what, error_of(citation) is None)
        for passage in page_passages("page.md", page)
        for citation in citations_in(passage)
    ]
    assert found == [("Section 3.4", False), ("Section 3.3", True), ("Figure 1", False)]
