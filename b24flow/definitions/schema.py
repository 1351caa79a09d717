"""Reading one mapping of a process file: known keys, types, lengths, with a finding for every slip.

A reader never raises: a wrong value is reported and replaced by a harmless one, so that the reading
goes on and all errors of a file are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from b24flow.core.check import did_you_mean
from b24flow.definitions.nodes import Findings, Items, Keys, Node, Scalar

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_LIST = 200
_KIND_NAMES = {Scalar: "значение", Items: "список", Keys: "набор «ключ: значение»"}

PROCESS_KEYS = frozenset({
    "process", "label", "title_field", "roles", "states", "route", "branch_states", "kinds",
    "fields", "card", "actions", "numbering", "policies", "registry", "approval", "uses", "documents",
})
DOCUMENT_KEYS = frozenset({"label", "template", "part", "in", "needs", "selective"})
STATE_KEYS = frozenset({"label", "hint", "colour", "final", "success", "kind", "then", "back"})
KIND_KEYS = frozenset({"label", "term"})
FIELD_KEYS = frozenset({
    "label", "type", "hint", "max_length", "min_length", "choices", "default", "past_only",
})
FORM_KEYS = frozenset({"label", "hint", "max_length", "min_length", "default", "past_only"})
ACTION_KEYS = frozenset({
    "label", "kind", "in", "on", "who", "form", "next", "notify", "style", "hint", "closes_as",
    "starts", "work", "number", "outcomes", "kinds",
})
APPROVAL_KEYS = frozenset({"mandatory", "default", "objection", "term"})
MANDATORY_KEYS = frozenset({"role", "group", "when"})
NOTICE_KEYS = frozenset({"to", "text"})
VARIANT_KEYS = frozenset({"series", "template", "period"})
NUMBERING_KEYS = VARIANT_KEYS | {"values", "scope", "by", "dated", "variants"}
POLICY_KEYS = frozenset({
    "term_authority", "child_term", "acknowledge_controlled", "reopen_days", "max_depth", "owner",
    "answered_at", "quorum", "members", "reread", "supersedes",
})
REGISTRY_KEYS = frozenset({"title", "entity_type_id", "fields"})
REGISTRY_FIELD_KEYS = frozenset({"code", "label", "type", "source"})


@dataclass(slots=True)
class Lines:
    """Where every path of a file stands; a path that is absent stands where its parent does."""

    known: dict[str, int]

    def of(self, path: str) -> int:
        """Return the line of a path or of its nearest known parent."""
        while path and path not in self.known:
            path = path.rpartition(".")[0]
        return self.known.get(path, 1)


class Block:
    """One mapping under a path; unknown keys are reported when it is opened."""

    def __init__(
        self, node: Keys, path: str, findings: Findings, lines: Lines,
        known: frozenset[str] | None,
    ) -> None:
        self.path = path
        self._node = node
        self._findings = findings
        self._lines = lines
        lines.known.setdefault(path, node.line)
        for key, _ in node.pairs:
            name = str(key.value)
            lines.known[self._at(name)] = key.line
            if known is not None and name not in known:
                self.report(name, f"неизвестный ключ «{name}»{did_you_mean(name, known)}")

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def report(self, name: str, text: str) -> None:
        """Add a finding at a key of this mapping ("": at the mapping itself)."""
        path = self._at(name) if name else self.path
        self._findings.add(self._lines.of(path), path, text)

    def report_at(self, path: str, line: int, text: str) -> None:
        """Add a finding at a place that is no key of this mapping."""
        self._findings.add(line, path, text)

    def place(self, path: str, line: int) -> None:
        """Remember where a path stands."""
        self._lines.known[path] = line

    def is_word(self, name: str, word: str) -> bool:
        """Tell whether a key holds exactly this word."""
        node = self._node.get(name)
        return isinstance(node, Scalar) and node.value == word

    def has(self, name: str) -> bool:
        """Tell whether a key is there with a value."""
        node = self._node.get(name)
        return node is not None and not (isinstance(node, Scalar) and node.value is None)

    def names(self) -> tuple[str, ...]:
        """Return the keys of this mapping."""
        return self._node.names()

    def _scalar(self, name: str, required: bool) -> str | int | bool | None:
        node = self._node.get(name)
        if node is None or (isinstance(node, Scalar) and node.value is None):
            if required:
                self.report(name, f"не хватает ключа «{name}»")
            return None
        if not isinstance(node, Scalar):
            self.report(name, f"нужно одно значение, а здесь {_KIND_NAMES[type(node)]}")
            return None
        return node.value

    def text(
        self, name: str, default: str = "", *, required: bool = False, limit: int = 100,
        one_line: bool = True,
    ) -> str:
        """Return a text of at most `limit` characters."""
        value = self._scalar(name, required)
        if value is None:
            return default
        if not isinstance(value, str):
            self.report(name, "нужен текст: возьмите значение в кавычки")
            return default
        text = " ".join(value.split()) if one_line else value
        if required and not text:
            self.report(name, "текст не может быть пустым")
        if len(text) > limit:
            self.report(name, f"текст длиннее {limit} знаков (сейчас {len(text)})")
        return text

    def code(self, name: str, *, required: bool = True) -> str:
        """Return a code: a Latin word."""
        value = self.text(name, required=required, limit=40)
        if value:
            self.check_code(value, name)
        return value

    def check_code(self, value: str, name: str) -> None:
        """Report a code that is not a Latin word."""
        if not CODE.fullmatch(value):
            self.report(name, f"код «{value}»: нужны строчные латинские буквы, цифры и «_»")

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """Return one of the allowed words."""
        value = self.text(name, default, limit=1000)
        if value not in allowed:
            self.report(name, f"неизвестное значение «{value}»{did_you_mean(value, allowed)};"
                              f" допустимо: {', '.join(allowed)}")
            return default
        return value

    def integer(
        self, name: str, default: int, low: int, high: int, *, required: bool = False
    ) -> int:
        """Return a whole number between two bounds, both included."""
        value = self._scalar(name, required)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.report(name, "нужно целое число")
            return default
        if not low <= value <= high:
            self.report(name, f"нужно целое число от {low} до {high}")
            return default
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._scalar(name, required=False)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.report(name, "нужно true или false")
            return default
        return value

    def words(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of words; a single word stands for a list of one."""
        node = self._node.get(name)
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return (node.value,)
        found: list[str] = []
        for path, item in self.items(name, required=required):
            self._lines.known[path] = item.line
            value = item.value if isinstance(item, Scalar) else None
            if not isinstance(value, str) or not value:
                self._findings.add(item.line, path, "нужно одно слово")
            elif value in found:
                self._findings.add(item.line, path, f"«{value}» повторяется")
            else:
                found.append(value)
        return tuple(found)

    def items(self, name: str, *, required: bool = False) -> list[tuple[str, Node]]:
        """Return the items of a list, each with its path."""
        node = self._node.get(name)
        if node is None or (isinstance(node, Scalar) and node.value is None):
            if required:
                self.report(name, f"не хватает ключа «{name}»")
            return []
        if not isinstance(node, Items):
            self.report(name, f"нужен список, а здесь {_KIND_NAMES[type(node)]}")
            return []
        if required and not node.values:
            self.report(name, "список не может быть пустым")
        self._count(name, len(node.values))
        return [(f"{self._at(name)}.{number}", one)
                for number, one in enumerate(node.values[:MAX_LIST], 1)]

    def _count(self, name: str, count: int) -> None:
        if count > MAX_LIST:
            self.report(name, f"больше {MAX_LIST} строк, здесь {count}")

    def block_of(self, node: Node, path: str, known: frozenset[str] | None) -> Block | None:
        """Open a value as a mapping; anything else is reported."""
        self._lines.known.setdefault(path, node.line)
        if not isinstance(node, Keys):
            self._findings.add(self._lines.of(path), path,
                               f"нужен набор «ключ: значение», а здесь {_KIND_NAMES[type(node)]}")
            return None
        return Block(node, path, self._findings, self._lines, known)

    def block(
        self, name: str, known: frozenset[str] | None, *, required: bool = False
    ) -> Block | None:
        """Open the mapping under a key."""
        node = self._node.get(name)
        if node is None or (isinstance(node, Scalar) and node.value is None):
            if required:
                self.report(name, f"не хватает ключа «{name}»")
            return None
        return self.block_of(node, self._at(name), known)

    def coded(
        self, name: str, known: frozenset[str], *, required: bool = False
    ) -> Iterator[tuple[str, Block]]:
        """Yield the entries of a mapping «code: {…}», each opened."""
        outer = self.block(name, None, required=required)
        if outer is None:
            return
        if required and not outer.names():
            self.report(name, "набор не может быть пустым")
        self._count(name, len(outer.names()))
        for code in outer.names()[:MAX_LIST]:
            outer.check_code(code, code)
            inner = outer.block(code, known, required=True)
            if inner is not None:
                yield code, inner

    def labels(self, name: str, *, required: bool = False, limit: int = 60) -> dict[str, str]:
        """Return a mapping «code: label»."""
        outer = self.block(name, None, required=required)
        if outer is None:
            return {}
        self._count(name, len(outer.names()))
        for code in outer.names():
            outer.check_code(code, code)
        return {code: outer.text(code, code, required=True, limit=limit)
                for code in outer.names()[:MAX_LIST]}
