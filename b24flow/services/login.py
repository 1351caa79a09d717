"""Getting in without a password of ours: a page asks, the person confirms in the portal's chat.

Whoever asks learns nothing about who works here: the answer, its timing and the course of the request are
the same for a person who does not exist. The database keeps only the hash of the token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hmac import compare_digest

from b24flow.core.people import Directory
from b24flow.core.russian import datetime_short
from b24flow.ids import new_secret
from b24flow.services.cards import fit
from b24flow.services.office import Office
from b24flow.store import logins, outbox
from b24flow.store.engine import Unit, retrying
from b24flow.texts import NOT_YOURS

LIFE = timedelta(minutes=10)
PER_HOUR = 5
"""Requests per person and hour that reach his chat: more would teach him to press without reading."""

NOBODY = 0
NOBODY_PER_HOUR = 500
ANSWER = (
    "Если такой сотрудник есть, ему отправлено сообщение в чат с ботом «Документооборот». "
    "Откройте его и нажмите «Это я». Запрос действует 10 минут."
)
YES, NO = "login", "login-no"
_PARAMS = re.compile(r"(?:login|login-no) ([0-9]{1,15})\.([0-9]{1,12}) ([A-Za-z0-9_-]{22})")


class LoginState(StrEnum):
    """Where a request is; `UNKNOWN` also stands for tokens that were pruned."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginStart:
    """A begun login: the secret token for the asking page, and what the page says."""

    token: str
    text: str


def request_login(office: Office, who: str, address: str) -> LoginStart:
    """Begin a login of `who`: an e-mail, a portal user id or a full name.

    `address` is where the request comes from; the person sees it. The answer is the same whether or
    not there is such a person.
    """
    token = new_secret()

    def attempt(unit: Unit) -> None:
        now = office.clock.now()
        user = _who(office.people.directory(unit), who)
        hour_ago = now - timedelta(hours=1)
        if user != NOBODY and logins.asked_since(unit, user, hour_ago) >= PER_HOUR:
            user = NOBODY
        if user == NOBODY and logins.asked_since(unit, NOBODY, hour_ago) >= NOBODY_PER_HOUR:
            return
        # A request for nobody is stored too: it waits and expires like any other.
        details = {"address": fit(_visible(address), 100)}
        request = logins.ask(unit, token, user, now, LIFE.total_seconds(), details=details)
        if user != NOBODY:
            asked_at = int(now.timestamp())
            payload = _question(office, request, asked_at, user, details["address"])
            outbox.enqueue(unit, f"login:{office.install}:{request}:{asked_at}", "message",
                           payload, now, recipient=user)

    retrying(office.database, attempt)
    return LoginStart(token=token, text=ANSWER)


def login_state(office: Office, token: str) -> LoginState:
    """Tell where a request is; changes nothing."""
    with office.database.reading() as unit:
        found = logins.find(unit, _ascii(token))
    if found is None:
        return LoginState.UNKNOWN
    if found.used_at is not None:
        return LoginState.DENIED if found.confirmed_at is None else LoginState.USED
    if office.clock.now() >= found.expires_at:
        return LoginState.EXPIRED
    return LoginState.WAITING if found.confirmed_at is None else LoginState.CONFIRMED


def finish_login(office: Office, token: str) -> int | None:
    """Use up a confirmed token and return whose it is; None at any other time and for the dismissed."""

    def attempt(unit: Unit) -> int | None:
        user = logins.redeem(unit, _ascii(token), office.clock.now())
        if user is None or not office.people.directory(unit).active(user):
            return None
        return user

    return retrying(office.database, attempt)


def confirm_login(office: Office, user: int, params: str, yes: bool) -> str:
    """Take the answer of `user` from the chat and return what to tell him.

    Only the person himself with the proof from his own message is heard; denying works until the
    token is used up, even after a confirmation.
    """
    found = _PARAMS.fullmatch(params)
    if found is None:
        return NOT_YOURS
    request, asked_at = int(found[1]), int(found[2])
    if not compare_digest(_proof(office, request, asked_at, user, YES if yes else NO), found[3]):
        return NOT_YOURS

    def attempt(unit: Unit) -> bool:
        now = office.clock.now()
        if now.timestamp() >= asked_at + LIFE.total_seconds():
            # Later the database may have given the id to another request.
            return False
        change = logins.confirm if yes else logins.deny
        return change(unit, request, user, now)

    if not retrying(office.database, attempt):
        return "Запрос на вход уже закрыт или его время вышло. Если нужно, запросите вход ещё раз."
    if yes:
        return "Вход подтверждён: вернитесь на страницу, она откроется сама."
    return "Вход запрещён. Если это повторится, сообщите администратору портала."


def _question(
    office: Office, request: int, asked_at: int, user: int, address: str
) -> dict[str, object]:
    at = datetime_short(office.clock.now(), office.zone)
    return {
        "recipient": user, "title": "Вход в документооборот",
        "lines": [
            f"Запрошен вход под вашим именем: {at}, адрес {address or 'неизвестен'}.",
            "Если это не вы, нажмите «Это не я». Запрос действует 10 минут.",
        ],
        "buttons": [
            {"label": "Это я", "style": "primary",
             "command": _params(office, request, asked_at, user, YES)},
            {"label": "Это не я", "style": "danger",
             "command": _params(office, request, asked_at, user, NO)},
        ],
    }


def _params(office: Office, request: int, asked_at: int, user: int, answer: str) -> str:
    proof = _proof(office, request, asked_at, user, answer)
    return f"{answer} {request}.{asked_at} {proof}"


def _proof(office: Office, request: int, asked_at: int, user: int, answer: str) -> str:
    return office.tickets.nonce("login", request, asked_at, user, answer)


def _who(directory: Directory, who: str) -> int:
    """Return the one active person meant, NOBODY when there is none or more than one."""
    wanted = _folded(who[:300])
    if not wanted:
        return NOBODY
    if re.fullmatch(r"[0-9]{1,9}", wanted):
        return int(wanted) if directory.active(int(wanted)) else NOBODY
    found = [
        one.id for one in directory.employees.values()
        if one.active and wanted in {_folded(one.email), _folded(one.full_name)}
    ]
    return found[0] if len(found) == 1 else NOBODY


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").split())


def _visible(text: str) -> str:
    return "".join(char for char in text[:300] if char.isprintable())


def _ascii(token: str) -> str:
    """Return a token that can be hashed: ours are ASCII, anything else is nobody's."""
    return token if token.isascii() else ""
