"""File editions on disk, named by their sha256: written once, never overwritten, never renamed.

An edition is durable before `put` returns: the contents and the directory entry are synced.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from b24flow.errors import NotFound

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ContentStore:
    """A folder of immutable files; safe for several processes at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, content: bytes | IO[bytes]) -> tuple[str, int]:
        """Store a content and return its sha256 and size in bytes; a known content is kept as it is."""
        handle, name = tempfile.mkstemp(dir=self._incoming)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                sha256, size = _copy(content, target)
                target.flush()
                os.fsync(target.fileno())
            self._keep(temporary, self._place(sha256))
        finally:
            temporary.unlink(missing_ok=True)
        return sha256, size

    def path(self, sha256: str) -> Path:
        """Return where a content lies; raises NotFound when it is not here."""
        place = self._place(sha256)
        if not place.is_file():
            raise NotFound("Файл не найден в хранилище")
        return place

    def verify(self, sha256: str) -> bool:
        """Tell whether the content is here and still has its hash; reads it whole."""
        place = self._place(sha256)
        return place.is_file() and _hash(place) == sha256

    def verify_all(self) -> Iterator[str]:
        """Yield the hashes of the stored files whose contents are not theirs any more."""
        for place in sorted(self._folder.glob("[0-9a-f][0-9a-f]/*")):
            if _hash(place) != place.name:
                yield place.name

    def _place(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise NotFound("Файл не найден в хранилище")
        return self._folder / sha256[:2] / sha256

    def _keep(self, temporary: Path, place: Path) -> None:
        place.parent.mkdir(exist_ok=True, mode=0o700)
        try:
            # A link, unlike a rename, refuses a name that is taken.
            place.hardlink_to(temporary)
        except FileExistsError:
            return
        place.chmod(0o400)
        for folder in (place.parent, self._folder):
            _sync(folder)


def _copy(content: bytes | IO[bytes], target: IO[bytes]) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    for chunk in _chunks(content):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    return digest.hexdigest(), size


def _chunks(content: bytes | IO[bytes]) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while chunk := content.read(_CHUNK):
        yield chunk


def _hash(place: Path) -> str:
    with place.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
