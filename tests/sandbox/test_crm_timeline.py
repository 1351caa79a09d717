"""Comments and log messages of any item."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.sandbox.conftest import SPA, Box, add_item
from tests.sandbox.crm_help import COMPANY, DEAL, LEAD, make, people

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")
JPEG = b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x0b\x08" + b"\x00\x20\x00\x40" + b"\x01\x01\x11\x00"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def comment(box: Box, code: str, number: int, text: str = "Принято", **more: Any) -> int:
    fields = {"ENTITY_TYPE": code, "ENTITY_ID": number, "COMMENT": text, **more}
    return int(box.ok("crm.timeline.comment.add", {"fields": fields}))


@pytest.mark.parametrize(("number", "code"), [(LEAD, "lead"), (DEAL, "DEAL"), (COMPANY, "company")])
def test_system_entities_have_timelines(box: Box, number: int, code: str) -> None:
    item = make(box, number)["id"]
    made = comment(box, code, item)
    found = box.ok("crm.timeline.comment.list", {"filter": {"ENTITY_TYPE": code, "ENTITY_ID": item}})
    assert [(row["ID"], row["ENTITY_TYPE"]) for row in found] == [(str(made), code.lower())]


def test_files_of_a_comment_are_described_and_downloaded(box: Box) -> None:
    deal = make(box, DEAL)["id"]
    files = [["схема.png", encoded(PNG)], ["фото.jpg", encoded(JPEG)], ["акт.pdf", encoded("Акт".encode())],
             ["битый.pdf", "это не base64"]]  # fmt: skip
    made = comment(box, "deal", deal, FILES=files)
    shown = list(box.ok("crm.timeline.comment.get", {"id": made})["FILES"].values())
    assert [(row["name"], row["type"]) for row in shown] == [
        ("схема.png", "image"), ("фото.jpg", "image"), ("акт.pdf", "file")
    ]  # fmt: skip
    assert [row.get("image") for row in shown] == [
        {"width": 640, "height": 480}, {"width": 64, "height": 32}, None
    ]  # fmt: skip
    session = {"Cookie": "sandbox_employee=4"}
    assert box.http.get(shown[2]["urlDownload"], headers=session).content == "Акт".encode()
    box.ok("crm.timeline.comment.update", {"id": made, "fields": {"FILES": [files[2]]}})
    assert len(box.ok("crm.timeline.comment.get", {"id": made})["FILES"]) == 1


def test_only_the_author_changes_a_comment(box: Box) -> None:
    author, other = people(box, 5, 6)
    deal = make(box, DEAL)["id"]
    fields = {"ENTITY_TYPE": "deal", "ENTITY_ID": deal, "COMMENT": "Моё", "AUTHOR_ID": 6}
    made = author.ok("crm.timeline.comment.add", {"fields": fields})
    assert author.ok("crm.timeline.comment.get", {"id": made})["AUTHOR_ID"] == "5"
    change = {"id": made, "fields": {"COMMENT": "Не моё"}}
    assert other.refused("crm.timeline.comment.update", change) == (400, "ACCESS_DENIED")
    assert box.refused("crm.timeline.comment.update", change) == (400, "ACCESS_DENIED")
    assert other.refused("crm.timeline.comment.delete", {"id": made}) == (400, "ACCESS_DENIED")
    wrong = change | {"ownerTypeId": DEAL, "ownerId": deal + 1}
    assert author.refused("crm.timeline.comment.update", wrong) == (400, "OWNER_NOT_FOUND")
    assert author.ok("crm.timeline.comment.update", change) == made
    assert box.ok("crm.timeline.comment.delete", {"id": made}) is None
    assert author.refused("crm.timeline.comment.get", {"id": made}) == (400, "")


@pytest.mark.parametrize(("fields", "code"), [
    ({}, "100"),
    ({"ENTITY_TYPE": "deal", "ENTITY_ID": 99, "COMMENT": "Нет"}, "OWNER_NOT_FOUND"),
    ({"ENTITY_TYPE": "order", "ENTITY_ID": 1, "COMMENT": "Нет"}, "OWNER_NOT_FOUND"),
    ({"ENTITY_TYPE": "deal", "ENTITY_ID": 1, "COMMENT": ""}, "INVALID_ARG_VALUE"),
])  # fmt: skip
def test_refused_comments(box: Box, fields: dict[str, Any], code: str) -> None:
    make(box, DEAL)
    assert box.refused("crm.timeline.comment.add", {"fields": {"x": 1, **fields}}) == (400, code)


def test_comments_come_newest_first_and_by_fifties(box: Box) -> None:
    deal = make(box, DEAL)["id"]
    one = f"crm.timeline.comment.add?fields[ENTITY_TYPE]=deal&fields[ENTITY_ID]={deal}&fields[COMMENT]=x"
    for _ in range(2):
        box.batch({f"c{number}": one for number in range(30)})
    ask: dict[str, Any] = {"filter": {"ENTITY_TYPE": "deal", "ENTITY_ID": deal}, "select": ["ID"]}
    body = box.raw("crm.timeline.comment.list", ask).json()
    ids = [int(row["ID"]) for row in body["result"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), body["total"], body["next"]) == (50, 60, 50)
    rest = box.ok("crm.timeline.comment.list", ask | {"start": 50})
    assert len(rest) == 10
    assert box.ok("crm.timeline.comment.list", ask | {"order": {"ID": "ASC"}})[0]["ID"] == str(min(ids) - 10)


def test_a_deleted_item_takes_its_timeline_along(box: Box, spa: int) -> None:
    first, second = add_item(box), add_item(box)
    gone = comment(box, f"dynamic_{SPA}", first["id"])
    kept = comment(box, f"dynamic_{SPA}", second["id"])
    box.ok("crm.item.delete", {"entityTypeId": SPA, "id": first["id"]})
    assert box.refused("crm.timeline.comment.get", {"id": gone}) == (400, "")
    assert box.ok("crm.timeline.comment.get", {"id": kept})["COMMENT"] == "Принято"


def test_log_messages_come_by_tens(box: Box) -> None:
    lead = make(box, LEAD)["id"]
    for number in range(12):
        fields = {
            "entityTypeId": LEAD,
            "entityId": lead,
            "title": f"№ {number}",
            "text": "т",
            "iconCode": "info",
        }
        box.ok("crm.timeline.logmessage.add", {"fields": fields})
    ask: dict[str, Any] = {"entityTypeId": LEAD, "entityId": lead}
    first = box.ok("crm.timeline.logmessage.list", ask)["logMessages"]
    assert [row["title"] for row in first][:2] == ["№ 11", "№ 10"]
    for way in ("start", "offset"):
        rest = box.ok("crm.timeline.logmessage.list", ask | {way: 10})["logMessages"]
        assert [row["title"] for row in rest] == ["№ 1", "№ 0"]
    upwards = box.ok("crm.timeline.logmessage.list", ask | {"order": {"id": "asc"}})["logMessages"]
    assert upwards[0]["title"] == "№ 0"
    assert box.refused("crm.timeline.logmessage.list", ask | {"entityId": 99}) == (400, "OWNER_NOT_FOUND")


def test_a_log_message_belongs_to_whoever_wrote_it(box: Box) -> None:
    app, lead = box.install_app(), make(box, LEAD)["id"]
    fields = {"entityTypeId": LEAD, "entityId": lead, "title": "Т", "text": "т", "iconCode": "info"}
    made = app.ok("crm.timeline.logmessage.add", {"fields": fields})["logMessage"]
    assert box.ok("crm.timeline.logmessage.get", {"id": made["id"]})["logMessage"] == made
    one = {"id": made["id"]}
    assert box.refused("crm.timeline.logmessage.delete", one) == (400, "REMOVING_DISABLED")
    assert app.ok("crm.timeline.logmessage.delete", one) is True
    assert app.refused("crm.timeline.logmessage.get", one) == (400, "NOT_FOUND")
    comment_id = comment(box, "lead", lead)
    assert box.refused("crm.timeline.logmessage.get", {"id": comment_id}) == (400, "NOT_FOUND")


def test_whoever_a_comment_names_is_notified_once(box: Box) -> None:
    deal = make(box, DEAL)["id"]
    text = "[USER=5]Коллега[/USER], [USER=5]ещё раз[/USER], [USER=1]я сам[/USER], [USER=99]никто[/USER]"
    made = comment(box, "deal", deal, text)
    assert [(row["to"], row["author_id"]) for row in box.look("state/notices")] == [(5, 1)]
    more = {"id": made, "fields": {"COMMENT": f"{text} и [USER=6]вы[/USER]"}}
    box.ok("crm.timeline.comment.update", more)
    assert [row["to"] for row in box.look("state/notices")] == [5, 6]
