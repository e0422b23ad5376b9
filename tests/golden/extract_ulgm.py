"""Write tests/golden/ulgm.json: the label steps of the released code, small enough to commit.

    python tests/golden/extract_ulgm.py ../shared/golden/sugrm-mosi-aligned.npz

Arrays are base64 of little-endian bytes, so that float32 numbers survive as they are.
"""

import base64
import json
import sys
from pathlib import Path

import numpy as np

EXTRACT = Path(__file__).with_name("ulgm.json")
PREFIX = "ulgm/"
LEFT_OUT = ("steps/2", "centers_before")
PROVENANCE = {
    "source": "sugrm-mosi-aligned.npz, keys ulgm/*: label updates of the paper's released code"
    " (github.com/skystarhyw/SUGRM, trains/multiTask/SUGRM.py), float32, with random features",
    "command": "python tests/golden/extract_ulgm.py ../shared/golden/sugrm-mosi-aligned.npz",
    "losses": "taken with the labels after each update",
    "left out": "the third step, and centers_before: those after the step before",
}


def read_archive(path: Path) -> dict[str, np.ndarray]:
    """Return the ulgm arrays of a golden archive, without their prefix."""
    with np.load(path, allow_pickle=False) as archive:
        names = [name for name in archive.files if name.startswith(PREFIX)]
        return {name.removeprefix(PREFIX): archive[name] for name in names}


def read_extract() -> dict[str, np.ndarray]:
    """Return the committed arrays."""
    return {
        name: np.frombuffer(base64.b64decode(entry["data"]), dtype=entry["dtype"]).reshape(
            entry["shape"]
        )
        for name, entry in json.loads(EXTRACT.read_text())["arrays"].items()
    }


def write_extract(arrays: dict[str, np.ndarray]) -> None:
    """Write the committed file."""
    entries = {
        name: {
            "shape": array.shape,
            "dtype": array.dtype.newbyteorder("<").str,
            "data": base64.b64encode(array.tobytes()).decode(),
        }
        for name, array in arrays.items()
        if not any(part in name for part in LEFT_OUT)
    }
    document = {"provenance": PROVENANCE, "tolerance": 1e-5, "arrays": entries}
    EXTRACT.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    write_extract(read_archive(Path(sys.argv[1])))
