"""One employee at work: enters as everybody does, opens pages, presses buttons, fills forms."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from b24flow.demo.box import present_day
from b24flow.demo.letters import Letter, LetterFile, make
from b24flow.demo.pages import Form, Page, PageError, Value, read
from b24flow.demo.stage import PLAIN, Stage

_UNPROCESSABLE = 422
REGISTER = "Зарегистрировать и направить"


class Person:
    """An employee with a browser of his own; `surname` is how others pick him in a form."""

    def __init__(self, stage: Stage, user: Mapping[str, Any]) -> None:
        self.id = int(user["id"])
        self.surname = str(user["last_name"])
        self.post = str(user["position"])
        self.email = str(user["email"])
        self._stage = stage
        self._origin = {"Origin": stage.url, "Sec-Fetch-Site": "same-origin"}
        self._http = httpx.Client(
            base_url=stage.url, follow_redirects=True, timeout=60, verify=PLAIN)
        self.inside = False

    def close(self) -> None:
        """Close the browser."""
        self._http.close()

    def log_in(self) -> None:
        """Enter by the login page and «Это я» in the chat."""
        box, stage = self._stage.box, self._stage
        seen = {int(one["id"]) for one in box.messages(self.id)}
        self._http.post("/login", data={"who": self.email, "to": "/"}, headers=self._origin)

        def asked() -> bool:
            return any(int(one["id"]) not in seen and "Вход" in one["text"] for one in box.messages(self.id))

        stage.until(asked, "бот не прислал вопрос о входе")
        box.press(self.id, "Это я")
        stage.until(self._arrived, "вход не подтвердился")

    def _arrived(self) -> bool:
        answer = self._http.get("/login/wait?to=/")
        self.inside = answer.url.path == "/"
        return self.inside

    def follow_link(self) -> None:
        """Enter by the personal link of the newest card in the chat; raises PageError without one."""
        found = self._stage.box.button(self.id, "Открыть документ")
        if found is None:
            raise PageError(f"{self.surname}: в чате нет ссылки на документ")
        self.open(str(found[1]["LINK"]))
        self.inside = True

    def has_card(self) -> bool:
        """Tell whether the bot sent a personal link to a document."""
        return self._stage.box.button(self.id, "Открыть документ") is not None

    def enter(self) -> None:
        """Enter if that has not been done: by a link from the chat when there is one."""
        if self.inside:
            return
        if self.has_card():
            self.follow_link()
        else:
            self.log_in()

    def open(self, url: str) -> Page:
        """Open a page; raises PageError when it does not open."""
        parts = urlsplit(url)
        if parts.netloc and not url.startswith(self._stage.url + "/"):
            raise PageError(f"Ссылка ведёт не к нам: {parts.netloc}")
        return self._page(self._http.get(url), 200)

    def register(self, letter: Letter, reviewers: Sequence[str], **values: Value) -> str:
        """Register a letter and return the uuid of the document."""
        self.enter()
        page = self.open("/documents/new/incoming")
        today = present_day()
        form: dict[str, Value] = {
            "correspondent": letter.sender, "foreign_number": letter.number,
            "foreign_date": letter.dated(today).isoformat(), "received_on": today.isoformat(),
            "delivery": letter.delivery, "title": letter.title, "kind": letter.kind, "sheets": "1",
            "summary": letter.body[0], "reviewers": reviewers, **values,
        }
        done = self._send(page.form("/documents/new/incoming"), form, (make(letter, today),))
        return _uuid(done)

    def forward(self, letter: Letter, to: str, reason: str) -> str:
        """Send a letter on without registering it and return the uuid of its record."""
        self.enter()
        page = self.open("/documents/new/incoming")
        page = self.open(urljoin(page.url, page.link("Переслать по принадлежности")))
        form = {"forward_to": to, "reason": reason, "correspondent": letter.sender, "title": letter.title}
        return _uuid(self._send(page.form("/documents/new/incoming"), form))

    def begin(self, process: str, label: str, files: Sequence[LetterFile] = (), **values: Value) -> str:
        """Begin a document by one of the buttons of its form and return its uuid."""
        self.enter()
        page = self.open(f"/documents/new/{process}")
        if page.heading != label:
            page = self.open(urljoin(page.url, page.link(label)))
        return _uuid(self._send(page.form(f"/documents/new/{process}"), values, files))

    def press(
        self, uuid: str, label: str, files: Sequence[LetterFile] = (), row: str = "", **values: Value
    ) -> Page:
        """Press a button of a document's page and send its form; raises PageError when that fails.

        `row` names the line of a table that the button is in.
        """
        self.enter()
        page = self.open(f"/documents/{uuid}")
        page = self.open(urljoin(page.url, page.link(label, row)))
        return self._send(page.form(urlsplit(page.url).path), values, files)

    def document(self, uuid: str) -> dict[str, Any]:
        """Return a document as this person sees it."""
        self.enter()
        answer = self._http.get(f"/api/documents/{uuid}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def printed(self, uuid: str, code: str) -> str:
        """Return the words of a document's print form; raises PageError when it is not given."""
        answer = self._http.get(f"/documents/{uuid}/print/{code}?format=docx")
        if answer.status_code != 200:
            raise PageError(f"{self.surname}: печатная форма {code} не получена ({answer.status_code})")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
            markup = package.read("word/document.xml").decode()
        return re.sub(r"<[^>]+>", "", markup.replace("</w:p>", "\n"))

    def registry(self) -> list[dict[str, Any]]:
        """Return every document of the registry, the newest first."""
        self.enter()
        found: list[dict[str, Any]] = []
        before = ""
        while True:
            answer = self._http.get("/api/documents", params={"before": before} if before else {})
            answer.raise_for_status()
            body = answer.json()
            found += body["documents"]
            if body["after"] is None:
                return found
            before = str(body["after"])

    def _send(self, form: Form, values: Mapping[str, Value], files: Sequence[LetterFile] = ()) -> Page:
        uploads = [(one.field, (one.name, one.content, one.mime)) for one in files]
        answer = self._http.post(form.action, data=form.filled(values), files=uploads or None,
                                 headers=self._origin)
        page = self._page(answer, 200)
        if "/actions/" in page.url or "/new/" in page.url:
            raise PageError(f"«{page.heading}»: форма не принята")
        return page

    def _page(self, answer: httpx.Response, expected: int) -> Page:
        page = read(str(answer.url), answer.status_code, answer.text)
        if answer.status_code == _UNPROCESSABLE:
            raise PageError(f"{self.surname}: {'; '.join(page.errors) or page.heading}")
        if answer.status_code != expected:
            raise PageError(f"{self.surname}: {page.heading or answer.status_code} ({answer.status_code})")
        return page


def _uuid(page: Page) -> str:
    return urlsplit(page.url).path.rpartition("/")[2]
