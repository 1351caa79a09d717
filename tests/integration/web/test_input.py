"""Whatever is typed into a form: a clear Russian answer, never a failure of ours, nothing half done."""

from __future__ import annotations

import re

import pytest

from b24flow.core.definition import Field, FieldType
from b24flow.store import queries
from tests.integration.web.browser import Control, File, multipart, typed
from tests.integration.web.world import (
    CHAIR,
    CLERK,
    HEAD,
    SPECIALIST,
    World,
    letter,
    shipped,
)

REGISTER = "Зарегистрировать и направить"
BAD = {
    "missing": "", "blanks": " \t\n ", "too long": "я" * 10_000, "wrong date": "31.02.2026",
    "far date": "9999-12-31", "huge number": "9" * 400, "negative": "-1", "bot command": "[SEND=/x]да[/SEND]",
    "batch reference": "$result[a]", "script": "<script>alert(1)</script>", "emoji": "👩‍⚕️ привет",
    "rtl": "abc\u202etxt", "nul": "a\0b", "escape": "a\x1b[31m", "quote": "\"'><img src=x>",
    "template": "{{ 7*7 }}{% raw %}", "sql": "'; DROP TABLE document; --", "separator": "a\u2028b",
}
FIELDS = [one.field for one in shipped().present["incoming"].action("register").form
          if one.field.type is not FieldType.FILES]


def count(place: World) -> int:
    with place.office.database.reading() as unit:
        return len(queries.registry(unit, queries.Filter(), limit=1000))


@pytest.mark.parametrize("field", FIELDS, ids=lambda one: one.code)
def test_registration_survives_every_bad_value(place: World, field: Field) -> None:
    clerk = place.person(CLERK)
    clerk.follow("Зарегистрировать входящий")
    form = clerk.page.form(REGISTER)
    assert form is not None
    filled = letter(CHAIR)
    scan = filled.pop("files")
    usual = {**form.values(), **{code: typed(one) for code, one in filled.items()}}
    for number, (what, value) in enumerate(BAD.items()):
        before = count(place)
        another = {"foreign_number": [f"15-1/{number}"]}
        values = {**usual, **another, field.code: [value], "command_id": [what]}
        page = clerk.send(form.action, values, {"files": [scan]})
        assert page.status in {200, 422}, (what, page.status)
        assert "<script>alert" not in page.html
        assert "<img src=x>" not in page.html
        assert "Traceback" not in page.text
        if page.status == 422:
            assert count(place) == before, what
            assert re.search("[а-я]", page.errors[field.code]), (what, page.errors)
        else:
            assert count(place) == before + 1, what


def test_every_form_refuses_bad_values_in_russian(place: World) -> None:
    """Each field of each offered button, alone: refused beside the field, the document unchanged."""
    address = place.register(CHAIR, HEAD)
    head = place.person(HEAD)
    head.open(address)
    head.press("На исполнение", executors=[HEAD], term=place.day(3))
    tried = 0
    for user in (CHAIR, HEAD, CLERK):
        browser = place.person(user)
        for label in [one for one in browser.open(address).buttons if one not in {"Найти", "Выйти"}]:
            browser.open(address)
            browser.follow(label)
            form = browser.page.form(label.partition(" — ")[0])
            assert form is not None, label
            for control in form.controls.values():
                for value in wrong_for(control):
                    before = place.document(address).version
                    page = browser.send(form.action, {**form.values(), control.name: [value]}, {})
                    assert page.status == 422, (label, control.name, value[:20])
                    assert re.search("[а-я]", page.errors[control.name])
                    assert place.document(address).version == before
                    tried += 1
    assert tried > 60


def wrong_for(control: Control) -> list[str]:
    """Return values that this field can never accept."""
    if control.kind in {"hidden", "file"}:
        return []
    never = ["a\0b", "abc\u202etxt"]
    if control.options == ["1"]:
        return never
    never.append("я" * 10_000)
    return never if control.kind in {"text", "textarea"} else [*never, "31.02.2026", "9" * 400]


@pytest.mark.parametrize(("name", "values"), [
    ("correspondent", ["один", "два"]), ("command_id", ["a", "b"]), ("form_ticket", ["a", "b"]),
    ("surprise", ["x"]), ("kept-files", ["forged.reference"]), ("kept-title", ["x"]), ("kind", ["no such"]),
    ("kind", ["ministry", "appeal"]), ("reviewers", ["999999"]), ("reviewers", ["abc"]),
    ("reviewers", [str(one) for one in range(1, 300)]), ("controller", [str(CHAIR), str(HEAD)]),
])
def test_repeated_unknown_and_forged_fields(quiet: World, name: str, values: list[str]) -> None:
    clerk = quiet.person(CLERK)
    clerk.open("/documents/new/incoming")
    form = clerk.page.form(REGISTER)
    assert form is not None
    filled = letter(CHAIR)
    scan = filled.pop("files")
    sent = {**form.values(), **{code: [str(one)] for code, one in filled.items()},
            "reviewers": [str(CHAIR)], name: values}
    page = clerk.send(form.action, sent, {"files": [scan]})
    assert page.status in {400, 403, 422}
    assert re.search("[а-я]", page.text)
    assert count(quiet) == 0


def test_files_where_text_is_expected(quiet: World) -> None:
    clerk = quiet.person(CLERK)
    clerk.open("/documents/new/incoming")
    form = clerk.page.form(REGISTER)
    assert form is not None
    page = clerk.send(form.action, form.values(), {"title": [File("a.txt", b"x")]})
    assert page.status == 422
    assert "Поле «Заголовок» не для файлов" in page.text


BODIES = {
    "torn": (b"--form-part-7d1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhalf",
             "multipart/form-data; boundary=form-part-7d1", 400),
    "no boundary": (b"x", "multipart/form-data", 400),
    "other boundary": (b"--zzz\r\n\r\n--zzz--", "multipart/form-data; boundary=form-part-7d1", 400),
    "no name": (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
                "multipart/form-data; boundary=b", 400),
    "long boundary": (b"x", "multipart/form-data; boundary=" + "b" * 400, 400),
    "not utf-8": (b"form_ticket=%ff%fe", "application/x-www-form-urlencoded", 400),
    "raw bytes": (b"form_ticket=\xff", "application/x-www-form-urlencoded", 400),
    "broken escape": (b"form_ticket=%zz", "application/x-www-form-urlencoded", 400),
    "many fields": (b"&".join(b"f%d=1" % one for one in range(200_000)),
                    "application/x-www-form-urlencoded", 413),
    "big text": (b"a=" + b"x" * 2_000_000, "application/x-www-form-urlencoded", 413),
    "xml": (b"<a/>", "application/xml", 415),
    "nothing": (b"", "", 415),
    "json": (b"{}", "application/json", 403),
    "bad json": (b"{", "application/json", 400),
    "deep json": (b"[" * 100_000, "application/json", 400),
}


@pytest.mark.parametrize("what", BODIES)
def test_bodies_that_are_no_form(quiet: World, what: str) -> None:
    body, kind, status = BODIES[what]
    clerk = quiet.person(CLERK)
    answer = clerk.http.post("/documents/new/incoming", content=body,
                             headers={"Content-Type": kind, "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == status
    assert re.search("[а-я]{4}", answer.text)
    assert count(quiet) == 0


def test_part_with_broken_letters(quiet: World) -> None:
    clerk = quiet.person(CLERK)
    body, kind = multipart([("title", "AAAA")], {})
    answer = clerk.http.post("/documents/new/incoming", content=body.replace(b"AAAA", b"\xff\xfe\xfd"),
                             headers={"Content-Type": kind, "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400
    assert "UTF-8" in answer.text


@pytest.mark.parametrize("path", [
    "/nowhere", "/documents/abc", "/documents/00000000-0000-4000-8000-000000000000", "/documents/%00",
    "/documents/..%2f..%2fetc", "/documents/new/nothing", "/documents/new/outgoing?action=mark_sent",
    "/registry?before=99999999999999999999", "/registry?before=-1", "/registry?process=x",
    "/registry?state=x", "/registry?q=%00",
    "/registry?q=%ff", "/where?q=%00", "/where?q=" + "x" * 300, "/where?q=%e2%80%ae",
    "/documents/00000000-0000-4000-8000-000000000000/files/x",
    "/static/../app.py", "/static/%2e%2e/app.py",
])
def test_addresses_that_lead_nowhere(quiet: World, path: str) -> None:
    clerk = quiet.person(CLERK)
    page = clerk.open(path)
    assert page.status in {403, 404, 422}, page.status
    assert re.search("[а-я]{4}", page.text) or path.startswith("/static")


def test_wrong_method_and_action(place: World) -> None:
    address = place.register(CHAIR)
    chair = place.person(CHAIR)
    answer = chair.http.delete(address)
    assert answer.status_code == 405
    assert "Так эту страницу не открывают" in answer.text
    assert chair.open(f"{address}/actions/fly").status == 404
    assert chair.open(f"{address}/actions/execute?target=zzz").status == 404


def test_refused_person_learns_whose_button_it_is(place: World) -> None:
    address = place.register(CHAIR)
    other = place.person(SPECIALIST)
    assert "На исполнение" not in other.open(address).buttons
    page = other.open(f"{address}/actions/execute")
    assert page.status == 403
    assert "действие доступно тому, у кого документ" in page.text
    assert other.open("/documents/new/incoming").status == 403
    assert "Зарегистрировать входящий" not in other.open("/").buttons
