"""One poll tick: what people did in the portal becomes facts, commands, or is put back.

Read first, then everything in transactions of ours. Own writes come back as well and are recognised by
their state; a repeated window has no second effect (architecture §6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.events import Event, ResultReceived
from b24flow.core.facts import (
    LABELS,
    DeadlineMovedInPortal,
    Fact,
    ResultInPortal,
    TaskClosedInPortal,
    TaskDelegatedInPortal,
    believe,
    waits,
)
from b24flow.core.projection import Portal, Seen, SeenItem, SeenTask, TaskHistory
from b24flow.errors import B24FlowError, Conflict, PortalBlocked
from b24flow.failpoints import failpoint
from b24flow.ids import derived_id
from b24flow.log import get_logger
from b24flow.services.act import apply_events
from b24flow.services.office import Office
from b24flow.store import cursors, documents, inbox, incidents, journal, objects, outbox
from b24flow.store.engine import Unit, retrying
from b24flow.store.objects import Confirmation, PortalObject

log = get_logger(__name__)

CURSOR = "poll"
OWN = "b24flow:"
BLOCKED = "portal.blocked:poll"
PATIENCE = timedelta(minutes=30)
_ENTITLED = ("возвращено. Срок меняет тот, кто дал поручение, исполнителя — он же или сам исполнитель; "
             "о продлении просят в карточке")
_NOTES = {
    "deadline": f"В задаче изменён срок: {_ENTITLED}",
    "responsible": f"В задаче изменён исполнитель: {_ENTITLED}",
    "done": "Задачу завершил не исполнитель и не тот, кто дал поручение: она возобновлена",
    "title": "Название задачи изменено вручную и возвращено: оно повторяет карточку документа",
    "creator": "Постановщик задачи изменён вручную и возвращён: им остаётся тот, кто дал поручение",
    "open": "Задача возобновлена в портале и завершена снова. Документ возвращают в работу в его карточке",
}
"""What is said of a change that was put back, the weightiest first."""
_CHANGES: Mapping[type[Fact], str] = {
    TaskClosedInPortal: "open", ResultInPortal: "", TaskDelegatedInPortal: "responsible",
    DeadlineMovedInPortal: "deadline",
}
"""What each fact changes in a task."""


@dataclass(slots=True, kw_only=True)
class Tick:
    """What a poll tick found and did."""

    items: int = 0
    tasks: int = 0
    events: int = 0
    facts: int = 0
    put_back: int = 0
    ignored: int = 0
    errors: list[str] = field(default_factory=list)


BotHandler = Callable[[Office, Mapping[str, Any]], None]


def tick(office: Office, portal: Portal, handle: BotHandler) -> Tick:
    """Poll once and deal with everything that came; raises PortalError when reading failed."""
    with office.database.reading() as unit:
        place = cursors.get(unit, CURSOR, {})
        was_blocked = incidents.is_open(unit, BLOCKED)
    since = place.get("since") or office.clock.now().isoformat(timespec="seconds")
    try:
        seen = portal.poll(since, place.get("offset"))
    except PortalBlocked as error:
        text = f"Портал не даёт себя читать: {error.text}"
        now = office.clock.now()
        retrying(office.database, lambda unit: incidents.open(unit, BLOCKED, "portal", text, now))
        raise
    if was_blocked:
        retrying(office.database, lambda unit: incidents.close(
            unit, BLOCKED, office.clock.now(), resolution="Портал снова принимает вызовы"))
    failpoint("poll.after_read")
    done = Tick(events=len(seen.bot_events))
    own = _own(office, seen)
    drifted = _drifted(own, done)
    changed = [task for task in drifted if isinstance(task[0], SeenTask)]
    histories = portal.histories([task.portal_id for task, _ in changed]) if changed else {}
    for one, known in drifted:
        if isinstance(one, SeenItem):
            _item(office, one, known, done)
        elif one.portal_id in histories:
            _task(office, one, known, histories[one.portal_id], seen.now, done)
        else:
            done.ignored += 1
    fresh = {"since": _begin(since, seen, own), "offset": seen.offset}
    if fresh != place:
        retrying(office.database, lambda unit: _accept(office, unit, seen, fresh))
    failpoint("poll.after_commit")
    _answer_bot(office, handle)
    return done


def _own(office: Office, seen: Seen) -> list[tuple[SeenItem | SeenTask, PortalObject | None]]:
    """Return what carries our key with what we know of it; a number of ours that a foreign thing
    holds by now is lost (reference reliability.md, fault 50: the portal went back in time)."""
    found: list[tuple[SeenItem | SeenTask, PortalObject | None]] = []
    stolen: list[PortalObject] = []
    registries: dict[str, list[SeenItem]] = {}
    for item in seen.items:
        registries.setdefault(item.process, []).append(item)
    kinds: list[tuple[str, str, Sequence[SeenItem | SeenTask]]] = [
        *(("item", process, rows) for process, rows in registries.items()), ("task", "", seen.tasks),
    ]
    for kind, process, rows in kinds:
        if not rows:
            continue
        with office.database.reading() as unit:
            known = objects.by_portal(unit, kind, [one.portal_id for one in rows], process)
        for one in rows:
            present = known.get(one.portal_id)
            if present is not None and _foreign(office, one, present):
                stolen += [present] if present.state != "lost" else []
            elif one.xml_id.startswith(f"{OWN}{office.install}:"):
                found.append((one, present))
    if stolen:
        retrying(office.database, lambda unit: _stolen(unit, stolen, office.clock.now()))
    return found


def _foreign(office: Office, one: SeenItem | SeenTask, known: PortalObject) -> bool:
    """Tell a thing that only has the number of ours. A task without a key is judged by its title too:
    the documentation does not promise that the key of a task can be read."""
    own = f"{OWN}{office.install}:"
    if isinstance(one, SeenItem):
        return not one.xml_id.startswith(own)
    if not one.xml_id:
        return bool(one.fields["title"] != known.fields.get("title"))
    return one.xml_id != own + known.key.removeprefix("task:")


def _stolen(unit: Unit, stolen: Sequence[PortalObject], now: datetime) -> None:
    objects.mark(unit, [(one.document_id, one.key) for one in stolen], "lost")
    for one in stolen:
        incidents.open(
            unit, f"lost:{one.document_id}:{one.key}", "lost",
            f"Под номером {one.portal_id} в портале теперь чужой объект: похоже, портал восстановлен из "
            "резервной копии. Объект документа больше не изменяется", now,
            document_id=one.document_id, details={"key": one.key, "portal_id": one.portal_id},
        )


def _begin(
    since: str, seen: Seen, own: Sequence[tuple[SeenItem | SeenTask, PortalObject | None]]
) -> str:
    """Return where the next window begins. What changed while our own write of it has no answer yet is
    read again once that is known, within `PATIENCE`: otherwise what a person did would go unnoticed."""
    begin = seen.since or since
    if not seen.now or all(one is not None and one.state in {"confirmed", "lost"} for _, one in own):
        return begin
    oldest = (datetime.fromisoformat(seen.now) - PATIENCE).isoformat(timespec="seconds")
    held = max(since, oldest, key=datetime.fromisoformat)
    return min(begin, held, key=datetime.fromisoformat)


def _drifted(
    own: Sequence[tuple[SeenItem | SeenTask, PortalObject | None]], done: Tick
) -> list[tuple[SeenItem | SeenTask, PortalObject]]:
    """Return our objects whose state in the portal is not the one we confirmed."""
    found: list[tuple[SeenItem | SeenTask, PortalObject]] = []
    for one, present in own:
        if present is None or present.state != "confirmed":
            continue
        if _differs(one, present) or (isinstance(one, SeenTask) and _unexamined(one, present)):
            found.append((one, present))
    done.items = sum(1 for one, _ in found if isinstance(one, SeenItem))
    done.tasks = len(found) - done.items
    return found


def _differs(one: SeenItem | SeenTask, known: PortalObject) -> bool:
    return any(known.fields[name] != value for name, value in one.fields.items()
               if name in known.fields)


def _unexamined(one: SeenTask, known: PortalObject) -> bool:
    """A result changes nothing but the stamp, and stamps have whole seconds: look again unless the
    last look came in a later second."""
    examined = known.fields.get("examined")
    if not examined or not one.stamp:
        return True
    return datetime.fromisoformat(one.stamp) >= datetime.fromisoformat(str(examined))


def _item(office: Office, one: SeenItem, known: PortalObject, done: Tick) -> None:
    """A field of ours edited by hand is put back, with a note in the card's timeline."""
    names = [name for name, value in one.fields.items()
             if name in known.fields and known.fields[name] != value]

    def write(unit: Unit) -> None:
        now = office.clock.now()
        stored = documents.by_id(unit, known.document_id)
        _observe(unit, known, {**known.fields, **one.fields}, now)
        outbox.want_projection(unit, known.document_id, stored.document.version, now)
        definition = office.definition_of(stored.document)
        _comment(unit, office, known, stored.document, one.stamp,
                 f"Изменено вручную и возвращено системой документооборота: "
                 f"{_labels(definition, names)}. Данные документа меняются в его карточке: "
                 f"{office.document_url(stored.document.uuid)}", now)

    retrying(office.database, write)
    done.put_back += 1


def _labels(definition: ProcessDefinition, names: Sequence[str]) -> str:
    labels = {"title": "название", "stageId": "стадия", "assignedById": "ответственный"}
    columns = definition.registry.fields if definition.registry is not None else ()
    for name in names:
        if name not in labels:
            flat = name.lower().replace("_", "")
            label = next((one.label for one in columns
                          if flat.endswith(one.code.lower().replace("_", ""))), name)
            labels[name] = f"«{label}»"
    return ", ".join(labels[name] for name in names)


def _task(
    office: Office, one: SeenTask, known: PortalObject, history: TaskHistory, now_there: str,
    done: Tick,
) -> None:
    """Turn what people did with a task into facts; what was not believed is put back."""
    task = known.key.removeprefix("task:")
    recorded: set[str] = set()
    for fact, stamp in _facts(task, one, known, history):
        if _apply_fact(office, known, fact, stamp):
            recorded.add(_CHANGES[type(fact)])
    differs = {name for name, value in one.fields.items()
               if name in known.fields and known.fields[name] != value}

    def write(unit: Unit) -> set[str]:
        now = office.clock.now()
        stored = documents.by_id(unit, known.document_id)
        returned = differs - recorded
        if "open" in returned and not one.fields["open"]:
            returned = returned - {"open"} | ({"done"} if waits(stored.document, task) else set())
        _observe(unit, known, {**one.fields, "examined": now_there}, now)
        if differs:
            outbox.want_projection(unit, known.document_id, stored.document.version, now)
        note = next((text for name, text in _NOTES.items() if name in returned), "")
        if note:
            _comment(unit, office, known, stored.document, one.stamp,
                     f"{note}: {office.document_url(stored.document.uuid)}", now)

        return returned

    returned = retrying(office.database, write)
    done.facts += bool(recorded)
    done.put_back += bool(returned)


def _facts(
    task: str, one: SeenTask, known: PortalObject, history: TaskHistory
) -> list[tuple[Fact, str]]:
    facts: list[tuple[Fact, str]] = [
        (ResultInPortal(task=task, by=by, key=key, text=text), f"result:{key}")
        for key, by, text in history.results if text
    ]
    before, after = known.fields, one.fields
    if after["responsible"] != before.get("responsible") and history.responsible_by:
        facts.append((TaskDelegatedInPortal(task=task, by=history.responsible_by,
                                            to=after["responsible"]), one.stamp))
    if after["deadline"] != before.get("deadline") and history.deadline_by and after["deadline"]:
        day = datetime.fromisoformat(after["deadline"]).date()
        facts.append((DeadlineMovedInPortal(task=task, by=history.deadline_by, day=day),
                      one.stamp))
    if not after["open"] and before.get("open", True):
        facts.append((TaskClosedInPortal(task=task, by=one.closed_by), one.stamp))
    return facts


def _apply_fact(office: Office, known: PortalObject, fact: Fact, stamp: str) -> bool:
    with office.database.reading() as unit:
        uuid = documents.by_id(unit, known.document_id).document.uuid
        seen = {
            line.payload.get("key") for line in journal.history(unit, uuid)
            if line.type == ResultReceived.__name__
        }
    if isinstance(fact, ResultInPortal) and fact.key in seen:
        return False

    def produce(
        definition: ProcessDefinition, document: Document, context: Context
    ) -> Sequence[Event]:
        return believe(definition, document, fact, context)

    command = derived_id("fact", known.key, type(fact).__name__, stamp, _value(fact))
    acted = apply_events(office, uuid, command, LABELS[type(fact)], fact.by, produce)
    return acted is not None


def _value(fact: Fact) -> str:
    if isinstance(fact, DeadlineMovedInPortal):
        return fact.day.isoformat()
    if isinstance(fact, TaskDelegatedInPortal):
        return str(fact.to)
    return fact.key if isinstance(fact, ResultInPortal) else ""


def _observe(unit: Unit, known: PortalObject, fields: Mapping[str, Any], now: datetime) -> None:
    """Note what the portal really holds, so that the next plan sees the difference."""
    objects.confirm(unit, [Confirmation(document_id=known.document_id, key=known.key,
                                        portal_id=known.portal_id or "", fields=fields)], now)


def _comment(
    unit: Unit, office: Office, known: PortalObject, document: Document, stamp: str, text: str,
    now: datetime,
) -> None:
    key = f"comment:{document.uuid}:{known.key}:{stamp}"
    outbox.enqueue(unit, key, "comment", {"process": document.process, "text": text}, now,
                   document_id=known.document_id)


def _accept(office: Office, unit: Unit, seen: Seen, place: Mapping[str, Any]) -> None:
    now = office.clock.now()
    for event in seen.bot_events:
        key = f"bot:{office.install}:{event.get('eventId')}"
        inbox.accept(unit, key, "bot", event, now)
    cursors.put(unit, CURSOR, dict(place), now)
    failpoint("poll.before_commit")


def _answer_bot(office: Office, handle: BotHandler) -> None:
    """Deal with stored bot events in order; each is finished only after its use case committed."""
    while True:
        with office.database.reading() as unit:
            waiting = inbox.pending(unit)
        if not waiting:
            return
        for row in waiting:
            result = _handled(office, handle, row)
            with office.database.transaction() as unit:
                inbox.finish(unit, row.id, result, office.clock.now())


def _handled(office: Office, handle: BotHandler, row: inbox.InboxRow) -> str:
    """Deal with one event; one that cannot be dealt with must not stop the ones behind it."""
    try:
        handle(office, row.payload)
    except Conflict:
        raise
    except (B24FlowError, ValueError) as error:
        with office.database.transaction() as unit:
            incidents.open(unit, f"bot:{row.key}", "bot", f"Сообщение боту не обработано: {error}",
                           office.clock.now(), details={"inbox": row.id})
        log.warning("bot_event_failed", inbox_id=row.id, error=type(error).__name__)
        return "failed"
    return "done"


