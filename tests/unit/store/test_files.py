"""File editions are written once, found by their hash, and a changed one is noticed."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from b24flow.errors import NotFound
from b24flow.store.files import ContentStore


def test_contents_come_back_by_their_hash(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "files")
    content = b"\x00letter" * 300_000
    expected = hashlib.sha256(content).hexdigest(), len(content)
    assert store.put(content) == expected
    assert store.put(io.BytesIO(content)) == expected
    assert store.path(expected[0]).read_bytes() == content
    assert store.verify(expected[0])
    assert list(store.verify_all()) == []
    assert list((tmp_path / "files" / "incoming").iterdir()) == []


def test_an_edition_is_never_overwritten(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    sha256, _ = store.put(b"one")
    before = store.path(sha256).stat()
    store.put(b"one")
    after = store.path(sha256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert after.st_mode & 0o222 == 0


def test_a_changed_edition_is_noticed(tmp_path: Path) -> None:
    store = ContentStore(tmp_path)
    good, _ = store.put(b"one")
    bad, _ = store.put(b"two")
    place = store.path(bad)
    place.chmod(0o600)
    place.write_bytes(b"three")
    assert store.verify(good)
    assert not store.verify(bad)
    assert list(store.verify_all()) == [bad]


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "A" * 64, "0" * 63 + "/"])
def test_an_unknown_name_is_not_found(tmp_path: Path, name: str) -> None:
    store = ContentStore(tmp_path)
    with pytest.raises(NotFound):
        store.path(name)


def test_a_failed_upload_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("cut")

    store = ContentStore(tmp_path)
    with pytest.raises(OSError, match="cut"):
        store.put(Broken())
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []
