"""Verbs after the signature: send to each addressee, take answers, acquaint people (R9, R40, §3.5, §3.7)."""

from __future__ import annotations

from dataclasses import replace

from b24flow.core import events as tree_events
from b24flow.core import events_steps as ev
from b24flow.core.document import Document
from b24flow.core.events import Event
from b24flow.core.forms import date_of, people_of, text_of
from b24flow.core.parts import Delivery, Reader
from b24flow.core.russian import date_short
from b24flow.core.steps import (
    DRAFT_PART,
    asked_readers,
    draft_hash,
    on_the_sheet,
    seen_edition,
    waiting_deliveries,
)
from b24flow.core.verbs import Case, card_of
from b24flow.errors import InvalidForm, Refused


def dispatch(case: Case) -> tuple[Event, ...]:
    """«Отправлено»: one addressee, or all to whom it was not sent yet."""
    document = case.document
    waiting = (case.node,) if isinstance(case.node, Delivery) else waiting_deliveries(document)
    if not waiting:
        raise Refused("Документ уже отправлен всем адресатам.")
    sent_on = date_of(case.values, "sent_on")
    assert sent_on is not None, "the form requires a date"
    if document.number is not None and sent_on < document.number.dated:
        day = date_short(document.number.dated)
        raise InvalidForm({"sent_on": f"«Дата отправки»: документ зарегистрирован позже, {day}"})
    card = card_of(case, case.definition.card)
    kept = {code: value for code, value in card.items() if value != document.card.get(code)}
    return (
        *case.files_added(), *((ev.CardFilled(card=kept),) if kept else ()),
        ev.Dispatched(ids=tuple(one.id for one in waiting), method=text_of(case.values, "method"),
                      sent_on=sent_on, tracking=text_of(case.values, "tracking")),
    )


def _delivery(case: Case) -> Delivery:
    assert isinstance(case.node, Delivery), "the action is about one addressee"
    return case.node


def delivery_failed(case: Case) -> tuple[Event, ...]:
    """«Не доставлено»: the document waits to be sent to this addressee again.

    Post comes back weeks later: a document that had ended is open again until it is sent, because an
    ended one has no holder who would send it. What it answered stays answered.
    """
    reason = text_of(case.values, "reason")
    failed = ev.DeliveryFailed(id=_delivery(case).id, reason=reason)
    moved = (ev.Moved(step=case.action.next[0]),) if case.action.next else ()
    if case.document.closure is not None:
        return (tree_events.Reopened(reason=reason), failed, *moved)
    return (failed, *moved)


def answered(case: Case) -> tuple[Event, ...]:
    """«Ответ получен»: also after the end, which it does not undo."""
    return (ev.AnswerReceived(id=_delivery(case).id, text=text_of(case.values, "text")),)


def planned(document: Document, names: tuple[str, ...], key: str) -> ev.DispatchPlanned:
    """Return the event that makes a line of dispatch for every addressee."""
    return ev.DispatchPlanned(addressees=tuple(
        ev.Addressee(id=f"{key}:{number}", name=name) for number, name in enumerate(names, 1)
    ))


def ask_readers(case: Case) -> tuple[Event, ...]:
    """«Ознакомить»: whoever stands on the sheet already is not asked twice."""
    there = {one.user for one in case.document.readers if one.state in {"asked", "read"}}
    present = on_the_sheet(case.document) & there
    people = [one for one in people_of(case.values, "readers") if one not in present]
    if not people:
        raise InvalidForm({"readers": "Все выбранные уже в листе ознакомления"})
    day = date_of(case.values, "read_by")
    if day is not None and day < case.context.today:
        raise InvalidForm({"read_by": f"«Ознакомиться до»: дата {date_short(day)} уже прошла"})
    return (ev.ReadersAsked(
        readers=tuple(ev.Reading(id=case.id("reader", one), user=one) for one in people), term=day,
        calendar=case.context.calendar.version,
    ),)


def _line(case: Case, user: int | None) -> Reader:
    found = next((one for one in asked_readers(case.document) if one.user == user), None)
    if found is None:
        raise Refused("Вашего ознакомления не ждут: обновите страницу.")
    return found


def read(case: Case) -> tuple[Event, ...]:
    """«Ознакомлен»."""
    line = _line(case, case.principal)
    seen = seen_edition(case.document, case.command.form)
    return (ev.ReadingDone(id=line.id, state="read", sha256=seen, reason=text_of(case.values, "comment")),)


def refuse_reading(case: Case) -> tuple[Event, ...]:
    """«Отказ от ознакомления»: the clerk records the act of a reader who refused."""
    reader = case.values.get("reader")
    found = next((one for one in asked_readers(case.document) if one.user == reader), None)
    if found is None:
        raise InvalidForm({"reader": "Этого сотрудника нет среди тех, кто должен ознакомиться"})
    return (
        *case.files_added(),
        ev.ReadingDone(id=found.id, state="refused", reason=text_of(case.values, "reason")),
    )


def replace_text(case: Case) -> tuple[Event, ...]:
    """«Заменить текст»: a new edition of what is being read; whoever read the old one reads again (R40).

    The signature and the lines of the sheet stay with the edition they were given to.
    """
    before = sum(1 for one in case.document.files if one.part == DRAFT_PART)
    files = tuple(
        replace(one, part=DRAFT_PART, edition=before + number)
        for number, one in enumerate(case.files("new_text"), 1)
    )
    new = files[-1].sha256
    if new == draft_hash(case.document):
        raise InvalidForm({"new_text": "«Новая редакция»: приложена та же редакция"})
    keep = bool(case.values.get("keep_readings"))
    if keep and case.definition.policies.reread == "always":
        raise InvalidForm({"keep_readings": "В этом процессе с новым текстом всегда знакомят заново"})
    added = tree_events.FilesAdded(files=files, reason=text_of(case.values, "reason"))
    again = () if keep else _read_before(case, new)
    if not again:
        return (added,)
    return (added, ev.ReadersAsked(readers=again))


def _read_before(case: Case, sha256: str) -> tuple[ev.Reading, ...]:
    """Return new lines for everybody who still works here and whose last reading was of another edition."""
    last = {one.user: one for one in case.document.readers}
    return tuple(
        ev.Reading(id=case.id("reread", user), user=user) for user, one in last.items()
        if one.state == "read" and one.sha256 != sha256 and case.context.directory.active(user)
    )
