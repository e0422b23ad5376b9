import pytest
from pyarrow import parquet

from reports.ledger import schema
from reports.ledger.places.storage import place as place_of
from reports.ledger.reading.recorded_experiment import Version
from search.cli.main import execute
from search.ledger.experiment_file import record_experiment
from search.ledger.ledger import open_tables
from search.ledger.part_folder import PartFolder
from search.plan import build_plan
from tests.search.conftest import MINI

COMMAND = "sugrm-search run mini.yaml"
SECRETS = ("SECRET-ID", "SECRET TEXT", "secret-host", "/secret/folder", "3.140625")
"""An utterance id, a transcript, a host name, a folder in a message, and a human label."""


@pytest.fixture
def make(command, mini, tmp_path):
    """Make the run ``mini`` with data in every table, by a made-up learner."""

    def run(*overrides, folder=None, **options):
        place = tmp_path / "runs" / "mini" if folder is None else folder
        done, space = command(*overrides, folder=place, **options), mini(*overrides)
        record(place, space, done.factory.fingerprints, overrides=overrides)
        add_data(place)
        return place

    return run


def record(place, space, data, *, overrides=(), command=COMMAND):
    version = Version(
        space=space.to_dict(),
        source=MINI + "".join(f"# --set {override}\n" for override in overrides),
        command=command,
        data=data,
        total=build_plan(space).total,
    )
    record_experiment(place, "mini", version=version)


def add_data(place):
    """Fill the tables with rows of the kinds that a copy must not hold."""
    tables = open_tables(place)
    for path in tables["predictions"].paths():
        rows = tables["predictions"].read(path).to_pylist()
        rows = [{**row, "id": SECRETS[0], "label": 3.140625} for row in rows]
        tables["predictions"].write(path.stem, rows)
        labels = {"key": path.stem, "epoch": 1, "task": "T", "labels": [3.140625]}
        tables["labels"].write(path.stem, [labels])
    for number, path in enumerate(tables["trials"].paths()):
        (row,) = tables["trials"].read(path).to_pylist()
        row["node"] = f"{SECRETS[2]}-{number % 2}"
        if row["status"] == schema.FAILED:
            row["message"] = row["traceback"] = SECRETS[3]
        tables["trials"].write(path.stem, [row])
    PartFolder(place / "utterances", schema.UTTERANCES).write(
        "unaligned",
        [
            {"data_fingerprint": "unaligned", "alignment": "unaligned", "split": split}
            | {"position": 0, "id": SECRETS[0], "text": SECRETS[1], "label": 3.140625}
            for split in ("train", "valid", "test")
        ],
    )


@pytest.fixture
def publish(tmp_path, capsys):
    """Publish ``mini`` from ``runs`` into ``out``; return exit code, output and errors."""

    def run(*names, runs=None, out="out"):
        words = ["publish", *(names or ["mini"]), "--out", str(tmp_path / out)]
        code = execute([*words, "--runs", str(runs or tmp_path / "runs")])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def text_of(capsys):
    """Return what a command prints; it must succeed."""

    def run(*words):
        code = execute([str(word) for word in words])
        found = capsys.readouterr()
        assert code == 0, found.err
        return found.out

    return run


def files(folder):
    """Return path -> content of each file in a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def everything(folder):
    """Return all that a folder tells: names and bytes of files, and the values of Parquet parts."""
    parts = [path for path in folder.rglob("*") if path.name.endswith(".parquet")]
    values = [repr(parquet.read_table(path).to_pylist()) for path in parts]
    return repr(files(folder)) + "".join(values)


def rows_of(folder, table):
    return PartFolder(place_of(folder) / table, schema.SCHEMAS[table]).read_all().to_pylist()
