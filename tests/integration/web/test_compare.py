"""Every edition opens, and two of them are shown side by side; a document of a route is begun with rows."""

from __future__ import annotations

from tests.integration.web.browser import File
from tests.integration.web.world import CHAIR, CLERK, HEAD, LAWYER, SPECIALIST, World

BEFORE = "О мерах поддержки\nСрок — 1 мая\nПредседатель".encode()
AFTER = "О мерах поддержки\nСрок — 15 мая\nПредседатель".encode()


def add(place: World, address: str, content: bytes, name: str = "проект.txt") -> None:
    clerk = place.person(CLERK)
    clerk.open(address)
    page = clerk.press("Добавить файл/версию", files=File(name, content, "text/plain"))
    assert page.status == 200, page.text


def test_what_changed_is_shown_in_both_texts(place: World) -> None:
    address = place.register(CHAIR)
    add(place, address, BEFORE)
    add(place, address, AFTER)
    chair = place.person(CHAIR)
    chair.open(address)
    page = chair.follow("сравнить с прежней")
    assert page.status == 200
    assert "<del><span class=\"hidden\">удалено: </span>1</del>" in page.html
    assert "<ins><span class=\"hidden\">добавлено: </span>15</ins>" in page.html
    same = place.document(address).files[-1].id
    assert "Это один и тот же файл" in chair.open(f"{address}/compare?one={same}&two={same}").text
    first = place.document(address).files[0].id
    page = chair.open(f"{address}/compare?one={first}&two={same}")
    assert page.status == 422
    assert "повреждён" in page.text
    assert chair.open(f"{address}/compare?one=x&two={same}").status == 404


def test_nothing_to_compare_is_said(place: World) -> None:
    address = place.register(CHAIR)
    page = place.person(CHAIR).open(f"{address}/compare")
    assert page.status == 200
    assert "нет второй редакции" in page.text


def test_a_visa_leads_to_what_changed_since(place: World) -> None:
    def draft(content: bytes) -> dict[str, File]:
        return {"draft": File("проект.txt", content, "text/plain")}

    author = place.person(SPECIALIST)
    author.open("/documents/new/outgoing")
    form = author.page.form("Направить на согласование")
    assert form is not None
    values = {**form.values(), "addressees": ["ФНПР"], "title": ["О мерах поддержки"], "signer": [str(CHAIR)],
              "route.group": ["1", "1"], "route.who": [str(HEAD), str(LAWYER)]}
    page = author.send(form.action, values, {"draft": [draft(BEFORE)["draft"]]})
    assert page.status == 200, page.text
    address = page.url.removeprefix(place.url)
    assert [one.user for one in place.document(address).rounds[0].visas] == [HEAD, LAWYER]
    head, lawyer = place.person(HEAD), place.person(LAWYER)
    head.open(address)
    head.press("Согласовать")
    lawyer.open(address)
    lawyer.press("Вернуть на доработку", remark="Срок мал")
    author.open(address)
    author.press("Отправить повторно", answer="Продлён", scope="objectors", **draft(AFTER))
    lawyer.open(address)
    assert "Что изменилось с прошлой редакции" in lawyer.page.text
    assert "15" in lawyer.follow("что изменилось с тех пор").text


def test_a_visa_to_an_edition_that_is_gone_is_refused(place: World) -> None:
    sha, size = place.office.content.put(BEFORE)
    author = place.person(SPECIALIST)
    author.open("/documents/new/outgoing")
    form = author.page.form("Направить на согласование")
    assert form is not None
    values = {**form.values(), "addressees": ["ФНПР"], "title": ["О мерах поддержки"], "signer": [str(CHAIR)],
              "route.group": ["1"], "route.who": [str(HEAD)]}
    address = author.send(form.action, values, {"draft": [File("проект.txt", BEFORE, "text/plain")]}).url
    head = place.person(HEAD)
    head.open(address.removeprefix(place.url))
    head.follow("Согласовать")
    asked = head.page.form("Согласовать")
    assert asked is not None
    assert asked.values()["seen"] == [sha]
    page = head.send(asked.action, {**asked.values(), "seen": ["0" * 64]}, {})
    assert page.status == 422
    assert place.document(address).rounds[0].visas[0].by is None
    assert size == len(BEFORE)


def test_rows_of_a_form_come_through_the_api_as_objects(place: World) -> None:
    http, caller = place.guest().http, place.bearer(SPECIALIST)
    points = [{"text": "Провести сверку", "executor": HEAD, "term": place.day(5).isoformat()}]
    form = {"title": "О дежурстве", "points": points}
    said = {"process": "directive", "action": "save", "command_id": "rows", "form": form}
    answer = http.post("/api/documents", headers=caller, json=said)
    assert answer.status_code == 201, answer.text
    document = place.document(f"/documents/{answer.json()['uuid']}")
    assert [(one.text, one.executor) for one in document.points] == [("Провести сверку", HEAD)]
    wrong = {**said, "command_id": "wrong", "form": {**form, "points": [{"text": "а", "secret": 1}]}}
    answer = http.post("/api/documents", headers=caller, json=wrong)
    assert answer.status_code == 400
    assert "text, executor и term" in answer.json()["text"]
