"""Checklists of a task as its page shows them."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model.entities import Employee, Task
from b24flow.sandbox.model.portal import Portal


def checklists_of(portal: Portal, me: Employee, task: Task) -> list[dict[str, Any]]:
    """Return the checklists of a task, each with its items."""
    return []
