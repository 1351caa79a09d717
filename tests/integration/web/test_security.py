"""Who may come in, from where, with what; and what every answer says to a browser."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from b24flow import log
from b24flow.services.login import LIFE, confirm_login
from b24flow.services.office import Office
from b24flow.store import documents, outbox
from b24flow.store.engine import Database
from tests.integration.web.browser import Browser, Form
from tests.integration.web.world import (
    CHAIR,
    CLERK,
    DEPUTY,
    HEAD,
    PORTAL,
    World,
    world,
)

READ = "Ознакомиться и завершить"
SESSION = "b24flow-session"


def ready(place: World, user: int = CHAIR) -> tuple[Browser, Form, str]:
    """Return a browser with an open form, the form and the document's address."""
    address = place.register(user)
    browser = place.person(user)
    browser.open(address)
    browser.follow(READ)
    form = browser.page.form(READ)
    assert form is not None
    return browser, form, address


# --- entering ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", ["/", "/registry", "/where?q=1", "/documents/new/incoming",
                                  "/documents/00000000-0000-4000-8000-000000000000"])
def test_guests_are_asked_to_enter_and_come_back(quiet: World, path: str) -> None:
    guest = quiet.guest()
    page = guest.open(path)
    assert page.url.startswith(f"{quiet.url}/login?to=")
    form = page.form("Войти")
    assert form is not None
    assert form.controls["to"].values == [path]
    assert guest.http.post("/documents/new/incoming").status_code == 401


def test_personal_link_enters_and_leaves_no_ticket_in_the_address(place: World) -> None:
    address = place.register(CHAIR)
    guest = place.guest()
    page = guest.open(f"{address}?k={place.ticket(CHAIR)}")
    assert page.status == 200
    assert page.url == f"{place.url}{address}"
    assert "Орлов П. А." in page.text
    cookie = next(one for one in guest.http.cookies.jar if one.name == SESSION)
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"


@pytest.mark.parametrize("ticket", [
    "", "link", "link.2.9999999999.AAAAAAAAAAAAAAAAAAAAAA", "x" * 5000, "link.2.99999999999999999999.A", "\0",
    "%00", "link.٢.9999999999.AAAAAAAAAAAAAAAAAAAAAA",
])
def test_forged_tickets(quiet: World, ticket: str) -> None:
    guest = quiet.guest()
    for path in ("/enter", "/"):
        page = guest.open(f"{path}?{urlencode({'k': ticket})}")
        assert page.url.startswith(f"{quiet.url}/login")
        assert "Ссылка устарела или повреждена" in page.text
    guest.http.cookies.set(SESSION, "session.2.9999999999.AAAAAAAAAAAAAAAAAAAAAA")
    assert guest.open("/").url.startswith(f"{quiet.url}/login")


def test_a_ticket_serves_its_purpose_only(place: World) -> None:
    guest = place.guest()
    assert "/login" in guest.open(f"/enter?k={place.ticket(CHAIR, 'form')}").url
    assert "/login" in guest.open(f"/enter?k={place.ticket(CHAIR, 'link', days=-1)}").url
    guest.http.cookies.set(SESSION, place.ticket(CHAIR, "link"))
    assert "/login" in guest.open("/").url
    other = place.guest()
    other.http.cookies.set(SESSION, place.ticket(CHAIR, "session", hours=1))
    assert other.open("/").url == f"{place.url}/"
    place.clock.moment += timedelta(hours=1)
    assert "/login" in other.open("/").url


@pytest.mark.parametrize("to", [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/%0d%0aX: y",
    "/a\r\nSet-Cookie: x=y", "javascript:alert(1)", "evil", "/\t/evil.example", "/" + "a" * 600, "/\u202e",
])
def test_entering_leads_only_inside(quiet: World, to: str) -> None:
    guest = quiet.guest()
    answer = guest.http.get("/enter", params={"k": quiet.ticket(CHAIR), "to": to})
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location == "/" or (location.startswith("/%0d%0a") and "evil" not in location)
    assert "x=y" not in str(answer.headers)


def test_dismissed_person_is_refused_at_once(place: World) -> None:
    browser, form, address = ready(place)
    place.dismiss(CHAIR)
    assert browser.open("/").status == 403
    assert "учётная запись закрыта" in browser.page.text
    assert browser.submit(form).status == 403
    assert place.document(address).closure is None
    assert browser.http.get("/api/work", headers=place.bearer(CHAIR)).status_code == 403


def test_logout(quiet: World) -> None:
    chair = quiet.person(CHAIR)
    assert chair.press("Выйти").url == f"{quiet.url}/login"
    assert "/login" in chair.open("/").url


def test_login_is_confirmed_in_the_chat(place: World) -> None:
    address = place.register(CHAIR)
    guest = place.guest()
    guest.open(address)
    page = guest.press("Войти", who="Орлов Павел Андреевич")
    assert "Мы отправили вам сообщение в чат с ботом" in page.text
    assert '<meta http-equiv="refresh" content="3">' in page.html
    assert "нажмите «Это я»" in guest.open(page.url).text
    answer = confirm_login(place.office, CHAIR, question(place.office), yes=True)
    assert "Вход подтверждён" in answer
    page = guest.open(page.url)
    assert page.url == f"{place.url}{address}"
    assert "Орлов П. А." in page.text
    stranger = place.guest()
    assert "Вход не подтверждён" in stranger.open("/login/wait").text


def question(office: Office) -> str:
    """Return what the button «Это я» of the newest login message sends."""
    with office.database.reading() as unit:
        rows = [row for row in outbox.listing(unit) if "Вход" in str(row.payload.get("title"))]
    command: str = rows[-1].payload["buttons"][0]["command"]
    return command


def test_login_of_another_browser_and_of_nobody(place: World) -> None:
    first, second = place.guest(), place.guest()
    first.open("/login")
    first.press("Войти", who="orlov@union.example")
    second.open("/login")
    page = second.press("Войти", who="nobody@union.example")
    assert "Мы отправили вам сообщение" in page.text
    confirm_login(place.office, CHAIR, question(place.office), yes=True)
    assert "/login/wait" in second.open(page.url).url
    place.clock.moment += LIFE
    assert "Вход не подтверждён" in second.open(page.url).text
    assert first.open("/login").status == 200
    assert first.press("Войти", who=" ").status == 422


# --- forms from elsewhere ---------------------------------------------------------------------------------

@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, {"Origin": "http://127.0.0.1:1"},
])
def test_foreign_pages_cannot_send_forms(place: World, headers: dict[str, str]) -> None:
    browser, form, address = ready(place)
    page = browser.send(form.action, form.values(), {}, headers=headers)
    assert page.status == 403
    assert "с чужого сайта" in page.text
    assert place.document(address).closure is None
    assert browser.send("/logout", {}, headers=headers).status == 403
    assert browser.send("/login", {"who": ["orlov@union.example"]}, headers=headers).status == 403


@pytest.mark.parametrize("headers", [
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {"Origin": "http://office.union.example"},
    {"Origin": "null"},
])
def test_our_own_pages_can(place: World, headers: dict[str, str]) -> None:
    browser, form, address = ready(place)
    body = {name: values[0] for name, values in form.values().items()}
    answer = browser.http.post(form.action, data=body, headers=headers)
    assert answer.status_code == 303
    assert place.document(address).closure is not None


@pytest.mark.parametrize("change", ["absent", "empty", "forged", "foreign", "old"])
def test_a_form_needs_its_ticket(place: World, change: str) -> None:
    browser, form, address = ready(place)
    tickets = {"absent": [], "empty": [""], "forged": ["form.2.9999999999.AAAAAAAAAAAAAAAAAAAAAA"],
               "foreign": [place.ticket(HEAD, "form")], "old": [place.ticket(CHAIR, "form", hours=-1)]}
    page = browser.send(form.action, {**form.values(), "form_ticket": tickets[change]}, {})
    assert page.status == 403
    assert "обновите страницу" in page.text
    assert place.document(address).closure is None


def test_api_of_a_session_needs_our_own_page(place: World) -> None:
    browser, _, address = ready(place)
    body = {"command_id": "one", "form": {}}
    foreign = {"Origin": "https://evil.example"}
    for headers in ({}, {"Origin": "null"}, foreign, {"Sec-Fetch-Site": "same-site"}):
        answer = browser.http.post(f"/api{address}/actions/acknowledge", json=body, headers=headers)
        assert answer.status_code == 403
    assert place.document(address).closure is None
    answer = browser.http.post(f"/api{address}/actions/acknowledge", json=body,
                               headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200


# --- what answers say -------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", ["/", "/login", "/nowhere", "/static/b24flow.css", "/api/work", "/livez",
                                  "/documents/abc", "/enter?k=x", "/static/none.css"])
def test_security_headers_on_every_answer(quiet: World, path: str) -> None:
    answer = quiet.person(CHAIR).http.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script" not in policy
    assert f"frame-ancestors 'self' {PORTAL}" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    cached = "public" if path.startswith("/static") else "no-store"
    assert cached in answer.headers["cache-control"]


def test_pages_need_no_script_and_nothing_from_elsewhere(place: World) -> None:
    address = place.register(CHAIR)
    chair = place.person(CHAIR)
    for path in ("/", address, f"{address}/actions/execute", "/registry", "/where?q=1", "/login"):
        html = chair.open(path).html
        assert not re.search(r"<script|\son\w+=|javascript:|style=", html), path
        outside = re.sub(r'xmlns="http://www.w3.org/2000/svg"', "", html)
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", outside), path


def test_secure_cookies_are_bound_to_the_host(sqlite_database: Database, tmp_path: object) -> None:
    with world(sqlite_database, tmp_path, secure_cookies=True) as place:
        answer = place.guest().http.get("/enter", params={"k": place.ticket(CHAIR)})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-b24flow-session=")
        assert "Secure" in cookie
        assert "Path=/" in cookie


def test_what_a_person_typed_is_shown_as_text(place: World) -> None:
    bad = "<script>alert(1)</script>\"'><b>"
    address = place.register(CHAIR, title=bad, correspondent=bad)
    chair = place.person(CHAIR)
    for path in ("/", address, f"{address}/actions/execute", "/registry", "/where?q=Вх-1/26"):
        html = chair.open(path).html
        assert "<script>" not in html
        assert "&lt;script&gt;alert(1)" in html
    assert chair.open(f"/registry?q={bad}").html.count("<script") == 0


def test_readiness(quiet: World) -> None:
    guest = quiet.guest()
    assert guest.http.get("/livez").json() == {"ok": True}
    assert guest.http.get("/readyz").json() == {"ok": True}


def test_readiness_tells_what_is_wrong(sqlite_database: Database, tmp_path: object) -> None:
    with world(sqlite_database, tmp_path, health=lambda: {"ok": False, "outbox": 5}) as place:
        answer = place.guest().http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"ok": False, "outbox": 5}


# --- our own failures -------------------------------------------------------------------------------------

def test_a_failure_of_ours_shows_a_number_and_logs_the_cause(
    place: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log has no form values and no surnames; the page has no details."""
    address = place.register(CHAIR, title="Тайный заголовок")
    chair = place.person(CHAIR)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is on fire")

    lines = io.StringIO()
    log.configure(json=True, stream=lines)
    monkeypatch.setattr(documents, "load", broken)
    page = chair.open(address)
    assert page.status == 500
    incident = re.search(r"номер ([0-9a-f]{8})", page.text)
    assert incident is not None
    assert "fire" not in page.text
    assert "Traceback" not in page.html
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert incident[1] in lines.getvalue()
    assert "the disk is on fire" in lines.getvalue()
    assert "Тайный" not in lines.getvalue()
    assert "Орлов" not in lines.getvalue()
    answer = chair.http.get(f"/api{address}")
    assert answer.status_code == 500
    assert answer.json()["error"] == "internal"


def test_framing_is_forbidden_without_a_portal(sqlite_database: Database, tmp_path: object) -> None:
    with world(sqlite_database, tmp_path, portal_url="") as place:
        policy = place.guest().http.get("/login").headers["content-security-policy"]
        assert policy.endswith("frame-ancestors 'self'")


def test_flash_is_shown_once_and_only_ours(place: World) -> None:
    chair = place.person(CHAIR)
    chair.http.cookies.set("b24flow-flash", "A" * 22 + ".b2s60JLQt9C70L7QvA==")
    assert "Взлом" not in chair.open("/").text
    deputy = place.person(DEPUTY)
    address = place.register(DEPUTY)
    deputy.open(address)
    assert "Выполнено" in deputy.press(READ).text
    assert "Выполнено" not in deputy.open(address).text


def test_clerk_only_sees_the_button(quiet: World) -> None:
    assert "Зарегистрировать входящий" in quiet.person(CLERK).page.buttons
    assert "Зарегистрировать входящий" not in quiet.person(HEAD).page.buttons


