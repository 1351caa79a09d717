"""Registry columns about the steps beside the tree: visas, signature, dispatch, readers, points, links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.parts import Visa, VisaState
from b24flow.core.russian import date_short, datetime_short

Cell = str | int | date | None

VISA_WORDS: Mapping[VisaState, str] = {
    VisaState.WAITING: "ждёт очереди", VisaState.ASKED: "на согласовании",
    VisaState.APPROVED: "согласовано", VisaState.REMARKS: "согласовано с замечаниями",
    VisaState.OBJECTED: "возвращено на доработку", VisaState.SKIPPED: "уже согласовано раньше",
    VisaState.DROPPED: "не потребовалось",
}
READER_WORDS: Mapping[str, str] = {
    "asked": "не ознакомлен", "read": "ознакомлен", "refused": "отказался", "excused": "не требуется",
}
DELIVERY_WORDS: Mapping[str, str] = {
    "waiting": "не отправлено", "sent": "отправлено", "failed": "не доставлено", "answered": "получен ответ",
}


def who_visa(definition: ProcessDefinition, visa: Visa, context: Context) -> str:
    """Return who an approval waits for: a person, or a role nobody has yet."""
    if visa.user is not None:
        return context.directory.get(visa.user).name
    if visa.role == "initiator_head":
        return "руководитель инициатора"
    return definition.roles.get(visa.role, visa.role)


def _approval(definition: ProcessDefinition, document: Document, context: Context) -> Cell:
    if not document.rounds:
        return ""
    current = document.rounds[-1]
    lines = [
        f"{who_visa(definition, one, context)} — {VISA_WORDS[one.state]}" for one in current.visas
    ]
    head = f"круг {current.number}: " if current.number > 1 else ""
    return head + "; ".join(lines)


def _signature(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    if not document.signatures:
        return ""
    last = document.signatures[-1]
    name = context.directory.get(last.by).name
    if last.acting_for is not None:
        name += f" (за: {context.directory.get(last.acting_for).name})"
    if last.recorded_by is not None:
        name += " (на бумаге)"
    return f"{name}, {datetime_short(last.at, context.zone)}"


def _dispatch(_: ProcessDefinition, document: Document, __: Context) -> Cell:
    rows = document.deliveries
    if not rows:
        return ""
    if len(rows) > 3:
        done = sum(1 for one in rows if one.state in {"sent", "answered"})
        answered = sum(1 for one in rows if one.state == "answered")
        return f"отправлено {done} из {len(rows)}, ответов {answered}"
    return "; ".join(
        f"{one.addressee} — {DELIVERY_WORDS[one.state]}"
        + (f" {date_short(one.sent_on)}" if one.sent_on is not None else "")
        for one in rows
    )


def _readers(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    rows = {one.user: one for one in document.readers}.values()  # asked again: the newest line counts
    if not rows:
        return ""
    left = [context.directory.get(one.user).name for one in rows if one.state == "asked"]
    done = sum(1 for one in rows if one.state == "read")
    text = f"ознакомлены {done} из {len(rows)}"
    return f"{text}; ждём: {', '.join(left[:10])}{' и других' if len(left) > 10 else ''}" if left else text


def _points(_: ProcessDefinition, document: Document, context: Context) -> Cell:
    lines = []
    for one in document.points:
        node = document.find(one.assignment)
        term = (node.current_term if node is not None else None) or one.term
        who = node.executor if node is not None else one.executor
        parts = [context.directory.get(who).name if who is not None else "", date_short(term) if term else ""]
        if one.released_at is not None:
            parts.append("снят с контроля")
        elif node is not None and node.report is not None:
            parts.append("исполнен")
        lines.append(f"{one.id}. " + ", ".join(part for part in parts if part))
    return "\n".join(lines)


def _links(_: ProcessDefinition, document: Document, __: Context) -> Cell:
    return "; ".join(one.text for one in document.links)


STEP_SOURCES: Mapping[str, Callable[[ProcessDefinition, Document, Context], Cell]] = {
    "approval": _approval, "signature": _signature, "dispatch": _dispatch, "readers": _readers,
    "points": _points, "links": _links,
}
