"""What people type to the bot: where a document is, what waits for them, help. Read only."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from b24flow.bot.answers import Answer
from b24flow.bot.events import BotEvent
from b24flow.core.numbering import normalise
from b24flow.core.russian import date_short, plural
from b24flow.errors import NotFound
from b24flow.services.cards import OPEN_DOCUMENT, document_link, fit, link_to
from b24flow.services.office import Office
from b24flow.services.views import DocumentView, HolderView, WorkView, document_view, my_work
from b24flow.store.queries import Filter, RegistryRow, find, registry
from b24flow.texts import GREETING, HELP, NO_WORK, NOT_FOUND

MATCHES, SHOWN = 5, 10
_WHERE = frozenset({"где", "where"})
_MINE = frozenset({"мои", "mine"})
_GREETINGS = frozenset({"привет", "здравствуйте", "здравствуй", "добрый", "доброе", "start"})
_MENTION = re.compile(r"\[USER=[^\]]*\][^\[]*\[/USER\]", re.IGNORECASE)
_MAX_ASKED = 200


def reply(office: Office, event: BotEvent, text: str) -> Answer:
    """Return the answer to a typed text; whatever is not understood is answered with help."""
    word, rest = _split(text)
    if word in _WHERE:
        return where(office, event.user, rest)
    if word in _MINE:
        return mine(office, event.user)
    if word in _GREETINGS:
        return welcome()
    return Answer(lines=HELP)


def welcome() -> Answer:
    """Return the first words of a conversation."""
    return Answer(lines=(GREETING, *HELP))


def mine(office: Office, user: int) -> Answer:
    """Return what waits for a person, the most urgent first, with a link to each document."""
    waiting = my_work(office, user)
    if not waiting:
        return Answer(lines=(NO_WORK,))
    now = office.clock.now()
    shown = waiting[:SHOWN]
    links = {
        one.uuid: (f"Открыть {one.number or 'без номера'}",
                   document_link(office, one.uuid, user, now))
        for one in shown
    }
    everything = ("Все мои документы", link_to(office, "/", user, now))
    count = len(waiting)
    title = f"Мои документы: {count} {plural(count, 'дело', 'дела', 'дел')}"
    lines = [_work_line(one) for one in shown]
    if count > SHOWN:
        lines.append(f"… и ещё {count - SHOWN}")
    return Answer(title=title, lines=tuple(lines), links=(*links.values(), everything))


def where(office: Office, user: int, asked: str) -> Answer:
    """Say where a document is: its step, who holds it since when, until when."""
    with office.database.reading() as unit:
        rows = find(unit, asked, MATCHES) if asked else []
        if not rows and asked:
            rows = _like(registry(unit, Filter(text=asked), limit=4 * MATCHES), asked)
    lines: list[str] = []
    links: list[tuple[str, str]] = []
    now = office.clock.now()
    for row in rows[:MATCHES]:
        try:
            view = document_view(office, row.uuid, user)
        except NotFound:
            continue
        lines += _where_lines(view, office)
        label = f"{OPEN_DOCUMENT} {view.number}".strip()
        links.append((label, document_link(office, view.uuid, user, now)))
    if not lines:
        return Answer(lines=(NOT_FOUND,))
    if len(rows) > MATCHES:
        lines.append(f"Показаны первые {MATCHES}: наберите номер точнее.")
    return Answer(title="Где документ", lines=tuple(lines), links=tuple(links))


def _like(rows: list[RegistryRow], asked: str) -> list[RegistryRow]:
    """Prefer «Вх-12/26» for «Вх-12» to «Вх-123/26» and to documents that only mention the number."""
    key = normalise(asked)
    exact = [
        row for row in rows if row.number is not None and key
        and re.match(re.escape(key) + r"(?!\d)", normalise(row.number))
    ]
    return exact or rows


def _where_lines(view: DocumentView, office: Office) -> list[str]:
    name = fit(f"{view.number or 'Без номера'} · {view.title}", 200)
    lines = [name, f"Состояние: {view.state.label}{_until(view.changed_term or view.term)}"]
    lines += [_holder_line(one, office) for one in view.holders[:MATCHES]]
    if len(view.holders) > MATCHES:
        lines.append(f"… и ещё {len(view.holders) - MATCHES}")
    return lines


def _holder_line(one: HolderView, office: Office) -> str:
    behalf = f" (за: {one.acting_for})" if one.acting_for else ""
    since = date_short(one.since.astimezone(office.zone).date())
    late = ", просрочено" if one.overdue else ""
    return f"У кого: {one.name}{behalf} — {one.part.lower()}, с {since}{_until(one.due)}{late}"


def _work_line(one: WorkView) -> str:
    behalf = f" (за: {one.acting_for})" if one.acting_for else ""
    late = ", просрочено" if one.overdue else ""
    head = f"{one.number or 'Без номера'} · {one.state}{behalf}{_until(one.due)}{late}"
    return fit(f"{head}: {one.title}", 300)


def _until(day: date | None) -> str:
    return f", срок {date_short(day)}" if day is not None else ""


def _split(text: str) -> tuple[str, str]:
    """Return the first word in its plain form and the rest, without what cannot be searched for."""
    visible = "".join(
        " " if unicodedata.category(char)[0] in "CZ" else char
        for char in _MENTION.sub(" ", text)
    )
    first, _, rest = visible.strip().removeprefix("/").partition(" ")
    return first.casefold().strip(".,!?:;«»\""), rest.strip(" .,!?;«»\"")[:_MAX_ASKED]
