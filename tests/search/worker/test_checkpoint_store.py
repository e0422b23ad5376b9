from pathlib import Path

import pytest

from search.worker.checkpoint_store import StoredCheckpoint, checkpoint_at


def test_a_path_keeps_its_checkpoint_as_a_file(tmp_path):
    assert checkpoint_at(str(tmp_path)) == Path(tmp_path)


@pytest.mark.slow
def test_a_store_keeps_what_was_written_last_under_each_name(s3):
    kept = checkpoint_at(f"{s3}/mini/checkpoints/key")
    assert isinstance(kept, StoredCheckpoint)
    assert kept.load("last.pt") is None
    kept.save("last.pt", b"first")
    kept.save("last.pt", b"second")
    kept.save("best.pt", b"model")
    again = checkpoint_at(str(kept))
    assert (again.load("last.pt"), again.load("best.pt")) == (b"second", b"model")
