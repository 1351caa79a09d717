"""What the page shows: registries with filters and pages, rights, applications, hostile texts, refusals."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox.conftest import SPA, Box, add_item, add_task
from tests.sandbox.handler import listening

HOSTILE = (
    "<script>alert(1)</script>\"'</textarea><img src=x onerror=alert(2)>[URL=javascript:alert(3)]x[/URL]"
)
LIST = f"/crm/type/{SPA}/list/"
VOID = {"meta", "link", "input", "img", "br", "hr"}


class Shape(HTMLParser):
    """Remembers elements, and complains about ends that nothing began."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.wrong.append(f"</{tag}> inside {self.open[-3:]}")


def shape(page: str) -> Shape:
    parsed = Shape()
    parsed.feed(page)
    return parsed


def get(box: Box, who: int, path: str, **headers: str) -> httpx.Response:
    return box.http.get(path, headers={"Cookie": f"sandbox_employee={who}", **headers})


def fill_with(box: Box, spa: int, text: str) -> None:
    item = add_item(box, title=text, **{f"ufCrm{spa}DocNumber": text})
    keys = {"entity_type_id": SPA, "item_id": item["id"]}
    box.person(6, "item/comment", text=text, **keys)
    box.person(6, "activity/todo", text=text, deadline="2026-12-01", **keys)
    task = add_task(box, TITLE=text, DESCRIPTION=text, UF_CRM_TASK=[f"T{SPA:x}_1"], TAGS=[text])["id"]
    box.person(3, "check/add", task_id=task, title=text)
    box.person(9, "task/result", task_id=task, text=text)
    box.person(9, "feed/post", title=text, text=text, important="Y")
    box.person(9, "absence/add", user=9, **{"from": "2026-05-01", "to": "2027-05-01"}, name=text)
    box.person(9, "chat/new", title=text, **{"users[]": ["5"]})
    box.person(9, "write", dialog_id="5", text=text)
    bot = {"code": "b", "botToken": "t", "properties": {"name": text}}
    box.ok("imbot.v2.Bot.register", {"fields": bot})
    box.ok("im.notify.personal.add", {"USER_ID": 9, "MESSAGE": text})
    box.ok("crm.item.add", {"entityTypeId": 4, "fields": {"title": text}})
    box.ok("crm.item.add", {"entityTypeId": 3, "fields": {"name": text, "lastName": text}})
    box.ok("user.update", {"ID": 15, "WORK_POSITION": text})
    root = box.ok("disk.storage.getlist")[0]["ROOT_OBJECT_ID"]
    box.person(9, "disk/folder", object_id=root, name=text)
    app = {"title": text, "scope": "crm,placement", "handler_url": "https://app.example/"}
    box.person(1, "dev/app/add", **app)
    box.ok("crm.type.add", {"fields": {"title": text, "entityTypeId": 1050}})


PAGES = [
    LIST, f"/crm/type/{SPA}/kanban/", f"/crm/type/{SPA}/details/1/", f"/crm/type/{SPA}/details/0/",
    "/crm/company/list/", "/crm/company/details/1/", "/crm/contact/list/", "/crm/contact/details/1/",
    "/crm/deal/kanban/", "/crm/lead/list/", "/crm/mail/", "/tasks/?role=all", "/tasks/task/view/3701/",
    f"/tasks/task/new/?crm=T{SPA:x}_1", "/stream/", "/online/", "/online/?IM_DIALOG=5", "/notifications/",
    "/docs/", "/company/", "/company/personal/user/15/", "/timeman/", "/search/?q=a", "/knowledge/",
    "/marketplace/app/1/", "/?switch", "/devops/list/",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_no_text_of_a_user_breaks_a_page(box: Box, spa: int, path: str) -> None:
    fill_with(box, spa, HOSTILE)
    answer = get(box, 1 if path.startswith(("/crm/mail", "/devops")) else 9, path)
    assert answer.status_code == 200, answer.text
    parsed = shape(answer.text)
    assert (parsed.wrong, parsed.open) == ([], [])
    assert not any(name.startswith("on") for _, attrs in parsed.seen for name in attrs)
    assert not any((attrs.get("href") or "").startswith("javascript") for _, attrs in parsed.seen)
    sources = [attrs.get("src") for tag, attrs in parsed.seen if tag == "script" and "src" in attrs]
    assert sources == ["/_page/portal.js", "/_page/frame.js"]
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src" not in policy.replace(
        "default-src", ""
    )  # scripts come from the page's own address only


@pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith(("/?", "/devops"))])
def test_controls_have_names(box: Box, spa: int, path: str) -> None:
    fill_with(box, spa, "Обычный текст")
    page = get(box, 1, path).text
    parsed = shape(page)
    hidden = {"hidden", "checkbox", "radio"}
    for tag, attrs in parsed.seen:
        if tag in ("input", "select", "textarea") and attrs.get("type") not in hidden:
            named = attrs.get("aria-label") or attrs.get("id") or attrs.get("name")
            assert named, (tag, attrs)
    assert page.count("<h1") == 1 or path.startswith("/online/")
    assert '<html lang="ru">' in page


def _rows(page: str) -> list[int]:
    return [int(one) for one in re.findall(r'data-name="ID">(\d+)<', page)]


def test_the_list_is_searched_filtered_sorted_and_paged(box: Box, spa: int) -> None:
    for number in range(1, 121):
        extra = {"assignedById": 5 if number % 2 else 6, f"ufCrm{spa}DocNumber": f"Вх-{number}"}
        add_item(box, title=f"Письмо {number}", **extra)
    first = box.page(9, LIST)
    assert _rows(first) == list(range(120, 70, -1))
    assert "Всего: 120 элементов" in first
    assert "Страница 1 из 3" in first
    assert _rows(box.page(9, f"{LIST}?start=100")) == list(range(20, 0, -1))
    assert _rows(box.page(9, f"{LIST}?order=up"))[:3] == [1, 2, 3]
    assert _rows(box.page(9, f"{LIST}?q=вх-119")) == [119]
    assert _rows(box.page(9, f"{LIST}?q=Письмо 77")) == [77]
    assert _rows(box.page(9, f"{LIST}?person=6"))[:2] == [120, 118]
    link = re.findall(r'href="(\?[^"]*)" rel="next"', box.page(9, f"{LIST}?person=6"))[0].replace(
        "&amp;", "&"
    )
    assert _rows(box.page(9, LIST + link))[0] == 20
    box.person(6, "item/stage", entity_type_id=SPA, item_id=7, stage_id=f"DT{SPA}_10:CLIENT")
    assert _rows(box.page(9, f"{LIST}?stage=DT{SPA}_10:CLIENT")) == [7]
    assert "ничего не нашлось" in box.page(9, f"{LIST}?q=нет такого")
    assert _rows(box.page(9, f"{LIST}?start=-5&sort=nothing&category=x"))[0] == 120
    assert _rows(box.page(9, f"{LIST}?sort=title&order=up"))[0] == 1


def test_the_kanban_shows_each_stage(box: Box, spa: int) -> None:
    for _ in range(3):
        add_item(box)
    box.person(6, "item/stage", entity_type_id=SPA, item_id=2, stage_id=f"DT{SPA}_10:CLIENT")
    page = box.page(9, f"/crm/type/{SPA}/kanban/")
    columns = dict(re.findall(rf'data-stage="DT{SPA}_10:(\w+)".*?<span>(\d+)</span></h2>', page, re.DOTALL))
    assert columns == {"NEW": "2", "PREPARATION": "0", "CLIENT": "1", "SUCCESS": "0", "FAIL": "0"}
    assert f'data-item="{SPA}:2"' in page
    answer = get(box, 9, "/crm/company/kanban/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/crm/company/list/")


def test_a_colour_cannot_carry_a_style(box: Box, spa: int) -> None:
    add_item(box)
    rows = box.ok("crm.status.list", {"filter": {"ENTITY_ID": f"DYNAMIC_{SPA}_STAGE_10"}})
    fields = {"COLOR": "red;position:fixed;inset:0"}
    box.raw("crm.status.update", {"id": rows[0]["ID"], "fields": fields})
    for path in (LIST, f"/crm/type/{SPA}/kanban/", f"/crm/type/{SPA}/details/1/"):
        assert "position:fixed" not in box.page(9, path)


def test_rights_of_roles_hide_items(box: Box) -> None:
    rights = {"read": "own", "edit": "own", "delete": [], "add": [5]}
    box.control("reset", {"seed": box.server._seed | {"crm_rights": rights}})
    box.ok("crm.type.add", {"fields": {"title": "Т", "entityTypeId": SPA, "isStagesEnabled": "Y"}})
    mine, other = (add_item(box, title=t, assignedById=who)["id"] for t, who in (("Моё", 9), ("Чужое", 5)))
    page = box.page(9, LIST)
    assert "Моё" in page
    assert "Чужое" not in page
    assert "Добавить" not in page
    assert "Чужое" not in box.page(9, f"/crm/type/{SPA}/kanban/")
    assert "Чужое" not in box.page(9, "/search/?q=чужое").partition("<h1>")[2].partition("</h1>")[2]
    assert get(box, 9, f"/crm/type/{SPA}/details/{other}/").status_code == 403
    assert get(box, 9, f"/crm/type/{SPA}/details/0/").status_code == 403
    card = box.page(9, f"/crm/type/{SPA}/details/{mine}/")
    assert "/as/item/field" in card
    assert "/as/item/delete" not in card
    keys = {"entity_type_id": SPA, "item_id": other}
    assert box.person(9, "item/comment", text="x", **keys).status_code == 403
    assert box.person(9, "item/new", entity_type_id=SPA, f_title="x").status_code == 403


def test_companies_and_contacts_have_cards(box: Box) -> None:
    phone = {"valueType": "WORK", "typeId": "PHONE", "value": "+7 900 111-22-33"}
    box.ok("crm.item.add", {"entityTypeId": 4, "fields": {"title": "Больница № 2", "fm": [phone]}})
    box.ok(
        "crm.item.add",
        {"entityTypeId": 3, "fields": {"name": "Мария", "lastName": "Осинина", "companyId": 1}},
    )
    page = box.page(9, "/crm/company/list/")
    assert "Больница № 2" in page
    assert "+7 900 111-22-33" in page
    keys = {"entity_type_id": 4, "item_id": 1}
    box.person(6, "item/channel", type="EMAIL", value="post@hospital.example", **keys)
    shown = box.page(9, "/crm/company/details/1/")
    assert "E-mail: post@hospital.example" in shown
    first = shown.split('name="id" value="')[1].split('"')[0]
    box.person(6, "item/channel", id=first, **keys)
    kept = box.ok("crm.item.get", {"entityTypeId": 4, "id": 1})["item"]["fm"]
    assert [row["value"] for row in kept] == ["post@hospital.example"]
    assert box.person(6, "item/channel", type="SMOKE", value="x", **keys).status_code == 400
    card = box.page(9, "/crm/contact/details/1/")
    assert '<h1 data-live="title">Мария Осинина</h1>' in card
    assert '<a href="/crm/company/details/1/" data-slide>Больница № 2</a>' in card
    box.person(6, "item/field", entity_type_id=4, item_id=1, name="title", value="Больница № 3")
    assert "Больница № 3" in box.page(9, "/crm/company/details/1/")


def test_a_late_task_is_marked_and_counted(box: Box) -> None:
    box.control("clock", {"now": "2026-05-12T09:00:00+03:00"})
    add_task(box, TITLE="Вовремя", DEADLINE="2026-05-13T18:00:00+03:00")
    number = add_task(box, TITLE="Поздно", DEADLINE="2026-05-11T18:00:00+03:00")["id"]
    page = box.page(9, "/tasks/")
    assert page.count("просрочена") == 1
    assert page.index("Поздно") < page.index("Вовремя")
    assert '<span class="count">1</span>' in page
    assert "просрочена" in box.page(9, f"/tasks/task/view/{number}/")
    assert "просрочена" not in box.page(16, "/tasks/")
    box.person(9, "task/complete", task_id=number)
    assert "просрочена" not in box.page(9, "/tasks/")
    assert "Поздно" in box.page(9, "/tasks/?role=closed")
    assert "Вовремя" in box.page(3, "/tasks/?role=set")


def test_the_page_says_when_it_has_changed(box: Box) -> None:
    def number() -> int:
        return int(box.http.get("/_page/changes").text)

    before = number()
    box.ok("user.get")
    box.page(9, "/tasks/")
    assert number() == before
    add_task(box)
    assert number() > before
    page = box.page(9, "/tasks/")
    assert f'data-changes="{number()}"' in page
    before = number()
    box.control("reset")
    assert number() > before


@pytest.mark.parametrize(("name", "kind"), [
    ("portal.css", "text/css"), ("portal.js", "text/javascript"), ("frame.js", "text/javascript"),
])  # fmt: skip
def test_the_page_loads_nothing_from_elsewhere(box: Box, name: str, kind: str) -> None:
    answer = box.http.get(f"/_page/{name}")
    assert answer.headers["content-type"].startswith(kind)
    assert not re.search(r"https?://(?!www\.w3\.org)|@import|url\(", answer.text)


def test_inside_a_slider_there_is_no_menu(box: Box) -> None:
    number = add_task(box)["id"]
    page = box.page(9, f"/tasks/task/view/{number}/?IFRAME=Y")
    assert "<nav" not in page
    assert 'class="inner"' in page
    headers = {
        "Cookie": "sandbox_employee=9",
        "Referer": f"{box.server.url}/tasks/task/view/{number}/?IFRAME=Y",
    }
    moved = box.http.post("/as/task/start", data={"task_id": number}, headers=headers)
    assert moved.headers["location"] == f"/tasks/task/view/{number}/?IFRAME=Y"
    no = box.http.post("/as/task/delete", data={"task_id": number}, headers=headers)
    assert no.status_code == 403
    assert "<nav" not in no.text


@pytest.mark.parametrize(("path", "status"), [
    ("/crm/type/999/list/", 404), (f"/crm/type/{SPA}/details/77/", 404), ("/tasks/task/view/77/", 404),
    ("/docs/777/", 404), ("/company/personal/user/777/", 404), ("/knowledge/no/such/", 404),
    ("/marketplace/app/77/", 404), ("/crm/mail/", 403), ("/online/?IM_DIALOG=chat777", 403),
    ("/disk/downloadFile/777/", 404), ("/marketplace/view/local.x/", 404),
])  # fmt: skip
def test_what_is_not_there_is_refused_in_words(box: Box, spa: int, path: str, status: int) -> None:
    answer = get(box, 9, path)
    assert answer.status_code == status
    assert "Не получилось" in answer.text
    assert "Traceback" not in answer.text


def test_the_search_finds_people_tasks_and_items(box: Box, spa: int) -> None:
    add_item(box, title="Письмо о путёвках")
    add_task(box, TITLE="Путёвки: сверить")
    page = box.page(9, "/search/?q=ПУТЁВК")
    assert "Письмо о путёвках" in page
    assert "Путёвки: сверить" in page
    assert "Путёвки: сверить" not in box.page(16, "/search/?q=путёвк")  # not his task
    assert "Семён Хвощёв" in box.page(9, "/search/?q=хвощ")
    assert "Ничего не нашлось" in box.page(9, "/search/?q=зззз")


def test_a_dismissed_employee_is_shown_as_such_and_is_not_to_choose(box: Box) -> None:
    box.ok("user.update", {"ID": 15, "ACTIVE": "N"})
    assert "уволен" in box.page(9, "/company/personal/user/15/")
    assert '<option value="15"' not in box.page(9, "/tasks/task/new/")
    assert "Кем посмотреть портал" in box.page(15, "/tasks/")


def test_letters_of_the_crm_are_shown_to_the_administrator(box: Box, spa: int) -> None:
    add_item(box)
    fields = {"OWNER_TYPE_ID": SPA, "OWNER_ID": 1, "TYPE_ID": 4, "SUBJECT": "Ответ № 5",
              "DESCRIPTION": "Текст",
              "DIRECTION": 2, "RESPONSIBLE_ID": 1, "COMPLETED": "Y",
              "SETTINGS": {"MESSAGE_FROM": "office@profsoyuz.example"},
              "COMMUNICATIONS": [{"VALUE": "applicant@mail.example", "TYPE": "EMAIL",
                                  "ENTITY_ID": 1, "ENTITY_TYPE_ID": SPA}]}  # fmt: skip
    box.ok("crm.activity.add", {"fields": fields})
    page = box.page(1, "/crm/mail/")
    assert "Ответ № 5" in page
    assert "applicant@mail.example" in page


# --- applications ---------------------------------------------------------------------------------


def opened(box: Box, who: int, **form: Any) -> dict[str, Any]:
    headers = {"Cookie": f"sandbox_employee={who}", "Accept": "application/json"}
    answer = box.http.post("/as/app/open", data=form, headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def binding_of(page: str) -> int:
    return int(re.findall(r'data-binding="(\d+)"', page)[0])


@pytest.mark.parametrize(("place", "path", "key"), [
    (f"CRM_DYNAMIC_{SPA}_DETAIL_TAB", f"/crm/type/{SPA}/details/1/", {"ID": "1"}),
    (f"CRM_DYNAMIC_{SPA}_DETAIL_TOOLBAR", f"/crm/type/{SPA}/details/1/", {"ENTITY_ID": "1"}),
    (f"CRM_DYNAMIC_{SPA}_DETAIL_ACTIVITY", f"/crm/type/{SPA}/details/1/", {"ID": "1"}),
    (f"CRM_DYNAMIC_{SPA}_LIST_MENU", LIST, {"ID": "1"}),
    (f"CRM_DYNAMIC_{SPA}_LIST_TOOLBAR", LIST, {}),
    ("TASK_VIEW_TAB", "/tasks/task/view/3701/", {"taskId": "3701"}),
    ("TASK_LIST_CONTEXT_MENU", "/tasks/", {"ID": "3701"}),
    ("TASK_USER_LIST_TOOLBAR", "/tasks/", {"USER_ID": "9"}),
    ("USER_PROFILE_MENU", "/company/personal/user/5/", {"USER_ID": "5"}),
])  # fmt: skip
def test_a_place_is_opened_by_the_documented_post(
    box: Box, spa: int, place: str, path: str, key: dict[str, str]
) -> None:
    add_item(box)
    add_task(box)
    app = box.install_app()
    with listening() as listener:
        handler = f"{listener.url}/place?x=1"
        assert app.ok("placement.bind", {"PLACEMENT": place, "HANDLER": handler, "TITLE": "Моё место"})
        page = box.page(9, path)
        assert "Моё место" in page
        number = binding_of(page)
        options = re.findall(rf"data-binding=\"{number}\"(?: data-options='([^']*)')?", page)[0]
        assert json.loads(options or "{}") == key
        given = opened(box, 9, binding=number, options=options, uri=path)
        sent = httpx.post(given["url"], data=given["fields"])
        assert sent.status_code == 200
        posted = listener.posted[0]
    query = {name: values[0] for name, values in parse_qs(urlsplit(posted.path).query).items()}
    assert query["x"] == "1"
    assert (query["DOMAIN"], query["LANG"]) == (urlsplit(box.server.url).netloc, "ru")
    assert query["APP_SID"] == given["sid"]
    assert posted.form["PLACEMENT"] == place
    assert json.loads(posted.form["PLACEMENT_OPTIONS"]) == {**key, "URI": path}
    assert posted.form["APPLICATION_TOKEN"] == app.app["application_token"]
    who = box.http.get("/rest/user.current", params={"auth": posted.form["AUTH_ID"]}).json()["result"]
    assert who["ID"] == "9"
    assert given["init"]["AUTH_ID"] == posted.form["AUTH_ID"]
    assert given["commands"] == (
        ["reloadData"] if re.search("DETAIL_TAB|DETAIL_ACTIVITY|LIST_MENU", place) else []
    )


def test_a_menu_entry_and_a_deep_link_open_the_application(box: Box) -> None:
    app = box.install_app()
    app.ok(
        "placement.bind",
        {"PLACEMENT": "LEFT_MENU", "HANDLER": "https://app.example/menu", "TITLE": "Мои дела"},
    )
    link = re.findall(r'href="(/marketplace/app/\d+/\?placement=\d+)"', box.page(9, "/tasks/"))[0]
    page = box.page(9, link)
    assert 'aria-current="page"><span>Мои дела' in page
    assert urlsplit(opened(box, 9, binding=binding_of(page))["url"]).path == "/menu"
    page = box.page(9, f"/marketplace/view/{app.app['client_id']}/?params[doc]=15&other=1")
    assert "{&#34;doc&#34;: &#34;15&#34;}" in page
    given = opened(box, 9, app=app.app["id"], options='{"doc": "15"}')
    assert json.loads(given["fields"]["PLACEMENT_OPTIONS"]) == {"doc": "15"}
    assert given["fields"]["PLACEMENT"] == "DEFAULT"


def test_an_application_is_hidden_from_those_who_may_not_open_it(box: Box, spa: int) -> None:
    add_item(box)
    app = box.install_app(users=[5])
    asked = {
        "PLACEMENT": f"CRM_DYNAMIC_{SPA}_DETAIL_TAB",
        "HANDLER": "https://app.example/",
        "TITLE": "Закрытая",
    }
    app.ok("placement.bind", asked)
    card = f"/crm/type/{SPA}/details/1/"
    number = binding_of(box.page(5, card))
    assert "Закрытая" not in box.page(9, card)
    headers = {"Cookie": "sandbox_employee=9", "Accept": "application/json"}
    for form in ({"binding": number}, {"app": app.app["id"]}):
        assert box.http.post("/as/app/open", data=form, headers=headers).status_code in (403, 404)
    assert box.http.post("/as/app/refresh", data={"app": app.app["id"]}, headers=headers).status_code == 403
    assert get(box, 9, f"/marketplace/app/{app.app['id']}/").status_code == 403


def test_an_uninstalled_application_waits_for_the_administrator(box: Box) -> None:
    app = box.install_app(install="https://app.example/install", finish=False).app
    address = f"/marketplace/app/{app['id']}/"
    assert "установка" in box.page(1, address)
    given = opened(box, 1, app=app["id"])
    assert (urlsplit(given["url"]).path, given["init"]["INSTALL"]) == ("/install", True)
    assert address not in box.page(9, "/tasks/")
    assert get(box, 9, address).status_code == 403
    assert box.person(9, "app/install_finish", app=app["id"]).status_code == 403
    assert box.person(1, "app/install_finish", app=app["id"]).json()["address"] == address
    assert opened(box, 9, app=app["id"])["init"]["INSTALL"] is False


def test_options_of_an_application_are_kept_from_its_frame(box: Box) -> None:
    app = box.install_app()
    number = app.app["id"]
    mine = {"app": number, "kind": "user", "name": "theme", "value": '"dark"'}
    assert box.person(9, "app/option", **mine).json()["options"] == {"theme": "dark"}
    assert app.as_user(9).ok("user.option.get") == {"theme": "dark"}
    common = {"app": number, "kind": "app", "name": "n", "value": "[1]"}
    assert box.person(9, "app/option", **common).status_code == 403
    assert box.person(1, "app/option", **common).status_code == 200
    assert app.ok("app.option.get") == {"n": [1]}
    assert box.person(9, "app/option", **mine | {"value": "{"}).status_code == 400
