"""The page's own scripts in a real browser: frames of applications, the slider, pages that follow the portal.

An application on a loopback port serves the page that is shown in the frame; that page talks to its
parent and reports what it heard.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from b24flow.sandbox.wire import parse_query
from tests.sandbox.chromium import PATIENCE_S, Tab, needs_chromium, tab
from tests.sandbox.conftest import SPA, Box, add_item, add_task

pytestmark = needs_chromium
_TALK = """<!doctype html><meta charset="utf-8"><script>
const sid = new URLSearchParams(location.search).get("APP_SID");
const proto = new URLSearchParams(location.search).get("PROTOCOL") === "1" ? "https" : "http";
const portal = proto + "://" + new URLSearchParams(location.search).get("DOMAIN");
const waiting = new Map();
const heard = {place: %(place)s};
const options = %(options)s;
let number = 0;
window.addEventListener("message", (event) => {
  if (event.origin !== portal) return;
  const cut = event.data.indexOf(":");
  const done = waiting.get(event.data.slice(0, cut));
  if (done) done(JSON.parse(event.data.slice(cut + 1) || "null"));
});
function ask(command, params, other, patience) {
  const callback = "cb" + (++number);
  const answered = new Promise((resolve) => {
    waiting.set(callback, resolve);
    setTimeout(() => resolve("silence"), patience || 700);
  });
  const text = params === undefined ? "" : JSON.stringify(params);
  parent.postMessage([command, text, callback, other || sid].join(":"), portal);
  return answered;
}
(async () => {
%(steps)s
  await fetch("/heard", {method: "POST", body: JSON.stringify(heard)});
})();
</script>"""


class Program:
    """An application whose pages are served here: what was posted to it, and what its frame heard."""

    def __init__(self, steps: str) -> None:
        self.posted: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self.heard: list[dict[str, Any]] = []
        self.told = threading.Event()
        self.steps = steps
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def _handler(program: Program) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/heard":
                program.heard.append(json.loads(body))
                program.told.set()
                self._send(200, "")
                return
            parts = urlsplit(self.path)
            form = parse_query(body)
            program.posted.append((parts.path, parse_query(parts.query), form))
            place = json.dumps(form.get("PLACEMENT", ""))
            options = form.get("PLACEMENT_OPTIONS") or "{}"
            self._send(200, _TALK % {"place": place, "options": options, "steps": program.steps})

        def _send(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def program(box: Box) -> Iterator[Program]:
    made = Program("")
    yield made
    made.close()


@pytest.fixture
def page(box: Box, tmp_path: Path) -> Iterator[Tab]:
    """A browser in which employee 9 has been chosen."""
    with tab(tmp_path / "profile") as made:
        choose(box, made, 9)
        yield made
        assert made.errors == []


def choose(box: Box, page: Tab, who: int) -> None:
    page.go(f"{box.server.url}/?switch")
    page.run(f"document.querySelector('button[name=user][value=\"{who}\"]').click()")
    page.until("location.pathname === '/stream/'")


def visit(box: Box, program: Program, page: Tab, path: str) -> dict[str, Any]:
    """Open a page until the application's frame has told what it heard."""
    page.go(box.server.url + path)
    assert program.told.wait(PATIENCE_S), f"the frame said nothing; posted: {program.posted}"
    return program.heard[-1]


def _bound(box: Box, program: Program, place: str) -> int:
    app = box.install_app(handler=f"{program.url}/main")
    assert app.ok("placement.bind", {"PLACEMENT": place, "HANDLER": f"{program.url}/tab", "TITLE": "Лист"})
    card = box.page(1, f"/crm/type/{SPA}/details/1/")
    return int(card.split('data-tab="app')[1].split('"')[0])


def test_a_tab_is_opened_by_the_documented_post_and_the_frame_is_answered(
    box: Box, spa: int, program: Program, page: Tab
) -> None:
    add_item(box, title="Письмо")
    binding = _bound(box, program, f"CRM_DYNAMIC_{SPA}_DETAIL_TAB")
    program.steps = """
  heard.init = await ask("getInitData");
  heard.fresh = await ask("refreshAuth", {});
  heard.option = await ask("setUserOption", {name: "a:b", value: {x: 1}});
  heard.refused = await ask("setAppOption", {name: "c", value: 1});
  heard.size = await ask("resizeWindow", {width: "100%", height: 777});
  heard.title = await ask("setTitle", {title: "Другое: <b>имя</b>"});
  heard.interface = await ask("getInterface");
  heard.reload = await ask("reloadData", {});
  heard.path = await ask("openPath", {path: "//evil.example/"});
  heard.unknown = await ask("dropTable", {});
  heard.stranger = await ask("getInitData", undefined, "0123456789abcdef0123456789abcdef");
  heard.object = await new Promise((resolve) => {
    waiting.set("obj", resolve); setTimeout(() => resolve("silence"), 700);
    parent.postMessage({method: "getInitData", params: "", callback: "obj", appSid: sid}, portal);
  });
"""
    heard = visit(box, program, page, f"/crm/type/{SPA}/details/1/?tab=app{binding}")
    path, query, form = program.posted[0]
    assert path == "/tab"
    assert query["DOMAIN"] == urlsplit(box.server.url).netloc
    assert (query["PROTOCOL"], query["LANG"], len(query["APP_SID"])) == ("0", "ru", 32)
    assert form["PLACEMENT"] == f"CRM_DYNAMIC_{SPA}_DETAIL_TAB"
    options = json.loads(form["PLACEMENT_OPTIONS"])
    assert options == {"ID": "1", "URI": f"/crm/type/{SPA}/details/1/?tab=app{binding}"}
    who = box.http.get("/rest/user.current", params={"auth": form["AUTH_ID"]}).json()
    assert who["result"]["ID"] == "9"

    init = heard["init"]
    assert (init["DOMAIN"], init["PROTOCOL"], init["IS_ADMIN"]) == (query["DOMAIN"], 0, False)
    assert (init["AUTH_ID"], init["PLACEMENT"]) == (form["AUTH_ID"], form["PLACEMENT"])
    assert heard["object"]["AUTH_ID"] == heard["fresh"]["AUTH_ID"] != form["AUTH_ID"]
    assert set(heard["fresh"]) == {"AUTH_ID", "REFRESH_ID", "AUTH_EXPIRES"}
    assert heard["option"] == {"a:b": {"x": 1}}
    assert heard["size"] == heard["title"] == heard["reload"] == []
    assert heard["interface"] == {"command": ["reloadData"], "event": []}
    assert heard["path"] == {"result": "error", "errorCode": "PATH_NOT_AVAILABLE"}
    assert heard["refused"] == heard["unknown"] == heard["stranger"] == "silence"


def test_an_installation_page_finishes_and_the_application_is_opened(
    box: Box, program: Program, page: Tab
) -> None:
    app = box.install_app(handler=f"{program.url}/main", install=f"{program.url}/install", finish=False).app
    program.steps = """
  heard.init = await ask("getInitData");
  if (heard.init.INSTALL) { parent.postMessage("setInstallFinish:{}:x:" + sid, portal); return; }
  heard.again = await ask("setInstallFinish", {});
"""
    choose(box, page, 1)
    heard = visit(box, program, page, f"/marketplace/app/{app['id']}/")
    assert [path for path, _, _ in program.posted] == ["/install", "/main"]
    assert (heard["init"]["INSTALL"], heard["init"]["IS_ADMIN"], heard["again"]) == (False, True, [])
    assert heard["init"]["PLACEMENT"] == "DEFAULT"


def test_a_frame_elsewhere_is_not_answered(box: Box, program: Program, page: Tab) -> None:
    """A frame that went to another origin keeps its APP_SID and must get nothing for it."""
    app = box.install_app(handler=f"{program.url}/main")
    other = f"http://localhost:{program.server.server_port}"
    program.steps = f"""
  if (location.hostname === "127.0.0.1") {{
    const form = document.createElement("form");
    form.method = "post"; form.action = "{other}/away" + location.search;
    document.documentElement.append(form); form.submit(); return;
  }}
  heard.init = await ask("getInitData");
  heard.option = await ask("setUserOption", {{name: "stolen", value: 1}});
"""
    heard = visit(box, program, page, f"/marketplace/app/{app.app['id']}/")
    assert [path for path, _, _ in program.posted] == ["/main", "/away"]
    assert heard["init"] == heard["option"] == "silence"
    assert app.as_user(9).ok("user.option.get") == []


def test_employees_are_chosen_in_the_portals_dialogue(box: Box, program: Program, page: Tab) -> None:
    app = box.install_app(handler=f"{program.url}/main").app
    program.steps = """
  heard.many = await ask("selectUsers", {}, undefined, 30000);
  heard.one = await ask("selectUser", {mult: false}, undefined, 30000);
"""
    page.go(f"{box.server.url}/marketplace/app/{app['id']}/")
    page.until("document.querySelector('dialog[open] input[type=checkbox]')")
    for who in (5, 9):
        page.run(f"document.querySelector('dialog input[value=\"{who}\"]').click()")
    page.run("document.querySelector('dialog .btn').click()")
    page.until("document.querySelector('dialog[open] input[type=radio]')")
    page.run("document.querySelector('dialog input[value=\"16\"]').click()")
    page.run("document.querySelector('dialog .btn').click()")
    assert program.told.wait(PATIENCE_S)
    heard = program.heard[-1]
    assert sorted(one["id"] for one in heard["many"]) == [5, 9]
    assert heard["one"] == {"id": 16, "name": "Татьяна Мятина"}


def test_an_application_opens_its_own_slider_and_closes_it(box: Box, program: Program, page: Tab) -> None:
    app = box.install_app(handler=f"{program.url}/main").app
    program.steps = """
  if (options.step) { await ask("closeApplication"); return; }
  heard.closed = await ask("openApplication", {step: 2, bx24_title: "Шаг"}, undefined, 30000);
"""
    heard = visit(box, program, page, f"/marketplace/app/{app['id']}/")
    assert heard["closed"] == []
    assert page.run("document.querySelector('.slider') === null") is True
    given = json.loads(program.posted[1][2]["PLACEMENT_OPTIONS"])
    assert (given["step"], given["bx24_title"]) == (2, "Шаг")
    assert program.posted[1][2]["PLACEMENT"] == "DEFAULT"


def test_a_path_is_opened_in_a_slider_and_its_end_is_told(box: Box, program: Program, page: Tab) -> None:
    app = box.install_app(handler=f"{program.url}/main").app
    program.steps = 'heard.end = await ask("openPath", {path: "/company/"}, undefined, 30000);'
    page.go(f"{box.server.url}/marketplace/app/{app['id']}/")
    page.until("document.querySelector('.slider iframe')?.contentDocument?.querySelector('h1')")
    address = page.run("document.querySelector('.slider iframe').src")
    assert f"from=rest_placement&from_app={app['id']}" in address
    page.run("document.querySelector('.slider .shut').click()")
    assert program.told.wait(PATIENCE_S)
    assert program.heard[-1]["end"] == {"result": "close"}


# --- the page itself ------------------------------------------------------------------------------


def test_a_chat_is_live_and_a_half_written_message_is_kept(box: Box, page: Tab) -> None:
    page.go(f"{box.server.url}/online/?IM_DIALOG=5")
    box.person(5, "write", dialog_id="9", text="Живое сообщение")
    page.until("document.querySelector('.messages').innerText.includes('Живое сообщение')")
    page.run("document.querySelector('.composer textarea').value = 'Ответ'")
    page.run("document.querySelector('.composer form').requestSubmit()")
    page.until("document.querySelector('.messages').innerText.includes('Ответ')")
    page.until("document.querySelector('.composer textarea').value === ''")
    page.run("document.querySelector('.composer textarea').focus()")
    page.run("document.querySelector('.composer textarea').value = 'Недопис'")
    box.person(5, "write", dialog_id="9", text="Ещё одно")
    page.until("document.querySelector('.messages').innerText.includes('Ещё одно')")
    assert page.run("document.querySelector('.composer textarea').value") == "Недопис"
    assert "Ответ" in box.page(5, "/online/?IM_DIALOG=9")


def test_a_card_is_dragged_to_another_stage(box: Box, spa: int, page: Tab) -> None:
    add_item(box, title="Письмо")
    page.go(f"{box.server.url}/crm/type/{SPA}/kanban/")
    stage = f"DT{SPA}_10:CLIENT"
    page.run(f"""(() => {{
      const card = document.querySelector("[data-item]");
      const column = document.querySelector('[data-stage="{stage}"]');
      const dataTransfer = new DataTransfer();
      const about = {{bubbles: true, cancelable: true, dataTransfer}};
      const fire = (name, on) => on.dispatchEvent(new DragEvent(name, about));
      fire("dragstart", card); fire("dragover", column); fire("drop", column); fire("dragend", card);
    }})()""")
    page.until(f"""document.querySelector('[data-stage="{stage}"] h2').innerText.includes("1")""")
    item = box.ok("crm.item.get", {"entityTypeId": SPA, "id": 1})["item"]
    assert (item["stageId"], item["movedBy"]) == (stage, 9)


def test_a_task_is_worked_on_in_a_slider_and_the_list_follows(box: Box, page: Tab) -> None:
    number = add_task(box, TITLE="Исполнить", SE_PARAMETER=[{"CODE": 3, "VALUE": "Y"}])["id"]
    page.go(f"{box.server.url}/tasks/")
    page.run("document.querySelector('td a[data-slide]').click()")
    inside = "document.querySelector('.slider iframe')?.contentDocument"
    page.until(f"{inside}?.readyState === 'complete' && {inside}.querySelector('h1')")
    assert page.run(f"{inside}.querySelector('nav.menu') === null") is True
    finish = f"{inside}.querySelector('form[action=\"/as/task/complete\"] button').click()"
    page.run(finish)
    page.until(f"{inside}.querySelector('.toast')?.textContent.includes('результат')")
    write = f"{inside}.querySelector('form[action=\"/as/task/result\"] textarea').value = 'Сделано'"
    page.run(write.replace("?.", "."))
    page.run(f"{inside}.querySelector('form[action=\"/as/task/result\"]').requestSubmit()")
    page.until(f"{inside}.querySelector('[data-live=results]').innerText.includes('Сделано')")
    page.run(finish)
    page.until(f"{inside}.querySelector('[data-live=head]').innerText.includes('Завершена')")
    page.run("document.querySelector('.slider .shut').click()")
    page.until("document.querySelector('[data-live=rows]').innerText.includes('В этой роли задач нет')")
    assert box.ok("tasks.task.get", {"taskId": number})["task"]["closedBy"] == "9"


def test_the_frame_of_a_hidden_tab_is_opened_when_the_tab_is(
    box: Box, spa: int, program: Program, page: Tab
) -> None:
    add_item(box, title="Письмо")
    binding = _bound(box, program, f"CRM_DYNAMIC_{SPA}_DETAIL_TAB")
    page.go(f"{box.server.url}/crm/type/{SPA}/details/1/")
    page.run("document.querySelector('a.tab[data-tab=history]').click()")
    page.until("!document.querySelector('[data-panel=history]').hidden")
    assert program.posted == []
    page.run(f"document.querySelector('a.tab[data-tab=app{binding}]').click()")
    assert program.told.wait(PATIENCE_S)
    page.run("document.querySelector('a.tab[data-tab=main]').click()")
    page.run(f"document.querySelector('a.tab[data-tab=app{binding}]').click()")
    page.until(f"!document.querySelector('[data-panel=app{binding}]').hidden")
    assert [path for path, _, _ in program.posted] == ["/tab"]
