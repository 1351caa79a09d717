"""The honesty table: every method as done, partial or missing, with its documentation page.

Emulated methods come from the registry; `missing.txt` beside this module lists those documented
methods of the same families that are not emulated, each with its page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import b24flow.sandbox.dispatch  # noqa: F401 - registers the methods
from b24flow.sandbox.registry import coverage as emulated

DONE, PARTIAL, MISSING = "done", "partial", "missing"
_PARTIAL: dict[str, str] = {
    "app.info": "только ответ вебхуку",
    "calendar.accessibility.get": "только график отсутствий, без событий календаря",
}


def table() -> list[dict[str, Any]]:
    """Return a row per method, by name: method, api, status, comment, doc."""
    rows = []
    for row in emulated():
        comment = row["partial"] or (_comment(row["method"]) if row["api"] == "v2" else "")
        status = PARTIAL if comment else DONE
        rows.append({"method": row["method"], "api": row["api"], "status": status, "comment": comment,
                     "doc": row["doc"]})  # fmt: skip
    for line in Path(__file__).with_name("missing.txt").read_text(encoding="utf-8").splitlines():
        name, doc = line.split()
        api = "v3" if "/rest-v3/" in doc else "v2"
        rows.append({"method": name, "api": api, "status": MISSING, "comment": "", "doc": doc})
    return sorted(rows, key=lambda row: (row["method"].lower(), row["api"]))


def totals(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return how many methods are done, partial and missing."""
    return {status: sum(row["status"] == status for row in rows) for status in (DONE, PARTIAL, MISSING)}


def _comment(name: str) -> str:
    for start, comment in _PARTIAL.items():
        if name == start or (start.endswith(".") and name.startswith(start)):
            return comment
    return ""
