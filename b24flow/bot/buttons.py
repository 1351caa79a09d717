"""A pressed button: proven by sender, state and nonce, then the same use case as on the page.

The text of a button can be typed by anybody. It counts only from the person on whose card it stood, for
an action that stood there, and it acts only while that card is the present one; the rights themselves are
asked by the use case again. A visa or a signature says which edition of the draft its card showed: a newer
one is never approved unseen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hmac import compare_digest

from b24flow.bot.answers import Answer
from b24flow.bot.events import BotEvent
from b24flow.core.access import already_done, mark_text
from b24flow.core.commands import Command
from b24flow.core.definition import Action
from b24flow.core.document import Mark
from b24flow.core.steps import BINDING, draft_hash
from b24flow.errors import InvalidForm, Refused
from b24flow.ids import derived_id
from b24flow.services.act import act
from b24flow.services.cards import (
    OPEN_DOCUMENT,
    action_link,
    button_nonce,
    card_key,
    changes_link,
    document_link,
    number_of,
)
from b24flow.services.office import Office
from b24flow.store import documents, journal, work
from b24flow.store.documents import StoredDocument
from b24flow.store.engine import Unit
from b24flow.store.work import WorkRow
from b24flow.texts import NEEDS_PAGE, NOT_A_BUTTON, NOT_YOURS, STALE, WHAT_CHANGED

_PARAMS = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) "
                     r"([a-z][a-z0-9_]{0,60}) ([A-Za-z0-9_-]{22})(?: ([0-9a-f]{64}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Press:
    """A button that really stood on a card of this person; `live`: the card is the present one.

    `seen` is the edition of the draft that the card showed, empty where that does not matter.
    """

    uuid: str
    number: str
    action: Action
    nonce: str
    row: WorkRow
    live: bool
    done: str
    seen: str

    @property
    def command_id(self) -> str:
        """The same for every press of this button, however often it is delivered."""
        return derived_id("bot", self.nonce)


def press(office: Office, event: BotEvent) -> Answer:
    """Do what a button says and return the answer; a refusal changes nothing and is said in words."""
    found = _PARAMS.fullmatch(event.params)
    if found is None:
        return Answer(lines=(NOT_A_BUTTON,))
    with office.database.reading() as unit:
        pressed = _find(office, unit, event.user, found)
    if pressed is None:
        return Answer(lines=(NOT_YOURS,))
    if not pressed.live:
        return _with_page(office, event, pressed, pressed.done or STALE)
    if pressed.action.needs_form:
        return _with_form(office, pressed, NEEDS_PAGE)
    command = Command(id=pressed.command_id, action=pressed.action.code, actor=event.user,
                      target=pressed.row.item.target, form={"seen": pressed.seen} if pressed.seen else {})
    try:
        text = act(office, pressed.uuid, command).text
    except InvalidForm as error:
        return _with_form(office, pressed, error.text)
    except Refused as error:
        text = error.text
    return _with_page(office, event, pressed, text)


def _find(
    office: Office, unit: Unit, user: int, said: re.Match[str]
) -> _Press | None:
    """Return the press if that button ever stood on a card of `user`."""
    uuid, code, nonce, seen = said[1], said[2], said[3], said[4] or ""
    stored = documents.load(unit, uuid, lock=False)
    if stored is None:
        return None
    action = office.definition_of(stored.document).action(code)
    mine = [row for row in work.ledger(unit, stored.id) if row.item.user == user]
    row = next((one for one in reversed(mine) if _proves(office, said, one)), None)
    if action is None or row is None:
        return None
    # A card of the time before editions were named: nobody knows which one it showed.
    unnamed = action.kind in BINDING and not seen and draft_hash(stored.document)
    live = row.closed_at is None and code in row.item.actions and not unnamed
    done = "" if live else _done(office, unit, stored, row, derived_id("bot", nonce))
    return _Press(uuid=uuid, number=number_of(stored.document), action=action, nonce=nonce,
                  row=row, live=live, done=done, seen=seen)


def _proves(office: Office, said: re.Match[str], row: WorkRow) -> bool:
    """Tell whether the button stood on the card of this row, with the edition that it names."""
    key = card_key(row.item, row.opened_at)
    return compare_digest(button_nonce(office, said[1], key, said[2], said[4] or ""), said[3])


def _done(
    office: Office, unit: Unit, stored: StoredDocument, row: WorkRow, command_id: str
) -> str:
    """Say what happened since the card was shown: by this very button, or the last thing done."""
    context = office.context(unit)
    mine = journal.command_result(unit, command_id)
    if mine is not None:
        mark = Mark(label=mine.label, by=mine.actor, acting_for=mine.acting_for, at=mine.at)
        return f"Уже выполнено: {mark_text(mark, context)}."
    if row.closed_at is None:
        return ""
    document = stored.document
    return already_done(document, document.find(row.item.target), context)


def _with_page(office: Office, event: BotEvent, pressed: _Press, text: str) -> Answer:
    now = office.clock.now()
    page = (OPEN_DOCUMENT, document_link(office, pressed.uuid, event.user, now))
    with office.database.reading() as unit:
        stored = documents.load(unit, pressed.uuid, lock=False)
    changes = ""
    if stored is not None and pressed.seen:
        changes = changes_link(office, stored.document, pressed.seen, event.user, now)
    links = ((WHAT_CHANGED, changes), page) if changes else (page,)
    return Answer(title=pressed.number, lines=(text,), links=links)


def _with_form(office: Office, pressed: _Press, text: str) -> Answer:
    link = action_link(office, pressed.uuid, pressed.action.code, pressed.row.item,
                       office.clock.now())
    return Answer(title=pressed.number, lines=(text,), links=((pressed.action.label, link),))
