"""What every action of a person has in common: the form, the refusals, the drive for what he uploads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from b24flow.sandbox.model import disk
from b24flow.sandbox.model.entities import DiskObject, Employee
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.page.session import RefusedError
from b24flow.sandbox.wire import as_int

Form = dict[str, Any]
Act = Callable[[Portal, Employee, Form], tuple[str, Form]]
UPLOADS = "Загруженные файлы"


def text_of(form: Form, name: str, complaint: str) -> str:
    """Return a text that must be there, or refuse with a complaint."""
    text = str(form.get(name, "")).strip()
    if not text:
        raise RefusedError(complaint, 400)
    return text


def numbers_of(form: Form, name: str) -> list[int]:
    """Return numbers posted as `name[]` many times or as `name=1,2`."""
    words = form.get(f"{name}[]") or str(form.get(name, "")).split(",")
    return [number for number in map(as_int, words) if number]


def files_of(form: Form, name: str = "file") -> list[tuple[str, bytes]]:
    """Return the posted files that are not nameless (a browser posts one for an empty choice)."""
    held = form.get(name)
    rows = held if isinstance(held, list) else []
    return [(row["name"], row["content"]) for row in rows if isinstance(row, dict) and row["name"]]


def upload(portal: Portal, user: Employee, name: str, content: bytes) -> DiskObject:
    """Put a file a person attaches somewhere on his own drive."""
    own = next(
        s for s in portal.state.storages.values() if (s.entity_type, s.entity_id) == ("user", str(user.id))
    )
    root = portal.state.objects[own.root_id]
    rows = disk.children_of(portal, root)
    folder = next((row for row in rows if row.kind == "folder" and row.name == UPLOADS), None)
    folder = folder or disk.add_folder(portal, user, root, UPLOADS)
    return disk.add_file(portal, user, folder, name, content, unique_name=True)
