"""Routes through the use cases, on both engines: what two people at once do, what an action costs, R37."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from b24flow.core.access import offers
from b24flow.core.commands import Command
from b24flow.core.document import Document, FileRef
from b24flow.core.people import Department, Employee
from b24flow.core.tree import state_of
from b24flow.definitions.calendar import load_calendar
from b24flow.definitions.loader import load_processes
from b24flow.errors import AlreadyDone
from b24flow.ids import new_id
from b24flow.services.act import Acted, act, start
from b24flow.services.office import Office, People
from b24flow.services.tickets import Tickets
from b24flow.store import documents, journal, people, work
from b24flow.store.engine import Database, Unit
from b24flow.store.files import ContentStore
from tests.town import ROLES, ROOT, ZONE, Catalogue, MovingClock

CHAIR, DEPUTY, CLERK, HEAD, LAWYER, SPECIALIST = 2, 3, 6, 11, 16, 17


class Counter:
    """An office whose transactions are counted in statements."""

    def __init__(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.office, self.statements = office, []
        end = Unit.end

        def counting(unit: Unit) -> None:
            self.statements.append(unit.statements)
            end(unit)

        monkeypatch.setattr(Unit, "end", counting)

    def document(self, uuid: str) -> Document:
        with self.office.database.reading() as unit:
            stored = documents.load(unit, uuid, lock=False)
        assert stored is not None
        return stored.document

    def state(self, uuid: str) -> str:
        return state_of(self.document(uuid))

    def today(self) -> str:
        return self.office.clock.now().astimezone(ZONE).date().isoformat()

    def file(self, user: int, part: str, text: str) -> FileRef:
        sha256, size = self.office.content.put(text.encode())
        return FileRef(id=new_id(), name="проект.pdf", sha256=sha256, size=size, mime="application/pdf",
                       part=part, added_by=user, added_at=self.office.clock.now())

    def press(self, uuid: str, user: int, action: str, *files: FileRef, most: int = 8, **form: str) -> Acted:
        document = self.document(uuid)
        with self.office.database.reading() as unit:
            found = offers(self.office.definition_of(document), document, self.office.context(unit), user)
        target = next((one.target for one in found if one.action.code == action), None)
        route = tuple(form.pop("route", "").split())
        asked = Command(id=new_id(), action=action, actor=user, target=target, files=files,
                        form={**form, **({"route": route} if route else {})})
        self.statements.clear()
        made = act(self.office, uuid, asked)
        assert max(self.statements) <= most, (action, self.statements)
        return made


@pytest.fixture
def place(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    clock = MovingClock()
    with database.transaction() as unit:
        people.save_departments(unit, [Department(id=1, name="Аппарат", head=CHAIR)])
        people.save_employees(unit, [
            Employee(id=user, last_name=f"Сотрудник{user}", department=1, email=f"u{user}@union.example")
            for user in range(2, 18)
        ])
    return Counter(Office(
        database=database, clock=clock, zone=ZONE, calendar=load_calendar(ROOT / "config" / "calendar"),
        definitions=Catalogue(load_processes(ROOT / "processes")), people=People(ROLES, clock),
        content=ContentStore(tmp_path / "files"), tickets=Tickets("secret"), install="routes",
        base_url="http://office.example",
    ), monkeypatch)


def submitted(place: Counter, route: str, addressees: str = "ФНПР") -> str:
    form = {"addressees": addressees, "title": "О мерах поддержки", "signer": str(CHAIR),
            "route": tuple(route.split())}
    asked = Command(id=new_id(), action="submit", actor=SPECIALIST, form=form,
                    files=(place.file(SPECIALIST, "draft", "проект"),))
    return start(place.office, "outgoing", asked).uuid


def test_approvers_at_the_same_moment_are_all_heard_and_the_route_goes_on_once(place: Counter) -> None:
    uuid = submitted(place, f"1:{HEAD} 1:{LAWYER} 1:{DEPUTY}")

    def decide(user: int) -> Acted:
        return act(place.office, uuid, Command(id=f"visa-{user}", action="approve", actor=user))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(decide, (HEAD, LAWYER, DEPUTY)))
    document = place.document(uuid)
    assert [one.state.value for one in document.rounds[-1].visas] == ["approved"] * 3
    assert (document.step, document.rounds[-1].outcome) == ("sign", "approved")
    with place.office.database.reading() as unit:
        stored = documents.load(unit, uuid, lock=False)
        assert stored is not None
        held = [(row.item.user, row.item.role) for row in work.holders(unit, stored.id)]
        assert held == [(CHAIR, "signer")]
        assert journal.verify(unit) == []


def test_a_visa_pressed_twice_at_once_is_given_once(place: Counter) -> None:
    uuid = submitted(place, f"1:{HEAD} 1:{LAWYER}")

    def press(number: int) -> Acted | AlreadyDone:
        try:
            return act(place.office, uuid, Command(id=f"press-{number}", action="approve", actor=HEAD))
        except AlreadyDone as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(press, range(4)))
    assert sum(isinstance(one, AlreadyDone) for one in found) == 3
    assert [one.state.value for one in place.document(uuid).rounds[-1].visas] == ["approved", "asked"]


def test_no_step_of_a_route_costs_more_than_eight_statements(place: Counter) -> None:
    uuid = submitted(place, f"1:{HEAD} 2:{LAWYER}", "\n".join(f"Организация {n}" for n in range(1, 61)))
    place.press(uuid, HEAD, "ask", to=str(DEPUTY), text="Есть ли возражения?")
    place.press(uuid, DEPUTY, "answer", answer="Нет")
    place.press(uuid, HEAD, "object", remark="Нет расчёта")
    place.press(uuid, SPECIALIST, "resubmit", place.file(SPECIALIST, "draft", "второй"), answer="Есть",
                scope="all")
    place.press(uuid, HEAD, "approve")
    place.press(uuid, SPECIALIST, "new_edition", place.file(SPECIALIST, "draft", "третий"))
    place.press(uuid, HEAD, "approve")
    place.press(uuid, LAWYER, "approve")
    place.press(uuid, CHAIR, "sign")
    place.press(uuid, CLERK, "register", case_file="01-05")
    place.press(uuid, CLERK, "dispatch", method="post", sent_on=place.today())
    assert place.state(uuid) == "sent"


def answering(place: Counter) -> tuple[str, str]:
    """Return an incoming document on control and the answer that its executor prepares."""
    scan = place.file(CLERK, "files", "письмо")
    asked = Command(id=new_id(), action="register", actor=CLERK, files=(scan,), form={
        "correspondent": "Больница", "received_on": place.today(), "title": "О мерах", "kind": "ministry",
        "reviewers": (str(CHAIR),)})
    uuid = start(place.office, "incoming", asked).uuid
    term = place.office.calendar.add_working(place.office.clock.now().astimezone(ZONE).date(), 5).isoformat()
    place.press(uuid, CHAIR, "execute", executors=str(HEAD), term=term, control="1")
    place.press(uuid, HEAD, "execute", executors=str(HEAD), term=term)
    place.press(uuid, HEAD, "report", summary="Готов ответ")
    place.press(uuid, HEAD, "prepare_reply", most=11)
    reply = place.document(uuid).reply
    assert reply is not None
    return uuid, reply.document


def sent(place: Counter, reply: str) -> None:
    place.press(reply, HEAD, "submit", place.file(HEAD, "draft", "ответ"), addressees="Больница",
                title="Ответ: О мерах", signer=str(CHAIR), route=f"1:{LAWYER}")
    place.press(reply, LAWYER, "approve")
    place.press(reply, CHAIR, "decline", reason="Короче")
    assert place.document(reply).step == "rework"
    place.press(reply, HEAD, "resubmit", answer="Короче", scope="signer")
    place.press(reply, CHAIR, "sign")
    place.press(reply, CLERK, "register", case_file="01-05")
    place.press(reply, CLERK, "dispatch", method="post", sent_on=place.today(), most=13)


def test_an_answer_sent_again_does_not_end_what_was_returned_to_work_meanwhile(place: Counter) -> None:
    uuid, reply = answering(place)
    assert place.state(uuid) == "reply"
    sent(place, reply)
    assert place.state(uuid) == "control"
    place.press(reply, CLERK, "delivery_failed", reason="адресат выбыл")
    before = place.document(uuid).version
    place.press(reply, CLERK, "dispatch", method="courier", sent_on=place.today(), most=13)
    assert place.document(uuid).version == before, "it was answered by the first sending"
    place.press(uuid, CHAIR, "rework", reason="Ответ не по существу")
    place.press(reply, CLERK, "delivery_failed", reason="адресат выбыл")
    place.press(reply, CLERK, "dispatch", method="courier", sent_on=place.today(), most=13)
    assert place.state(uuid) == "exec"


def test_a_cancelled_answer_returns_its_incoming_document_to_work_and_another_may_be_prepared(
    place: Counter,
) -> None:
    uuid, reply = answering(place)
    place.press(reply, HEAD, "annul_draft", reason="ответ не нужен", most=13)
    assert place.state(uuid) == "exec"
    assert place.document(reply).number is None
    place.press(uuid, HEAD, "report", summary="Готов другой ответ")
    place.press(uuid, HEAD, "prepare_reply", most=11)
    second = place.document(uuid).reply
    assert second is not None
    assert second.document != reply
    sent(place, second.document)
    place.press(uuid, CHAIR, "release")
    assert place.state(uuid) == "done"
