"""What the CRM tells applications: every change once, and nothing when nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import SPA, Box, add_item
from tests.sandbox.crm_help import CONTACT, DEAL, Ear, change, make

ACTS = ("ADD", "UPDATE", "DELETE")


def test_a_smart_process_has_two_names_for_each_event(box: Box, spa: int) -> None:
    names = [f"ONCRMDYNAMICITEM{act}" for act in ACTS]
    ear = Ear(box, *names, *(f"{name}_{SPA}" for name in names))
    item = add_item(box, title="Письмо")
    data = {"FIELDS": {"ID": item["id"], "ENTITY_TYPE_ID": SPA}}
    assert ear.heard() == [(names[0], data), (f"{names[0]}_{SPA}", data)]
    change(box, SPA, item["id"], title="Письмо")
    change(box, SPA, item["id"], nothing="такого поля нет")
    assert ear.heard() == []
    change(box, SPA, item["id"], title="Запрос")
    assert [name for name, _ in ear.heard()] == [names[1], f"{names[1]}_{SPA}"]
    box.ok("crm.item.delete", {"entityTypeId": SPA, "id": item["id"]})
    assert [name for name, _ in ear.heard()] == [names[2], f"{names[2]}_{SPA}"]


@pytest.mark.parametrize(("number", "code"), [(1, "LEAD"), (2, "DEAL"), (3, "CONTACT"), (4, "COMPANY")])
def test_system_entities_have_events_of_their_own(box: Box, number: int, code: str) -> None:
    ear = Ear(box, *(f"ONCRM{code}{act}" for act in ACTS))
    item = make(box, number, comments="а")
    change(box, number, item["id"], comments="б")
    change(box, number, item["id"], comments="б")
    box.ok("crm.item.delete", {"entityTypeId": number, "id": item["id"]})
    data = {"FIELDS": {"ID": item["id"]}}
    assert ear.heard() == [(f"ONCRM{code}{act}", data) for act in ACTS]


def test_a_deal_tells_of_another_pipeline(box: Box) -> None:
    made = box.ok("crm.category.add", {"entityTypeId": DEAL, "fields": {"name": "Закупки"}})["category"]
    deal = make(box, DEAL)
    ear = Ear(box, "ONCRMDEALMOVETOCATEGORY")
    change(box, DEAL, deal["id"], stageId="PREPARATION")
    assert ear.heard() == []
    change(box, DEAL, deal["id"], categoryId=made["id"])
    fields = {"ID": deal["id"], "CATEGORY_ID": made["id"], "STAGE_ID": f"C{made['id']}:NEW"}
    assert ear.heard() == [("ONCRMDEALMOVETOCATEGORY", {"FIELDS": fields})]


def test_types_tell_their_own_ids(box: Box) -> None:
    ear = Ear(box, *(f"ONCRMTYPE{act}" for act in ACTS))
    made = box.ok("crm.type.add", {"fields": {"title": "Тип", "entityTypeId": SPA}})["type"]["id"]
    assert ear.heard() == [("ONCRMTYPEADD", {"FIELDS": {"ID": made}})]
    box.ok("crm.type.update", {"id": made, "fields": {"title": "Тип"}})
    assert ear.heard() == []
    box.ok("crm.type.update", {"id": made, "fields": {"title": "Род"}})
    box.ok("crm.type.delete", {"id": made})
    assert ear.heard() == [(f"ONCRMTYPE{act}", {"FIELDS": {"ID": made}}) for act in ACTS[1:]]


@pytest.mark.parametrize("group", ["TYPE", "COMPANY"])
def test_user_fields_tell_whose_they_are(box: Box, spa: int, group: str) -> None:
    entity = "CRM_COMPANY" if group == "COMPANY" else f"CRM_{spa}"
    acts = ("ADD", "SETENUMVALUES", "UPDATE", "DELETE")
    ear = Ear(box, *(f"ONCRM{group}USERFIELD{act}" for act in acts))
    field: dict[str, Any] = {"entityId": entity, "fieldName": f"UF_{entity}_KIND",
                             "userTypeId": "enumeration", "enum": [{"value": "А"}]}  # fmt: skip
    made = box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})["field"]
    one = {"moduleId": "crm", "id": made["id"]}
    data = {"FIELDS": {"ID": int(made["id"]), "ENTITY_ID": entity, "FIELD_NAME": made["fieldName"]}}
    assert ear.heard() == [(f"ONCRM{group}USERFIELD{act}", data) for act in acts[:2]]
    box.ok("userfieldconfig.update", one | {"field": {"sort": 100}})
    assert ear.heard() == []
    box.ok("userfieldconfig.update", one | {"field": {"sort": 200}})
    assert ear.heard() == [(f"ONCRM{group}USERFIELDUPDATE", data)]
    values = {"userTypeId": "enumeration", "enum": [{"value": "Б"}]}
    box.ok("userfieldconfig.update", one | {"field": values})
    assert ear.heard() == [(f"ONCRM{group}USERFIELDSETENUMVALUES", data)]
    kept = box.ok("userfieldconfig.get", one)["field"]["enum"]
    box.ok("userfieldconfig.update", one | {"field": {"userTypeId": "enumeration", "enum": kept}})
    assert ear.heard() == []
    box.ok("userfieldconfig.delete", one)
    assert ear.heard() == [(f"ONCRM{group}USERFIELDDELETE", data)]


def test_comments_and_activities_tell(box: Box) -> None:
    groups = ("TIMELINECOMMENT", "ACTIVITY")
    ear = Ear(box, *(f"ONCRM{group}{act}" for group in groups for act in ACTS))
    contact = make(box, CONTACT, name="Пётр")["id"]
    owner = {"ENTITY_TYPE": "contact", "ENTITY_ID": contact}
    comment = box.ok("crm.timeline.comment.add", {"fields": {**owner, "COMMENT": "Принято"}})
    data = {"FIELDS": {"ID": comment}}
    assert ear.heard() == [("ONCRMTIMELINECOMMENTADD", data)]
    box.ok("crm.timeline.comment.update", {"id": comment, "fields": {"COMMENT": "Принято"}})
    assert ear.heard() == []
    box.ok("crm.timeline.comment.update", {"id": comment, "fields": {"COMMENT": "Отклонено"}})
    box.ok("crm.timeline.comment.delete", {"id": comment})
    assert ear.heard() == [(f"ONCRMTIMELINECOMMENT{act}", data) for act in ACTS[1:]]
    todo = {"ownerTypeId": CONTACT, "ownerId": contact, "deadline": "2026-09-01T10:00:00"}
    made = box.ok("crm.activity.todo.add", todo)["id"]
    data = {"FIELDS": {"ID": made}}
    assert ear.heard() == [("ONCRMACTIVITYADD", data)]
    box.ok("crm.activity.update", {"id": made, "fields": {"COMPLETED": "N"}})
    box.ok("crm.activity.todo.update", {**todo, "id": made})
    assert ear.heard() == []
    box.ok("crm.activity.update", {"id": made, "fields": {"COMPLETED": "Y"}})
    box.ok("crm.item.delete", {"entityTypeId": CONTACT, "id": contact})
    assert ear.heard() == [(f"ONCRMACTIVITY{act}", data) for act in ACTS[1:]]
