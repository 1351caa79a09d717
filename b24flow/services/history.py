"""The history of a document in words: one entry per action, what its events changed folded together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.russian import date_short
from b24flow.services.steps_view import LETTER_WORDS
from b24flow.store import journal
from b24flow.store.engine import Unit

_MOVED = {"round": "Срок согласования", "reader": "Срок ознакомления", "request": "Срок запроса"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView:
    """One action in the history, with what it changed in words."""

    at: datetime
    actor: str
    label: str
    details: tuple[str, ...]


def history_view(
    unit: Unit, definition: ProcessDefinition, document: Document, context: Context
) -> tuple[HistoryView, ...]:
    """Return the history, newest first: one entry per action, its events folded together."""
    entries: list[HistoryView] = []
    group: list[journal.HistoryLine] = []
    for line in journal.history(unit, document.uuid):
        if group and (line.at, line.label, line.actor) != (
            group[0].at, group[0].label, group[0].actor
        ):
            entries.append(_entry(group, definition, document, context))
            group = []
        group.append(line)
    if group:
        entries.append(_entry(group, definition, document, context))
    return tuple(reversed(entries))


def _entry(
    group: Sequence[journal.HistoryLine], definition: ProcessDefinition, document: Document, context: Context
) -> HistoryView:
    first = group[0]
    who = "Система" if first.actor == 0 else context.directory.get(first.actor).name
    if first.acting_for is not None:
        who += f" (за: {context.directory.get(first.acting_for).name})"
    details: list[str] = []
    for line in group:
        details += _step_details(line.type, line.payload, definition, document, context)
        details += _details(line.type, line.payload, definition, context)
    return HistoryView(at=first.at, actor=who, label=first.label, details=tuple(details))


def _details(
    kind: str, payload: Mapping[str, Any], definition: ProcessDefinition, context: Context
) -> list[str]:
    """Say in words what an event changed."""
    name = context.directory.get
    found: list[str] = []
    if kind == "Registered":
        found.append(f"Присвоен номер {payload['number']['text']}")
    if kind == "Assigned":
        people = ", ".join(name(one["executor"]).name for one in payload["assignees"])
        term = payload["assignees"][0].get("term")
        until = f", срок {_day(term)}" if term else ""
        found.append(f"Кому: {people}{until}")
        if payload["text"]:
            found.append(payload["text"])
    if kind == "TermChanged":
        before = _day(payload["before"]) if payload["before"] else "без срока"
        found.append(f"Срок: {before} → {_day(payload['after'])}. {payload['note']}")
    found += _beside(kind, payload, context)
    if kind in {"ExtensionRequested", "ExtensionRedirected"}:
        wanted = f"Просит до {_day(payload['desired'])}. " if "desired" in payload else ""
        found.append(f"{wanted}Решает {name(payload['decider']).name} ({payload['why']})")
    if kind == "CardCorrected":
        for code, after in payload["after"].items():
            one = definition.fields.get(code)
            before = payload["before"].get(code)
            found.append(f"{one.label if one else code}: {_given(before)} → {_given(after)}")
    if kind == "FilesAdded":
        found += [f"Файл: {one['name']}{_made_from(one)}" for one in payload["files"]]
    if kind == "Delegated":
        found.append(f"Передано: {name(payload['to']).name}")
    if kind == "Signed" and payload.get("by"):
        found.append(f"Подписал(а) на бумаге: {name(payload['by']).name}")
    found += (*_SAID.get(kind, ()), *_letter(kind, payload))
    for key in ("reason", "summary", "comment", "remark", "note"):
        if payload.get(key) and (key, kind) not in _TOLD:
            found.append(str(payload[key]))
    return found


def _beside(kind: str, payload: Mapping[str, Any], context: Context) -> list[str]:
    """Say what changed beside the tree: a request, its answer, a moved term."""
    if kind == "TermMoved":
        before = _day(payload["before"]) if payload["before"] else "без срока"
        return [f"{_MOVED[payload['part']]}: {before} → {_day(payload['after'])}. {payload['note']}".strip()]
    if kind == "RequestPassed":
        return [f"Передано: {context.directory.get(payload['to']).name}"]
    if kind not in {"RequestMade", "RequestAnswered", "RequestWithdrawn"}:
        return []
    if kind == "RequestAnswered":
        return [payload["answer"]] if payload["answer"] else []
    if kind == "RequestWithdrawn":
        return [f"Отозвано: {payload['why']}"]
    until = f", срок {_day(payload['term'])}" if payload.get("term") else ""
    return [f"Кому: {context.directory.get(payload['to']).name}{until}", payload["text"]]


def _letter(kind: str, payload: Mapping[str, Any]) -> list[str]:
    """Say what a letter was, and what the mail server said of it."""
    if kind == "LetterAnswered":
        said = [(one["address"], LETTER_WORDS[one["state"]], one["note"]) for one in payload["recipients"]]
        return [f"{address} — {word}" + (f": {note}" if note else "") for address, word, note in said]
    if kind != "LetterWritten":
        return []
    files = [f"Файл: {one['name']}, SHA-256 {one['sha256']}" for one in payload["files"]]
    return [f"Кому: {', '.join(payload['to'])}", f"Тема: {payload['subject']}", payload["text"], *files]


_SAID: Mapping[str, tuple[str, ...]] = {
    "ControlSet": ("Поставлен на контроль",), "Reopened": ("Документ снова открыт",),
}
"""Events that say the same whatever they carry."""


_TOLD = frozenset({("note", "TermChanged"), ("note", "TermMoved")})
"""What the words above say already."""


def _step_details(
    kind: str, payload: Mapping[str, Any], definition: ProcessDefinition, document: Document, context: Context
) -> list[str]:
    """Say in words what an event of a route changed: to whom, which addressees, how many votes."""
    name = context.directory.get
    names = {one.id: one.addressee for one in document.deliveries}
    if kind in {"VisaPassed", "SignerChanged"}:
        return [f"Кому: {name(payload['to']).name}"]
    if kind == "Dispatched":
        sent = [names.get(one, one) for one in payload["ids"]]
        method = definition.fields.get("method")
        how = method.label_of(payload["method"]) if method is not None else payload["method"]
        whom = sent[0] if len(sent) == 1 else f"адресатов: {len(sent)}"
        return [", ".join(part for part in (whom, how, payload.get("tracking")) if part)]
    if kind in {"DeliveryFailed", "AnswerReceived"}:
        return [part for part in (names.get(payload["id"]), payload.get("text")) if part]
    if kind == "ReadersAsked":
        return [f"Ознакомить сотрудников: {len(payload['readers'])}"]
    if kind == "AgendaSet":
        return [f"Заседание № {payload['session']}, вопрос {payload['item']}, {_day(payload['day'])}"]
    if kind == "MeetingDecided":
        return [f"За {payload['votes_for']}, против {payload['votes_against']}, "
                f"воздержались {payload['abstained']}"]
    return []


def _made_from(file: Mapping[str, Any]) -> str:
    template, version = file.get("template"), str(file.get("template_version") or "")
    return f" (по шаблону {template}, версия {version[:8]})" if template else ""


def _given(value: object) -> str:
    return "не заполнено" if value is None or value == "" else str(value)


def _day(iso: str) -> str:
    return date_short(date.fromisoformat(iso))
