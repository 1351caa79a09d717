"""A .docx as a package of files: refused before anything opens it when it is not what it says it is.

A template comes from an administrator, a draft from anybody: a zip bomb, a macro or a link to another
server must fail here with a sentence, not in the middle of a library (ECMA-376 part 2, OPC).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from b24flow.errors import Refused

MAX_FILE = 20 * 1024 * 1024
MAX_UNPACKED = 100 * 1024 * 1024
MAX_PARTS = 2_000
MAX_TEXT = 1024 * 1024  # filling in takes the square of it: seconds for a megabyte of empty paragraphs
MAX_BRACES = 2_000
_CHUNK = 1 << 16
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAIN, _TYPES = "word/document.xml", "[Content_Types].xml"


class BadDocument(Refused):
    """A file is not a Word document that may be opened; the text says why."""

    code = "refused.bad_document"


def check(content: bytes, name: str) -> None:
    """Refuse what is not an ordinary .docx of bearable size; raises BadDocument.

    The unpacked size is counted while unpacking, whatever the archive says of itself.
    """
    if len(content) > MAX_FILE:
        raise BadDocument(f"«{name}»: файл больше {MAX_FILE // 1024 // 1024} МБ.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > MAX_PARTS:
                raise BadDocument(f"«{name}»: внутри больше {MAX_PARTS} частей.")
            if _MAIN not in names or _TYPES not in names:
                raise BadDocument(f"«{name}»: это не документ Word (.docx).")
            total = 0
            for part in archive.infolist():
                for piece in _pieces(archive, part):
                    total += len(piece)
                    if total > MAX_UNPACKED:
                        raise BadDocument(
                            f"«{name}»: в распакованном виде больше {MAX_UNPACKED // 1024 // 1024} МБ."
                        )
            _refuse_active(archive, names, name)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError,
            ValueError, OSError) as error:
        raise BadDocument(f"«{name}»: файл повреждён или это не документ Word (.docx).") from error


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as opened:
        while piece := opened.read(_CHUNK):
            yield piece


def _refuse_active(archive: zipfile.ZipFile, names: list[str], name: str) -> None:
    if any(one.lower().endswith("vbaproject.bin") for one in names):
        raise BadDocument(f"«{name}»: в документе макрос, такие файлы не принимаются.")
    for one in names:
        if one.endswith((".xml", ".rels")):
            text = archive.read(one)
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise BadDocument(f"«{name}»: внутри объявлены сущности XML, такие файлы не принимаются.")


def refuse_heavy(content: bytes, name: str) -> None:
    """Refuse a checked package that would be filled in for minutes, or that fetches something; BadDocument.

    A template is one screen of text: a part of many megabytes, or thousands of braces, is no template.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for one in archive.infolist():
            if one.filename.startswith(("/", "\\")) or ".." in one.filename.split("/"):
                raise BadDocument(f"«{name}»: части документа лежат вне его папок.")
            if not one.filename.lower().endswith((".xml", ".rels")):
                continue
            if one.file_size > MAX_TEXT:
                raise BadDocument(f"«{name}»: текст шаблона больше {MAX_TEXT // 1024 // 1024} МБ.")
            text = _text(archive.read(one))
            if text.count("{") > MAX_BRACES:
                raise BadDocument(f"«{name}»: в шаблоне больше {MAX_BRACES} фигурных скобок.")
            if "<!DOCTYPE" in text or "<!ENTITY" in text:
                raise BadDocument(f"«{name}»: внутри объявлены сущности XML, такие файлы не принимаются.")
            if one.filename.endswith(".rels") and any(map(_fetches, _RELATION.findall(text))):
                raise BadDocument(f"«{name}»: документ тянет рисунок, шаблон или объект с чужого адреса;"
                                  " вставьте его в файл.")


def _text(part: bytes) -> str:
    coded = part.startswith((b"\xff\xfe", b"\xfe\xff"))
    return part.decode("utf-16" if coded else "utf-8", errors="replace")


def _fetches(relation: str) -> bool:
    """Tell whether a relationship is opened without being asked; a link is only shown."""
    return bool(_EXTERNAL.search(relation)) and not _LINK.search(relation)


_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_EXTERNAL = re.compile(r"""TargetMode\s*=\s*["']External["']""")
_LINK = re.compile(r"""Type\s*=\s*["'][^"']*/hyperlink["']""")


def settled(content: bytes) -> bytes:
    """Return the same package with its parts in one order and without times, so that it can be compared."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        parts = sorted(source.namelist(), key=lambda one: (one != _TYPES, one))
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
            for part in parts:
                entry = zipfile.ZipInfo(part, date_time=_EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                made.writestr(entry, source.read(part))
    return target.getvalue()
