"""Rows of Disk: drives, folders, files and their versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Storage:
    """A drive: of the company (`common`), of one user (`user`) or of an application (`restapp`)."""

    id: int
    name: str
    entity_type: str
    entity_id: str
    root_id: int


@dataclass(slots=True, kw_only=True)
class DiskObject:
    """A folder or a file of a drive; `versions` is newest last and empty for a folder.

    `with_parent` says that it went to the recycle bin inside a folder; `rights` are levels granted
    on this very object by access code (`U9`, `D2`, `DR2`, `*`); `link` is the code of its public link.
    """

    id: int
    storage_id: int
    parent_id: int | None
    name: str
    kind: str
    created: datetime
    updated: datetime
    created_by: int
    updated_by: int
    deleted: bool = False
    content_version: int = 1
    versions: list[FileVersion] = field(default_factory=list)
    with_parent: bool = False
    deleted_at: datetime | None = None
    deleted_by: int | None = None
    rights: dict[str, str] = field(default_factory=dict)
    link: str = ""


@dataclass(slots=True, kw_only=True)
class FileVersion:
    """One stored content of a file; `file_id` is the id in the portal's file table."""

    id: int
    file_id: int
    name: str
    content: bytes
    created: datetime
    created_by: int
    number: int


@dataclass(slots=True, kw_only=True)
class AttachedObject:
    """A disk file attached to a task."""

    id: int
    object_id: int
    module: str
    entity_type: str
    entity_id: int
    created: datetime
    created_by: int


@dataclass(slots=True, kw_only=True)
class StoredFile:
    """A file that is not on a drive (file fields and timeline comments of CRM)."""

    id: int
    name: str
    content: bytes
