import pytest
import torch

from sugrm.training.checkpoints.checkpoint import load_checkpoint, save_checkpoint


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
    save_checkpoint(where, {"epoch": 2}, name="best.pt")
    assert load_checkpoint(where) == {"epoch": 3}
    names = [path.name for path in tmp_path.iterdir()] if kind == "folder" else where.content
    assert sorted(names) == ["best.pt", "last.pt"]


@pytest.mark.parametrize("earlier", ["none", "file", "folder"])
def test_a_folder_in_the_place_of_a_checkpoint_is_set_aside(tmp_path, caplog, earlier):
    (tmp_path / "last.pt" / "inner").mkdir(parents=True)
    aside = tmp_path / "last.pt.damaged"
    if earlier == "file":
        aside.write_bytes(b"earlier")
    elif earlier == "folder":
        (aside / "earlier").mkdir(parents=True)
    assert load_checkpoint(tmp_path) is None
    assert "set aside as last.pt.damaged" in caplog.text
    assert [path.name for path in aside.iterdir()] == ["inner"]
    save_checkpoint(tmp_path, {"epoch": 3})
    assert load_checkpoint(tmp_path) == {"epoch": 3}


def test_a_folder_in_the_place_of_the_model_is_set_aside_when_it_is_saved(tmp_path, caplog):
    (tmp_path / "best.pt").mkdir()
    save_checkpoint(tmp_path, {"epoch": 3}, name="best.pt")
    assert (tmp_path / "best.pt").is_file()
    assert "best.pt is a folder; expected a file; set aside as best.pt.damaged" in caplog.text
