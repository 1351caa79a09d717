"""Files of a form: named safely, typed by their name, stored before the transaction that refers to them.

What the sender says about a file is not believed: the type follows from the name and the name is
cleaned. A file that came with a refused form is not asked for twice: the page carries a signed
reference to the stored content.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from b24flow.core.document import FileRef
from b24flow.core.russian import forbidden_characters
from b24flow.ids import derived_id
from b24flow.services.office import Office
from b24flow.web.received import MAX_FILE, MAX_FILES, MEGABYTE, Upload, too_many

MAX_FILE_NAME = 120
UNKNOWN_TYPE = "application/octet-stream"
TYPES: Mapping[str, str] = MappingProxyType({
    "pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv", "rtf": "application/rtf",
    "doc": "application/msword", "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "tif": "image/tiff",
    "tiff": "image/tiff", "zip": "application/zip", "eml": "message/rfc822",
    "sig": "application/pkcs7-signature", "p7s": "application/pkcs7-signature",
})
_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_KEPT = re.compile(r"([A-Za-z0-9_-]{22})\.([0-9a-f]{64})\.([0-9]{1,12})\.(.{1,120})", re.DOTALL)


class FileError(Exception):
    """The files of one field cannot be accepted; the text is Russian."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A file whose content is safe in the store."""

    field: str
    name: str
    sha256: str
    size: int


def safe_name(name: str) -> str:
    """Return a file name without folders, control or direction-changing characters, at most 120 long.

    Idempotent; the extension survives the shortening.
    """
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    name = "".join(char for char in name if forbidden_characters(char) is None)
    name = _UNSAFE.sub("_", " ".join(name.split())).strip(". ")
    if not name:
        return "файл"
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10 or not stem:
        return name[:MAX_FILE_NAME].strip(". ")
    return stem[: MAX_FILE_NAME - len(ending) - 1].rstrip(". ") + "." + ending


def mime_of(name: str) -> str:
    """Return the content type that the name of a file stands for; unknown ones are just bytes."""
    return TYPES.get(name.rpartition(".")[2].lower(), UNKNOWN_TYPE)


def store(office: Office, uploads: Iterable[Upload]) -> dict[str, list[Stored] | FileError]:
    """Put files into the content store, by field; a field with a wrong file has an error instead."""
    found: dict[str, list[Stored] | FileError] = {}
    by_field: dict[str, list[Upload]] = {}
    for one in uploads:
        by_field.setdefault(one.field, []).append(one)
    for field, files in by_field.items():
        try:
            _check(files)
        except FileError as error:
            found[field] = error
            continue
        found[field] = [_put(office, one) for one in files]
    return found


def _check(files: Collection[Upload]) -> None:
    if len(files) > MAX_FILES:
        raise FileError(too_many(len(files)))
    for one in files:
        if one.size > MAX_FILE:
            raise FileError(f"«{safe_name(one.name)}» больше {MAX_FILE // MEGABYTE} МБ")
        if not one.size:
            raise FileError(f"«{safe_name(one.name)}» — пустой файл")


def _put(office: Office, one: Upload) -> Stored:
    sha256, size = office.content.put(one.content)
    return Stored(field=one.field, name=safe_name(one.name), sha256=sha256, size=size)


def reference(office: Office, user: int, command_id: str, one: Stored) -> str:
    """Return what a page carries instead of a file that is already stored."""
    proof = office.tickets.nonce("file", user, command_id, one.field, one.sha256, one.size, one.name)
    return f"{proof}.{one.sha256}.{one.size}.{one.name}"


def kept(office: Office, user: int, command_id: str, field: str, text: str) -> Stored | None:
    """Read such a reference back; None when it is not ours, not this form's or not this person's."""
    found = _KEPT.fullmatch(text)
    if found is None:
        return None
    one = Stored(field=field, sha256=found[2], size=int(found[3]), name=found[4])
    return one if reference(office, user, command_id, one) == text else None


def references(
    files: Iterable[Stored], *, command_id: str, user: int, now: datetime,
    present: Iterable[FileRef] = (),
) -> tuple[FileRef, ...]:
    """Return the editions that a command adds; one with a name that is already there is the next one."""
    editions: dict[str, int] = {}
    for one in present:
        editions[one.name.casefold()] = max(editions.get(one.name.casefold(), 0), one.edition)
    found: dict[str, FileRef] = {}
    for file in files:
        key = derived_id(command_id, file.field, file.sha256, file.name)
        if key in found:
            continue
        name = file.name.casefold()
        editions[name] = editions.get(name, 0) + 1
        found[key] = FileRef(
            id=key, name=file.name, sha256=file.sha256, size=file.size, mime=mime_of(file.name),
            part=file.field, added_by=user, added_at=now, edition=editions[name],
        )
    return tuple(found.values())
