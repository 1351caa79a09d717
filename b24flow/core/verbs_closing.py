"""Verbs that end a document or take it back: report, finish, reply, control, reopen, annul, correct."""

from __future__ import annotations

from b24flow.core import events as ev
from b24flow.core.calendar import fixed_term
from b24flow.core.definition import ActionKind, ProcessDefinition
from b24flow.core.document import WORKING, Assignment, CardValue, Document, Part
from b24flow.core.events import Event
from b24flow.core.forms import date_of, person_of, stops_of, text_of
from b24flow.core.russian import date_short
from b24flow.core.steps import asked_readers
from b24flow.core.tree import lead_leaf, open_others
from b24flow.core.verbs import Case, card_of
from b24flow.core.verbs_meeting import release_rest
from b24flow.core.verbs_resolution import refuse_letter_from_the_future
from b24flow.errors import InvalidForm, Refused


def report(case: Case) -> tuple[Event, ...]:
    """«Документ исполнен»: the branch is done; without any result it is refused (R32, R37)."""
    node = case.branch
    summary = text_of(case.values, "summary")
    files = case.files()
    if not (summary or files or node.results):
        raise InvalidForm({"summary": "Опишите результат или добавьте его к задаче"})
    events: list[Event] = list(case.files_added())
    if node.extension is not None:
        events.append(ev.ExtensionWithdrawn(assignment=node.id, why="документ исполнен"))
    events.append(ev.Reported(assignment=node.id, summary=summary or node.results[-1],
                              files=tuple(one.id for one in files)))
    lead = lead_leaf(case.document)
    if lead is not None and lead.id == node.id and case.values.get("release_others"):
        events += _release(open_others(case.document))
    return tuple(events)


def _release(others: tuple[Assignment, ...]) -> tuple[Event, ...]:
    if not others:
        return ()
    return (ev.OthersReleased(assignments=tuple(one.id for one in others)),)


def _released_others(case: Case) -> tuple[Event, ...]:
    """The lead ends for everybody: others must have reported, or be freed by him (domain A5)."""
    others = open_others(case.document)
    if others and not case.values.get("release_others"):
        names = ", ".join(case.context.directory.get(one.executor).name for one in others)
        raise InvalidForm({
            "release_others": f"Ещё не отчитались: {names}. Дождитесь их или снимите с исполнения"
        })
    return _release(others)


def finish(case: Case) -> tuple[Event, ...]:
    """«Завершить»: closed, or waiting for the controller when the document is on control."""
    return (*_released_others(case), *ending(case.document))


def ending(document: Document) -> tuple[Event, ...]:
    """Return how an executed document ends: through control, or at once."""
    if document.control.on and document.control.released_at is None:
        return (ev.ControlAwaited(),)
    return (ev.DocumentClosed(state="done"),)


def reply(case: Case) -> tuple[Event, ...]:
    """«Подготовить исходящий документ»: opens a linked draft, prefilled from this document (R37)."""
    document = case.document
    freed = _release(open_others(document)) if case.values.get("release_others") else ()
    number = document.number
    card: dict[str, CardValue] = {
        "title": f"Ответ: {document.text('title')}"[:500],
        "addressee": document.text("correspondent"),
        "addressees": document.text("correspondent"),
        "basis": reference_to(document),
        "reply_to": number.text if number is not None else "",
        "reply_kind": text_of(case.values, "reply_kind"),
        "route": "\n".join(f"{one.group}:{one.user or one.role}" for one in stops_of(case.values, "route")),
        "signer": person_of(case.values, "signer"),
    }
    return (*freed, ev.ReplyStarted(document=case.id("reply"), card=card))


def reference_to(document: Document) -> str:
    """Return how an answer refers to a letter: «на № … от …» in its sender's number, empty without one."""
    number, dated = document.text("foreign_number"), document.text("foreign_date")
    if not number:
        return ""
    return f"на № {number} от {_day(dated)}" if dated else f"на № {number}"


def _day(iso: str) -> str:
    return ".".join(reversed(iso.split("-")))


def answer_state(definition: ProcessDefinition, document: Document) -> str:
    """Return whether an outgoing document answers its incoming one: `sent`, `annulled`, or not yet.

    It does from the step that the process names (`policies.answered_at`), at the latest by its success.
    """
    if document.closure is not None:
        ended = definition.state(document.closure.state)
        return "sent" if ended.success else "annulled"
    reached = definition.policies.answered_at
    return "sent" if reached and document.step == reached else ""


def settle_reply(document: Document, state: str, number: str) -> tuple[Event, ...]:
    """Return what a sent or annulled answer does to the document it answers (domain §3.4, `reply`)."""
    settled = ev.ReplySettled(state=state, number=number)
    lead = lead_leaf(document)
    if state == "annulled" and lead is not None:
        return (settled, ev.ReworkOrdered(assignment=lead.id, reason="проект ответа аннулирован"))
    if open_others(document):
        return (settled,)
    return (settled, *ending(document))


def release(case: Case) -> tuple[Event, ...]:
    """«Снять с контроля»: the document closes."""
    return (
        ev.ControlReleased(comment=text_of(case.values, "comment")),
        ev.DocumentClosed(state="done"),
    )


def rework(case: Case) -> tuple[Event, ...]:
    """«Вернуть на доработку»: a reported point, else the leading assignment, is in work again."""
    node = case.node if isinstance(case.node, Assignment) else lead_leaf(case.document)
    if node is None:
        raise Refused("Нет исполнителя, которому можно вернуть документ.")
    return (ev.ReworkOrdered(assignment=node.id, reason=text_of(case.values, "reason")),)


def reopen(case: Case) -> tuple[Event, ...]:
    """«Вернуть в работу»: a new assignment for the previous executor or another one."""
    document = case.document
    executor = person_of(case.values, "executor") or _previous(document)
    if executor is None or not case.context.directory.active(executor):
        raise InvalidForm({"executor": "Выберите, кому вернуть документ"})
    day = date_of(case.values, "term")
    if day is not None and day < case.context.today:
        raise InvalidForm({"term": f"«Срок исполнения»: дата {date_short(day)} уже прошла"})
    note = ""
    if day is not None:
        note = fixed_term(day, case.context.calendar, "назначен при возврате в работу").explanation
    back = ev.Assignee(id=case.id("reopened", executor), executor=executor, part=Part.LEAD,
                       working=False, setter=case.principal, term=day, term_note=note)
    reason = text_of(case.values, "reason")
    return (
        ev.Reopened(reason=reason),
        ev.Assigned(parent=None, author=case.principal, text=reason, assignees=(back,),
                    calendar=case.context.calendar.version),
    )


def _previous(document: Document) -> int | None:
    lead = lead_leaf(document)
    if lead is not None:
        return lead.executor
    return document.assignments[-1].executor if document.assignments else None


def close(case: Case) -> tuple[Event, ...]:
    """Close the document in the state that the definition names, with the form kept on the card."""
    action = case.action
    _refuse_unfinished(case)
    codes = tuple(code for code in case.values if code not in {"reason", "comment"})
    card = card_of(case, codes)
    events: list[Event] = list(case.files_added())
    if card:
        before = {code: case.document.card.get(code) for code in card}
        events.append(ev.CardCorrected(before=before, after=card, reason=action.label))
    if case.definition.state(action.closes_as).success:
        events += release_rest(case.document, text_of(case.values, "comment"))
    events.append(ev.DocumentClosed(
        state=action.closes_as or action.next[0],
        reason=text_of(case.values, "reason") or text_of(case.values, "comment"),
        dated=date_of(case.values, "sent_on"),
    ))
    return tuple(events)


def _refuse_unfinished(case: Case) -> None:
    """Points wait for control, readers of the card for the document: it does not end behind their back."""
    document, action = case.document, case.action
    if not action.work or not case.definition.state(action.closes_as).success:
        return
    control = case.definition.action_of(ActionKind.CONTROL_POINTS)
    free = any(one.executor is not None and not one.assignment for one in document.points)
    if control is not None and document.step in control.states and free:
        raise Refused(f"Есть пункты с исполнителями: сначала «{control.label}».")
    wanted = document.card.get("readers")
    left = [
        case.context.directory.get(one.user).name for one in asked_readers(document)
        if isinstance(wanted, tuple) and one.user in wanted
    ]
    if left:
        raise Refused(f"Ещё не ознакомились: {', '.join(left)}.")


def ask_annulment(case: Case) -> tuple[Event, ...]:
    """«Аннулировать регистрацию»: the clerk asks, the head confirms."""
    return (ev.AnnulmentAsked(reason=text_of(case.values, "reason")),)


def confirm_annulment(case: Case) -> tuple[Event, ...]:
    """The registration is annulled; the number stays used, with its reason (R22)."""
    pending = case.document.annulment
    withdrawn = tuple(
        ev.ExtensionWithdrawn(assignment=one.id, why="регистрация аннулирована")
        for one in case.document.live()
        if one.state in WORKING and one.extension is not None
    )
    reason = pending.reason if pending is not None else ""
    return (*withdrawn, ev.DocumentClosed(state="annulled", reason=reason))


def deny_annulment(case: Case) -> tuple[Event, ...]:
    """The registration stays."""
    return (ev.AnnulmentDenied(reason=text_of(case.values, "reason")),)


def correct(case: Case) -> tuple[Event, ...]:
    """«Исправить карточку»: only fields that really differ, old values kept (R17)."""
    codes = tuple(code for code in case.values if code != "reason")
    given: dict[str, CardValue] = {**dict.fromkeys(_emptied(case, codes)), **card_of(case, codes)}
    changed = {
        code: value for code, value in given.items() if value != case.document.card.get(code)
    }
    refuse_letter_from_the_future(case)
    if not changed:
        raise Refused("Ничего не изменилось: исправьте хотя бы одно поле карточки.")
    before = {code: case.document.card.get(code) for code in changed}
    return (
        ev.CardCorrected(before=before, after=changed, reason=text_of(case.values, "reason")),
    )


def _emptied(case: Case, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields that were sent empty; a field that was not sent at all stays as it is.

    Raises InvalidForm for one that a registered document must have.
    """
    registration = case.definition.action_of(ActionKind.REGISTER)
    asked = registration.form if registration is not None else ()
    required = {one.field.code for one in asked if one.required}
    found = tuple(
        code for code in codes
        if code in case.command.form and case.values.get(code) is None
        and case.document.card.get(code) is not None
    )
    errors = {
        code: f"«{case.definition.fields[code].label}»: поле нельзя оставить пустым"
        for code in found if code in required
    }
    if errors:
        raise InvalidForm(errors)
    return found


def add_files(case: Case) -> tuple[Event, ...]:
    """«Добавить файл»: a new immutable edition beside the old ones."""
    return case.files_added()
