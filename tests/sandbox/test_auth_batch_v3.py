"""`batch` of REST 3.0."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.batch_v3 import run_batch_v3
from tests.sandbox.conftest import Box, add_task


def _get(number: Any, **more: Any) -> dict[str, Any]:
    return {"method": "tasks.task.get", "query": {"id": number, "select": ["id", "title"]}, **more}


def test_answers_come_in_the_order_of_the_calls(box: Box) -> None:
    ids = [int(add_task(box, TITLE=title)["id"]) for title in ("Первая", "Вторая")]
    answer = box.v3("batch", [_get(number) for number in reversed(ids)])
    assert answer.status_code == 200
    body = answer.json()
    assert [row["item"]["title"] for row in body["result"]] == ["Вторая", "Первая"]
    assert "time" in body
    assert [row["method"] for row in box.look("calls")][-3:] == ["batch", "tasks.task.get", "tasks.task.get"]


def test_a_call_uses_an_answer_before_it(box: Box) -> None:
    task = int(add_task(box, TITLE="Первая")["id"])
    answer = box.v3("batch", [_get(task, **{"as": "one"}), _get({"$ref": "one.item.id"})]).json()
    assert answer["result"][0] == answer["result"][1]


def test_the_first_refusal_is_the_answer_and_what_was_done_stays(box: Box) -> None:
    task = int(add_task(box)["id"])
    adding = {"method": "tasks.task.result.add", "query": {"fields": {"taskId": task, "text": "Сделано"}}}
    answer = box.v3("batch", [adding, {"method": "no.such", "query": {}}, adding])
    assert (answer.status_code, answer.json()["error"]) == (404, "ERROR_METHOD_NOT_FOUND")
    assert len(box.ok("tasks.task.result.list", {"taskId": task})) == 1


def test_the_older_form_and_nesting_are_refused(box: Box) -> None:
    old = box.v3("batch", {"halt": 0, "cmd": {"a": "tasks.task.get?id=1"}})
    assert old.status_code == 400
    assert old.json()["error"]["code"] == "BITRIX_REST_V3_EXCEPTION_INVALIDSELECTEXCEPTION"
    nested = box.v3("batch", [{"method": "batch", "query": {}}]).json()
    assert nested["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"
    assert box.v3("batch", []).json()["result"] == []
    for junk in ([1], [{}], ["a"], [{"method": [], "query": 5, "as": {}}], [[[]]]):
        assert box.v3("batch", junk).status_code < 500


def test_an_application_calls_it_with_its_token_in_the_header(box: Box) -> None:
    app = box.install_app()
    task = int(app.ok("tasks.task.add", {"fields": {"TITLE": "а", "RESPONSIBLE_ID": 1}})["task"]["id"])
    headers = {"Authorization": f"Bearer {app.token['access_token']}"}
    answer = box.http.post("/rest/api/batch", json=[_get(task)], headers=headers).json()
    assert answer["result"][0]["item"]["id"] == task


def test_a_column_of_a_list_is_an_argument() -> None:
    items = {"a": {"items": [{"id": 5}, {"id": 7}, {}], "none": 1}}
    seen: list[dict[str, Any]] = []

    def run(_: str, params: dict[str, Any]) -> Any:
        seen.append(params)
        return items["a"]

    calls = [
        {"method": "x", "query": {}, "as": "a"},
        {
            "method": "y",
            "query": {"f": [{"$refArray": "a.items.id"}], "g": {"$ref": "a.none"}, "h": {"$ref": "b.c"}},
        },
        {"method": "z", "query": {"f": {"$refArray": "a.none.id"}}},
    ]
    run_batch_v3(dict(zip("012", calls, strict=True)), run)
    assert seen == [{}, {"f": [[5, 7, None]], "g": 1, "h": None}, {"f": []}]


def test_a_missing_scope_is_refused_in_the_form_of_rest_3(box: Box) -> None:
    hook = box.control("webhooks", {"scopes": "user"})
    address = hook["url"].replace("/rest/", "/rest/api/")
    answer = box.http.post(f"{address}tasks.task.get", json={"id": 1})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "BITRIX_REST_V3_EXCEPTION_INSUFFICIENTSCOPEEXCEPTION"
