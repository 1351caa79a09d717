"""Comments, log messages and activities of the CRM."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import SPA, Box
from tests.sandbox.examples import Params, example
from tests.sandbox.examples.crm_items import CONTENT, a_card, an_item

LAYOUT: dict[str, Any] = {
    "icon": {"code": "call-completed"},
    "header": {"title": "Согласование № 12", "tags": {"status2": {"title": "Ожидает", "type": "warning"}}},
    "body": {
        "logo": {"code": "call-incoming", "action": {"type": "redirect", "uri": "/crm/deal/details/123/"}},
        "blocks": {
            "client": {
                "type": "withTitle",
                "properties": {
                    "title": "Кому",
                    "inline": True,
                    "block": {"type": "text", "properties": {"value": "Осокина"}},
                },
            },
            "responsible": {
                "type": "lineOfBlocks",
                "properties": {
                    "blocks": {
                        "client": {
                            "type": "link",
                            "properties": {
                                "text": "Карточка",
                                "bold": True,
                                "action": {"type": "redirect", "uri": "/crm/lead/details/789/"},
                            },
                        },
                        "phone": {"type": "text", "properties": {"value": "+7 495 000-00-01"}},
                    }
                },
            },
        },
    },
    "footer": {
        "buttons": {
            "startCall": {
                "title": "Открыть",
                "type": "primary",
                "action": {"type": "openRestApp", "actionParams": {"clientId": "456"}},
            }
        },
        "menu": {
            "showPostponeItem": False,
            "items": {
                "confirm": {
                    "title": "Согласовать",
                    "action": {"type": "restEvent", "id": "confirm", "animationType": "loader"},
                },
                "decline": {
                    "title": "Отклонить",
                    "action": {"type": "restEvent", "id": "decline", "animationType": "loader"},
                },
            },
        },
    },
}
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
FILES = [["1.gif", PIXEL], ["2.gif", PIXEL]]


def a_comment(box: Box) -> tuple[Params, int]:
    """A comment to a deal and what it is bound to."""
    owner = {"ENTITY_TYPE": "deal", "ENTITY_ID": an_item(box, 2, title="Поставка")["id"]}
    fields = {**owner, "COMMENT": "Принято", "FILES": FILES}
    return owner, int(box.ok("crm.timeline.comment.add", {"fields": fields}))


@example("crm.timeline.comment.fields")
@example("crm.activity.fields")
def _(_: Box) -> Params:
    return {}


@example("crm.timeline.comment.add")
def _(box: Box) -> Params:
    owner = {"ENTITY_TYPE": f"dynamic_{SPA}", "ENTITY_ID": a_card(box)["id"]}
    return {"fields": {**owner, "COMMENT": "Принято", "FILES": FILES}}


@example("crm.timeline.comment.get")
@example("crm.timeline.comment.delete")
def _(box: Box) -> Params:
    return {"id": a_comment(box)[1]}


@example("crm.timeline.comment.update")
def _(box: Box) -> Params:
    return {"id": a_comment(box)[1], "fields": {"COMMENT": "Отменено"}}


@example("crm.timeline.comment.list")
def _(box: Box) -> Params:
    return {"filter": a_comment(box)[0], "order": {"ID": "ASC"}}


def message(box: Box) -> Params:
    """What a log message to a card says."""
    return {"entityTypeId": SPA, "entityId": a_card(box)["id"], "title": "Подписано", "text": "Документ",
            "iconCode": "info"}  # fmt: skip


def a_message(box: Box) -> int:
    """A log message to a card."""
    return int(box.ok("crm.timeline.logmessage.add", {"fields": message(box)})["logMessage"]["id"])


@example("crm.timeline.logmessage.add")
def _(box: Box) -> Params:
    return {"fields": message(box)}


@example("crm.timeline.logmessage.get")
@example("crm.timeline.logmessage.delete")
def _(box: Box) -> Params:
    return {"id": a_message(box)}


@example("crm.timeline.logmessage.list")
def _(box: Box) -> Params:
    fields = message(box)
    box.ok("crm.timeline.logmessage.add", {"fields": fields})
    return {"entityTypeId": SPA, "entityId": fields["entityId"], "order": {"id": "asc"}}


def owner_of(box: Box) -> Params:
    """A deal as the newer methods of activities name it."""
    return {"ownerTypeId": 2, "ownerId": an_item(box, 2, title="Поставка")["id"]}


def a_todo(box: Box) -> Params:
    """A universal activity and its deal."""
    owner = owner_of(box)
    made = box.ok("crm.activity.todo.add", {**owner, "deadline": "2026-09-01T15:00:00", "title": "Позвонить"})
    return {**owner, "id": made["id"]}


@example("crm.activity.todo.add")
def _(box: Box) -> Params:
    return {**owner_of(box), "deadline": "2026-09-01T15:00:00", "title": "Позвонить", "pingOffsets": [0, 15],
            "colorId": "2"}  # fmt: skip


@example("crm.activity.todo.update")
def _(box: Box) -> Params:
    return {**a_todo(box), "deadline": "2026-09-02T15:00:00", "title": "Написать"}


@example("crm.activity.todo.updateDeadline")
def _(box: Box) -> Params:
    return {**a_todo(box), "value": "2026-09-02T15:00:00"}


@example("crm.activity.todo.updateDescription")
def _(box: Box) -> Params:
    return {**a_todo(box), "value": "Уточнить срок"}


@example("crm.activity.todo.updateColor")
def _(box: Box) -> Params:
    return {**a_todo(box), "colorId": "5"}


@example("crm.activity.todo.updateResponsibleUser")
def _(box: Box) -> Params:
    return {**a_todo(box), "responsibleId": 3}


CARD_FIELDS = {"completed": "N", "deadline": "2026-09-01T01:00:00+03:00", "responsibleId": 1}


def an_app_card(box: Box) -> int:
    """A card an application has drawn."""
    given = {**owner_of(box), "fields": CARD_FIELDS, "layout": LAYOUT}
    return int(box.ok("crm.activity.configurable.add", given)["activity"]["id"])


@example("crm.activity.configurable.add", app=True)
def _(box: Box) -> Params:
    return {**owner_of(box), "fields": CARD_FIELDS, "layout": LAYOUT}


@example("crm.activity.configurable.get", app=True)
def _(box: Box) -> Params:
    return {"id": an_app_card(box)}


@example("crm.activity.configurable.update", app=True)
def _(box: Box) -> Params:
    return {"id": an_app_card(box), "fields": {"completed": "Y"}, "layout": LAYOUT}


def letter(box: Box) -> Params:
    """An e-mail that is sent at once."""
    contact = an_item(box, 3, name="Пётр")["id"]
    return {
        "OWNER_TYPE_ID": 3,
        "OWNER_ID": contact,
        "TYPE_ID": 4,
        "SUBJECT": "Счёт",
        "DESCRIPTION": "Просим оплатить",
        "DIRECTION": 2,
        "COMPLETED": "Y",
        "RESPONSIBLE_ID": 1,
        "START_TIME": "2026-09-01T10:00:00+03:00",
        "END_TIME": "2026-09-01T11:00:00+03:00",
        "COMMUNICATIONS": [{"VALUE": "petr@example.ru", "ENTITY_ID": contact, "ENTITY_TYPE_ID": 3}],
        "SETTINGS": {"MESSAGE_FROM": "Контора <kontora@example.ru>"},
        "FILES": [{"fileData": ["счёт.pdf", CONTENT]}],
    }


@example("crm.activity.add")
def _(box: Box) -> Params:
    return {"fields": letter(box)}


def a_call(box: Box) -> tuple[int, Params]:
    """A planned call and its fields."""
    fields = letter(box) | {"TYPE_ID": 2, "COMPLETED": "N", "SETTINGS": {}, "FILES": []}
    fields["COMMUNICATIONS"][0]["VALUE"] = "+7 495 000-00-01"
    return int(box.ok("crm.activity.add", {"fields": fields})), fields


@example("crm.activity.update")
def _(box: Box) -> Params:
    number, fields = a_call(box)
    return {"id": number, "fields": fields | {"COMPLETED": "Y"}}


@example("crm.activity.get")
@example("crm.activity.delete")
def _(box: Box) -> Params:
    return {"id": a_call(box)[0]}


@example("crm.activity.list")
def _(box: Box) -> Params:
    number, _ = a_call(box)
    return {"filter": {"ID": number}, "order": {"ID": "DESC"}}
