import hashlib
import os

import pytest

from sugrm.data.cache.fingerprint import content_fingerprint, file_digest


def test_the_digest_is_the_sha256_of_the_bytes(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"abc" * 1000)
    found = file_digest(file, tmp_path / "memory")
    assert found.digest == hashlib.sha256(b"abc" * 1000).hexdigest()
    assert not (tmp_path / "memory").exists()


def test_a_file_is_hashed_once_until_it_changes(tmp_path, monkeypatch):
    file, memory = tmp_path / "file", tmp_path / "memory"
    file.write_bytes(b"one")
    first = file_digest(file, memory)
    first.save()
    with monkeypatch.context() as patch:
        patch.setattr(hashlib, "file_digest", None)  # a second hashing would fail
        assert file_digest(file, memory) == first
    file.write_bytes(b"two")  # the same size
    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1))
    assert file_digest(file, memory) != first


@pytest.mark.parametrize("others", [("a", "bc"), ("ab", "d"), ("a", "b", "c"), ("ab",)])
def test_fingerprints_tell_their_parts_apart(others):
    assert content_fingerprint("ab", "c") != content_fingerprint(*others)


@pytest.mark.parametrize("content", ["", "../other", "ab" * 16])
def test_a_damaged_digest_is_computed_again_and_replaced(tmp_path, content):
    file, memory = tmp_path / "a.pkl", tmp_path / "memory"
    file.write_bytes(b"content")
    first = file_digest(file, memory)
    first.save()
    first.cache_file.write_text(content)
    again = file_digest(file, memory)
    assert again == first
    again.save()
    assert first.cache_file.read_text() == first.digest
