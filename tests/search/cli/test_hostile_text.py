"""Text that the code did not write reaches no terminal and no file raw."""

import io
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from search.cli.display.lines import Lines
from search.cli.display.live import LiveView
from search.cli.main import execute
from search.events import PlanReady, Progress, RunWarning, TrialEnded, TrialName, TrialStarted
from tests.reports.ledger_builder import SPACE, LedgerBuilder

HOSTILE = "\x1b[31m\x1b]0;x\x07\x7f\x9b2J\u202e\u200f\u200b\u2028"
SPACE_FILE = """
name: tiny
data: {dataset: synthetic}
experiment: {training: {max_epochs: 1}}
ablations:
  "%s": {"baseline %s": {}}
"""


def is_raw(text):
    return any(character in text for character in HOSTILE if not character.isprintable())


@pytest.fixture
def check(capsys):
    """Return a function that runs a command and checks that it shows HOSTILE and escapes it."""

    def run(*arguments, code):
        assert execute(arguments) == code
        shown = capsys.readouterr()
        assert r"\x1b[31m" in shown.out + shown.err
        assert not is_raw(shown.out + shown.err)
        return shown

    return run


@pytest.fixture
def ledger(tmp_path):
    """Return the folder of runs with one run, hostile in every text that a reader prints."""
    name, group = f"tiny{HOSTILE}", f"modules{HOSTILE}"
    space = SPACE | {"name": name, "ablations": {group: SPACE["ablations"]["modules"]}}
    builder = LedgerBuilder(tmp_path / "runs" / name)
    builder.searched(0, 0.5, model=f"sugrm{HOSTILE}")
    builder.searched(1, status="failed", failure="error", message=f"no memory{HOSTILE}")
    builder.cell(f"remove MRM{HOSTILE}", 1, 0.6, group=f"modules{HOSTILE}")
    builder.cell(
        f"LSTM{HOSTILE}",
        1,
        status="failed",
        mae=1.0,
        failure="error",
        message=HOSTILE,
        group=f"modules{HOSTILE}",
    )
    builder.write(space, command=f"sugrm-search run {HOSTILE}")
    return tmp_path / "runs"


def test_status_escapes_the_names_and_messages_of_a_ledger(check, ledger):
    check("status", "--runs", str(ledger), code=0)


@pytest.mark.slow
def test_the_report_and_its_files_escape_the_names_and_messages_of_a_ledger(check, ledger):
    check("report", "--runs", str(ledger), code=0)
    written = [path for path in ledger.rglob("*") if path.suffix in (".csv", ".md", ".html")]
    assert {path.suffix for path in written} == {".csv", ".md", ".html"}
    assert not any(is_raw(path.read_text()) for path in written)


def test_an_unknown_run_is_escaped(check, tmp_path):
    check("status", f"none{HOSTILE}", "--runs", str(tmp_path), code=2)
    check("report", f"none{HOSTILE}", "--runs", str(tmp_path), code=2)
    check("export", f"none{HOSTILE}", "--optuna", "x", "--runs", str(tmp_path), code=2)


def test_an_exported_journal_is_escaped(ledger, tmp_path):
    journal = tmp_path / "a.journal"
    run = next(ledger.iterdir()).rename(ledger / "tiny")  # a space may have no hostile name
    record = json.loads((run / "experiment.json").read_text())
    record["name"] = record["versions"][0]["space"]["name"] = "tiny"
    (run / "experiment.json").write_text(json.dumps(record))
    assert execute(["export", "tiny", "--optuna", str(journal), "--runs", str(ledger)]) == 0
    assert not is_raw(journal.read_text())


def test_the_names_of_a_space_are_escaped(check, tmp_path):
    escaped = json.dumps(HOSTILE)[1:-1]
    space = tmp_path / f"space{HOSTILE}.yaml"
    space.write_text(SPACE_FILE % (escaped, escaped))
    check("plan", str(space), code=0)


@pytest.mark.parametrize(
    "change", [f"search.trials={HOSTILE}", f"search.{HOSTILE}=1", HOSTILE, f"a.b=[{HOSTILE}"]
)
def test_a_change_on_the_command_line_is_escaped(check, change):
    shown = check("plan", "spaces/demo.yaml", "--set", change, code=2)
    assert shown.err.count("\n") <= 2


@pytest.mark.parametrize(
    "arguments",
    [
        (f"command{HOSTILE}",),
        ("plan", f"none{HOSTILE}.yaml"),
        ("plan", "spaces/demo.yaml", "--data", f"aligned{HOSTILE}=x"),
        ("plan", "spaces/demo.yaml", f"--option{HOSTILE}"),
        ("run", "spaces/demo.yaml", "--trials", f"1{HOSTILE}"),
        ("report", "--format", f"pdf{HOSTILE}"),
        ("data", "inspect", f"none{HOSTILE}.pkl"),
        ("data", "inspect", "x", "--alignment", HOSTILE),
    ],
)
def test_an_argument_that_is_refused_is_escaped(check, arguments):
    check(*arguments, code=2)


@pytest.mark.parametrize(
    "tree",
    [
        {f"train{HOSTILE}": {}},
        [HOSTILE],
        {"train": {"id": [f"id{HOSTILE}"], "regression_labels": np.array([9.0])}},
    ],
)
def test_what_a_pickle_names_is_escaped(capsys, tmp_path, tree):
    path = tmp_path / "features.pkl"
    path.write_bytes(pickle.dumps(tree))
    assert execute(["data", "inspect", str(path)]) == 2
    assert not is_raw(capsys.readouterr().err)


def test_a_class_name_of_a_pickle_is_escaped(check, tmp_path):
    path = tmp_path / "features.pkl"
    name = f"evil{HOSTILE}".encode()
    path.write_bytes(b"\x80\x04\x8c" + bytes([len(name)]) + name + b"\x8c\x01x\x93.")
    check("data", "inspect", str(path), code=2)


def test_the_name_of_a_corpus_is_escaped(check, tmp_path, monkeypatch):
    monkeypatch.setenv("SUGRM_CACHE", str(tmp_path / "cache"))
    path = tmp_path / f"features{HOSTILE}.pkl"
    sizes = ["--train", "8", "--valid", "4", "--test", "4", "--text-length", "9"]
    check("data", "synthesize", str(path), *sizes, code=0)
    check("data", "inspect", str(path), code=0)


def test_a_file_name_that_is_no_text_is_escaped(capsys, tmp_path):
    assert execute(["plan", str(tmp_path / os.fsdecode(b"\xff.yaml"))]) == 2
    assert r"\udcff.yaml" in capsys.readouterr().err


NAME = TrialName(
    phase="ablation", group=HOSTILE, cell=f"[bold]cell[/bold]{HOSTILE}", seed=1, key=""
)
EVENTS = (
    PlanReady(
        name=HOSTILE,
        folder=Path("runs"),
        progress=Progress(total=2),
        objective="valid/mae",
        mode="min",
        concurrency=1,
    ),
    TrialStarted(name=NAME, changes={}, progress=Progress(total=2, running=1)),
    RunWarning(message=f"[bold]note[/bold]\n{HOSTILE}"),
    TrialEnded(
        name=NAME,
        status="failed",
        epochs=1,
        value=None,
        seconds=1.0,
        is_best=False,
        failure="error",
        message=f"a\n{HOSTILE}",
        progress=Progress(total=2, failed=1),
    ),
)


def test_the_plain_lines_of_a_run_are_escaped():
    stream = io.StringIO()
    lines = Lines(stream)
    for event in EVENTS:
        lines(event)
    assert not is_raw(stream.getvalue())
    assert "[bold]note[/bold] \\x1b" in stream.getvalue()
    assert stream.getvalue().count("\n") == 2


def test_the_live_view_escapes_text_and_interprets_no_markup_in_it():
    stream = io.StringIO()
    console = Console(
        file=stream, force_terminal=True, width=400, color_system=None, _environ={"TERM": "xterm"}
    )
    with LiveView(console) as view:
        for event in EVENTS:
            view(event)
        print(f"[bold]printed[/bold]{HOSTILE}")
    shown = stream.getvalue()
    for text in ("[bold]cell[/bold]", "[bold]note[/bold]", "[bold]printed[/bold]"):
        assert rf"{text}" in shown
    for harmful in ("\x1b[31m", "\x1b]0", "\x07", "\x7f", "\x9b", "\u202e", "\u200b", "\u2028"):
        assert harmful not in shown
