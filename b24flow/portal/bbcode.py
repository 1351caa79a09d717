"""BB-code for chat messages and task descriptions: what people typed must stay text.

A subject such as `[SEND=/approve x]` would otherwise become a button in the name of our bot. The
portal has no official escape, so the first bracket of everything that could open a tag is replaced
with its full-width twin: it reads the same and no parser takes it for a tag. The list of tags is
deliberately not needed here. Elements: api-reference/chat-bots/chat-bots-v2/imbot.v2/messages/
message-formatting.md.
"""

from __future__ import annotations

import re
from urllib.parse import quote

# Tags have Latin names; a bracket before a Cyrillic letter or a digit ("[проект]", "[1]") stays.
_TAG = re.compile(r"\[(?![0-9А-Яа-яЁё\]])([^\[\]]*)(\]?)")
_BREAK = re.compile(r"#(br)#", re.IGNORECASE)
_QUOTE = re.compile(r"^(\s*)>>", re.MULTILINE)
_QUOTE_LINE = re.compile(r"^(\s*)-{6,}", re.MULTILINE)
_FULL_WIDTH_OPEN, _FULL_WIDTH_CLOSE = "［", "］"
_URL_SAFE = "/:?#@!$&'()*+,;=%~"


def escape(text: str) -> str:
    """Return the text with every BB-code element in it turned into harmless literal text.

    Escaping twice gives the same as once.

    >>> escape("Письмо [SEND=/approve]да[/SEND] [проект]")
    'Письмо ［SEND=/approve］да［/SEND］ [проект]'
    """
    text = _TAG.sub(_full_width, text)
    text = _BREAK.sub(r"＃\1＃", text)
    text = _QUOTE.sub(r"\1＞＞", text)
    return _QUOTE_LINE.sub(lambda found: found.group().replace("-", "—"), text)


def _full_width(found: re.Match[str]) -> str:
    inner, closing = found.groups()
    return _FULL_WIDTH_OPEN + inner + (_FULL_WIDTH_CLOSE if closing else "")


def bold(text: str) -> str:
    """Return the escaped text in bold."""
    return f"[B]{escape(text)}[/B]"


def link(url: str, text: str) -> str:
    """Return a link with an escaped text; only http(s) and portal-relative addresses are links.

    Raises:
        ValueError: the address is of another kind.
    """
    if not (url.startswith(("https://", "http://")) or re.match(r"/(?!/)", url)):
        raise ValueError("a link must be http(s) or begin with one slash")
    return f"[URL={quote(url, safe=_URL_SAFE)}]{escape(text)}[/URL]"
