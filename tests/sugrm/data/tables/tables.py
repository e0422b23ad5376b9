"""Small tables that the tests of readers share."""

import json

import pyarrow as pa

from sugrm.data import Reading, load_dataset
from sugrm.data.formats.assembling import read_features
from sugrm.types import Split

SPLITS = ["train", "train", "dev", "test"]
ROWS = [
    {"id": f"v{row}$_$1", "text": text, "label": label, "split": split}
    for row, (text, label, split) in enumerate(
        zip(
            ["good", "so, so", 'he said "no"', "first\nsecond"],
            [2.5, 0, -1, -3],
            SPLITS,
            strict=True,
        )
    )
]


def read(path, dataset="mosi", **options):
    """Return content and findings of a table."""
    return read_features(path, Reading(dataset=load_dataset(dataset), **options))


def texts_of(content):
    """Return split -> (id, text, label) of each utterance."""
    return {
        split: list(zip(found.ids, found.raw_text, found.labels.tolist(), strict=True))
        for split, found in content.splits.items()
    }


EXPECTED = {
    Split.TRAIN: [("v0$_$1", "good", 2.5), ("v1$_$1", "so, so", 0.0)],
    Split.VALID: [("v2$_$1", 'he said "no"', -1.0)],
    Split.TEST: [("v3$_$1", "first\nsecond", -3.0)],
}
"""``texts_of`` the table of ``ROWS``."""


def csv_of(rows=None, delimiter=",", names=None):
    """Return rows as the text of a CSV whose texts are quoted."""
    rows = ROWS if rows is None else rows
    names = names or list(rows[0])

    def cell(value):
        return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else str(value)

    lines = [delimiter.join(names)]
    lines += [delimiter.join(cell(row[name]) for name in rows[0]) for row in rows]
    return "\n".join(lines) + "\n"


def save_dataset(folder, rows, shards=1, metadata=None):
    """Write a folder as ``Dataset.save_to_disk`` does."""
    folder.mkdir(parents=True)
    names = [f"data-{number:05d}-of-{shards:05d}.arrow" for number in range(shards)]
    for number, name in enumerate(names):
        table = pa.Table.from_pylist(rows[number::shards]).replace_schema_metadata(metadata)
        with (
            pa.OSFile(str(folder / name), "wb") as file,
            pa.ipc.new_stream(file, table.schema) as to,
        ):
            to.write_table(table)
    state = {
        "_data_files": [{"filename": name} for name in names],
        "_fingerprint": "0",
        "_split": None,
    }
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text("{}")
    return folder
