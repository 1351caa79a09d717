"""How requests are read and answers are written: addresses, bodies, envelopes, errors."""

from __future__ import annotations

import sys
from typing import Any

from b24flow.sandbox.wire import as_int, parse_json, parse_query
from tests.sandbox.conftest import Box


def test_success_has_a_result_and_a_time(box: Box) -> None:
    body = box.raw("server.time").json()
    assert set(body) == {"result", "time"}
    assert set(body["time"]) >= {"start", "finish", "duration", "processing", "date_start"}
    assert body["result"].endswith("+03:00")


def test_method_names_are_case_insensitive_and_json_suffix_is_allowed(box: Box) -> None:
    assert box.ok("PROFILE.json")["ID"] == "1"


def test_query_form_and_json_are_merged_and_the_body_wins(box: Box) -> None:
    address = box.server.webhook_url + "user.get?FILTER[ID]=5&sort=ID"
    assert [row["ID"] for row in box.http.get(address).json()["result"]] == ["5"]
    assert [row["ID"] for row in box.http.post(address, json={"FILTER": {"ID": 6}}).json()[
        "result"]] == ["6"]  # fmt: skip
    form = {"FILTER[ID][0]": "7", "FILTER[ID][1]": "8"}
    rows = box.http.post(box.server.webhook_url + "user.get", data=form).json()["result"]
    assert [row["ID"] for row in rows] == ["7", "8"]


def test_letters_of_a_form_may_come_unescaped(box: Box) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (
        "FILTER[LAST_NAME]=Осокина",
        "FILTER%5BLAST_NAME%5D=%D0%9E%D1%81%D0%BE%D0%BA%D0%B8%D0%BD%D0%B0",
    ):
        answer = box.http.post(box.webhook_url + "user.get", content=body.encode(), headers=kind)
        assert [row["ID"] for row in answer.json()["result"]] == ["6"]
    form = {"FILTER[LAST_NAME]": (None, "Осокина")}
    answer = box.http.post(box.webhook_url + "user.get", files=form)
    assert [row["ID"] for row in answer.json()["result"]] == ["6"]


def test_a_form_is_read_as_php_does() -> None:
    def read(text: str) -> Any:
        return parse_query(text)

    assert read("a[]=1&a[]=2") == {"a": ["1", "2"]}
    assert read("a[5]=1&a[]=2&a[x]=3") == {"a": {"5": "1", "6": "2", "x": "3"}}
    assert read("a[b]c[d]=1") == {"a": {"b": "1"}}
    assert read("a=1&a[b]=2") == {"a": {"b": "2"}}
    assert read("a.b=1&%20c=2&d%20e=3") == {"a_b": "1", "c": "2", "d_e": "3"}
    assert read("a" + "[x]" * 63 + "=1") != {}
    assert read("a" + "[x]" * 64 + "=1&b=2") == {"b": "2"}


def test_json_is_read_as_php_does() -> None:
    assert parse_json(b'{"a":1,"a":2}') == {"a": 2}
    assert parse_json(b'["x"]') == {"0": "x"}
    assert parse_json(b'{"a":12345678901234567890}') == {"a": 12345678901234567890.0}
    assert parse_json(b'{"a":-9223372036854775807}') == {"a": -9223372036854775807}
    assert parse_json(b'{"a":1e999}') == {"a": sys.float_info.max}
    assert parse_json(b'{"a":"\\ud83d\\ude00"}') == {"a": "\U0001f600"}
    for wrong in (
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b"17",
        b'{"a":' * 101 + b"1" + b"}" * 101,
    ):
        assert parse_json(wrong) == {}
    assert parse_json(b'{"a":' * 99 + b"1" + b"}" * 99) != {}


def test_texts_become_numbers_as_in_php() -> None:
    given = [
        "12x",
        " 7",
        "-3",
        "+5",
        "x",
        "",
        None,
        "9" * 400,
        "-" + "9" * 400,
        1e300,
        float("inf"),
        "\u0663",
        True,
    ]
    end = 2**63 - 1
    assert [as_int(one) for one in given] == [12, 7, -3, 5, 0, 0, 0, end, -end, 0, 0, 0, 1]


def test_malformed_json_is_swallowed(box: Box, spa: int) -> None:
    headers = {"Content-Type": "application/json"}
    answer = box.http.post(box.server.webhook_url + "crm.item.add", content=b'{"fields":', headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"] == "100"


def test_errors_carry_the_status_of_the_box(box: Box) -> None:
    wrong_code = box.http.post(f"{box.server.url}/rest/1/wrong/server.time")
    assert (wrong_code.status_code, wrong_code.json()["error"]) == (401, "INVALID_CREDENTIALS")
    wrong_user = box.http.post(f"{box.server.url}/rest/abc/wrong/server.time")
    assert (wrong_user.status_code, wrong_user.json()["error"]) == (401, "NO_AUTH_FOUND")
    assert box.refused("event.bind", {"event": "x"}) == (403, "WRONG_AUTH_TYPE")


def test_a_dismissed_owner_kills_the_webhook(box: Box) -> None:
    assert box.ok("user.update", {"ID": 1, "ACTIVE": False}) is True
    assert box.refused("server.time") == (401, "INVALID_CREDENTIALS")


def test_a_scope_that_was_not_granted_is_refused(box: Box) -> None:
    seed = {
        "users": [{"id": 1, "name": "А", "last_name": "Б", "admin": True}],
        "webhooks": [{"user_id": 1, "code": "narrow", "scopes": ["user"]}],
    }
    box.control("reset", {"seed": seed})
    narrow = f"{box.server.url}/rest/1/narrow/"
    answer = box.http.post(narrow + "tasks.task.list")
    assert (answer.status_code, answer.json()["error"]) == (401, "insufficient_scope")
    known = box.http.post(narrow + "method.get", json={"name": "tasks.task.list"}).json()["result"]
    assert known == {"isExisting": True, "isAvailable": False}


def test_unknown_methods_and_parameters_are_recorded(box: Box, spa: int) -> None:
    assert box.refused("no.such.method") == (404, "ERROR_METHOD_NOT_FOUND")
    box.ok("crm.item.list", {"entityTypeId": 1046, "FILTER": {"id": 1}})
    box.ok("crm.item.add", {"entityTypeId": 1046, "fields": {"titel": "x", "ufCrm7Term": "soon"}})
    box.ok("tasks.task.list", {"filter": {"XMLID": "x"}})
    assert box.notes() == [
        ("unknown_method", "no.such.method"),
        ("unknown_parameter", "FILTER"),
        ("unknown_field", "titel"),
        ("unknown_field", "ufCrm7Term"),
        ("unknown_filter", "XMLID"),
    ]


def test_nothing_is_recorded_for_a_documented_call(box: Box, spa: int) -> None:
    box.ok("crm.item.list", {"entityTypeId": 1046, "select": ["id"], "order": {"id": "ASC"},
                             "filter": {">id": 0}, "start": -1})  # fmt: skip
    box.ok("user.get", {"FILTER": {"ACTIVE": True}, "sort": "ID", "order": "ASC", "start": 0})
    assert box.notes() == []


def test_rest_3_reads_only_json_and_answers_with_an_error_object(box: Box) -> None:
    address = box.server.webhook_url.replace("/rest/", "/rest/api/") + "tasks.task.result.add"
    answer = box.http.post(address, data={"fields[taskId]": 1})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BITRIX_REST_V3_EXCEPTION_INVALIDJSONEXCEPTION"
    assert "tasks" in box.v3("rest.scope.list", {}).json()["result"]["items"]


def test_every_emulated_method_names_its_documentation_page(box: Box) -> None:
    rows = box.look("coverage")
    assert len(rows) > 100
    assert all(row["doc"].startswith(("api-reference/", "settings/")) for row in rows)
