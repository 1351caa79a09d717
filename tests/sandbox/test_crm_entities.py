"""Leads, deals, contacts and companies through the universal methods."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Box
from tests.sandbox.crm_help import COMPANY, CONTACT, DEAL, LEAD, change, make, read

PHONE = {"typeId": "PHONE", "valueType": "WORK", "value": "+7 495 000-00-01"}
EMAIL = {"typeId": "EMAIL", "valueType": "MAILING", "value": "kontora@example.ru"}


def test_a_company_has_its_documented_fields(box: Box) -> None:
    box.control("clock", {"now": "2026-05-12T12:00:00+03:00"})
    company = make(box, COMPANY, title="Контора", isMyCompany="Y", revenue="10.5", xmlId="x")
    assert company["id"] == 1
    assert company["entityTypeId"] == COMPANY
    assert (company["title"], company["isMyCompany"], company["revenue"]) == ("Контора", "Y", 10.5)
    assert (company["typeId"], company["industry"], company["employees"]) == ("CUSTOMER", "IT", "EMPLOYEES_1")
    assert company["createdTime"] == "2026-05-12T12:00:00+03:00"
    assert (company["categoryId"], company["currencyId"], company["address"]) == (0, "RUB", None)
    assert "xmlId" not in company
    assert ("unknown_field", "xmlId") in box.notes()
    assert not {"stageId", "stageSemanticId", "contactId"} & set(company)


def test_an_unnamed_item_gets_a_name_and_a_contact_has_no_title(box: Box) -> None:
    assert make(box, LEAD)["title"] == "Лид #1"
    assert make(box, DEAL)["title"] == "Сделка #1"
    assert "title" not in make(box, CONTACT, name="Пётр", title="Господин")


def test_fields_say_where_their_values_come_from(box: Box) -> None:
    fields = box.ok("crm.item.fields", {"entityTypeId": DEAL})["fields"]
    assert fields["stageId"]["statusType"] == "DEAL_STAGE"
    assert fields["typeId"]["statusType"] == "DEAL_TYPE"
    assert fields["companyId"]["settings"] == {"parentEntityTypeId": COMPANY}
    assert fields["contactId"]["isDeprecated"] is True
    assert fields["assignedById"] == {
        "type": "user", "isRequired": False, "isReadOnly": False, "isImmutable": False,
        "isMultiple": False, "isDynamic": False, "title": "Ответственный", "upperName": "ASSIGNED_BY_ID",
    }  # fmt: skip
    assert fields["contactIds"]["isMultiple"] is True


def test_multifields_are_added_changed_and_deleted_by_their_keys(box: Box) -> None:
    contact = make(box, CONTACT, name="Пётр", fm=[PHONE, EMAIL])
    phone, email = (row["id"] for row in contact["fm"])
    assert contact["phone"] == contact["phoneWork"] == PHONE["value"]
    assert (contact["emailWork"], contact["emailMailing"], contact["phoneMobile"]) == ("", EMAIL["value"], "")
    assert (contact["hasPhone"], contact["hasEmail"], contact["hasImol"]) == ("Y", "Y", "N")
    rows = {
        str(phone): {"typeId": "PHONE", "valueType": "MOBILE", "value": "+7 900 000-00-02"},
        str(email): {"typeId": "EMAIL", "value": ""},
        "n0": {"typeId": "WEB", "valueType": "WORK", "value": "https://example.ru"},
    }
    changed = change(box, CONTACT, contact["id"], fm=rows)
    kept = [(row["id"] == phone, row["typeId"], row["valueType"]) for row in changed["fm"]]
    assert kept == [(True, "PHONE", "MOBILE"), (False, "WEB", "WORK")]
    assert (changed["phoneMobile"], changed["phoneWork"], changed["hasEmail"]) == (
        "+7 900 000-00-02",
        "",
        "N",
    )


def test_multifields_come_with_all_fields_only(box: Box) -> None:
    make(box, COMPANY, title="Контора", fm=[PHONE])
    ask = {"entityTypeId": COMPANY, "select": ["title", "fm"]}
    assert box.ok("crm.item.list", ask)["items"] == [{"id": 1, "title": "Контора"}]
    assert box.ok("crm.item.list", ask | {"select": ["*"]})["items"][0]["fm"][0]["value"] == PHONE["value"]
    found = box.ok("crm.item.list", {"entityTypeId": COMPANY, "filter": {"phoneWork": PHONE["value"]}})
    assert len(found["items"]) == 1
    assert (
        box.refused("crm.item.list", {"entityTypeId": COMPANY, "filter": {"fm": 1}})[1] == "INVALID_ARG_VALUE"
    )


def test_a_company_and_its_contacts_know_each_other(box: Box) -> None:
    company = make(box, COMPANY, title="Контора")["id"]
    first = make(box, CONTACT, name="Пётр", companyId=company)
    second = make(box, CONTACT, name="Илья")["id"]
    assert first["companyIds"] == [company]
    assert read(box, COMPANY, company)["contactIds"] == [first["id"]]
    change(box, COMPANY, company, contactIds=[second])
    assert read(box, CONTACT, first["id"])["companyIds"] == []
    assert read(box, CONTACT, second)["companyId"] == company
    box.ok("crm.item.delete", {"entityTypeId": COMPANY, "id": company})
    assert read(box, CONTACT, second)["companyId"] == 0


def test_the_contact_of_a_deal_is_the_first_of_its_contacts(box: Box) -> None:
    deal = make(box, DEAL, contactIds=[5, 7])
    assert (deal["contactId"], deal["contactIds"]) == (5, [5, 7])
    assert change(box, DEAL, deal["id"], contactId=9)["contactIds"] == [9]
    assert change(box, DEAL, deal["id"], contactIds=[])["contactId"] == 0


def test_a_deal_closes_and_opens_with_its_stage(box: Box) -> None:
    deal = make(box, DEAL)
    assert (deal["stageId"], deal["stageSemanticId"], deal["closed"], deal["isNew"]) == ("NEW", "P", "N", "Y")
    won = change(box, DEAL, deal["id"], stageId="WON")
    assert (won["stageSemanticId"], won["closed"], won["isNew"]) == ("S", "Y", "N")
    assert change(box, DEAL, deal["id"], stageId="EXECUTING")["closed"] == "N"
    fields = {"entityTypeId": DEAL, "id": deal["id"], "fields": {"stageId": "CONVERTED"}}
    assert box.refused("crm.item.update", fields) == (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")


def test_a_deal_moves_to_another_pipeline(box: Box) -> None:
    made = box.ok("crm.category.add", {"entityTypeId": DEAL, "fields": {"name": "Закупки"}})["category"]
    deal = make(box, DEAL)
    assert deal["categoryId"] == 0
    moved = change(box, DEAL, deal["id"], categoryId=made["id"])
    assert moved["stageId"] == f"C{made['id']}:NEW"
    history = box.ok("crm.stagehistory.list", {"entityTypeId": DEAL})["items"]
    assert [(row["TYPE_ID"], row["CATEGORY_ID"]) for row in history] == [(1, 0), (5, made["id"])]


def test_the_history_of_leads_has_its_own_names(box: Box) -> None:
    lead = make(box, LEAD)
    assert lead["dateClosed"] is None
    closed = change(box, LEAD, lead["id"], stageId="JUNK")
    assert (closed["stageSemanticId"], closed["dateClosed"]) == ("F", closed["movedTime"])
    rows = box.ok("crm.stagehistory.list", {"entityTypeId": LEAD, "order": {"ID": "DESC"}})["items"]
    assert [(row["STATUS_ID"], row["STATUS_SEMANTIC_ID"]) for row in rows] == [("JUNK", "F"), ("NEW", "P")]
    assert set(rows[0]) == {"ID", "TYPE_ID", "OWNER_ID", "CREATED_TIME", "STATUS_ID", "STATUS_SEMANTIC_ID"}


def test_the_history_is_read_on_from_an_id(box: Box) -> None:
    for number in range(4):
        make(box, LEAD if number % 2 else DEAL)
    ask: dict[str, Any] = {"entityTypeId": LEAD, "filter": {">ID": 2}, "select": ["ID", "OWNER_ID"]}
    assert box.ok("crm.stagehistory.list", ask)["items"] == [{"ID": 4, "OWNER_ID": 2}]
    assert box.ok("crm.stagehistory.list", {"entityTypeId": 31})["items"] == []
    for wrong in (CONTACT, COMPANY, 4242):
        refusal = box.refused("crm.stagehistory.list", {"entityTypeId": wrong})
        assert refusal == (400, "ENTITY_TYPE_NOT_SUPPORTED")


def test_items_are_found_by_the_code_of_another_system(box: Box) -> None:
    for number in range(3):
        make(box, CONTACT, name=f"№ {number}", originId=f"crm-{number}", originatorId="1c")
    found = box.ok("crm.item.list", {"entityTypeId": CONTACT, "filter": {"=originId": "crm-1"}})["items"]
    assert [row["name"] for row in found] == ["№ 1"]


def test_filters_nest_to_any_depth(box: Box) -> None:
    for name, amount in (("Пётр", 5000), ("", 6000), ("Илья", 25000), ("Ян", 100)):
        make(box, LEAD, name=name, opportunity=amount, isManualOpportunity="Y")
    conditions = {
        "isManualOpportunity": "Y",
        "0": {"logic": "OR", "0": {"logic": "AND", ">=opportunity": 5000, "<=opportunity": 20000},
              "1": {"%name": "я", "<opportunity": 1000}},
        "!=name": "",
    }  # fmt: skip
    ask = {"entityTypeId": LEAD, "filter": conditions, "order": {"opportunity": "desc"}, "select": ["name"]}
    assert [row["name"] for row in box.ok("crm.item.list", ask)["items"]] == ["Пётр", "Ян"]


@pytest.mark.parametrize(("part", "text"), [
    ({"order": {"id": "UP"}}, "allowed sort directions are `ASC, DESC`. But got 'UP' for field 'id'"),
    ({"order": {"no": "ASC"}}, "Invalid order: field 'no' is not allowed in order"),
    ({"filter": {">id": [1]}}, "Invalid filter: field '>id' has invalid value"),
])  # fmt: skip
def test_a_refused_list_says_why(box: Box, part: dict[str, Any], text: str) -> None:
    body = box.raw("crm.item.list", {"entityTypeId": LEAD, **part}).json()
    assert body["error"] == "INVALID_ARG_VALUE"
    assert text in body["error_description"]


@pytest.mark.parametrize(("number", "code"), [(7, "ENTITY_TYPE_NOT_SUPPORTED"), (4242, "NOT_FOUND")])
def test_other_entities_are_refused(box: Box, number: int, code: str) -> None:
    assert box.refused("crm.item.list", {"entityTypeId": number}) == (400, code)


def test_a_user_field_of_companies(box: Box) -> None:
    field = {"entityId": "CRM_COMPANY", "fieldName": "UF_CRM_COMPANY_INN", "userTypeId": "string"}
    made = box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})["field"]
    company = make(box, COMPANY, ufCrmCompanyInn="7701")
    assert company["ufCrmCompanyInn"] == "7701"
    original = {"entityTypeId": COMPANY, "id": company["id"], "useOriginalUfNames": "Y"}
    assert box.ok("crm.item.get", original)["item"]["UF_CRM_COMPANY_INN"] == "7701"
    wrong = field | {"fieldName": "UF_CRM_INN"}
    assert box.refused("userfieldconfig.add", {"moduleId": "crm", "field": wrong}) == (400, "")
    box.ok("userfieldconfig.delete", {"moduleId": "crm", "id": made["id"]})
    assert "ufCrmCompanyInn" not in read(box, COMPANY, company["id"])


def test_a_binding_to_one_entity_is_a_number_and_to_several_a_text(box: Box) -> None:
    for code, settings in (("ONE", {"COMPANY": "Y"}), ("MANY", {"COMPANY": "Y", "DYNAMIC_1046": "Y"})):
        field = {"entityId": "CRM_DEAL", "fieldName": f"UF_CRM_DEAL_{code}", "userTypeId": "crm",
                 "settings": settings}  # fmt: skip
        box.ok("userfieldconfig.add", {"moduleId": "crm", "field": field})
    deal = make(box, DEAL, ufCrmDealOne="CO_5", ufCrmDealMany="T416_5")
    assert (deal["ufCrmDealOne"], deal["ufCrmDealMany"]) == (5, "T416_5")
    assert make(box, DEAL, ufCrmDealMany="L_5")["ufCrmDealMany"] is None
