"""The page's own scripts in a real browser: frames of applications, the slider, pages that follow the portal.

Chromium is driven by nothing but addresses: an application on a loopback port serves the page that is
shown in the frame, talks to its parent and reports what it heard.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from b24flow.sandbox.wire import parse_query
from tests.sandbox.conftest import SPA, Box, add_item

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("B24FLOW_REQUIRE_CHROMIUM"), reason="no Chromium on this machine"
)
_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
]  # fmt: skip
_TALK = """<!doctype html><meta charset="utf-8"><script>
const sid = new URLSearchParams(location.search).get("APP_SID");
const proto = new URLSearchParams(location.search).get("PROTOCOL") === "1" ? "https" : "http";
const portal = proto + "://" + new URLSearchParams(location.search).get("DOMAIN");
const waiting = new Map();
const heard = {place: %(place)s};
let number = 0;
window.addEventListener("message", (event) => {
  if (event.origin !== portal) return;
  const cut = event.data.indexOf(":");
  const done = waiting.get(event.data.slice(0, cut));
  if (done) done(JSON.parse(event.data.slice(cut + 1) || "null"));
});
function ask(command, params, other) {
  const callback = "cb" + (++number);
  const answered = new Promise((resolve) => {
    waiting.set(callback, resolve);
    setTimeout(() => resolve("silence"), 700);
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
        self.portal = ""
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
        def do_GET(self) -> None:
            """Choose the employee in the browser (cookies know no ports) and go to the portal."""
            asked = parse_qs(urlsplit(self.path).query)
            if "user" not in asked:
                self._send(404, "")
                return
            self.send_response(302)
            self.send_header("Set-Cookie", f"sandbox_employee={asked['user'][0]}; Path=/")
            self.send_header("Location", program.portal + asked["to"][0])
            self.end_headers()

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
            self._send(200, _TALK % {"place": place, "steps": program.steps})

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


class Browser:
    """Opens a page of the portal as an employee until the application's frame has told what it heard."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program = program
        self.folder = folder

    def visit(self, who: int, path: str) -> dict[str, Any]:
        assert CHROMIUM is not None, "B24FLOW_REQUIRE_CHROMIUM is set, but there is no Chromium"
        address = f"{self.program.url}/?user={who}&to={path.replace('&', '%26').replace('?', '%3F')}"
        profile = f"--user-data-dir={self.folder / 'profile'}"
        command = [CHROMIUM, *_FLAGS, profile, "--remote-debugging-port=0", address]
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert self.program.told.wait(60), f"the frame said nothing; posted: {self.program.posted}"
        finally:
            run.terminate()
            run.wait(30)
        return self.program.heard[-1]


@pytest.fixture
def program(box: Box) -> Iterator[Program]:
    made = Program("")
    made.portal = box.server.url
    yield made
    made.close()


@pytest.fixture
def browser(program: Program, tmp_path: Path) -> Browser:
    return Browser(program, tmp_path)


def _bound(box: Box, program: Program, place: str) -> int:
    app = box.install_app(handler=f"{program.url}/main")
    assert app.ok("placement.bind", {"PLACEMENT": place, "HANDLER": f"{program.url}/tab", "TITLE": "Лист"})
    card = box.page(1, f"/crm/type/{SPA}/details/1/")
    return int(card.split('data-tab="app')[1].split('"')[0])


def test_a_tab_is_opened_by_the_documented_post_and_the_frame_is_answered(
    box: Box, spa: int, program: Program, browser: Browser
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
    heard = browser.visit(9, f"/crm/type/{SPA}/details/1/?tab=app{binding}")
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
    box: Box, program: Program, browser: Browser
) -> None:
    app = box.install_app(handler=f"{program.url}/main", install=f"{program.url}/install", finish=False).app
    program.steps = """
  heard.init = await ask("getInitData");
  if (heard.init.INSTALL) { parent.postMessage("setInstallFinish:{}:x:" + sid, portal); return; }
  heard.again = await ask("setInstallFinish", {});
"""
    heard = browser.visit(1, f"/marketplace/app/{app['id']}/")
    assert [path for path, _, _ in program.posted] == ["/install", "/main"]
    assert (heard["init"]["INSTALL"], heard["init"]["IS_ADMIN"], heard["again"]) == (False, True, [])
    assert heard["init"]["PLACEMENT"] == "DEFAULT"


def test_a_frame_elsewhere_is_not_answered(box: Box, program: Program, browser: Browser) -> None:
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
    heard = browser.visit(9, f"/marketplace/app/{app.app['id']}/")
    assert [path for path, _, _ in program.posted] == ["/main", "/away"]
    assert heard["init"] == heard["option"] == "silence"
    assert app.as_user(9).ok("user.option.get") == []
