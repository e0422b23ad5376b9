"""Run folders whose files somebody has edited, or a disk has changed.

Every command either does its work, naming what it left out, or says in one message what is wrong.
"""

import contextlib
import json
import random
import re
import shutil
from functools import partial

import pyarrow as pa
import pytest
from pyarrow import parquet

from reports.errors import ReportError
from reports.ledger.reading.recorded_experiment import Version
from reports.ledger.roles import Role
from reports.ledger.schema import SCHEMAS
from search.budget.recorded_time import RecordedTime, write_time
from search.cli.main import execute
from search.errors import SearchError
from search.ledger.experiment_file import FILE, check_folder, record_experiment
from search.ledger.running_trials import RunningFolder, StartedTrial
from search.sampling.earlier_trials import read_sources

SHORT = ("search.trials=3", "seeds=[1]", "confirm={top: 1, seeds: [1]}")
ODD = [None, True, -1, 0.5, 10**25, "x", "", [], {}, [1], {"a": None}, [None], [[]], "9999-99-99"]
NAN, DEEP, LONG = "\x00NaN", "\x00deep", "\x00long"
RAW = {NAN: "NaN", DEEP: "[" * 100_000 + "]" * 100_000, LONG: "1" * 5000}
WHOLE = [b"", b"{", b"[]", b"null", b"3", b'"x"', b"\xff\xfe{}", b"[" * 100_000, b"NaN", b'{"a":']


@pytest.fixture
def made(command, mini, tmp_path):
    """Return a run with every kind of file, named as its folder."""
    run = command(*SHORT, folder="mini")
    version = Version(
        space=run.space.to_dict(),
        source="name: mini",
        command="sugrm-search run mini.yaml",
        data={"unaligned": "unaligned"},
        environment={"python": "3.11", "packages": {"torch": "2"}, "machine": {"gpus": ["T4"]}},
        total=5,
    )
    record_experiment(run.folder, "mini", version=version)
    write_time(run.folder, RecordedTime(seconds=5.0))
    (run.folder / "importance.json").write_text(json.dumps(IMPORTANCE))
    role = Role(phase="search", number=7, seed=7, changes={"objective.loss": "l1"})
    RunningFolder(run.folder).write(StartedTrial(key="k7", roles=(role,), epoch=1))
    shutil.copytree(run.folder, tmp_path / "whole" / "mini")
    return tmp_path / "whole" / "mini"


IMPORTANCE = {
    "method": "PED-ANOVA",
    "optuna": "5.0.0",
    "objective": "valid/mae",
    "mode": "min",
    "trials": 30,
    "parameters": {"objective.loss": {"importance": 1.0, "trials": 30}},
}


@pytest.fixture
def survives(made, command, tmp_path, capsys):
    """Return a function that damages a copy of the run and asks every command of it."""

    def check(damage, *, formats=("csv",)):
        folder = tmp_path / "mini"
        shutil.rmtree(folder)
        shutil.copytree(made, folder)
        damage(folder)
        shown_by = {}
        for name in ("status", "export", "report"):
            shown_by[name] = ask(name, folder, formats)
        shown_by["run"] = (_run(command, folder), "")
        return shown_by

    def ask(name, folder, formats):
        options = {
            "status": ["status", "mini"],
            "report": ["report", "mini", *(f"--format={each}" for each in formats)],
            "export": ["export", "mini", "--force", "--optuna", str(tmp_path / "a.journal")],
        }[name]
        capsys.readouterr()
        code = execute([*options, "--runs", str(folder.parent)])
        shown = capsys.readouterr()
        assert code in (0, 2)
        assert (code == 2) == shown.err.startswith("error: ")
        return code, shown.out + shown.err

    return check


def _run(command, folder):
    """Open the run as ``run_space`` does and take up what it left; return its exit code."""
    try:
        check_folder(folder, "mini")
        record_experiment(
            folder,
            "mini",
            version=Version(space={}, source="", command="", data={}, environment={}, total=5),
        )
        command(*SHORT, folder="mini")
    except (SearchError, ReportError):
        return 2
    return 0


def places(value, path=()):
    """Yield the path of every value in a JSON document."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def replaced(value, path, new):
    """Return a document with another value at a path; None for a key that goes."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


def written(document):
    """Return the text of a document in which the marks of RAW stand for what JSON cannot hold."""
    text = json.dumps(document)
    for mark, raw in RAW.items():
        text = text.replace(json.dumps(mark), raw)
    return text


FILES = [FILE, "spent.json", "importance.json", "running/k7.json"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", FILES)
def test_odd_values_in_json_files_end_in_no_traceback(survives, made, name, seed, monkeypatch):
    """Each case writes the page; its figures take seconds and are drawn in every fourth case."""
    document = json.loads((made / name).read_text())
    draw = random.Random(seed)
    every = list(places(document))
    for case in range(CASES):
        text = written(replaced(document, draw.choice(every), draw.choice([*ODD, *RAW])))
        print(text[:2000])  # shown where the case fails
        with monkeypatch.context() as patch:
            if case % 4:
                patch.setattr("reports.render.drawing.draw_inline_svg", lambda figure: "<svg/>")
            survives(partial(put, name, text.encode()), formats=("csv", "html"))


def put(name, content, folder):
    (folder / name).write_bytes(content)


CASES = 8


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_json_files_that_are_none_end_in_no_traceback(survives, name):
    for content in WHOLE:
        survives(partial(put, name, content))

    def by_a_folder(folder):
        (folder / name).unlink()
        (folder / name / "inner").mkdir(parents=True)

    survives(by_a_folder)


def with_value(column, value, kind=None):
    """Return rows whose first row has another value in a column, of another type where given."""

    def change(rows):
        place = rows.schema.get_field_index(column)
        kept = [None] * (len(rows) - 1) if kind else rows[column].to_pylist()[1:]
        values = pa.array([value, *kept], kind or rows.schema.field(column).type)
        return rows.set_column(place, column, values)

    return change


def foreign(rows):
    return pa.table({"a": [1], "b": ["x"]})


DEEP_JSON = '{"a": ' * 100_000 + "1" + "}" * 100_000
WRONG = {
    "foreign columns": ("*", foreign),
    "no columns": ("*", lambda rows: rows.select([])),
    "null keys": ("*", lambda rows: with_value(rows.column_names[0], None)(rows)),
    "lists for keys": ("*", with_value("key", ["k"], pa.list_(pa.string()))),
    "bytes for keys": ("*", with_value("key", b"\xff\xfe", pa.binary())),
    "no status": ("trials", with_value("status", None)),
    "an unknown status": ("trials", with_value("status", "lost\x1b[31m" * 9)),
    "no seed": ("trials", with_value("seed", None)),
    "a text for a seed": ("trials", with_value("seed", "one", pa.string())),
    "a config that is no JSON": ("trials", with_value("config", "{")),
    "a config that is a list": ("trials", with_value("config", "[]")),
    "a config of odd sections": ("trials", with_value("config", '{"objective": 3}')),
    "a config that is too deep": ("trials", with_value("config", DEEP_JSON)),
    "a time that is not a number": ("trials", with_value("seconds", float("nan"))),
    "an endless time": ("trials", with_value("seconds", float("inf"))),
    "a date beyond all calendars": ("trials", with_value("ended_at", 2**62)),
    "fewer than no epochs": ("trials", with_value("epochs", -(2**31))),
    "an unknown phase": ("roles", with_value("phase", "dream")),
    "no phase": ("roles", with_value("phase", None)),
    "no seed of a role": ("roles", with_value("seed", None)),
    "no key of a role": ("roles", with_value("key", None)),
    "a number below 0": ("roles", with_value("number", -3)),
    "changes that are no JSON": ("roles", with_value("changes", "not JSON")),
    "changes that are a number": ("roles", with_value("changes", "3")),
    "changes that are too deep": ("roles", with_value("changes", DEEP_JSON)),
    "changes with a huge number": ("roles", with_value("changes", '{"a": ' + "1" * 5000 + "}")),
    "no epoch": ("epochs", with_value("epoch", None)),
    "an epoch below 0": ("epochs", with_value("epoch", -1)),
    "no split": ("predictions", with_value("split", None)),
}
TABLES = [name for name in SCHEMAS if name not in ("labels", "utterances")]
"""The made-up learner records neither of the others."""


@pytest.mark.slow
@pytest.mark.parametrize("what", WRONG)
def test_readable_parquet_of_wrong_content_is_named_and_set_aside(survives, made, what):
    tables, change = WRONG[what]
    for table in TABLES if tables == "*" else [tables]:
        if what.endswith("for keys") and table == "roles":
            continue
        parts = sorted(path.name for path in (made / table).glob("*.parquet"))
        if table in ("trials", "roles"):
            parts = parts[:1]  # a report needs some of them; of the others it reads a few

        def damage(folder, table=table, parts=parts):
            for part in parts:
                rows = parquet.read_table(folder / table / part)
                parquet.write_table(change(rows), folder / table / part)

        shown_by = survives(damage)
        assert shown_by["run"][0] == 0
        read = {"status": ("trials", "roles"), "export": ("trials", "roles", "epochs")}
        for name, (code, shown) in shown_by.items():
            if name != "run" and table in read.get(name, TABLES):
                assert code == 0
                assert f"left out the damaged part {table}/" in shown.replace("\n", " ")


@pytest.mark.slow
def test_harmless_odd_values_of_earlier_ledgers_are_read(survives, made):
    """Columns that an older version did not have are null."""

    def age(folder):
        for table, names in (("trials", ["ended_at", "config"]), ("roles", ["group", "changes"])):
            for part in (folder / table).glob("*.parquet"):
                rows = parquet.read_table(part)
                for name in names:
                    rows = with_value(name, None)(rows)
                parquet.write_table(rows, part)

    shown_by = survives(age)
    assert [code for code, _ in shown_by.values()] == [0, 0, 0, 0]
    for _, shown in shown_by.values():  # the report says that it would not notice a damaged value
        assert not re.search(r"damaged(?! value in it would not)", " ".join(shown.split()))


EARLIER = {
    "stories": [
        {
            "run": "first",
            "question": "q",
            "left": {"another objective": 2},
            "trials": [
                {
                    "number": 0,
                    "key": "k0",
                    "status": "finished",
                    "values": {"objective.loss": "l1"},
                    "objectives": [0.5],
                    "curve": [0.75, None, 0.5],
                }
            ],
        }
    ]
}


@pytest.mark.slow
def test_odd_values_in_the_record_of_earlier_trials_are_refused_or_harmless(tmp_path):
    file = tmp_path / "earlier.json"
    file.write_text(json.dumps(EARLIER))
    assert len(read_sources(tmp_path)) == 1
    for path in places(EARLIER):
        for value in [*ODD, *RAW]:
            file.write_text(written(replaced(EARLIER, path, value)))
            with contextlib.suppress(SearchError):
                found = read_sources(tmp_path)
                curves = [trial.observation.curve for source in found for trial in source.trials]
                assert all(isinstance(curve, list) for curve in curves)


def test_a_null_in_the_record_of_earlier_trials_is_named(tmp_path):
    path = ("stories", 0, "trials", 0, "status")
    (tmp_path / "earlier.json").write_text(written(replaced(EARLIER, path, None)))
    with pytest.raises(SearchError, match=r"cannot be read \(status is missing\); expected"):
        read_sources(tmp_path)
