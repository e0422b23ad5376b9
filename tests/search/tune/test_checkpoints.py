from pathlib import Path

from search.tune.checkpoints import StoredCheckpoint, checkpoint_at


def test_a_path_keeps_its_checkpoint_as_a_file(tmp_path):
    assert checkpoint_at(str(tmp_path)) == Path(tmp_path)


def test_a_store_keeps_the_last_checkpoint(s3):
    kept = checkpoint_at(f"{s3}/mini/checkpoints/key")
    assert isinstance(kept, StoredCheckpoint)
    assert kept.load() is None
    kept.save(b"first")
    kept.save(b"second")
    assert checkpoint_at(str(kept)).load() == b"second"
