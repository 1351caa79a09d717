"""Fields of several rows (a route, points) in a form without scripts: one control per column, repeated.

A browser sends repeated controls in the order of the page, so the n-th values of all columns are a row;
empty rows are dropped. The core reads a row as one text (`core.route_rows`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import zip_longest

from b24flow.core.definition import Action, Field, FieldType
from b24flow.core.document import Document

COLUMNS: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.ROUTE: ("group", "who"), FieldType.POINTS: ("text", "executor", "term"),
}
ROWS = frozenset(COLUMNS)
SPARE = {FieldType.ROUTE: 4, FieldType.POINTS: 3}
"""Empty rows under the filled ones."""


def names_of(field: Field) -> tuple[str, ...]:
    """Return the names of the controls of a field."""
    return tuple(f"{field.code}.{column}" for column in COLUMNS.get(field.type, ()))


def joined(field: Field, values: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the rows that were posted, each as the text that the core reads."""
    columns = COLUMNS[field.type]
    rows = zip_longest(*(values.get(name, ()) for name in names_of(field)), fillvalue="")
    found = []
    for row in rows:
        said = dict(zip(columns, (one.strip() for one in row), strict=True))
        if field.type is FieldType.ROUTE and said["who"]:
            found.append(f"{said['group'] or '1'}:{said['who']}")
        if field.type is FieldType.POINTS and any(said.values()):
            found.append(json.dumps(said, ensure_ascii=False))
    return tuple(found)


def shown_rows(field: Field, values: Mapping[str, tuple[str, ...]]) -> tuple[Mapping[str, str], ...]:
    """Return the rows of a form: what was typed, then empty ones."""
    if field.type not in ROWS:
        return ()
    columns = COLUMNS[field.type]
    rows = zip_longest(*(values.get(name, ()) for name in names_of(field)), fillvalue="")
    key = "who" if field.type is FieldType.ROUTE else "text"
    filled = [one for row in rows if (one := dict(zip(columns, row, strict=True)))[key].strip()]
    return (*filled, *(dict.fromkeys(columns, "") for _ in range(SPARE[field.type])))


def row_defaults(action: Action, document: Document | None) -> dict[str, tuple[str, ...]]:
    """Return the rows that a document has already: its points, its last route or the one planned for it."""
    found: dict[str, tuple[str, ...]] = {}
    if document is None:
        return found
    for asked in action.form:
        code = asked.field.code
        if asked.field.type is FieldType.POINTS:
            found[f"{code}.text"] = tuple(one.text for one in document.points)
            found[f"{code}.executor"] = tuple(str(one.executor or "") for one in document.points)
            found[f"{code}.term"] = tuple(
                one.term.isoformat() if one.term is not None else "" for one in document.points
            )
        if asked.field.type is FieldType.ROUTE and document.rounds:
            visas = [one for one in document.rounds[-1].visas if not one.mandatory]
            found[f"{code}.group"] = tuple(str(one.group) for one in visas)
            found[f"{code}.who"] = tuple(one.role or str(one.user or "") for one in visas)
        if asked.field.type is FieldType.ROUTE and not document.rounds:
            planned = [row.partition(":") for row in document.text(code).splitlines()]
            found[f"{code}.group"] = tuple(group for group, _, _ in planned)
            found[f"{code}.who"] = tuple(who for _, _, who in planned)
    return found

