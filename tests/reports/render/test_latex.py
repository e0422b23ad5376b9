import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.content.table import (
    Column,
    Dual,
    Emphasis,
    Estimate,
    Interval,
    Missing,
    Note,
    Number,
    Spread,
    Style,
    Table,
    Text,
)
from reports.render.latex import latex_document, latex_table
from reports.render.latex_text import code, escape, number
from reports.statistics import Summary

SUMMARY = Summary(0.703, 5, deviation=0.01, low=0.691, high=0.715)
HOSTILE = [
    "\\input{/etc/passwd} \\immediate\\write18{touch hacked}",
    "} \\end{document} {",
    "$x^2$ & 50 % # ~ a_b ^^41 \\verb|x|",
    "[1em] *{99}{c}",
    "<b>\"quotes\"</b> 'single' ``double'' --out --- ,, ?` !`",
    "naïve Ångström façade Dvořák Erdős Łódź ß œuvre",
    "± Δ μ λ ≤ ≥ ≠ → 10² … \N{MULTIPLICATION SIGN} \N{MINUS SIGN} \N{GREEK SMALL LETTER ALPHA}",
    "中文 🙂 \u202egnp.exe \x1b[31m \ud800",
    "two\nlines\r\nand a very" + "long" * 40 + " word",
    "\\",
    "%",
    "",
]
# What an escaped text is made of: letters as they are, commands that end themselves, groups.
PIECE = re.compile(
    r"\\[A-Za-z]+\{\}"
    r"|\\[{}$&#%_]"
    r"|\\texttt\{(?:\\char34|U\+[0-9A-F]{4,6})\}"
    r"|\\ensuremath\{(?:\^?\\?[A-Za-z]+|-|\^[123])\}"
    r"|\\(?:[`'^~=.\"]|[uvHrdc])\{\\?[A-Za-z]\}"
    r"|\{[\[\]*]\}|\{\}"
    r"|[A-Za-z0-9 !'()+,\-./:;=?@]"
)


def table_of(rows, columns=None, notes=(), title="Any", name="any"):
    columns = columns or tuple(
        Column(f"c{place}", f"c{place}", is_text=True) for place in range(len(rows[0]))
    )
    return Table(name=name, title=title, columns=columns, rows=tuple(rows), notes=notes)


def unescaped(latex):
    """Read back what `escape` wrote, as far as it is ASCII."""
    named = {
        "textbackslash": "\\",
        "textasciicircum": "^",
        "textasciitilde": "~",
        "textless": "<",
        "textgreater": ">",
        "textbar": "|",
        "textasciigrave": "`",
        "allowbreak": "",
    }
    latex = latex.replace(r"\texttt{\char34}", '"')
    latex = re.sub(r"\\([A-Za-z]+)\{\}", lambda match: "\0" + named[match[1]] + "\0", latex)
    latex = re.sub(r"\{([\[\]*]?)\}(?<!\\\})", r"\1", latex)
    return re.sub(r"\\([{}$&#%_])", r"\1", latex).replace("\0", "")


@pytest.mark.slow
@given(st.text(max_size=60))
@example("".join(HOSTILE))
@example("-" * 30 + "'" * 30 + "?`!`,,")
def test_any_text_is_plain_ascii_without_a_live_character(text):
    escaped = escape(text)
    assert escaped.isascii()
    assert PIECE.sub("", escaped) == ""


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_ascii_text_reads_back_as_it_was(text):
    assert unescaped(escape(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("é", r"\'{e}"),
        ("î", r"\^{\i}"),
        ("ç", r"\c{c}"),
        ("Δ", r"\ensuremath{\Delta}"),
        ("λ", r"\ensuremath{\lambda}"),
        ("中", r"\texttt{U+4E2D}\allowbreak{}"),
        ("ệ", r"\texttt{U+1EC7}\allowbreak{}"),
        ("--", "-{}-"),
        ("a\nb", "a b"),
        ("\u202e", r"\textbackslash{}u202e"),
    ],
)
def test_a_character_is_set_or_named_by_its_code_point(text, expected):
    assert escape(text) == expected


def test_a_command_may_break_after_punctuation_but_not_within_a_double_dash():
    assert code("run --out a/b") == r"\texttt{run -{}-\allowbreak{}out a/\allowbreak{}b}"


def test_the_command_of_a_note_is_a_comment_that_nothing_ends(latex_of_note):
    written = latex_of_note("Seed 2 is missing. Run it with:", "run 'a\nb\r\u2028é' --out a/b")
    comments = [line for line in written.splitlines() if line.startswith("%")]
    assert comments == [r"% Run it with: run 'a b\r\u2028é' --out a/b"]
    shown = "\n".join(line for line in written.splitlines() if not line.startswith("%"))
    assert "Seed 2 is missing." in shown
    assert "Run it" not in shown
    assert "--out" not in shown


def test_a_note_that_only_announces_a_command_is_not_printed(latex_of_note):
    written = latex_of_note("Export the models:", "export all")
    assert "% Export the models: export all" in written
    assert "minipage" not in written


def test_no_comment_is_left_where_the_command_is_not_known(latex_of_note):
    written = latex_of_note("Seed 2 is missing. Run it with:", "")
    assert "\nSeed 2 is missing.\n" in written
    assert "Run it" not in written


@pytest.fixture
def latex_of_note():
    """Return a function that gives the LaTeX of a table with one note."""
    columns = (Column("system", "system", is_text=True),)

    def written(text, command):
        notes = (Note(text, command),)
        table = Table(name="t", title="T", columns=columns, rows=((Text("a"),),), notes=notes)
        return latex_table(table)

    return written


def test_minus_signs_of_numbers_are_set_as_such():
    assert number("[-0.1, +0.2] 3e-05") == r"{[}\ensuremath{-}0.1, +0.2{]} 3e-05"


def test_a_small_table_reads_as_expected():
    columns = (
        Column("system", "system", is_text=True),
        Column("mae", "MAE", group="test"),
        Column("acc2", "Acc-2", group="test"),
    )
    rows = (
        (
            Text("SUGRM"),
            Spread(SUMMARY, Style.SCORE, emphasis=Emphasis.BEST_AND_BETTER),
            Dual(Number(0.844, Style.PERCENT, emphasis=Emphasis.BEST), Missing()),
        ),
        (
            Text("w/o MRM"),
            Number(-0.1, Style.SCORE, signed=True, emphasis=Emphasis.BETTER),
            Interval(SUMMARY, Style.SCORE),
        ),
    )
    table = Table(
        name="ablation_a b",
        title="A & B",
        columns=columns,
        rows=rows,
        notes=(Note("Seed 2 is missing. Run it with:", "run x"),),
    )
    assert latex_table(table) == "\n".join(
        [
            r"\begin{table}[htbp]",
            r"% Run it with: run x",
            r"\centering",
            r"\caption{A \& B}",
            r"\label{tab:ablation-a-b}",
            r"\par\smallskip",
            r"\sbox0{%",
            r"\begin{tabular}{@{}lrr@{}}",
            r"\toprule",
            r"\multicolumn{1}{c}{} & \multicolumn{2}{c}{test} \tabularnewline",
            r"\cmidrule(lr){2-3}",
            r"system & MAE & Acc-2 \tabularnewline",
            r"\midrule",
            r"SUGRM & \textbf{\underline{0.703 \ensuremath{\pm} 0.010}}"
            r" & \textbf{84.4} / - \tabularnewline",
            r"w/o MRM & \underline{\ensuremath{-}0.100} & {[}0.691, 0.715{]} \tabularnewline",
            r"\bottomrule",
            r"\end{tabular}%",
            r"}%",
            r"\ifdim\wd0>\linewidth\sbox0{\resizebox{\linewidth}{!}{\usebox0}}\fi",
            r"\ifdim\dimexpr\ht0+\dp0\relax>0.7\textheight",
            r"  \sbox0{\resizebox*{!}{0.7\textheight}{\usebox0}}\fi",
            r"\usebox0",
            r"\par\smallskip",
            r"\begin{minipage}{\linewidth}\footnotesize\raggedright",
            r"\textbf{Bold}: the best mean of its column, ties included.\par",
            r"\underline{Underlined}: a better mean than the baseline's.\par",
            r"Seed 2 is missing.",
            r"\end{minipage}",
            r"\end{table}",
        ]
    )


def test_long_words_of_a_column_wrap_and_a_wide_table_spans_both_columns():
    latex = latex_table(table_of([(Text("a word " * 20), Text("b"))]))
    assert r"\begin{table*}" in latex
    assert r"{@{}p{0.4\linewidth}l@{}}" in latex
    assert r"\raggedright a word" in latex


def test_rows_that_no_page_holds_are_left_out_and_named():
    latex = latex_table(table_of([(Text(f"row{place}"),) for place in range(50)]))
    assert "row44" in latex
    assert "row45" not in latex
    assert "Rows 46 to 50 are left out here." in latex


def test_a_table_of_items_has_no_heading():
    columns = (Column("item", "", is_text=True), Column("value", "", is_text=True))
    latex = latex_table(table_of([(Text("run"), Text("demo"))], columns))
    assert r"\midrule" not in latex


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["OT1", "T1"])
def test_a_document_of_hostile_cells_compiles_and_loses_no_character(tmp_path, encoding):
    if shutil.which("pdflatex") is None:
        pytest.skip("needs pdflatex: apt-get install texlive-latex-recommended")
    texts = [(Text(text), Text(text, code=True), Number(-0.5, Style.SCORE)) for text in HOSTILE]
    notes = tuple(Note(text, command) for text in HOSTILE for command in (None, text))
    grouped = tuple(Column(f"n{place}", "MAE", group=f"g{place // 3} &") for place in range(40))
    numbers = [(Estimate(SUMMARY, Style.SCORE),) * 40] * 60
    tables = [
        table_of(texts, notes=notes, title=" ".join(HOSTILE), name=HOSTILE[0]),
        table_of(numbers, grouped, name="wide"),
        table_of([(Text(text),) for text in HOSTILE], (Column("text", "[text]", is_text=True),)),
        Table(name="empty", title="Empty", columns=(Column("a", "a"),), rows=()),
        *(table_of(numbers[:9], grouped, name=f"more{place}") for place in range(24)),
    ]
    document = latex_document(HOSTILE[1], tables).replace(
        r"\begin{document}",
        rf"\usepackage[{encoding}]{{fontenc}}\tracinglostchars=2 \begin{{document}}",
    )
    assert all(line.isascii() for line in document.splitlines() if not line.startswith("%"))
    (tmp_path / "report.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode"]
    done = subprocess.run([*command, "report.tex"], cwd=tmp_path, capture_output=True, check=False)
    log = (tmp_path / "report.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-3000:]
    assert (tmp_path / "report.pdf").stat().st_size > 1000
    assert not (tmp_path / "hacked").exists()
    assert "Missing character" not in log
    assert "Overfull" not in log


def test_rows_that_have_not_run_are_left_out_and_named():
    columns = (Column("row", "row", is_text=True), Column("mae", "MAE"))
    rows = (
        (Text("SUGRM"), Number(0.5, Style.SCORE)),
        (Text("TFN & more"), Missing("not run")),
        (Text("  paper"), Number(0.9, Style.SCORE)),
    )
    table = Table(name="t", title="T", columns=columns, rows=rows, unrun=(1, 2))
    text = latex_table(table)
    assert "SUGRM" in text
    assert "not run" not in text
    assert "0.900" not in text
    assert escape("left out here (--unrun keeps them): TFN & more.") in text
    assert "0.900" in latex_table(replace(table, unrun=()))


def test_a_table_in_which_nothing_has_run_keeps_its_rows():
    columns = (Column("row", "row", is_text=True), Column("mae", "MAE"))
    table = Table(
        name="t", title="T", columns=columns, rows=((Text("a"), Missing("not run")),), unrun=(0,)
    )
    assert "not run" in latex_table(table)
