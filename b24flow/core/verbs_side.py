"""Verbs beside the route: keep a draft, ask, set a task, link, follow (R23); none moves the document.

`fill`, `move` and `start` are the small change of a route: a kept form, a step, another document.
"""

from __future__ import annotations

from b24flow.core import events as tree_events
from b24flow.core import events_steps as ev
from b24flow.core.commands import Related
from b24flow.core.document import Assignment, CardValue
from b24flow.core.events import Event
from b24flow.core.forms import date_of, person_of, text_of
from b24flow.core.parts import Request
from b24flow.core.russian import date_short
from b24flow.core.verbs import Case, card_of, stored
from b24flow.errors import InvalidForm, Refused

LINKS = {
    "pursuance": ("Во исполнение", "pursued_by", "Исполняется документом"),
    "amends": ("Во изменение", "amended_by", "Изменён документом"),
    "repeals": ("В отмену", "repealed_by", "Отменён документом"),
    "duplicate": ("Дубликат", "duplicate", "Дубликат"),
    "attachment": ("Приложение к", "attached", "Приложен документ"),
    "correspondence": ("Переписка", "correspondence", "Переписка"),
    "basis": ("Основание", "started", "Подготовлен документ"),
}
"""Links people make: code → its name, the code of the way back, and that one's name."""

REPLY_TO = "reply_to"
"""The link of an answer to what it answers; people add it for a further document that one letter answers."""


def fill(case: Case) -> tuple[Event, ...]:
    """«Сохранить»: the draft's card, points and files."""
    events = stored(case)
    if not events:
        raise Refused("Ничего не изменилось: заполните хотя бы одно поле.")
    return events


def move(case: Case) -> tuple[Event, ...]:
    """Go to the next step, the form being kept; from somebody's branch it ends all branches."""
    acked: tuple[Event, ...] = ()
    if isinstance(case.node, Assignment):
        comment = text_of(case.values, "comment") or text_of(case.values, "reason")
        acked = (tree_events.Acknowledged(assignment=case.node.id, comment=comment),)
        others = tuple(one.id for one in case.document.live() if one.id != case.node.id)
        if others:
            acked = (*acked, tree_events.OthersReleased(assignments=others))
    target = case.definition.state(case.action.next[0])
    reason = text_of(case.values, "reason") or text_of(case.values, "comment")
    onward: Event = ev.Moved(step=target.code, reason=reason)
    if target.final:
        onward = tree_events.DocumentClosed(state=target.code, reason=reason)
    return (*stored(case), *acked, onward)


def start(case: Case) -> tuple[Event, ...]:
    """Open a draft of another process on the basis of this document; this one stays where it is."""
    document = case.document
    card: dict[str, CardValue] = {
        "title": document.text(case.definition.title_field)[:250],
        "basis": document.number.text if document.number is not None else "",
        **card_of(case, tuple(case.values)),
    }
    return (ev.Started(document=case.id("started"), process=case.action.starts, card=card),)


def ask(case: Case) -> tuple[Event, ...]:
    """«Запросить информацию»: an answer is waited for, the route goes on."""
    return _requested(case, "information")


def set_task(case: Case) -> tuple[Event, ...]:
    """«Поставить задачу»: a task in the portal, tied to the document, beside its route."""
    return _requested(case, "task")


def _requested(case: Case, kind: str) -> tuple[Event, ...]:
    to = person_of(case.values, "to")
    assert to is not None, "the form requires a person"
    if to == case.principal and kind == "information":
        raise InvalidForm({"to": "Нельзя запросить информацию у самого себя"})
    day = date_of(case.values, "answer_by")
    if day is not None and day < case.context.today:
        raise InvalidForm({"answer_by": f"«Срок»: дата {date_short(day)} уже прошла"})
    return (
        *case.files_added(),
        ev.RequestMade(id=case.id("request"), to=to, text=text_of(case.values, "text"), kind=kind, term=day,
                       calendar=case.context.calendar.version),
    )


def _request(case: Case) -> Request:
    assert isinstance(case.node, Request), "the action is about one request"
    return case.node


def answer(case: Case) -> tuple[Event, ...]:
    """«Ответить на запрос», «Задача выполнена»."""
    files = case.files()
    text = text_of(case.values, "answer")
    if not text and not files:
        raise InvalidForm({"answer": "Напишите ответ или приложите файл"})
    return (
        *case.files_added(),
        ev.RequestAnswered(id=_request(case).id, answer=text, files=tuple(one.id for one in files)),
    )


def withdraw_request(case: Case) -> tuple[Event, ...]:
    """«Отозвать запрос»."""
    why = text_of(case.values, "reason") or "отозван тем, кто запросил"
    return (ev.RequestWithdrawn(id=_request(case).id, why=why),)


def link(case: Case) -> tuple[Event, ...]:
    """«Связать с документом»: this side of it; the use case writes the way back."""
    related = case.context.related
    if related is None:
        raise InvalidForm({"document": "«Документ»: укажите номер документа"})
    if related.uuid == case.document.uuid:
        raise InvalidForm({"document": "Документ нельзя связать с самим собой"})
    kind = text_of(case.values, "link")
    if kind in {"amends", "repeals"}:
        _refuse_superseding(case, related, LINKS[kind][0])
    if any(one.kind == kind and one.document == related.uuid for one in case.document.links):
        raise InvalidForm({"document": "Такая связь уже есть"})
    linked = tree_events.Linked(kind=kind, document=related.uuid, text=related.text)
    return (linked, *_answered_too(case, related)) if kind == REPLY_TO else (linked,)


def _answered_too(case: Case, related: Related) -> tuple[Event, ...]:
    """One letter answers several documents: its basis and card name all of them (R37); raises InvalidForm."""
    if case.document.signatures:
        raise InvalidForm({"link": "«Ответ на» указывают до подписи"})
    if not related.awaits_answer:
        said = f"на № {related.text} ответ готовит его ответственный исполнитель, когда документ исполнен"
        raise InvalidForm({"document": f"«Ответ на»: {said}"})
    added = {"basis": (related.basis, ", "), "reply_to": (related.text, ", ")}
    card: dict[str, CardValue] = {}
    for code, (text, glue) in added.items():
        if text and code in case.definition.card:
            card[code] = glue.join(part for part in (case.document.text(code), text) if part)
    return (ev.CardFilled(card=card),) if card else ()


def _refuse_superseding(case: Case, related: Related, label: str) -> None:
    """A directive repeals no decree, and nothing repeals what is not in force; raises InvalidForm."""
    if case.document.number is not None:
        raise InvalidForm({"link": f"«{label}» указывают в проекте, до подписи и регистрации"})
    if not related.in_force:
        said = f"документ № {related.text} не действует или отмене не подлежит"
        raise InvalidForm({"document": f"«{label}»: {said}"})
    if related.process not in case.definition.policies.supersedes:
        said = f"документ процесса «{related.process_label}» этим документом не отменяют и не изменяют"
        raise InvalidForm({"document": f"«{label}»: {said}"})


def follow(case: Case) -> tuple[Event, ...]:
    """«Подписаться на изменения»."""
    return (ev.Followed(on=True),)


def unfollow(case: Case) -> tuple[Event, ...]:
    """«Отписаться от изменений»."""
    return (ev.Followed(on=False),)
