"""The vendor's own client on users and departments, unchanged, over TLS."""

from __future__ import annotations

from typing import Any

import pytest
from b24pysdk.errors import BitrixAPIError


def add(client: Any, number: int) -> int:
    fields = {"EMAIL": f"new{number}@profsoyuz.example", "NAME": "Новый", "UF_DEPARTMENT": [3]}
    return int(client.user.add(fields=fields).result)


def test_a_user_is_invited_changed_and_dismissed(client: Any) -> None:
    number = add(client, 1)
    assert client.user.update(fields={"ID": number, "WORK_POSITION": "Архивариус"}).result is True
    row = client.user.get(filter={"ID": number}, select=["ID", "WORK_POSITION"]).result[0]
    assert row == {"ID": str(number), "WORK_POSITION": "Архивариус"}
    client.user.update(fields={"ID": number, "ACTIVE": "N"}).call()
    assert client.user.get(filter={"ID": number, "ACTIVE": True}).result == []
    with pytest.raises(BitrixAPIError) as refusal:
        add(client, 1)
    assert refusal.value.error == "ERROR_ARGUMENT"


def test_people_are_found_and_ordered(client: Any) -> None:
    rows = client.user.get(filter={"UF_DEPARTMENT": 2}, sort="LAST_NAME", order="DESC").result
    assert [row["LAST_NAME"] for row in rows] == ["Рябинина", "Осокина", "Камышов"]
    found = client.user.search(filter={"UF_DEPARTMENT_NAME": "Общий"}, select=["ID"]).result
    assert [row["ID"] for row in found] == ["5", "6", "7"]
    assert client.user.fields().result["NAME"] == "Имя"
    assert client.user.current().result["ID"] == "1"


def test_many_users_are_read_whole(client: Any) -> None:
    made = {add(client, number) for number in range(60)}
    listing = client.user.get(filter={"UF_DEPARTMENT": 3})
    assert {int(row["ID"]) for row in listing.as_list().result} >= made
    assert {int(row["ID"]) for row in listing.as_list_fast().result} >= made


def test_custom_fields(client: Any) -> None:
    number = client.user.userfield.add(fields={"FIELD_NAME": "GRADE", "USER_TYPE_ID": "integer"}).result
    client.user.update(fields={"ID": 9, "UF_USR_GRADE": 7}).call()
    assert client.user.get(filter={"UF_USR_GRADE": 7}).result[0]["ID"] == "9"
    client.user.userfield.update(bitrix_id=number, fields={"SORT": 900}).call()
    rows = client.user.userfield.list(filter={"FIELD_NAME": "UF_USR_GRADE"}).result
    assert [row["SORT"] for row in rows] == ["900"]
    assert client.user.userfield.delete(bitrix_id=number).result is True


def test_departments(client: Any) -> None:
    number = int(client.department.add(name="Архив", parent=2, uf_head=6).result)
    assert client.department.update(bitrix_id=number, name="Архив и отчётность").result is True
    rows = client.department.get(parent=2).result
    assert [(row["NAME"], row["UF_HEAD"]) for row in rows] == [("Архив и отчётность", "6")]
    assert set(client.department.fields().result) == {"ID", "NAME", "SORT", "PARENT", "UF_HEAD"}
    assert client.department.delete(bitrix_id=number).result is True
    with pytest.raises(BitrixAPIError):
        client.department.delete(bitrix_id=number).call()
