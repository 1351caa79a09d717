"""What use cases need from the outside, as protocols; each has two implementations today or a test's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file inside an e-mail."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One e-mail; the same `id` gives the same Message-ID, whoever it goes to now.

    `to` stands in the letter, `recipients` get it this time. `at` has the zone people read.
    """

    id: str
    at: datetime
    to: tuple[str, ...]
    recipients: tuple[str, ...]
    subject: str
    text: str
    reply_to: str = ""
    files: tuple[Enclosure, ...] = ()


class MailEnding(StrEnum):
    """What is certain after an attempt to hand a letter over.

    ANSWERED: the outcome says what of each recipient; whoever it does not name has surely not got it and may
    be tried again. UNAVAILABLE: nobody has got it, it may be sent again. BLOCKED: the same, and nothing will
    be taken until the settings are mended.
    """

    ANSWERED = "answered"
    UNAVAILABLE = "unavailable"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailOutcome:
    """How an attempt ended: the server's words by recipient.

    `doubtful`: the letter went out whole and no answer came, so it may have been taken. `text` is why the
    others have to wait.
    """

    ending: MailEnding
    accepted: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    doubtful: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


class Mailer(Protocol):
    """The way out for e-mail."""

    def send(self, mail: Mail) -> MailOutcome:
        """Hand a letter over to the mail server; never raises for what the server or the network does."""
        ...

    def check(self) -> str:
        """Say in Russian why nothing can be sent now, empty when it can; sends nothing."""
        ...
