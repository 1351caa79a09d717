"""The JSON API: the same use cases, the same refusals."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.integration.web.browser import multipart
from tests.integration.web.world import CHAIR, CLERK, HEAD, SCAN, World, letter, uuid_of


def call(place: World, user: int, method: str, path: str, **options: Any) -> httpx.Response:
    """Call the API as a person with a ticket of his own."""
    with httpx.Client(base_url=place.url) as http:
        headers = {**place.bearer(user), **options.pop("headers", {})}
        return http.request(method, f"/api{path}", headers=headers, **options)


def begin(place: World, command: str = "first", **form: object) -> httpx.Response:
    said = {code: value for code, value in letter(CHAIR, **form).items() if code != "files"}
    said["reviewers"] = [str(one) for one in said["reviewers"]]
    parts = {"process": "incoming", "action": "register", "command_id": command, "form": json.dumps(said)}
    body, kind = multipart(parts.items(), {"files": [SCAN]})
    return call(place, CLERK, "POST", "/documents", content=body, headers={"Content-Type": kind})


def test_a_letter_through_the_api(place: World) -> None:
    answer = begin(place)
    assert answer.status_code == 201
    uuid = answer.json()["uuid"]
    again = begin(place)
    assert again.status_code == 200
    assert again.json()["repeated"] is True
    assert again.json()["uuid"] == uuid
    assert [one["number"] for one in call(place, CHAIR, "GET", "/work").json()["work"]] == ["Вх-1/26"]
    document = call(place, CHAIR, "GET", f"/documents/{uuid}").json()
    assert document["state"]["code"] == "review"
    assert document["files"][0]["name"] == SCAN.name
    action = document["actions"][0]
    assert (action["code"], action["label"]) == ("execute", "На исполнение")
    body = {"target": action["target"], "command_id": "second",
            "form": {"executors": [CHAIR], "term": place.day(3).isoformat(), "control": True}}
    answer = call(place, CHAIR, "POST", f"/documents/{uuid}/actions/execute", json=body)
    assert answer.status_code == 200
    assert answer.json()["text"] == "Выполнено: «На исполнение» Вх-1/26."
    assert call(place, CHAIR, "POST", f"/documents/{uuid}/actions/execute", json=body).json()["repeated"]
    found = call(place, HEAD, "GET", "/documents?q=поддержки").json()
    assert [one["uuid"] for one in found["documents"]] == [uuid]
    assert found["after"] is None


def test_refusals(place: World) -> None:
    answer = begin(place, title="", kind="x")
    assert answer.status_code == 422
    assert answer.json()["error"] == "refused.invalid_form"
    assert set(answer.json()["fields"]) == {"title", "kind"}
    address = place.register(CHAIR)
    path = f"/documents/{uuid_of(address)}/actions"
    body = {"command_id": "a", "form": {}}
    answer = call(place, HEAD, "POST", f"{path}/acknowledge", json=body)
    assert (answer.status_code, answer.json()["error"]) == (403, "refused.not_allowed")
    assert call(place, CHAIR, "POST", f"{path}/acknowledge", json=body).status_code == 200
    answer = call(place, CHAIR, "POST", f"{path}/acknowledge", json={"command_id": "b", "form": {}})
    assert (answer.status_code, answer.json()["error"]) == (409, "refused.already_done")
    assert "Уже выполнено" in answer.json()["text"]
    assert call(place, CHAIR, "POST", f"{path}/fly", json=body).status_code == 404
    assert call(place, CHAIR, "GET", "/documents/nothing").json()["error"] == "refused.not_found"
    assert call(place, HEAD, "POST", "/documents",
                json={"process": "incoming", "command_id": "c"}).status_code == 403
    assert call(place, CLERK, "DELETE", "/work").status_code == 405
    assert call(place, CLERK, "GET", "/nowhere").json()["error"] == "http.404"


@pytest.mark.parametrize("body", [
    "[]", "{", "null", '{"form": []}', '{"form": {"title": {}}}', '{"process": 1}', '{"surprise": 1}',
    '{"form": {"title": NaN}}', '{"process": "\\ud800"}', '{"process": "incoming"}', "[" * 50_000,
    '{"form": {"sheets": 1.5}}', '{"process": "incoming", "command_id": "я"}',
    '{"command_id": "x", "n": ' + "1" * 9999 + "}",
])
def test_bad_bodies(quiet: World, body: str) -> None:
    answer = call(quiet, CLERK, "POST", "/documents", content=body.encode(),
                  headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 404, 422}
    said = answer.json()
    assert set(said) == {"error", "text", "fields"}
    assert said["text"]


def test_who_is_asking(place: World) -> None:
    with httpx.Client(base_url=place.url) as http:
        for proof in ("", "Bearer x", "Basic eDp5", "Bearer", f"Bearer {place.ticket(CHAIR, 'form')}"):
            answer = http.get("/api/work", headers={"Authorization": proof})
            assert answer.status_code == 401
            assert answer.json()["error"] == "refused.not_signed_in"
    assert place.person(CHAIR).http.get("/api/work").json() == {"work": []}
