"""The four processes beside the incoming one, over the portal: E17–E20 and what they share (domain §7).

Between any two steps the document is loaded from the database again and its journal is replayed.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from b24flow.core.document import Document, FileRef
from b24flow.core.evolve import replay
from b24flow.core.russian import date_short
from b24flow.errors import AlreadyDone, InvalidForm
from b24flow.services.act import Acted
from b24flow.services.reminders import remind_readers
from b24flow.services.views import document_view, my_work
from b24flow.store import documents, journal, series
from tests.scenario.test_life import sync_without
from tests.town import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, OFFICE_HEAD, SPECIALIST, Town

SAFETY, WAGES, ORG = 11, 9, 8


@dataclass
class Life:
    """One document that is pressed on; `uuid` is known after its first action."""

    place: Town
    uuid: str = ""

    def begin(self, process: str, user: int, action: str, *files: FileRef, **form: Any) -> Life:
        self.uuid = self.place.begin(process, user, action, *files, **form).uuid
        self.reload()
        return self

    def press(self, user: int, action: str, *files: FileRef, **form: Any) -> Acted:
        done = self.place.press(self.uuid, user, action, *files, **form)
        self.reload()
        return done

    def reload(self) -> Document:
        """Return the row, which must be what the journal gives, and let the portal catch up."""
        with self.place.office.database.reading() as unit:
            stored = documents.load(unit, self.uuid, lock=False)
            assert stored is not None
            assert replay(journal.records(unit, stored.id)) == stored.document
            assert journal.verify(unit, self.uuid) == []
        self.place.drain()
        return stored.document

    @property
    def state(self) -> str:
        return self.place.state(self.uuid)

    def mine(self, user: int) -> list[str]:
        return [label for row in my_work(self.place.office, user) if row.uuid == self.uuid
                for label in row.actions]

    def item(self) -> dict[str, Any]:
        key = f"b24flow:town:{self.uuid}"
        return next(one for one in self.place.portal("items") if one["xmlId"] == key)


def outgoing(place: Town, *route: str, **form: Any) -> Life:
    given = {"addressees": "Минздрав России\nФНПР", "title": "О мерах поддержки", "signer": str(CHAIR)}
    return Life(place).begin("outgoing", SPECIALIST, "submit", place.draft(SPECIALIST, "первая"),
                             route=route, **{**given, **form})


def points(*rows: tuple[str, int | None, str]) -> tuple[str, ...]:
    return tuple(json.dumps({"text": text, "executor": str(who or ""), "term": term})
                 for text, who, term in rows)


def test_e17_objection_rework_and_the_objector_alone_again(place: Town) -> None:
    life = outgoing(place, f"1:{HEAD}", "1:lawyer", f"1:{DEPUTY}")
    assert "Согласовать" in life.mine(LAWYER)
    life.press(HEAD, "approve")
    life.press(LAWYER, "object", remark="Нет ссылки на устав")
    life.press(DEPUTY, "approve")
    assert life.state == "rework"
    life.press(SPECIALIST, "resubmit", place.draft(SPECIALIST, "вторая"), answer="Да", scope="objectors")
    assert life.mine(HEAD) == []
    life.press(LAWYER, "approve")
    assert life.state == "sign"
    rounds = document_view(place.office, life.uuid, SPECIALIST).steps.rounds
    assert [[(one.name, one.state) for one in each.visas] for each in rounds] == [
        [("Дубравин М. Я.", "согласовано"), ("Мятина Т. Е.", "возвращено на доработку"),
         ("Клёнова В. И.", "согласовано")],
        [("Мятина Т. Е.", "согласовано")],
    ]
    editions = {one.edition for each in rounds for one in each.visas}
    assert len(editions) == 2
    with pytest.raises(AlreadyDone):
        life.press(HEAD, "approve")


def test_an_outgoing_document_reaches_every_addressee_and_its_row_says_so(place: Town) -> None:
    life = outgoing(place, f"1:{HEAD}")
    life.press(HEAD, "approve")
    life.press(CHAIR, "sign")
    life.press(CLERK, "register", case_file="01-09")
    first, second = life.reload().deliveries
    life.press(CLERK, "dispatch", target=first.id, method="post", sent_on=place.today(), tracking="80080012")
    assert life.state == "send"
    life.press(CLERK, "dispatch", target=second.id, method="email", sent_on=place.today())
    assert life.state == "sent"
    place.settle()
    row = life.item()
    assert "01-09/1" in row["title"]
    texts = [str(one) for one in row.values()]
    assert any("Минздрав России — отправлено" in one for one in texts), texts
    assert any("Берёзов А. Л." in one for one in texts), texts
    life.press(SPECIALIST, "close")
    place.settle()
    assert life.state == "done"
    assert place.portal("tasks") == []


def test_e14_numbers_of_two_case_files_run_side_by_side(place: Town) -> None:
    made = []
    for case_file in ("01-09", "02-01", "01-09"):
        life = outgoing(place, f"1:{HEAD}")
        life.press(HEAD, "approve")
        life.press(CHAIR, "sign")
        life.press(CLERK, "register", case_file=case_file)
        made.append(life.reload().number.text)
    assert made == ["01-09/1", "02-01/1", "01-09/2"]
    with place.office.database.reading() as unit:
        book = series.book(unit, "outgoing", str(place.clock.now().year))
    assert [(one.scope, one.number.value) for one in book] == [("01-09", 1), ("01-09", 2), ("02-01", 1)]


def test_e18_a_role_without_people_waits_for_whoever_gets_it(place: Town) -> None:
    place.office.people._roles = {**place.office.people._roles, "lawyer": ()}
    place.office.people.forget()
    life = outgoing(place, f"1:{HEAD}", "2:lawyer")
    place.office.people._roles = {**place.office.people._roles, "lawyer": (str(LAWYER),)}
    place.office.people.forget()
    life.press(HEAD, "approve")
    assert "Согласовать" in life.mine(LAWYER)


def decree(place: Town, session: str, item: str, **votes: str) -> Life:
    life = Life(place).begin(
        "decree", SPECIALIST, "submit", place.draft(SPECIALIST), body="presidium", title="О плане",
        speaker=str(HEAD), signer=str(CHAIR),
        points=points(("Утвердить план", None, ""), ("Разослать", SAFETY, place.day(5)),
                      ("Собрать отчёты", WAGES, place.day(6)), ("Провести семинар", ORG, place.day(7)),
                      ("Опубликовать", LAWYER, place.day(8))),
    )
    life.press(LAWYER, "approve")
    consider(life, session, item, **votes)
    return life


def consider(life: Life, session: str, item: str, **votes: str) -> None:
    life.press(OFFICE_HEAD, "put_on_agenda", convocation="7", session=session, item=item,
               meeting_on=life.place.today())
    life.press(OFFICE_HEAD, "open_meeting")
    life.press(OFFICE_HEAD, "accepted", **votes)


def test_e19_a_decree_without_quorum_then_with_points_on_control(place: Town) -> None:
    life = decree(place, "11", "3", elected="11", present="5", votes_for="5")
    assert life.state == "ready"
    consider(life, "12", "5", elected="11", present="9", votes_for="8", votes_against="1")
    life.press(OFFICE_HEAD, "finalize", place.draft(OFFICE_HEAD, "итог"))
    life.press(CHAIR, "sign")
    assert life.reload().number.text == "12-5"
    life.press(CLERK, "control_points", controller=str(DEPUTY))
    place.settle()
    tasks = place.portal("tasks")
    assert {one["responsible_id"] for one in tasks} == {SAFETY, WAGES, ORG, LAWYER}
    life.press(WAGES, "request_extension", desired_term=place.day(12), reason="Не все регионы ответили")
    assert "Установить другой срок" in life.mine(DEPUTY)
    life.press(DEPUTY, "set_term", new_term=place.day(10))
    for user in (SAFETY, WAGES, ORG, LAWYER):
        life.press(user, "report", summary="Исполнено")
        target = next(one.id for one in life.reload().assignments if one.executor == user)
        life.press(DEPUTY, "release_point", target=target, comment="Проверено")
    assert life.state == "closed"
    place.settle()
    assert {one["status"] for one in place.portal("tasks")} == {5}


def directive(place: Town, readers: tuple[int, ...], **form: Any) -> Life:
    life = Life(place).begin(
        "directive", SPECIALIST, "straight_to_sign", place.draft(SPECIALIST), kind="admin",
        title="О графике", signer=str(CHAIR), readers=tuple(map(str, readers)), **form,
    )
    life.press(CHAIR, "sign")
    life.press(CLERK, "register")
    return life


def test_e20_readers_who_left_are_excused_and_the_rest_are_waited_for(place: Town) -> None:
    readers = (3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16)
    life = directive(place, readers)
    for user in readers[:8]:
        life.press(user, "acknowledged")
    sync_without(place, 14)
    sheet = document_view(place.office, life.uuid, CLERK).steps.readers
    assert [one.state for one in sheet].count("ознакомлен") == 8
    gone = next(one for one in sheet if one.name.startswith("Полынина"))
    assert (gone.state, gone.reason) == ("не требуется", "Полынина Р. Г. больше не работает")
    assert life.mine(15)
    assert life.mine(16)
    assert life.mine(9) == []
    life.press(15, "acknowledged")
    assert life.state == "inform"
    life.press(16, "acknowledged")
    assert life.state == "closed"


def test_e20_reminders_go_to_the_silent_only_on_the_first_and_third_day(place: Town) -> None:
    readers = tuple(range(3, 18))
    life = directive(place, readers)
    gone, silent = 14, (15, 16)
    for user in readers:
        if user not in {gone, *silent}:
            life.press(user, "acknowledged")
    sync_without(place, gone)
    place.settle()
    sent = len(place.portal("messages"))
    begun = date.fromisoformat(place.today())
    reminded = []
    for _ in range(12):
        place.clock.offset += timedelta(days=1)
        passed = place.office.calendar.working_days_between(begun, date.fromisoformat(place.today()))
        reminded += [passed] * remind_readers(place.office)
        remind_readers(place.office)
    assert reminded == [1, 1, 3, 3]
    place.settle()
    told = [one for one in place.portal("messages")[sent:] if "просят ознакомиться" in one["text"]]
    assert sorted({user for one in told for user in one["members"]} & set(readers)) == list(silent)
    sheet = document_view(place.office, life.uuid, CLERK).steps.readers
    assert Counter(one.state for one in sheet) == {"ознакомлен": 12, "не требуется": 1, "не ознакомлен": 2}
    assert len(told) == 4, "a second run of a day adds nothing"


def test_e05_the_first_reviewer_who_took_it_himself_asks_neither_himself_nor_the_clerk(place: Town) -> None:
    life = Life(place, place.register(HEAD).uuid)
    life.press(HEAD, "execute", executors=(str(HEAD),), term=place.day(5))
    life.press(HEAD, "request_extension", desired_term=place.day(9), reason="ждём ответа министерства")
    asked = next(one.extension for one in life.reload().assignments if one.extension is not None)
    assert asked.decider not in {HEAD, CLERK}
    assert "Установить другой срок" in life.mine(asked.decider)
    assert "Установить другой срок" not in life.mine(HEAD) + life.mine(CLERK)
    life.press(asked.decider, "set_term", new_term=place.day(8))
    place.settle()
    task = next(one for one in place.portal("tasks") if one["responsible_id"] == HEAD)
    assert str(task["deadline"])[:10] == place.day(8)


def test_a_later_directive_repeals_an_earlier_one(place: Town) -> None:
    old = directive(place, ())
    assert old.state == "closed"
    number = old.reload().number.text
    new = Life(place).begin("directive", SPECIALIST, "save", title="Об отмене", kind="admin")
    new.press(SPECIALIST, "link", link="repeals", document=number)
    assert old.state == "closed", "a draft repeals nothing"
    new.press(SPECIALIST, "straight_to_sign", place.draft(SPECIALIST), kind="admin", title="Об отмене",
              signer=str(CHAIR))
    new.press(CHAIR, "sign")
    new.press(CLERK, "register")
    assert old.state == "repealed"
    view = document_view(place.office, old.uuid, CLERK)
    assert view.steps.status == f"Утратил силу: № {new.reload().number.text}"
    assert [kind for kind, uuid, _ in view.links if uuid == new.uuid] == ["Отменён документом"]


def test_an_internal_document_starts_a_directive_on_its_basis(place: Town) -> None:
    life = Life(place).begin("internal", SPECIALIST, "send", kind="memo", title="О дежурстве",
                             reviewers=(str(CHAIR),))
    life.press(CHAIR, "confirm")
    life.press(SPECIALIST, "prepare_directive")
    link = next(one for one in life.reload().links if one.kind == "started")
    draft = place.document(link.document)
    assert (draft.process, draft.card["title"], draft.card["basis"]) == ("directive", "О дежурстве", "СЗ-1")
    assert [one.kind for one in draft.links] == ["basis"]
    life.press(SPECIALIST, "complete")
    assert life.state == "done"


def test_a_task_beside_the_route_lives_in_the_portal_and_ends_there(place: Town) -> None:
    life = outgoing(place, f"1:{HEAD}")
    life.press(SPECIALIST, "set_task", to=str(WAGES), text="Проверить адреса", answer_by=place.day(2))
    place.settle()
    place.poll()
    (task,) = place.portal("tasks")
    assert (task["responsible_id"], task["created_by"]) == (WAGES, SPECIALIST)
    place.clock.offset += timedelta(seconds=130)
    place.as_person("task/result", WAGES, task_id=task["id"], text="Адреса верны")
    place.as_person("task/complete", WAGES, task_id=task["id"])
    place.poll()
    assert [(one.state, one.answer) for one in life.reload().requests] == [("answered", "Адреса верны")]
    assert life.state == "approval"


def test_the_task_of_a_point_names_its_term_without_empty_brackets(place: Town) -> None:
    life = Life(place).begin(
        "directive", SPECIALIST, "straight_to_sign", place.draft(SPECIALIST), kind="admin", title="О графике",
        signer=str(CHAIR), controller=str(DEPUTY), points=(json.dumps(
            {"text": "Собрать заявки", "executor": str(WAGES), "term": place.day(6)}),))
    life.press(CHAIR, "sign")
    life.press(CLERK, "register")
    place.settle()
    (task,) = place.portal("tasks")
    day = date_short(date.fromisoformat(place.day(6)))
    assert f"Срок: {day}\n" in task["description"]
    assert "()" not in task["description"]


def test_a_bad_link_says_so_and_changes_nothing(place: Town) -> None:
    life = outgoing(place, f"1:{HEAD}")
    before = life.reload()
    with pytest.raises(InvalidForm, match="нет"):
        place.press(life.uuid, SPECIALIST, "link", link="pursuance", document="Вх-999/26")
    assert life.reload() == before
