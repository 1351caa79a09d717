"""What the tests of the CRM share: items of any entity, a person without rights, heard events."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.seed import demo_organisation
from tests.sandbox.conftest import AppCaller, Box

LEAD, DEAL, CONTACT, COMPANY = 1, 2, 3, 4


def make(box: Box | AppCaller, number: int, **fields: Any) -> dict[str, Any]:
    """Create an item of an entity."""
    made: dict[str, Any] = box.ok("crm.item.add", {"entityTypeId": number, "fields": fields})["item"]
    return made


def read(box: Box, number: int, item_id: int) -> dict[str, Any]:
    """Read an item again."""
    found: dict[str, Any] = box.ok("crm.item.get", {"entityTypeId": number, "id": item_id})["item"]
    return found


def change(box: Box, number: int, item_id: int, **fields: Any) -> dict[str, Any]:
    """Change an item."""
    given = {"entityTypeId": number, "id": item_id, "fields": fields}
    changed: dict[str, Any] = box.ok("crm.item.update", given)["item"]
    return changed


class Person:
    """An employee with a webhook of his own."""

    def __init__(self, box: Box, who: int) -> None:
        self._box, self._address = box, f"{box.server.url}/rest/{who}/hook-{who}/"

    def raw(self, method: str, params: Any = None) -> Any:
        return self._box.http.post(self._address + method, json=params or {})

    def ok(self, method: str, params: Any = None) -> Any:
        body = self.raw(method, params).json()
        assert "error" not in body, body
        return body["result"]

    def refused(self, method: str, params: Any = None) -> tuple[int, str]:
        answer = self.raw(method, params)
        return answer.status_code, answer.json()["error"]


def people(box: Box, *who: int, **rights: Any) -> list[Person]:
    """Begin a portal where these employees have webhooks and roles of the CRM say `rights`."""
    seed = demo_organisation()
    seed["webhooks"] += [{"user_id": one, "code": f"hook-{one}"} for one in who]
    box.control("reset", {"seed": seed | {"crm_rights": rights}})
    return [Person(box, one) for one in who]


class Ear:
    """An application that hears events into its offline queue."""

    def __init__(self, box: Box, *events: str) -> None:
        self.app = box.install_app()
        for event in events:
            self.listen(event)

    def listen(self, event: str) -> None:
        given = {"event": event, "event_type": "offline", "auth_connector": "ear"}
        assert self.app.ok("event.bind", given) is True

    def heard(self) -> list[tuple[str, Any]]:
        """Take what was heard, in the order it was."""
        taken = self.app.ok("event.offline.get", {"auth_connector": "ear", "order": {"ID": "ASC"}})
        return [(row["EVENT_NAME"], row["EVENT_DATA"]) for row in taken["events"]]
