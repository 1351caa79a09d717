"""The directory of people as the portal shows it: a snapshot of employees, departments and heads.

Dismissed people stay in it: old documents name them. The portal writes ids as text in one place
and as numbers in another, leaves out what is empty, and may point to departments that are gone;
nothing of that stops a snapshot. It must not know what roles people have in documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from b24flow.core.people import Department, Employee
from b24flow.errors import PortalUnavailable
from b24flow.ops.portal_reading import read_rows
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import Call

Row = Mapping[str, Any]

_EMPLOYEE = "employee"  # the others are guests: extranet, email (user-get.md)


class ListReader(Protocol):
    """What reads a whole small list: `portal.reader.BulkReader`."""

    def small(self, method: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return all rows of a list method."""
        ...


def read_people(source: ListReader | PortalClient) -> tuple[list[Department], list[Employee]]:
    """Return all departments and all employees, dismissed ones included, by growing id.

    Heads and parents are None where the portal names nobody, itself or something that is not there.

    Raises:
        PortalError: the portal does not answer or refuses; a list without a single employee counts
            as no answer, because it would lock everybody out.
    """
    departments = _departments(_all(source, "department.get"))
    known = {one.id for one in departments}
    people = [
        _employee(row, known)
        for row in _all(source, "user.get", {"sort": "ID", "order": "ASC"})
        if (row.get("USER_TYPE") or _EMPLOYEE) == _EMPLOYEE
    ]
    found = sorted((one for one in people if one is not None), key=lambda one: one.id)
    if not any(one.active for one in found):
        raise PortalUnavailable("Портал не показал ни одного сотрудника", method="user.get")
    return departments, found


def _all(
    source: ListReader | PortalClient, method: str, params: Mapping[str, Any] | None = None
) -> list[Row]:
    if isinstance(source, PortalClient):
        return read_rows(source, Call(method, dict(params or {})))
    return list(source.small(method, params))


def _departments(rows: list[Row]) -> list[Department]:
    known = {number for row in rows if (number := _id(row.get("ID"))) is not None}
    found = []
    for row in rows:
        number, parent = _id(row.get("ID")), _id(row.get("PARENT"))
        if number is None:
            continue
        found.append(
            Department(
                id=number,
                name=_text(row.get("NAME")) or f"Подразделение № {number}",
                parent=parent if parent in known and parent != number else None,
                head=_id(row.get("UF_HEAD")),
            )
        )
    return sorted(found, key=lambda one: one.id)


def _employee(row: Row, departments: set[int]) -> Employee | None:
    number = _id(row.get("ID"))
    if number is None:
        return None
    name, last_name = _text(row.get("NAME")), _text(row.get("LAST_NAME"))
    given = row.get("UF_DEPARTMENT")
    units = [_id(one) for one in (given if isinstance(given, list) else [given])]
    return Employee(
        id=number,
        last_name=last_name or name or f"Сотрудник № {number}",
        first_name=name if last_name else "",
        middle_name=_text(row.get("SECOND_NAME")),
        post=_text(row.get("WORK_POSITION")),
        department=next((one for one in units if one in departments), None),
        email=_text(row.get("EMAIL")),
        active=row.get("ACTIVE") in (True, "Y", "1", 1, "true"),
    )


def _id(value: object) -> int | None:
    """Return a positive id; the portal says "nobody" by 0, false, an empty text or silence."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
