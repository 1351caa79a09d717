"""Reading a page as a person does: its buttons, its form, what it says. No scripts, no knowledge of ours.

A form is filled by the names of its fields; people and choices are picked by the text beside them, so a
label nobody can find is a failure here as it would be for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

Value = str | Sequence[str] | bool
_VOID = frozenset({"input", "br", "img", "meta", "link", "hr", "circle", "col"})


class PageError(Exception):
    """The page does not have, say or accept what a person expects; the text is Russian."""


@dataclass(slots=True, kw_only=True)
class Option:
    """One line of a choice, or one box to tick."""

    value: str
    label: str = ""
    chosen: bool = False


@dataclass(slots=True, kw_only=True)
class Input:
    """A field of a form; `options` for choices and boxes, `value` for the rest.

    `further` are the controls of the same name after this one: a field of several rows repeats them.
    """

    name: str
    kind: str
    value: str = ""
    options: list[Option] = field(default_factory=list)
    further: list[Input] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Form:
    """A form with what it holds now."""

    action: str
    inputs: dict[str, Input] = field(default_factory=dict)

    def filled(self, values: Mapping[str, Value]) -> dict[str, list[str]]:
        """Return what a browser would send; raises PageError for a field or choice that is not there."""
        unknown = set(values) - set(self.inputs)
        if unknown:
            raise PageError(f"В форме нет полей: {', '.join(sorted(unknown))}")
        sent: dict[str, list[str]] = {}
        for name, one in self.inputs.items():
            if one.kind == "file":
                continue
            found = _given(one, values[name]) if name in values else _kept(one)
            if found:
                sent[name] = found
        return sent


def _kept(one: Input) -> list[str]:
    if one.kind == "checkbox":
        return [option.value for option in one.options if option.chosen]
    return [_value(each) for each in (one, *one.further)]


def _value(one: Input) -> str:
    if one.kind != "select":
        return one.value
    return next((option.value for option in one.options if option.chosen),
                one.options[0].value if one.options else "")


def _given(one: Input, value: Value) -> list[str]:
    if isinstance(value, bool):
        return [one.options[0].value] if value else []
    wanted = [value] if isinstance(value, str) else list(value)
    if one.kind == "checkbox":
        return [_pick(one, text) for text in wanted]
    rows = [one, *one.further]
    if len(wanted) > len(rows):
        raise PageError(f"В поле «{one.name}» строк {len(rows)}, а нужно {len(wanted)}")
    typed = [_pick(row, text) if row.kind == "select" else text
             for row, text in zip(rows, wanted, strict=False)]
    return [*typed, *(_value(row) for row in rows[len(typed):])]


def _pick(one: Input, text: str) -> str:
    found = [option.value for option in one.options if text in (option.label, option.value)] or [
        option.value for option in one.options if text and option.label.startswith(text)
    ]
    if len(found) != 1:
        raise PageError(f"В поле «{one.name}» не выбирается «{text}»")
    return found[0]


@dataclass(slots=True, kw_only=True)
class Page:
    """A page as read: links by their text, forms, the message on top, what is wrong.

    `beside` has the links of tables: what their row says, their text, their address.
    """

    url: str
    status: int
    links: list[tuple[str, str]] = field(default_factory=list)
    beside: list[tuple[str, str, str]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    flash: str = ""
    errors: list[str] = field(default_factory=list)
    heading: str = ""

    def link(self, text: str, row: str = "") -> str:
        """Return the address behind a button; raises PageError when there is none.

        Of several alike `row` tells which: by the row of the table it is in, or by what its own text adds.
        """
        found = [url for said, label, url in self.beside if label == text and row in said] if row else []
        wanted = f"{text} — {row}" if row else text
        found += [url for label, url in self.links if (label.startswith(wanted) if row else label == text)]
        if not found:
            raise PageError(f"На странице «{self.heading}» нет кнопки «{text}»{f' у «{row}»' if row else ''}")
        return found[0]

    def form(self, action: str = "") -> Form:
        """Return the form that posts to `action`, or the page's only one that is not about leaving."""
        found = [one for one in self.forms if one.action.partition("?")[0] == action.partition("?")[0]
                 or (not action and one.action != "/logout")]
        if not found:
            raise PageError(f"На странице «{self.heading}» нет формы")
        return found[0]


def read(url: str, status: int, html: str) -> Page:
    """Return a page as a person sees it."""
    reader = _Reader(Page(url=url, status=status))
    reader.feed(html)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    """Collects links, forms and messages; text belongs to everything that is open around it."""

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self._open: list[tuple[str, str, list[str]]] = []
        self._href: dict[int, str] = {}
        self._row = 0
        self._form: Form | None = None
        self._field: Input | None = None
        self._box: Option | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what opens."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(action=found.get("action", self.page.url))
            self.page.forms.append(self._form)
        elif tag in {"input", "select", "textarea"} and self._form is not None and "name" in found:
            self._input(tag, found)
        elif tag == "option" and self._field is not None:
            self._field.options.append(Option(value=found.get("value", ""), chosen="selected" in found))
        if tag == "tr":
            self._row = len(self.page.links)
        if tag not in _VOID:
            self._open.append((tag, found.get("class", ""), []))
            if tag == "a":
                self._href[len(self._open)] = found.get("href", "")

    def _input(self, tag: str, found: Mapping[str, str]) -> None:
        assert self._form is not None
        kind = found.get("type", "text") if tag == "input" else tag
        made = Input(name=found["name"], kind=kind)
        one = self._form.inputs.setdefault(found["name"], made)
        if one is not made and kind not in {"checkbox", "file"}:
            one.further.append(made)
            one = made
        if kind == "checkbox":
            self._box = Option(value=found.get("value", "on"), chosen="checked" in found)
            one.options.append(self._box)
        elif kind in {"select", "textarea"}:
            self._field = one
        else:
            one.value = found.get("value", "")

    def handle_data(self, data: str) -> None:
        """Give the text to everything that is open."""
        for _, _, text in self._open:
            text.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Take what the closing element says."""
        while self._open:
            depth = len(self._open)
            name, styles, parts = self._open.pop()
            self._closed(name, styles, parts, self._href.pop(depth, ""))
            if name == tag:
                break

    def _closed(self, name: str, styles: str, parts: list[str], href: str) -> None:
        text = " ".join("".join(parts).split())
        if name == "a":
            self.page.links.append((text, href))
        elif name == "tr":
            self.page.beside += [(text, *link) for link in self.page.links[self._row:]]
        elif name == "option" and self._field is not None:
            self._field.options[-1].label = text
        elif name == "textarea" and self._field is not None:
            self._field.value = "".join(parts).removeprefix("\n")
        elif name == "label" and self._box is not None:
            self._box.label, self._box = text, None
        elif name == "h1":
            self.page.heading = text
        elif name == "form":
            self._form = None
        if name in {"select", "textarea"}:
            self._field = None
        if "flash" in styles.split():
            self.page.flash = text
        elif "field-error" in styles.split():
            self.page.errors.append(text)
