"""Chat cards: what a person is asked in the chat, with the buttons to answer.

A card is a function of the work item and the document alone, so rendering it again in another process or
after a failure gives the same text, the same buttons and the same nonces. Nothing is escaped here: that
happens where text meets BB-code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from b24flow.core.commands import Context
from b24flow.core.definition import Action, ActionKind, ProcessDefinition, StepKind
from b24flow.core.document import Assignment, Document
from b24flow.core.parts import Request, VisaState
from b24flow.core.picture import Button, Card
from b24flow.core.russian import date_short
from b24flow.core.steps import BINDING, draft_hash, draft_of
from b24flow.core.tree import lead_leaf, state_of
from b24flow.core.work import WorkItem
from b24flow.services.office import LINK_LIFE, Office

TITLE_LIMIT, LINE_LIMIT, LINES = 120, 300, 5
OPEN_DOCUMENT = "Открыть документ"
QUESTIONS = {
    "decider": "Запрошено продление", "controller": "Снять с контроля?",
    "clerk": "Карточка возвращена", "confirmer": "Аннулировать регистрацию?",
    "approver": "Согласуйте проект", "signer": "Подпишите документ", "reader": "Ознакомьтесь с документом",
    "voter": "Проголосуйте по вопросу", "owner": "Документ некому взять",
}
"""What is asked of a part that does not simply hold the document."""


def card_key(item: WorkItem, opened_at: datetime) -> str:
    """Return the key of a work item's card: another one each time the person gets the document."""
    return f"card:{item.key}:{int(opened_at.timestamp() * 1000)}"


def button_nonce(office: Office, uuid: str, key: str, action: str, seen: str = "") -> str:
    """Return the proof that a button stood on the card `key` of a document, showing the edition `seen`."""
    return office.tickets.nonce("button", uuid, key, action, *([seen] if seen else []))


def link_to(
    office: Office, path: str, user: int, asked_at: datetime, *, query: Mapping[str, str] | None = None,
    life: timedelta = LINK_LIFE,
) -> str:
    """Return the address of a page with the personal ticket of `user`, valid for `life`."""
    ticket = office.tickets.issue("link", user, asked_at + life)
    return f"{office.base_url}{path}?{urlencode({**(query or {}), 'k': ticket})}"


def document_link(office: Office, uuid: str, user: int, asked_at: datetime) -> str:
    """Return a person's own link to a document's page."""
    return link_to(office, f"/documents/{uuid}", user, asked_at)


def action_link(
    office: Office, uuid: str, action: str, item: WorkItem, asked_at: datetime
) -> str:
    """Return a person's own link to the form of an action."""
    path = f"/documents/{uuid}/actions/{action}"
    query = {} if item.target is None else {"target": item.target}
    return link_to(office, path, item.user, asked_at, query=query)


def changes_link(
    office: Office, document: Document, seen: str, user: int, asked_at: datetime
) -> str:
    """Return a person's own link to what changed since the edition `seen`; empty when nothing did."""
    newest = draft_of(document)
    older = next((one for one in document.files if one.sha256 == seen), None)
    if newest is None or older is None or newest.sha256 == seen:
        return ""
    return link_to(office, f"/documents/{document.uuid}/compare", user, asked_at,
                   query={"one": older.id, "two": newest.id})


def card_of(
    office: Office, definition: ProcessDefinition, document: Document, item: WorkItem,
    opened_at: datetime, context: Context, closed: str | None = None,
) -> Card:
    """Return the card of a work item; with `closed` what it becomes when there is nothing to press.

    At most 5 lines of 300 characters each. A closed card does not follow the document any more: the
    cards of everybody who once had it would change, and be written, at every step.
    """
    key = card_key(item, opened_at)
    subject = document.text(definition.title_field)
    question = _question(definition, document, item)
    if closed is not None:
        return Card(key=key, recipient=item.user, title=_title(document, question),
                    lines=_lines(subject, f"✓ {closed}"))
    node = document.find(item.target)
    behalf = ""
    if item.acting_for is not None:
        behalf = f"За: {context.directory.get(item.acting_for).name}"
    lines = _lines(
        subject, _from_whom(document), _matter(definition, document, item, node, context),
        _term(document, item, node, context), behalf,
    )
    title = _title(document, question or definition.state(state_of(document)).label)
    return Card(key=key, recipient=item.user, title=title, lines=lines,
                buttons=_buttons(office, definition, document, item, opened_at))


def note_card(key: str, payload: Mapping[str, Any], *, link: str = "") -> Card:
    """Return the message of an outbox row: recipient, title, lines, buttons.

    `link` is the address of the document the message is about; it becomes the last button.
    """
    buttons = [
        Button(label=str(one["label"]), style=str(one.get("style") or "plain"),
               command=str(one.get("command") or ""), link=str(one.get("link") or ""))
        for one in payload.get("buttons") or ()
    ]
    if link:
        buttons.append(Button(label=OPEN_DOCUMENT, link=link))
    return Card(
        key=key, recipient=int(payload["recipient"]),
        title=fit(str(payload.get("title") or ""), TITLE_LIMIT),
        lines=tuple(str(line) for line in payload.get("lines") or ()), buttons=tuple(buttons),
    )


def message_card(office: Office, key: str, payload: Mapping[str, Any], queued_at: datetime) -> Card:
    """Return the message of an outbox row, with its recipient's own link to the document it is about."""
    uuid, recipient = payload.get("uuid"), int(payload["recipient"])
    link = document_link(office, str(uuid), recipient, queued_at) if uuid else ""
    return note_card(key, payload, link=link)


def number_of(document: Document) -> str:
    """Return the registration number as people read it."""
    return document.number.text if document.number is not None else "Без номера"


def fit(text: str, limit: int) -> str:
    """Return a text as one line of at most `limit` characters, with an ellipsis where it was cut."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _lines(*lines: str) -> tuple[str, ...]:
    return tuple(fit(line, LINE_LIMIT) for line in lines if line.strip())[:LINES]


def _title(document: Document, what: str) -> str:
    return fit(" · ".join(part for part in (number_of(document), what) if part), TITLE_LIMIT)


def _from_whom(document: Document) -> str:
    if document.text("correspondent"):
        return f"От кого: {document.text('correspondent')}"
    to = (document.text("addressees") or document.text("addressee")).splitlines()
    if not to:
        return ""
    return f"Кому: {to[0]}" + (f" и ещё {len(to) - 1}" if len(to) > 1 else "")


def _matter(
    definition: ProcessDefinition, document: Document, item: WorkItem, node: Assignment | None,
    context: Context,
) -> str:
    """Say what exactly the person is asked to look at."""
    name = context.directory.get
    if item.role == "decider" and node is not None and node.extension is not None:
        asked = node.extension
        late = " (запрошено с нарушением срока)" if asked.late else ""
        return (f"{name(node.executor).name} просит продлить до {date_short(asked.desired)}{late}. "
                f"Причина: {asked.reason}")
    if item.role == "clerk" and document.returned is not None:
        return f"{name(document.returned.by).name}: {document.returned.reason}"
    if item.role == "confirmer" and document.annulment is not None:
        asked_by = name(document.annulment.by).name
        return f"{asked_by} просит аннулировать. Причина: {document.annulment.reason}"
    if item.role == "controller":
        done = node if node is not None else lead_leaf(document)
        if done is not None and done.report is not None:
            return f"Исполнено, {name(done.executor).name}: {done.report.summary}"
    step = _step_matter(definition, document, item, context)
    if step:
        return step
    if node is not None and _has_points(definition):
        return node.text
    if node is not None and (node.parent is not None or node.text):
        return f"Резолюция, {name(node.author).name}: {node.text or 'без текста'}"
    return ""


def _question(definition: ProcessDefinition, document: Document, item: WorkItem) -> str:
    """Return what the person is asked: always the same for one item, so that a closed card stays as it is."""
    if item.role == "clerk" and definition.action_of(ActionKind.RESEND) is None:
        return ""
    request = request_of(document, item)
    if request is not None:
        return "Поставлена задача" if request.kind == "task" else "Запрошена информация"
    if item.role == "executor" and _has_points(definition):
        return "Исполните пункт"
    return QUESTIONS.get(item.role, "")


def _has_points(definition: ProcessDefinition) -> bool:
    """Tell whether what is assigned in this process are the points of its documents."""
    return any(one.kind is StepKind.POINTS for one in definition.states)


def request_of(document: Document, item: WorkItem) -> Request | None:
    """Return the request that a work item waits for."""
    if item.role != "requested":
        return None
    return next((one for one in document.requests if one.id == item.target), None)


def _step_matter(
    definition: ProcessDefinition, document: Document, item: WorkItem, context: Context
) -> str:
    """Say what a step of a route asks: whose request, whose objection, what changed, which points."""
    name = context.directory.get
    request = request_of(document, item)
    if request is not None:
        return f"{name(request.asked_by).name}: {request.text}"
    last = document.rounds[-1] if document.rounds else None
    if item.role == "approver" and last is not None:
        said = f"Ответ инициатора: {last.note}" if last.note else ""
        told = f"Круг {last.number}." if last.number > 1 else ""
        return " ".join(part for part in (told, _edition(document), said) if part)
    if item.role == "signer":
        return _edition(document)
    if item.role == "initiator" and last is not None and last.outcome == "objected":
        against = [one for one in last.visas if one.state is VisaState.OBJECTED]
        return "; ".join(f"Возражает {name(one.by or one.user or 0).name}: {one.remark}" for one in against)
    if item.role == "initiator" and definition.state(document.step).kind is StepKind.REWORK:
        return "Проект вернул подписант; его замечания — в истории документа."
    if item.role in {"voter", "secretary"} and document.meetings:
        meeting = document.meetings[-1]
        votes = [one.choice for one in meeting.ballots]
        polled = f", проголосовали {sum(map(bool, votes))} из {len(votes)}" if votes else ""
        return f"Заседание № {meeting.session}, вопрос {meeting.item}, {date_short(meeting.day)}{polled}"
    return ""


def _edition(document: Document) -> str:
    """Name the edition that is asked about, once there is more than one."""
    draft = draft_of(document)
    return f"Проект: версия {draft.edition}." if draft is not None and draft.edition > 1 else ""


def _term(
    document: Document, item: WorkItem, node: Assignment | None, context: Context
) -> str:
    request = request_of(document, item)
    due = (node.current_term if node is not None else None) or item.due or document.term
    if request is not None:
        due = request.term
    if due is None:
        return ""
    text = f"Срок: {date_short(due)}"
    if node is not None and node.changed_term is not None:
        before = f", был {date_short(node.term)}" if node.term is not None else ""
        text += f" (изменён{before})"
    if item.role == "executor" and node is not None and node.extension is not None:
        asked = node.extension
        decider = context.directory.get(asked.decider).name
        text += f"; запрошено продление до {date_short(asked.desired)}, решает {decider}"
    return text


def _buttons(
    office: Office, definition: ProcessDefinition, document: Document, item: WorkItem,
    opened_at: datetime,
) -> tuple[Button, ...]:
    found = (definition.action(code) for code in item.actions)
    made = [
        _button(office, document, one, item, opened_at) for one in found if one is not None
    ]
    page = document_link(office, document.uuid, item.user, opened_at)
    return (*made, Button(label=OPEN_DOCUMENT, link=page))


def _button(
    office: Office, document: Document, action: Action, item: WorkItem, opened_at: datetime
) -> Button:
    if action.needs_form:
        link = action_link(office, document.uuid, action.code, item, opened_at)
        return Button(label=action.label, style=action.style, link=link)
    seen = draft_hash(document) if action.kind in BINDING else ""
    nonce = button_nonce(office, document.uuid, card_key(item, opened_at), action.code, seen)
    return Button(label=action.label, style=action.style,
                  command=f"{document.uuid} {action.code} {nonce} {seen}".rstrip())
