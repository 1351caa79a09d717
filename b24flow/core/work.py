"""Work items: who must act now, on what, with which buttons.

One row per (document, person, assignment, part). «Мои документы», «Где документ» and the time ledger are
queries over these rows, so an open document without one would be a lost document.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """`user` holds the document in the part `role`; `acting_for` is whom he substitutes, if anyone."""

    user: int
    role: str
    target: str | None = None
    actions: tuple[str, ...] = ()
    due: date | None = None
    acting_for: int | None = None

    @property
    def key(self) -> str:
        """Identity of the row inside its document."""
        return f"{self.user}:{self.role}:{self.target or ''}:{self.acting_for or ''}"
