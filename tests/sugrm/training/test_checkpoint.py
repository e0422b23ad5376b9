import pytest
import torch

from sugrm.training.checkpoint import load_checkpoint, save_checkpoint


class Kept:
    """A store that keeps bytes in this process."""

    def __init__(self):
        self.content = {}

    def load(self, name):
        return self.content.get(name)

    def save(self, name, content):
        self.content[name] = content


def test_a_store_gives_back_the_state_that_it_was_given():
    store = Kept()
    assert load_checkpoint(store) is None
    save_checkpoint(store, {"weights": torch.tensor([1.0, 2.0]), "epoch": 3})
    state = load_checkpoint(store)
    assert state["epoch"] == 3
    assert state["weights"].tolist() == [1.0, 2.0]


def test_a_checkpoint_cut_short_in_a_store_begins_anew(caplog):
    store = Kept()
    save_checkpoint(store, {"epoch": 3})
    store.content["last.pt"] = store.content["last.pt"][:-20]
    assert load_checkpoint(store) is None
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize("kind", ["folder", "store"])
def test_the_trained_model_lies_beside_what_a_fit_resumes_from(kind, tmp_path):
    where = tmp_path if kind == "folder" else Kept()
    save_checkpoint(where, {"epoch": 3})
    save_checkpoint(where, {"epoch": 2}, "best.pt")
    assert load_checkpoint(where) == {"epoch": 3}
    names = [path.name for path in tmp_path.iterdir()] if kind == "folder" else where.content
    assert sorted(names) == ["best.pt", "last.pt"]
