"""A browser without scripts for tests: it opens pages, presses what has a label, fills forms, keeps cookies.

It does what a browser does with our pages and no more: only fields that a page shows can be filled, only
options that a list offers can be chosen. `send` goes around the page, for what an attacker would post.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_BLOCKS = frozenset({"p", "div", "li", "h1", "h2", "dt", "dd", "tr", "td", "th", "option", "legend", "label",
                     "section", "article", "summary", "br"})
_UNSEEN = frozenset({"script", "style", "title", "desc", "head"})


@dataclass(frozen=True, slots=True)
class File:
    """A file to attach."""

    name: str
    content: bytes
    mime: str = "application/octet-stream"


@dataclass(slots=True)
class Control:
    """A field of a form; `options` are the values it offers, None where anything may be typed."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] | None = None
    required: bool = False


@dataclass(slots=True)
class Form:
    """A form of a page; `buttons` are the labels that send it."""

    action: str
    method: str
    multipart: bool
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)

    def values(self) -> dict[str, list[str]]:
        """Return what would be sent as the page stands, without files."""
        return {one.name: list(one.values) for one in self.controls.values() if one.kind != "file"}


@dataclass(slots=True)
class Page:
    """A page as it was read: its visible text, links and forms."""

    url: str
    status: int
    html: str
    headers: httpx.Headers
    title: str = ""
    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def buttons(self) -> list[str]:
        """The labels of everything that can be pressed and looks like a button."""
        return [label for label, _ in self._button_links] + [
            label for one in self.forms for label in one.buttons
        ]

    _button_links: list[tuple[str, str]] = field(default_factory=list)

    def link(self, label: str) -> str:
        """Return the address behind a link or a link that looks like a button."""
        found = [url for text, url in self.links if text == label]
        assert found, f"нет ссылки «{label}»: {[text for text, _ in self.links]}"
        return found[0]

    def form(self, label: str) -> Form | None:
        """Return the form that a button sends, if this page has it."""
        return next((one for one in self.forms if label in one.buttons), None)


class Browser:
    """One person at one device. `page` is what he sees now."""

    def __init__(self, base_url: str, *, timeout: float = 30) -> None:
        self.http = httpx.Client(base_url=base_url, follow_redirects=False, timeout=timeout)
        self.page = Page(url=base_url, status=0, html="", headers=httpx.Headers())

    def open(self, path: str) -> Page:
        """Open an address and follow where it leads."""
        return self._arrive(self.http.get(path, headers={"Sec-Fetch-Site": "none"}))

    def follow(self, label: str) -> Page:
        """Open the link with this label."""
        return self.open(self.page.link(label))

    def press(self, label: str, **values: Any) -> Page:
        """Press a button; where it only opens a form with the same button, fill and send that too."""
        if self.page.form(label) is None:
            self.follow(label)
        # «Установить другой срок — Синицын О. Ю.» opens a form that says only what is done.
        form = self.page.form(label) or self.page.form(label.partition(" — ")[0])
        if form is None:
            assert not values, f"на странице «{self.page.title}» нет формы «{label}»: {self.page.text[:300]}"
            return self.page
        return self.submit(form, **values)

    def submit(self, form: Form, **values: Any) -> Page:
        """Fill the fields of a form and send it."""
        sent, files = form.values(), {}
        for name, value in values.items():
            assert name in form.controls, f"в форме нет поля «{name}»: {list(form.controls)}"
            control = form.controls[name]
            if control.kind == "file":
                files[name] = [value] if isinstance(value, File) else list(value)
                continue
            sent[name] = typed(value)
            if control.options is not None:
                unknown = [one for one in sent[name] if one not in control.options]
                assert not unknown, f"в списке «{name}» нет {unknown}: {control.options}"
        empty = {one.name: [File("", b"")] for one in form.controls.values()
                 if one.kind == "file" and one.name not in files}
        return self.send(form.action, sent, {**empty, **files} if form.multipart else None,
                         method=form.method)

    def send(
        self, path: str, values: Mapping[str, Iterable[str]],
        files: Mapping[str, Iterable[File]] | None = None, *, method: str = "post",
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Send fields and files as they are, whatever the page offers; `files` makes it multipart."""
        pairs = [(name, value) for name, many in values.items() for value in many]
        if method == "get":
            return self._arrive(self.http.get(path, params=pairs))
        said = {"Sec-Fetch-Site": "same-origin", "Origin": "null", **(headers or {})}
        if files is None:
            data: dict[str, list[str]] = {}
            for name, value in pairs:
                data.setdefault(name, []).append(value)
            return self._arrive(self.http.post(path, data=data, headers=said))
        body, kind = multipart(pairs, files)
        return self._arrive(self.http.post(path, content=body, headers={**said, "Content-Type": kind}))

    def download(self, label: str) -> httpx.Response:
        """Return the answer behind a link without leaving the page."""
        return self.http.get(self.page.link(label))

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _arrive(self, answer: httpx.Response) -> Page:
        for _ in range(10):
            if not answer.is_redirect:
                self.page = read_page(answer)
                return self.page
            answer = self.http.get(urljoin(str(answer.url), answer.headers["location"]))
        raise AssertionError(f"страница водит по кругу: {answer.url}")


def typed(value: Any) -> list[str]:
    """Return a value as a form sends it."""
    if isinstance(value, bool):
        return ["1"] if value else []
    if isinstance(value, date):
        return [value.isoformat()]
    if isinstance(value, list | tuple | set):
        return [str(one) for one in value]
    return [str(value)]


def multipart(
    pairs: Iterable[tuple[str, str]], files: Mapping[str, Iterable[File]], boundary: str = "form-part-7d1"
) -> tuple[bytes, str]:
    """Return a body as browsers write it, and its content type; an empty file field is a nameless file."""
    found = b""
    for name, value in pairs:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n'
        found += head.encode() + value.encode() + b"\r\n"
    for name, many in files.items():
        for one in many:
            head = (f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"; '
                    f'filename="{_quoted(one.name)}"\r\nContent-Type: {one.mime}\r\n\r\n')
            found += head.encode() + one.content + b"\r\n"
    return found + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def read_page(answer: httpx.Response) -> Page:
    """Parse an answer; what is not HTML is a page with its text only."""
    page = Page(url=str(answer.url), status=answer.status_code, html=answer.text, headers=answer.headers)
    if answer.headers.get("content-type", "").startswith("text/html"):
        reader = _Reader(page)
        reader.feed(answer.text)
        reader.close()
        page.text = _joined(reader.words)
    else:
        page.text = answer.text
    return page


def _joined(words: Iterable[str]) -> str:
    lines = "".join(words).split("\n")
    return "\n".join(line for line in (" ".join(one.split()) for one in lines) if line)


class _Reader(HTMLParser):
    """Collects what a person could read, type and press."""

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._page = page
        self._stack: list[str] = []
        self._form: Form | None = None
        self._link: dict[str, str] | None = None
        self._link_words: list[str] = []
        self._button_words: list[str] | None = None
        self._area: Control | None = None
        self._select: Control | None = None
        self._chosen = 0
        self._error: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._stack.append(tag)
        if tag in _BLOCKS:
            self.words.append("\n")
        if tag == "form":
            self._form = Form(action=urljoin(self._page.url, said.get("action", "")),
                              method=said.get("method", "get").lower(),
                              multipart=said.get("enctype", "").startswith("multipart"))
            self._page.forms.append(self._form)
        elif tag == "a" and "href" in said:
            self._link, self._link_words = said, []
        elif tag == "button":
            self._button_words = []
        elif tag == "p" and said.get("class") == "field-error":
            self._error = said.get("id", "").removeprefix("e-")
            self._page.errors[self._error] = ""
        elif self._form is not None:
            self._field(tag, said, self._form)

    def _field(self, tag: str, said: Mapping[str, str], form: Form) -> None:
        name = said.get("name", "")
        if tag == "input" and name:
            self._input(said, form, name)
        elif tag == "textarea":
            self._area = self._control(form, Control(name, "textarea", required="required" in said))
            self._area.values.append("")
        elif tag == "select":
            self._select = self._control(form, Control(name, "select", [], [], "required" in said))
            self._chosen = len(self._select.values)
        elif tag == "option" and self._select is not None:
            assert self._select.options is not None
            value = said.get("value", "")
            self._select.options.append(value)
            if len(self._select.values) == self._chosen:
                self._select.values.append(value)
            elif "selected" in said:
                self._select.values[-1] = value

    @staticmethod
    def _control(form: Form, fresh: Control) -> Control:
        """Return the control of a column (`points.text`), which every row has again, or a new one."""
        if "." not in fresh.name:
            form.controls[fresh.name] = fresh
        return form.controls.setdefault(fresh.name, fresh)

    @staticmethod
    def _input(said: Mapping[str, str], form: Form, name: str) -> None:
        kind = said.get("type", "text")
        control = form.controls.get(name)
        if kind in {"checkbox", "radio"}:
            if control is None:
                control = form.controls[name] = Control(name, kind, [], [])
            assert control.options is not None
            control.options.append(said.get("value", "on"))
            if "checked" in said:
                control.values.append(said.get("value", "on"))
            return
        assert control is None or "." in name, f"поле «{name}» стоит в форме дважды"
        fresh = Control(name, kind, required="required" in said)
        form.controls.setdefault(name, fresh).values.append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        while self._stack and self._stack.pop() != tag:
            pass
        if tag in _BLOCKS:
            self.words.append("\n")
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None
        elif tag == "p":
            self._error = None
        elif tag == "a" and self._link is not None:
            label = " ".join("".join(self._link_words).split())
            url = urljoin(self._page.url, self._link["href"])
            self._page.links.append((label, url))
            if "button" in self._link.get("class", "").split():
                self._page._button_links.append((label, url))
            self._link = None
        elif tag == "button" and self._button_words is not None:
            if self._form is not None:
                self._form.buttons.append(" ".join("".join(self._button_words).split()))
            self._button_words = None

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if self._stack and self._stack[-1] == "title" and "svg" not in self._stack:
            self._page.title += data.strip()
        if _UNSEEN & set(self._stack):
            return
        if self._area is not None:
            # The parser of a page drops the first line break of a text area.
            first = self._area.values[-1]
            self._area.values[-1] = first + data if first else data.removeprefix("\n")
            return
        if self._error is not None:
            self._page.errors[self._error] += data
        if self._link is not None:
            self._link_words.append(data)
        if self._button_words is not None:
            self._button_words.append(data)
        self.words.append(data)
