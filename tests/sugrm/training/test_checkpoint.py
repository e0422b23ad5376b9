import torch

from sugrm.training.checkpoint import load_checkpoint, save_checkpoint


class Kept:
    """A store that keeps bytes in this process."""

    content = None

    def load(self):
        return self.content

    def save(self, content):
        self.content = content


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
    store.content = store.content[:-20]
    assert load_checkpoint(store) is None
    assert "cannot be read" in caplog.text
