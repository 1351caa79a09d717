"""YAML text → a plain tree that remembers its lines, within limits that no file can break.

The parser's event stream is used instead of its loader: duplicate keys, anchors, tags and depth can
then be refused with a line and a Russian sentence each, all of them at once, and nothing is ever
constructed from a tag. Anchors are refused, not limited: people read the file from top to bottom.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from b24flow.core.russian import clean_text, forbidden_characters
from b24flow.errors import Finding

MAX_BYTES = 512 * 1024
MAX_DEPTH = 16
MAX_ENTRIES = 500
MAX_FINDINGS = 200
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_BOOLEANS = {"true": True, "True": True, "false": False, "False": False}
_NULLS = frozenset({"", "~", "null", "Null"})

# What the parser says in English, by the beginning of its sentence.
_SYNTAX = {
    "mapping values are not allowed": "лишнее двоеточие или неверный отступ",
    "could not find expected ':'": "не хватает двоеточия после ключа",
    "while scanning a simple key": "не хватает двоеточия после ключа",
    "found character '\\t'": "отступ сделан табуляцией, нужны пробелы",
    "found character": "этот знак не может начинать значение, возьмите текст в кавычки",
    "expected <block end>": "неверный отступ",
    "did not find expected <document start>": "неверный отступ или лишний текст",
    "found unexpected end of stream": "не закрыта кавычка",
    "expected ',' or": "не закрыта скобка или не хватает запятой",
    "while parsing a flow": "не закрыта скобка",
    "found undefined alias": "ссылки (*имя) не поддерживаются",
    "found duplicate anchor": "якоря (&имя) не поддерживаются",
    "found unknown escape": "неизвестная последовательность после «\\» в кавычках",
}


class Line(int):
    """A line of another file than the one that is being read: a number that knows its file."""

    file: str

    def __new__(cls, number: int, file: str) -> Line:
        """Return the number with its file."""
        made = super().__new__(cls, number)
        made.file = file
        return made


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; `line` counts from 1."""

    value: str | int | bool | None
    line: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    values: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Keys:
    """A mapping, in the order of the file; a duplicate key is reported and its first value kept."""

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int

    def names(self) -> tuple[str, ...]:
        """Return the keys as text."""
        return tuple(str(key.value) for key, _ in self.pairs)

    def get(self, name: str) -> Node | None:
        """Return the value of a key, None if the key is absent."""
        return next((value for key, value in self.pairs if key.value == name), None)


Node = Scalar | Items | Keys


@dataclass(slots=True)
class Findings:
    """What is wrong in one file: at most `MAX_FINDINGS`, nobody reads more."""

    file: str
    found: dict[Finding, None] = field(default_factory=dict)

    def add(self, line: int, path: str, text: str) -> None:
        """Remember one finding; the same one is remembered once."""
        if len(self.found) < MAX_FINDINGS:
            file = line.file if isinstance(line, Line) else self.file
            self.found[Finding(file, int(line), path or "файл", text)] = None

    def sorted(self) -> tuple[Finding, ...]:
        """Return the findings from the top of the file to its end."""
        return tuple(sorted(self.found, key=lambda one: (
            one.file != self.file, one.file, one.line, one.path, one.text)))


class _StopError(Exception):
    """The rest of the file cannot be read; the finding is already made."""


def read_nodes(text: str, findings: Findings, file: str = "") -> Keys | None:
    """Return the tree of a file, None when it cannot be read at all; problems go to `findings`.

    `file` names a file other than the one the findings are about; its lines then carry the name.
    """
    here = (lambda number: Line(number, file)) if file else int
    if not _readable(text, findings, here):
        return None
    try:
        node = _Builder(_events(text), findings, here).document()
    except _StopError:
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        findings.add(here(mark.line + 1 if mark else 1), "", _syntax(error))
        return None
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError,
            ArithmeticError, RecursionError, NotImplementedError):
        # The parser is foreign code: on hostile input it fails with whatever its next line raises.
        findings.add(here(1), "", "файл не разбирается как YAML")
        return None
    if not isinstance(node, Keys):
        findings.add(here(1), "", "файл должен состоять из пар «ключ: значение»")
        return None
    return node


def canonical_digest(node: Node) -> str:
    """Return the sha256 of the content: comments, quotes and indents do not change it."""
    text = json.dumps(_plain(node), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [_plain(one) for one in node.values]
    # A list of pairs, not an object: the order of buttons and steps is content.
    return {"map": [[key.value, _plain(value)] for key, value in node.pairs]}


def _readable(text: str, findings: Findings, here: Callable[[int], int]) -> bool:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        findings.add(here(1), "", f"файл больше {MAX_BYTES // 1024} КБ")
        return False
    hidden = forbidden_characters(text)
    if hidden:
        findings.add(here(int(re.search(r"строка (\d+)", hidden)[1])), "", hidden)  # type: ignore[index]
        return False
    if not text.strip():
        findings.add(here(1), "", "файл пуст")
        return False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("%"):
            findings.add(here(number), "", "директивы YAML (строка с «%») не поддерживаются")
            return False
    return True


def _events(text: str) -> Iterator[Any]:
    yield from YAML(typ="safe", pure=True).parse(text)


def _syntax(error: MarkedYAMLError) -> str:
    for said in (error.problem, error.context):
        for start, russian in _SYNTAX.items():
            if said and said.startswith(start):
                return f"нарушен синтаксис YAML: {russian}"
    return "нарушен синтаксис YAML"


class _Builder:
    """Events → tree; refuses what a process file must not contain."""

    def __init__(
        self, events: Iterator[Any], findings: Findings, here: Callable[[int], int]
    ) -> None:
        self._here = here
        self._events = events
        self._findings = findings
        self._depth = 0

    def document(self) -> Node | None:
        """Read the only document of the file to its end."""
        result: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._stop(event, "в файле больше одного документа (строка «---»)")
            elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent
                            | AliasEvent):
                result = self._node(event)
        return result

    def _stop(self, event: Any, text: str) -> None:
        self._findings.add(self._here(event.start_mark.line + 1), "", text)
        raise _StopError

    def _count(self, event: Any, entries: int) -> None:
        if entries > MAX_ENTRIES:
            self._stop(event, f"в одном списке или наборе больше {MAX_ENTRIES} строк")

    def _node(self, event: Any) -> Node:
        line = self._here(event.start_mark.line + 1)
        if isinstance(event, AliasEvent):
            self._findings.add(line, "", "ссылки YAML (*имя) не поддерживаются")
            return Scalar(None, line)
        if event.anchor is not None:
            self._findings.add(line, "", "якоря YAML (&имя) не поддерживаются")
        if event.tag is not None:
            self._findings.add(line, "", "метки типов YAML (!имя) не поддерживаются")
        if isinstance(event, ScalarEvent):
            # Escapes in double quotes can make what the file itself does not show.
            if hidden := forbidden_characters(event.value):
                self._findings.add(line, "", hidden.partition(" (")[0])
            return Scalar(_value(event), line)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._stop(event, f"вложенность больше {MAX_DEPTH} уровней")
        node = self._items(line) if isinstance(event, SequenceStartEvent) else self._keys(line)
        self._depth -= 1
        return node

    def _items(self, line: int) -> Items:
        values = []
        for event in self._events:
            if isinstance(event, SequenceEndEvent):
                break
            values.append(self._node(event))
            self._count(event, len(values))
        return Items(tuple(values), line)

    def _keys(self, line: int) -> Keys:
        pairs: dict[str, tuple[Scalar, Node]] = {}
        for read, event in enumerate(self._events):
            if isinstance(event, MappingEndEvent):
                break
            self._count(event, read)
            key = self._node(event)
            value = self._node(next(self._events))
            if not isinstance(key, Scalar) or key.value is None:
                self._findings.add(key.line, "", "ключ должен быть словом")
                continue
            name = str(key.value)
            if name in pairs:
                first = pairs[name][0].line
                self._findings.add(key.line, name, f"ключ «{name}» повторяется (строка {first})")
                continue
            pairs[name] = (Scalar(name, key.line), value)
        return Keys(tuple(pairs.values()), line)


def _value(event: ScalarEvent) -> str | int | bool | None:
    text: str = event.value
    if event.implicit[0]:
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
    return clean_text(text)
