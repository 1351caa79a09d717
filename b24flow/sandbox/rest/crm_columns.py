"""How CRM describes the columns of its directories, comments and activities (`*.fields` of each)."""

from __future__ import annotations

from collections.abc import Mapping

from b24flow.sandbox.wire import Params

Columns = Mapping[str, tuple[str, str, str]]
"""Of each column its type, its marks and its title; the marks are q required, r read-only, i immutable,
m multiple, d deprecated."""


def described(columns: Columns) -> Params:
    """Return the description of every column."""
    return {
        name: {
            "type": kind,
            "isRequired": "q" in marks,
            "isReadOnly": "r" in marks,
            "isImmutable": "i" in marks,
            "isMultiple": "m" in marks,
            "isDynamic": False,
            **({"isDeprecated": True} if "d" in marks else {}),
            "title": title,
        }
        for name, (kind, marks, title) in columns.items()
    }
