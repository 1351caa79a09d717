"""The routes of the other four processes, and what people do beside them, as scripts over a town.

Every command has an id of its own and every file a text of its own, so two runs make the same documents.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from b24flow.core.document import FileRef
from b24flow.ids import derived_id
from tests.town import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, OFFICE_HEAD, SPECIALIST, Town

ORG, WAGES = 8, 9
REASON = "не все регионы ответили"


@dataclass
class Hand:
    """Whoever presses the buttons of one document; after every press the portal may catch up."""

    place: Town
    name: str
    catch_up: Callable[[], None]
    uuid: str = ""
    pressed: list[str] = field(default_factory=list)

    def begin(self, process: str, user: int, action: str, *files: FileRef, **form: Any) -> Hand:
        made = self.place.begin(process, user, action, *files, command=self._command(action), **form)
        self.uuid = made.uuid
        self.catch_up()
        return self

    def press(self, user: int, action: str, *files: FileRef, **form: Any) -> None:
        self.place.press(self.uuid, user, action, *files, command=self._command(action), **form)
        self.catch_up()

    def other(self, uuid: str) -> Hand:
        """Return the hand on another document of the same play."""
        return Hand(self.place, f"{self.name}-{len(self.pressed)}", self.catch_up, uuid)

    def draft(self, user: int, edition: str = "первая") -> FileRef:
        return self.place.draft(user, f"{self.name}, {edition} редакция")

    def branch(self, user: int) -> str:
        return next(one.id for one in self.place.document(self.uuid).assignments if one.executor == user)

    def _command(self, action: str) -> str:
        self.pressed.append(action)
        return derived_id("play", self.name, len(self.pressed), action)


def points(*rows: tuple[str, int, str]) -> tuple[str, ...]:
    return tuple(json.dumps({"text": text, "executor": str(who), "term": term}) for text, who, term in rows)


def outgoing(place: Town, catch_up: Callable[[], None]) -> str:
    """An objection, a second round with the objector alone, signature, number, dispatch to two, an answer."""
    hand = Hand(place, "outgoing", catch_up)
    hand.begin("outgoing", SPECIALIST, "submit", hand.draft(SPECIALIST), title="О мерах поддержки",
               addressees="Минздрав России\nФНПР", signer=str(CHAIR), route=(f"1:{HEAD}", "1:lawyer"))
    hand.press(HEAD, "approve")
    hand.press(LAWYER, "object", remark="Нет ссылки на устав")
    hand.press(SPECIALIST, "resubmit", hand.draft(SPECIALIST, "вторая"), answer="Добавлена",
               scope="objectors")
    hand.press(LAWYER, "approve")
    hand.press(CHAIR, "sign")
    hand.press(CLERK, "register", case_file="01-09")
    first = place.document(hand.uuid).deliveries[0].id
    hand.press(CLERK, "dispatch", target=first, method="post", sent_on=place.today(), tracking="80080012")
    hand.press(CLERK, "dispatch", method="email", sent_on=place.today())
    hand.press(CLERK, "answered", target=first, text="№ 15-07/88")
    hand.press(SPECIALIST, "close")
    return hand.uuid


def directive(place: Town, catch_up: Callable[[], None]) -> str:
    """A visa, the signature, the number, two readers, two points, one of them extended, both released."""
    hand = Hand(place, "directive", catch_up)
    hand.begin("directive", SPECIALIST, "submit", hand.draft(SPECIALIST), kind="main", title="О графике",
               signer=str(CHAIR), readers=(str(HEAD), str(ORG)), controller=str(DEPUTY),
               points=points(("Собрать заявки", WAGES, place.day(6)), ("Опубликовать", LAWYER, place.day(8))))
    hand.press(LAWYER, "approve")
    hand.press(CHAIR, "sign")
    hand.press(CLERK, "register")
    hand.press(HEAD, "acknowledged")
    hand.press(WAGES, "request_extension", desired_term=place.day(12), reason=REASON)
    hand.press(DEPUTY, "set_term", new_term=place.day(10))
    hand.press(ORG, "acknowledged")
    for user in (WAGES, LAWYER):
        hand.press(user, "report", summary="Исполнено")
        hand.press(DEPUTY, "release_point", target=hand.branch(user), comment="Проверено")
    return hand.uuid


def decree(place: Town, catch_up: Callable[[], None]) -> str:
    """No quorum, then accepted; the number at the signature; two points executed by one of two executors."""
    hand = Hand(place, "decree", catch_up)
    hand.begin("decree", SPECIALIST, "submit", hand.draft(SPECIALIST), body="presidium", title="О плане",
               speaker=str(HEAD), signer=str(CHAIR),
               points=points(("Разослать", HEAD, place.day(5)), ("Собрать отчёты", WAGES, place.day(6))))
    hand.press(LAWYER, "approve")
    for session, item, votes in (
        ("11", "3", {"elected": "11", "present": "5", "votes_for": "5"}),
        ("12", "5", {"elected": "11", "present": "9", "votes_for": "8", "votes_against": "1"}),
    ):
        hand.press(OFFICE_HEAD, "put_on_agenda", convocation="7", session=session, item=item,
                   meeting_on=place.today())
        hand.press(OFFICE_HEAD, "open_meeting")
        hand.press(OFFICE_HEAD, "accepted", **votes)
    hand.press(OFFICE_HEAD, "finalize", hand.draft(OFFICE_HEAD, "итоговая"))
    hand.press(CHAIR, "sign")
    hand.press(CLERK, "control_points", controller=str(DEPUTY))
    for user in (HEAD, WAGES):
        hand.press(user, "report", summary="Исполнено")
        hand.press(DEPUTY, "release_point", target=hand.branch(user), comment="Проверено")
    return hand.uuid


def memo(place: Town, catch_up: Callable[[], None]) -> str:
    """A visa of the head, the chairman's resolution, execution, the report."""
    hand = Hand(place, "memo", catch_up)
    hand.begin("internal", SPECIALIST, "submit", hand.draft(SPECIALIST), kind="memo", title="О закупке")
    hand.press(place.document(hand.uuid).rounds[-1].visas[0].user, "approve")
    hand.press(SPECIALIST, "send", kind="memo", title="О закупке", reviewers=(str(CHAIR),))
    hand.press(CHAIR, "execute", executors=(str(HEAD),), term=place.day(5))
    hand.press(HEAD, "execute", executors=(str(HEAD),), term=place.day(5))
    hand.press(HEAD, "report", summary="Закуплено")
    hand.press(HEAD, "finish")
    return hand.uuid


def approved_memo(place: Town, catch_up: Callable[[], None]) -> str:
    """An approved memo, and the directive that is prepared on its basis, up to its number."""
    hand = Hand(place, "approved", catch_up)
    hand.begin("internal", SPECIALIST, "send", kind="memo", title="О дежурстве", reviewers=(str(CHAIR),))
    hand.press(CHAIR, "confirm")
    hand.press(SPECIALIST, "prepare_directive")
    started = next(one.document for one in place.document(hand.uuid).links if one.kind == "started")
    other = hand.other(started)
    other.press(SPECIALIST, "straight_to_sign", other.draft(SPECIALIST), kind="trip", title="О дежурстве",
                signer=str(CHAIR))
    other.press(CHAIR, "sign")
    other.press(CLERK, "register")
    hand.press(SPECIALIST, "complete")
    return hand.uuid


def beside(place: Town, catch_up: Callable[[], None]) -> str:
    """Beside the route: a question with its answer, two tasks, a link, a follower, a file, a withdrawal."""
    basis = Hand(place, "basis", catch_up)
    basis.begin("internal", SPECIALIST, "send", kind="memo", title="О письме", reviewers=(str(CHAIR),))
    number = place.document(basis.uuid).number
    assert number is not None
    hand = Hand(place, "beside", catch_up)
    hand.begin("outgoing", SPECIALIST, "submit", hand.draft(SPECIALIST), title="О помощи",
               addressees="ФНПР", signer=str(CHAIR), route=(f"1:{HEAD}",))
    hand.press(HEAD, "ask", to=str(LAWYER), text="Есть ли возражения?", answer_by=place.day(2))
    hand.press(SPECIALIST, "set_task", to=str(WAGES), text="Проверить адреса", answer_by=place.day(3))
    hand.press(SPECIALIST, "set_task", to=str(ORG), text="Найти образец")
    hand.press(SPECIALIST, "link", link="pursuance", document=number.text)
    hand.press(HEAD, "follow")
    hand.press(HEAD, "add_files", place.file(HEAD, name="Справка.pdf", content=b"%PDF-1.4 note"))
    hand.press(LAWYER, "answer", answer="Нет")
    hand.press(WAGES, "answer", answer="Адреса верны")
    hand.press(SPECIALIST, "withdraw_request", target=place.document(hand.uuid).requests[-1].id)
    hand.press(HEAD, "approve")
    hand.press(CHAIR, "sign")
    hand.press(CLERK, "register", case_file="01-09")
    basis.press(CHAIR, "acknowledge")
    return hand.uuid
