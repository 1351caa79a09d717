"""What use cases need from the outside, as protocols; each has two implementations today or a test's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from b24flow.core.definition import ProcessDefinition


class Definitions(Protocol):
    """The catalogue of process definitions: present ones by code, every one ever used by digest."""

    def processes(self) -> Mapping[str, ProcessDefinition]:
        """Return the present definitions by process code."""
        ...

    def get(self, digest: str) -> ProcessDefinition:
        """Return the definition a document began with; raises StoreError when it is lost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A document made from a template; `version` is the sha256 of the template's file."""

    content: bytes
    version: str


class Renderer(Protocol):
    """Documents from templates; every refusal is a `Refused` with a Russian sentence."""

    @property
    def pdf_ready(self) -> bool:
        """Tell whether PDF can be made here."""
        ...

    def source(self, code: str) -> bytes:
        """Return the file of a template; raises NotFound."""
        ...

    def make(self, code: str, values: Mapping[str, Any], content: bytes | None = None) -> Made:
        """Fill a template, or the given version of it; raises NotFound, BadDocument, BadTemplate."""
        ...

    def stamp(
        self, pdf: bytes, name: str, *, lines: Sequence[str], link: str, warning: str = ""
    ) -> bytes:
        """Return a copy of a PDF with the stamp and the QR code on its first sheet; raises BadDocument."""
        ...

    def pdf(self, docx: bytes) -> bytes:
        """Return a document as PDF; raises NoPdf."""
        ...
