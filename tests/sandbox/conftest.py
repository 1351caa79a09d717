"""A real sandbox on a real port, reset before every test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from b24flow.sandbox.seed import demo_organisation
from b24flow.sandbox.server import SandboxServer

SPA = 1046


class Box:
    """A short way to talk to a sandbox."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, timeout=10)

    def raw(self, method: str, params: Any = None, **extra: Any) -> httpx.Response:
        return self.http.post(self.server.webhook_url + method, json=params or {}, **extra)

    def ok(self, method: str, params: Any = None) -> Any:
        answer = self.raw(method, params)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert "error" not in body, body
        return body["result"]

    def refused(self, method: str, params: Any = None) -> tuple[int, str]:
        answer = self.raw(method, params)
        return answer.status_code, answer.json()["error"]

    def batch(self, cmd: Any, halt: int = 0) -> Any:
        return self.ok("batch", {"halt": halt, "cmd": cmd})

    def v3(self, method: str, params: Any) -> httpx.Response:
        address = self.server.webhook_url.replace("/rest/", "/rest/api/")
        return self.http.post(address + method, json=params)

    def control(self, path: str, body: Any = None) -> Any:
        return self.http.post(f"/_sandbox/{path}", json=body or {}).raise_for_status().json()

    def look(self, path: str) -> Any:
        return self.http.get(f"/_sandbox/{path}").raise_for_status().json()

    def person(self, who: int, path: str, **form: Any) -> httpx.Response:
        headers = {"Accept": "application/json"}
        return self.http.post(f"/as/{path}", data={"as": who, **form}, headers=headers)

    def page(self, who: int, path: str) -> str:
        answer = self.http.get(path, headers={"Cookie": f"sandbox_employee={who}"})
        assert answer.status_code == 200, answer.text
        return answer.text

    def notes(self) -> list[tuple[str, str]]:
        return [(row["kind"], row["name"]) for row in self.look("unhandled")]


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def box(server: SandboxServer) -> Iterator[Box]:
    """An empty portal of the demonstration organisation."""
    made = Box(server)
    made.control("reset", {"seed": demo_organisation()})
    yield made
    made.http.close()


@pytest.fixture
def spa(box: Box) -> int:
    """A smart process bound to tasks, with a text, a date and a list field; returns its type id."""
    fields = {
        "title": "Входящие",
        "entityTypeId": SPA,
        "isStagesEnabled": "Y",
        "isUseInUserfieldEnabled": "Y",
        "linkedUserFields": {"TASKS_TASK|UF_CRM_TASK": "true"},
    }
    made = box.ok("crm.type.add", {"fields": fields})["type"]
    for code, kind in (("DOC_NUMBER", "string"), ("TERM", "date"), ("SENT_AT", "datetime"),
                       ("SCAN", "file"), ("URGENT", "boolean")):  # fmt: skip
        name = f"UF_CRM_{made['id']}_{code}"
        field = {"entityId": f"CRM_{made['id']}", "fieldName": name, "userTypeId": kind}
        box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})
    return int(made["id"])


def add_item(box: Box, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = box.ok("crm.item.add", {"entityTypeId": SPA, "fields": fields})["item"]
    return made


def add_task(box: Box, **fields: Any) -> dict[str, Any]:
    given = {"TITLE": "Исполнить", "RESPONSIBLE_ID": 9, "CREATED_BY": 3, **fields}
    made: dict[str, Any] = box.ok("tasks.task.add", {"fields": given})["task"]
    return made
