"""What the box does to dangerous HTML: it breaks the word in two and refuses nothing.

Facts: api-reference/landing/user-blocks/landing-repo-check-content.md shows where a tag and a
handler are broken; api-reference/landing/block/methods/landing-block-update-content.md shows
`bxstyle`, which comes out as `style`.
"""

from __future__ import annotations

import re

_TAG = re.compile(r"""<[a-zA-Z](?:"[^"]*"|'[^']*'|[^'">])*>?""")
_NAME = re.compile(r"^<(script|iframe)\b", re.IGNORECASE)
_HANDLER = re.compile(r"""(?<=[\s"'/])on[a-z]{2,}(?=\s*=)""", re.IGNORECASE)
_ADDRESS = re.compile(r"(java)(script\s*:)", re.IGNORECASE)
_STYLE = re.compile(r"(?<=[\s\"'])bxstyle(?=\s*=)", re.IGNORECASE)


def sanitize(html: str, splitter: str = " ") -> str:
    """Return HTML whose scripts, frames, handlers and script addresses do not work any more."""

    def half(word: str) -> str:
        middle = (len(word) + 1) // 2
        return word[:middle] + splitter + word[middle:]

    def tag(match: re.Match[str]) -> str:
        text = _HANDLER.sub(lambda found: half(found[0]), match[0])
        text = _NAME.sub(lambda found: "<" + half(found[1]), text)
        return _STYLE.sub("style", text)

    broken = _ADDRESS.sub(lambda found: found[1] + splitter + found[2], html)
    return _TAG.sub(tag, broken)
