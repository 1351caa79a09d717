"""Input that no honest page sends, by form and by API: refused in Russian, and not one row is written."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from b24flow.store import tables
from b24flow.store.engine import Database
from tests.integration.web import world as worlds
from tests.integration.web.browser import Browser, File, multipart, typed
from tests.integration.web.world import (
    CHAIR,
    CLERK,
    DEPUTY,
    HEAD,
    LAWYER,
    OFFICE_HEAD,
    SPECIALIST,
    STAFF,
    World,
    world,
)

DRAFT = File("проект.txt", "О мерах поддержки".encode(), "text/plain")
NOBODY = "00000000-0000-4000-8000-000000000000"
DISMISSED = DEPUTY
MORE_ROLES = {"lawyer": (str(LAWYER),), "secretary": (str(OFFICE_HEAD),), "accountant": (), "deputy": ()}
LETTER = {"addressees": "ФНПР", "title": "О взносах", "signer": CHAIR}
ORDER = {"kind": "admin", "title": "О дежурстве", "signer": CHAIR}
QUESTION = {"body": "presidium", "title": "О плане", "signer": CHAIR, "speaker": HEAD}
VISIT = {"convocation": "XI", "session": "4", "item": "2", "meeting_on": "2026-11-24"}
FORMS: Mapping[str, Mapping[str, Any]] = {"outgoing": LETTER, "directive": ORDER, "decree": QUESTION}
ROUTED = sorted(FORMS)
WITH_POINTS = ["directive", "decree"]
COUNTS = {"elected": 10, "present": 8, "votes_for": 6, "votes_against": 1, "abstained": 1}


Seen = tuple[int, str]
Said = Mapping[str, Any]


@dataclass
class Desk:
    """One office for all the cases: nothing of theirs is accepted, so none sees another."""

    place: World
    documents: dict[str, str] = field(default_factory=dict)
    browsers: dict[int, Browser] = field(default_factory=dict)

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row that a command may write."""
        with self.place.office.database.reading() as unit:
            return {one.name: [tuple(row) for row in unit.execute(select(one).order_by(one.c.id))]
                    for one in (tables.document, tables.journal, tables.work_item, tables.outbox,
                                tables.number)}

    def api(self, user: int, path: str, said: Said, *, draft: bool = True) -> httpx.Response:
        """Call the API, with a draft where the action begins a document."""
        said = {"command_id": uuid4().hex, **said}
        url, headers = f"{self.place.url}/api{path}", self.place.bearer(user)
        if not draft:
            return httpx.post(url, json=said, headers=headers)
        return httpx.post(url, data={**said, "form": json.dumps(said["form"])}, headers=headers,
                          files={"draft": (DRAFT.name, DRAFT.content, DRAFT.mime)})

    def page(self, user: int, path: str, form: Mapping[str, Any], *, draft: bool = True) -> Seen:
        """Send a form as a page would; return the status and what a person reads."""
        if user not in self.browsers:
            self.browsers[user] = self.place.person(user)
        service = {"form_ticket": [self.place.ticket(user, "form")], "command_id": [uuid4().hex]}
        values = {**service, **{code: typed(one) for code, one in form.items()}}
        found = self.browsers[user].send(path, values, {"draft": [DRAFT]} if draft else {})
        return found.status, found.text

    def begin(self, process: str, action: str, user: int = SPECIALIST, **form: Any) -> str:
        """Begin a document in earnest."""
        return self.did(self.api(user, "/documents", {
            "process": process, "action": action, "form": {**FORMS[process], **form}}))

    def do(self, user: int, uuid: str, action: str, target: str = "", **form: Any) -> str:
        """Press a button in earnest."""
        return self.did(self.api(user, f"/documents/{uuid}/actions/{action}",
                                 {"target": target, "form": form}, draft=False))

    @staticmethod
    def did(answer: httpx.Response) -> str:
        assert answer.status_code in {200, 201}, answer.text
        uuid: str = answer.json()["uuid"]
        return uuid

    def both(self, user: int, path: str, said: Said, *, draft: bool) -> Iterator[Seen]:
        """Send the same by page and by API, each to be refused."""
        address = f"{path}?target={said.get('target', '')}"
        if "process" in said:
            address = f"/documents/new/{said['process']}?action={said['action']}"
        yield self.page(user, address, said["form"], draft=draft)
        answer = self.api(user, path, said, draft=draft)
        yield answer.status_code, " ".join([answer.json()["text"], *answer.json()["fields"].values()])

    def refused(self, user: int, path: str, said: Said, text: str, *, draft: bool = False) -> None:
        """Assert that both ways refuse for this reason and that nothing is written."""
        before = self.dump()
        for status, answer in self.both(user, path, said, draft=draft):
            assert 400 <= status < 500, answer
            assert re.search(text, answer), answer
            assert self.dump() == before


def letter(desk: Desk) -> str:
    """Return an outgoing letter that waits to be sent, with a request to the lawyer."""
    uuid = desk.begin("outgoing", "submit", addressees="ФНПР\nМинздрав", route=[f"1:{HEAD}"])
    desk.do(HEAD, uuid, "approve")
    desk.do(CHAIR, uuid, "sign")
    desk.do(CLERK, uuid, "register", case_file="01-09")
    return desk.do(CLERK, uuid, "ask", to=LAWYER, text="Сколько договоров?")


def signed_order(desk: Desk) -> str:
    points = [{"text": "Составить график", "executor": HEAD, "term": "2026-12-01"}]
    return desk.do(CHAIR, desk.begin("directive", "straight_to_sign", points=points), "sign")


def question(desk: Desk) -> str:
    """Return a question at its meeting."""
    uuid = desk.begin("decree", "submit", route=[f"1:{HEAD}"])
    desk.do(HEAD, uuid, "approve")
    desk.do(LAWYER, uuid, "approve")
    desk.do(OFFICE_HEAD, uuid, "put_on_agenda", **VISIT)
    return desk.do(OFFICE_HEAD, uuid, "open_meeting")


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("bad-input")
    shutil.copyfile(sqlite_template, folder / "b24flow.db")
    database = Database(f"sqlite:///{folder / 'b24flow.db'}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worlds, "ROLES", {**worlds.ROLES, **MORE_ROLES})
        try:
            with world(database, folder) as place:
                found = Desk(place)
                place.dismiss(DISMISSED)
                found.documents = {
                    "letter": letter(found), "other letter": letter(found), "question": question(found),
                    "signed order": signed_order(found), "order": signed_order(found),
                    "visa": found.begin("outgoing", "submit", route=[f"1:{HEAD}"]),
                }
                found.do(CLERK, found.documents["order"], "register")
                yield found
        finally:
            database.close()


ROUTES: Mapping[str, tuple[list[str], str]] = {
    "one person twice": ([f"1:{HEAD}", f"2:{HEAD}"], "возвращается к тому, кто в нём уже был"),
    "unknown person": (["1:999999"], "неизвестный согласующий «999999»"),
    "dismissed": ([f"1:{DISMISSED}"], "больше не работает"),
    "unknown role": (["1:wizard"], "неизвестный согласующий «wizard»"),
    "no colon": (["1"], "очередь — число от 1 до 30"),
    "letters": (["x:y"], "очередь — число от 1 до 30"),
    "nobody": (["1:"], "неизвестный согласующий «»"),
    "no group": ([f":{HEAD}"], "очередь — число от 1 до 30"),
    "group 0": ([f"0:{HEAD}"], "очередь — число от 1 до 30"),
    "group -1": ([f"-1:{HEAD}"], "очередь — число от 1 до 30"),
    "group 31": ([f"31:{HEAD}"], "очередь — число от 1 до 30"),
    "long group": ([f"0019:{HEAD}"], "очередь — число от 1 до 30"),
    "arabic group": ([f"١:{HEAD}"], "очередь — число от 1 до 30"),
    "superscript department": (["1:d²"], "неизвестный согласующий «d²»"),
    "unknown department": (["1:d77"], "неизвестный согласующий «d77»"),
    "200 approvers": ([f"{group}:{one.id}" for group in range(1, 31) for one in STAFF if one.id != DISMISSED],
                      "возвращается к тому, кто в нём уже был"),
    "200 times one": ([f"1:{HEAD}"] * 200 + ["x"], "очередь — число"),
    "nul": ([f"1:\0{HEAD}"], "неизвестный согласующий"),
}
POINTS: Mapping[str, tuple[list[str], str]] = {
    "no text": ([json.dumps({"text": "", "executor": HEAD})], "текст от 3 до 4000 знаков"),
    "long text": ([json.dumps({"text": "я" * 4001})], "текст от 3 до 4000 знаков"),
    "nul": ([json.dumps({"text": "Дежу\0рить"})], "нулевой символ"),
    "surrogate": (['{"text": "Дежурить \\ud800"}'], "пункт 1: .*U\\+D800"),
    "nested text": (['{"text": ["Дежурить", "всем"]}'], "пункт 1 не читается"),
    "unknown executor": ([json.dumps({"text": "Дежурить", "executor": 999999})], "такого сотрудника нет"),
    "superscript executor": ([json.dumps({"text": "Дежурить", "executor": "²"})], "такого сотрудника нет"),
    "dismissed": ([json.dumps({"text": "Дежурить", "executor": DISMISSED})], "больше не работает"),
    "30 February": ([json.dumps({"text": "Дежурить", "term": "30.02.2027"})], "срок — дата"),
    "year 1": ([json.dumps({"text": "Дежурить", "term": "0001-01-01"})], "срок — дата"),
    "broken json": (['{"text": '], "пункт 1 не читается"),
    "a list": (["[1]"], "пункт 1 не читается"),
    "huge number": (["9" * 6000], "пункт 1 не читается"),
    "deep json": (["[" * 60_000], "пункт 1 не читается"),
    "101 points": ([json.dumps({"text": f"Пункт {one}"}) for one in range(101)], "не больше 100 пунктов"),
}
VALUES: Mapping[str, tuple[dict[str, Any], str]] = {
    "30 February": ({"visa_term": "30.02.2026"}, "укажите дату"),
    "no leap year": ({"visa_term": "29.02.2027"}, "укажите дату"),
    "32.13": ({"visa_term": "32.13.2026"}, "укажите дату"),
    "year 1": ({"visa_term": "0001-01-01"}, "вне допустимых лет"),
    "year 9999": ({"visa_term": "9999-12-31"}, "вне допустимых лет"),
    "two dates": ({"visa_term": ["2026-12-01", "2026-12-02"]}, "ожидается одно значение"),
    "arabic digits": ({"visa_term": "٢٠٢٦-١٢-٠١"}, "укажите дату"),
    "yesterday": ({"visa_term": "2026-11-22"}, "прош"),
    "nul": ({"title": "О взно\0сах"}, "нулевой символ"),
    "unknown signer": ({"signer": "999999"}, "такого сотрудника нет"),
    "superscript signer": ({"signer": "d²"}, "выберите сотрудника из списка"),
    "dismissed signer": ({"signer": DISMISSED}, "больше не работает"),
}


@pytest.mark.parametrize("process", ROUTED)
@pytest.mark.parametrize("what", ROUTES)
def test_routes_that_lead_nowhere(desk: Desk, process: str, what: str) -> None:
    rows, text = ROUTES[what]
    began(desk, process, {"route": rows}, text)


@pytest.mark.parametrize("process", WITH_POINTS)
@pytest.mark.parametrize("what", POINTS)
def test_points_that_cannot_be_read(desk: Desk, process: str, what: str) -> None:
    rows, text = POINTS[what]
    began(desk, process, {"points": rows}, text)


@pytest.mark.parametrize("process", ROUTED)
@pytest.mark.parametrize("what", VALUES)
def test_values_that_no_card_takes(desk: Desk, process: str, what: str) -> None:
    form, text = VALUES[what]
    began(desk, process, form, text)


def began(desk: Desk, process: str, form: Mapping[str, Any], text: str) -> None:
    said = {"process": process, "action": "submit", "form": {**FORMS[process], **form}}
    desk.refused(SPECIALIST, "/documents", said, text, draft=True)


@pytest.mark.parametrize(("counts", "text"), [
    ({"votes_for": 9}, "Голосов 11, а присутствует 8"), ({"present": 11}, "больше, чем избрано"),
    ({"votes_for": "-1"}, "целое число от 0"), ({"votes_for": "1.5"}, "целое число от 0"),
    ({"votes_for": "６"}, "целое число от 0"), ({"votes_for": "9" * 400}, "целое число от 0"),
    ({"elected": 0}, "укажите, сколько членов избрано"), ({"votes_for": 4}, "большинства нет"),
    ({"comment": "a\0b"}, "нулевой символ"),
])
def test_votes_that_do_not_add_up(desk: Desk, counts: dict[str, Any], text: str) -> None:
    path = f"/documents/{desk.documents['question']}/actions/accepted"
    desk.refused(OFFICE_HEAD, path, {"form": {**COUNTS, **counts}}, text)


SENT = {"method": "post", "sent_on": "2026-11-23"}
BUTTONS: Mapping[str, tuple[int, str, str, dict[str, Any], str]] = {
    "sent tomorrow": (CLERK, "letter", "dispatch", {**SENT, "sent_on": "2026-11-24"}, "ещё не наступила"),
    "sent by owl": (CLERK, "letter", "dispatch", {**SENT, "method": "owl"}, "выберите значение из списка"),
    "unknown link": (CLERK, "letter", "link", {"link": "pursuance", "document": "999-я"}, "999-я"),
    "link nul": (CLERK, "letter", "link", {"link": "pursuance", "document": "1\0"}, "документа .* нет"),
    "link wildcard": (CLERK, "letter", "link", {"link": "pursuance", "document": "%"}, "%"),
    "closed year": (CLERK, "signed order", "register", {"registered_on": "2020-01-09"}, "2020"),
    "year 1": (CLERK, "signed order", "register", {"registered_on": "0001-01-01"}, "вне допустимых лет"),
    "29 February": (CLERK, "signed order", "register", {"registered_on": "29.02.2025"}, "укажите дату"),
    "reserved ²": (CLERK, "signed order", "register", {"reserved_number": "²"}, "²"),
    "reserved huge": (CLERK, "signed order", "register", {"reserved_number": "9" * 60}, "999"),
    "reserved letters": (CLERK, "signed order", "register", {"reserved_number": "x:y"}, "x:y"),
    "stale draft": (HEAD, "visa", "approve", {"seen": "0" * 64}, "Проект изменился, пока вы его читали"),
    "two drafts": (HEAD, "visa", "approve", {"seen": ["a", "b"]}, "Проект изменился, пока вы его читали"),
    "approver ²": (HEAD, "visa", "add_approver", {"to": "d²"}, "сотрудника из списка"),
    "readers ²": (CLERK, "letter", "ask_readers", {"readers": ["d²"]}, "сотрудника из списка"),
}


@pytest.mark.parametrize("what", BUTTONS)
def test_buttons_pressed_with_nonsense(desk: Desk, what: str) -> None:
    user, document, action, form, text = BUTTONS[what]
    desk.refused(user, f"/documents/{desk.documents[document]}/actions/{action}", {"form": form}, text)


@pytest.mark.parametrize(("user", "document", "action", "form"), [
    (CLERK, "letter", "dispatch", SENT), (CLERK, "letter", "delivery_failed", {"reason": "выбыл"}),
    (LAWYER, "letter", "answer", {"answer": "Двенадцать"}), (CLERK, "letter", "withdraw_request", {}),
    (HEAD, "order", "report", {"summary": "Составлен"}), (CLERK, "letter", "letter_again", {}),
])
def test_targets_of_another_document_and_of_another_kind(
    desk: Desk, user: int, document: str, action: str, form: dict[str, Any]
) -> None:
    path = f"/documents/{desk.documents[document]}/actions/{action}"
    own, other, order = (desk.place.document(f"/documents/{desk.documents[one]}")
                         for one in ("letter", "other letter", "order"))
    foreign = [other.deliveries[0].id, other.requests[0].id]
    foreign += [order.points[0].assignment] if document != "order" else [own.requests[0].id]
    for target in (*foreign, "x:y", NOBODY, "%00"):
        desk.refused(user, path, {"target": target, "form": form}, "[а-я]{4}")
    wrong = own.requests[0].id if action in {"dispatch", "delivery_failed"} else own.deliveries[0].id
    desk.refused(user, path, {"target": wrong, "form": form}, "[а-я]{4}")


@pytest.mark.parametrize("uuid", [NOBODY, "abc", NOBODY.upper(), "%00"])
def test_documents_that_do_not_exist(desk: Desk, uuid: str) -> None:
    desk.refused(CLERK, f"/documents/{uuid}/actions/dispatch", {"form": SENT}, "нет")


@pytest.mark.parametrize("form", [
    '{"title": "\\ud800"}', '{"\\ud800": "x"}', '{"title": NaN}', '{"title": 1.5}', '{"a": {"b": 1}}', "[",
    "[]", '{"route": [[1]]}', '{"route": [{"who": 11, "x": 1}]}',
    '{"points": [{"text": "Дежурить \\udfff"}]}',
    '"x"', '{"route": [{"group": "\\ud800", "who": "11"}]}', "[" * 60_000, '{"title": ' + "9" * 6000 + "}",
], ids=lambda one: one[:40])
def test_broken_json_in_a_part_of_a_form(desk: Desk, form: str) -> None:
    before = desk.dump()
    fields = {"process": "directive", "action": "submit", "command_id": uuid4().hex, "form": form}
    answer = httpx.post(f"{desk.place.url}/api/documents", headers=desk.place.bearer(SPECIALIST), data=fields,
                        files={"draft": (DRAFT.name, DRAFT.content)})
    assert 400 <= answer.status_code < 500
    assert re.search("[а-я]{4}", answer.json()["text"])
    assert desk.dump() == before


@pytest.mark.parametrize("process", ROUTED)
@pytest.mark.parametrize(("old", "new"), [
    ("О взн".encode(), b"\xed\xa0\x80"), (b"--form-part-7d1--\r\n", b""), (b'name="title"', b'name=""'),
    (b'; name="title"', b""), (b"\r\n\r\n", b"\n"),
])
def test_torn_forms(desk: Desk, process: str, old: bytes, new: bytes) -> None:
    before = desk.dump()
    values = {**FORMS[process], "title": "О взносах", "form_ticket": desk.place.ticket(SPECIALIST, "form"),
              "command_id": uuid4().hex}
    body, kind = multipart([(code, str(one)) for code, one in values.items()], {"draft": [DRAFT]})
    assert old in body
    answer = desk.place.person(SPECIALIST).http.post(
        f"/documents/new/{process}?action=submit", content=body.replace(old, new),
        headers={"Content-Type": kind, "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400
    assert re.search("Форма прислана повреждённой|UTF-8", answer.text)
    assert desk.dump() == before
