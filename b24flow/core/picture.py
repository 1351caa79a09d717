"""What the portal should show of one document: the input of the projection, free of wire names.

Made by the use cases from a document; turned into portal objects by `b24flow.portal`. Every part has a key
that is the same in every run, so the portal object can be found again after any failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from b24flow.core.registry import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button of a chat card: `command` is sent to the bot, `link` opens a page; exactly one is set."""

    label: str
    style: str = "plain"
    command: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A chat message to one person; plain text, escaped where it meets BB-code."""

    key: str
    recipient: int
    title: str
    lines: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPicture:
    """The task of one assignment; `files` are keys of file pictures to attach."""

    key: str
    title: str
    lines: tuple[str, ...]
    setter: int
    executor: int
    deadline: date | None
    open: bool
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePicture:
    """One immutable file edition under a deterministic name."""

    key: str
    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything the portal shows of a document; `row` by registry column, `state` a state code.

    Without a `folder` (a draft) there are no files on Disk.
    """

    uuid: str
    process: str
    title: str
    state: str
    responsible: int
    folder: str
    url: str
    row: Mapping[str, Cell] = field(default_factory=dict)
    cards: tuple[Card, ...] = ()
    tasks: tuple[TaskPicture, ...] = ()
    files: tuple[FilePicture, ...] = ()
