"""The templates of an installation behind the port `core.ports.Renderer`: found, checked, filled, printed.

A folder is read again at every use: an administrator replaces a file and the next document is made from it;
what was made before keeps the version it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from b24flow.core.ports import Made
from b24flow.core.rendition import NAMES, subject_of
from b24flow.errors import NotFound
from b24flow.rendering import pdf
from b24flow.rendering.names import unknown
from b24flow.rendering.package import MAX_FILE, BadDocument
from b24flow.rendering.qr import QR_FILTER, png
from b24flow.rendering.stamp import stamped
from b24flow.rendering.template import BadTemplate, Template
from b24flow.rendering.words import Words

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
ENDING = ".docx"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFile:
    """A template as `template list` shows it; `problems` is empty when it can be used."""

    code: str
    subject: str
    version: str
    names: tuple[str, ...]
    problems: tuple[str, ...]


class Templates:
    """A folder of templates; `own` (of the data folder) wins over `shipped`, file by file."""

    def __init__(self, shipped: Path, words: Words, own: Path | None = None) -> None:
        self._folders = [one for one in (own, shipped) if one is not None]
        self._filters: Mapping[str, Callable[..., Any]] = {**words.filters(), QR_FILTER: png}

    @property
    def pdf_ready(self) -> bool:
        """Tell whether this machine can make PDF."""
        return pdf.program() is not None

    def codes(self) -> tuple[str, ...]:
        """Return the templates there are."""
        found = {one.stem for folder in self._folders for one in folder.glob(f"*{ENDING}")}
        return tuple(sorted(code for code in found if _CODE.fullmatch(code)))

    def path(self, code: str) -> Path:
        """Return the file of a template; raises NotFound."""
        if _CODE.fullmatch(code):
            for folder in self._folders:
                place = folder / f"{code}{ENDING}"
                if place.is_file():
                    return place
        raise NotFound(f"Шаблона «{code[:60]}» нет: ожидался файл {code[:60]}{ENDING} в папке шаблонов.")

    def source(self, code: str) -> bytes:
        """Return the file of a template; raises NotFound, BadDocument for one that is too large to read."""
        return read(self.path(code))

    def make(self, code: str, values: Mapping[str, Any], content: bytes | None = None) -> Made:
        """Fill a template, or a kept version of it; raises NotFound, BadDocument, BadTemplate."""
        template = self._template(code, self.source(code) if content is None else content)
        return Made(content=template.render(values), version=template.version)

    def stamp(
        self, pdf: bytes, name: str, *, lines: Sequence[str], link: str, warning: str = ""
    ) -> bytes:
        """Return a copy of a PDF with the stamp and the QR code on its first sheet; raises BadDocument."""
        return stamped(pdf, name, lines=lines, link=link, warning=warning)

    def pdf(self, docx: bytes) -> bytes:
        """Return a document as PDF; raises NoPdf."""
        return pdf.to_pdf(docx)

    def describe(self, code: str, card: Collection[str] | None = None) -> TemplateFile:
        """Check a template against what is declared; raises NotFound."""
        return self.describe_file(self.path(code), card)

    def describe_file(self, path: Path, card: Collection[str] | None = None) -> TemplateFile:
        """Check any file as a template; `card` are the fields of the process that uses it."""
        code = path.stem
        subject = subject_of(code)
        try:
            template = self._template(code, read(path))
            uses = template.names()
        except BadTemplate as error:
            return TemplateFile(code=code, subject=subject, version="", names=(), problems=error.problems)
        except (BadDocument, NotFound) as error:
            return TemplateFile(code=code, subject=subject, version="", names=(), problems=(error.text,))
        fields = None if card is None else frozenset(card)
        return TemplateFile(
            code=code, subject=subject, version=template.version,
            names=tuple(sorted(template.variables)), problems=unknown(uses, NAMES[subject], fields),
        )

    def _template(self, code: str, content: bytes) -> Template:
        return Template(name=code, content=content, filters=self._filters)


def read(path: Path) -> bytes:
    """Read a file that may be anything; raises BadDocument before memory is taken, NotFound."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except OSError as error:
        raise NotFound(f"«{path.name}»: файл не читается.") from error
    if len(content) > MAX_FILE:
        raise BadDocument(f"«{path.name}»: файл больше {MAX_FILE // 1024 // 1024} МБ.")
    return content
