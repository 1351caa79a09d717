"""BB-code as safe HTML, in one pass: text is escaped as it goes out and only known tags are made.

A replacement after a replacement could be led out of an attribute by nested tags; a stack cannot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from markupsafe import Markup

_TAG = re.compile(r"\[(/?)(b|i|u|s|url|user|send|put|br)(?:=([^\]\[]*))?\]|#br#", re.IGNORECASE)
_BARE_URL = re.compile(r"https?://[^\s<>\"'\[\]]+")
_SAFE_SCHEME = re.compile(r"(https?://|mailto:|/(?![/\\])|#)", re.IGNORECASE)


@dataclass(slots=True)
class _Frame:
    tag: str = ""
    argument: str = ""
    written: str = ""
    html: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def render(text: str) -> Markup:
    """Return HTML for B, I, U, S, URL, USER, BR, SEND and PUT; any other tag stays text."""
    frames = [_Frame()]
    position = 0
    for match in _TAG.finditer(text):
        _add_text(frames, text[position : match.start()])
        _add_tag(frames, match)
        position = match.end()
    _add_text(frames, text[position:])
    while len(frames) > 1:  # a tag that was never closed is shown as it was written
        _merge(frames, escape(frames[-1].written) + "".join(frames[-1].html))
    return Markup("".join(frames[0].html))  # noqa: S704 - every piece was escaped when added


def _add_text(frames: list[_Frame], text: str) -> None:
    top = frames[-1]
    top.text.append(text)
    if any(frame.tag == "url" for frame in frames):
        top.html.append(_lines(text))
        return
    position = 0
    for match in _BARE_URL.finditer(text):
        top.html.append(_lines(text[position : match.start()]))
        top.html.append(_link(match[0], escape(match[0])))
        position = match.end()
    top.html.append(_lines(text[position:]))


def _lines(text: str) -> str:
    return re.sub(r"\r?\n", "<br>", escape(text))


def _add_tag(frames: list[_Frame], match: re.Match[str]) -> None:
    tag = (match[2] or "br").lower()
    if tag == "br":
        frames[-1].html.append("<br>")
    elif not match[1]:
        frames.append(_Frame(tag=tag, argument=match[3] or "", written=match[0]))
    elif frames[-1].tag == tag:
        _merge(frames, _element(frames[-1]))
    else:
        frames[-1].html.append(escape(match[0]))


def _merge(frames: list[_Frame], html: str) -> None:
    closed = frames.pop()
    frames[-1].html.append(html)
    frames[-1].text += closed.text


def _element(frame: _Frame) -> str:
    inner = "".join(frame.html)
    if frame.tag == "url":
        return _link(frame.argument or "".join(frame.text), inner)
    if frame.tag == "user":
        number = re.match(r"\d+", frame.argument)
        return f'<a class="mention" href="/company/#user{number[0] if number else ""}">{inner}</a>'
    if frame.tag in ("send", "put"):
        return f'<span class="bb-action" title="{escape(frame.argument)}">{inner}</span>'
    return f"<{frame.tag}>{inner}</{frame.tag}>"


def _link(address: str, inner: str) -> str:
    if not _SAFE_SCHEME.match(address.strip()):
        return inner
    outside = "" if address.startswith(("/", "#")) else ' target="_blank" rel="noopener noreferrer"'
    return f'<a href="{escape(address.strip())}"{outside}>{inner}</a>'


def plain(text: str) -> str:
    """Return a text without its tags, for one-line previews."""
    return re.sub(r"\s+", " ", _TAG.sub(" ", text)).strip()
