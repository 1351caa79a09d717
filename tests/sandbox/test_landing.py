"""Knowledge bases: sites, pages, publication, rights, the trash."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.sandbox.conftest import AppCaller, Box
from tests.sandbox.examples.groups import group
from tests.sandbox.examples.landing import KB, TEXT, block, folder, page, site

NODE = ".landing-block-node-text"


@pytest.fixture
def ordinary(box: Box) -> AppCaller:
    """A head of department who administers nothing."""
    return box.install_app(who=9)


def write(box: Box, lid: int, number: int, text: str) -> None:
    given = {"lid": lid, "block": number, "data": {NODE: text}}
    assert box.ok("landing.block.updatenodes", KB | given) is True


def publish(box: Box, lid: int) -> None:
    assert box.ok("landing.landing.publication", KB | {"lid": lid}) is True


def pages(caller: Box | AppCaller, **conditions: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.ok(
        "landing.landing.getList", KB | {"params": {"filter": conditions}}
    )
    return found


def sites(caller: Box | AppCaller, **conditions: Any) -> list[int]:
    found = caller.ok("landing.site.getList", KB | {"params": {"filter": conditions}})
    return [int(row["ID"]) for row in found]


def visible(box: Box, path: str, who: int = 9) -> str | None:
    """What an employee reads at an address, None when there is nothing for him."""
    answer = box.http.get(path, headers={"Cookie": f"sandbox_employee={who}"})
    return answer.text if answer.status_code == 200 else None


def test_a_knowledge_base_is_published_once_and_found_again(box: Box) -> None:
    asked = KB | {"params": {"select": ["ID", "XML_ID"], "filter": {"=TYPE": "KNOWLEDGE", "=XML_ID": "kb"}}}
    assert box.ok("landing.site.getList", asked) == []
    number = site(box, CODE="b24flow", XML_ID="kb")
    assert box.ok("landing.site.getList", asked) == [{"ID": str(number), "TYPE": "KNOWLEDGE", "XML_ID": "kb"}]
    place = folder(box, number)
    lid = page(box, number, CODE="registrar", XML_ID="instr:registrar", FOLDER_ID=place)
    found = pages(box, SITE_ID=number, **{"=XML_ID": "instr:registrar"})
    assert [(row["ID"], row["FOLDER_ID"], row["ACTIVE"]) for row in found] == [(str(lid), str(place), "N")]
    write(box, lid, block(box, lid), "<h2>Порядок</h2><p>Запишите письмо.</p>")
    address = "/knowledge/b24flow/incoming/registrar/"
    assert visible(box, address) is None
    publish(box, lid)
    assert box.ok("landing.landing.getpublicurl", KB | {"lid": lid}).endswith(address)
    assert "Запишите письмо." in (visible(box, address) or "")
    assert sites(box, ACTIVE="Y") == [number]


def test_visitors_read_the_published_copy_until_the_next_publication(box: Box) -> None:
    lid = page(box, site(box, CODE="kb"), CODE="first")
    number = block(box, lid)
    write(box, lid, number, "<p>Прежний порядок</p>")
    publish(box, lid)
    write(box, lid, number, "<p>Новый порядок</p>")
    second = block(box, lid, AFTER_ID=number)
    assert "Прежний порядок" in (visible(box, "/knowledge/kb/first/") or "")
    draft = box.ok("landing.block.getlist", KB | {"lid": lid, "params": {"edit_mode": 1}})
    (shown,) = box.ok("landing.block.getlist", KB | {"lid": lid})
    assert [row["id"] for row in draft] == [number, second]
    assert shown["id"] not in {number, second}
    publish(box, lid)
    assert "Новый порядок" in (visible(box, "/knowledge/kb/first/") or "")
    again = box.ok("landing.block.getlist", KB | {"lid": lid})
    assert again[0]["id"] == shown["id"]
    assert len(again) == 2
    given = {"lid": lid, "block": shown["id"], "data": {NODE: "x"}}
    assert box.refused("landing.block.updatenodes", KB | given) == (400, "BLOCK_NOT_FOUND")


def test_a_hidden_block_and_a_hidden_page_are_not_read(box: Box) -> None:
    number = site(box, CODE="kb")
    lid = page(box, number, CODE="first")
    own = block(box, lid)
    write(box, lid, own, "<p>Секрет</p>")
    box.ok("landing.landing.hideblock", KB | {"lid": lid, "block": own})
    publish(box, lid)
    assert "Секрет" not in (visible(box, "/knowledge/kb/first/") or "Секрет")
    box.ok("landing.landing.showblock", KB | {"lid": lid, "block": own})
    publish(box, lid)
    assert "Секрет" in (visible(box, "/knowledge/kb/first/") or "")
    box.ok("landing.site.unpublic", KB | {"id": number})
    assert visible(box, "/knowledge/kb/first/") is None
    box.ok("landing.site.publication", KB | {"id": number})
    assert "Секрет" in (visible(box, "/knowledge/kb/first/") or "")
    box.ok("landing.landing.unpublic", KB | {"lid": lid})
    box.ok("landing.site.publication", KB | {"id": number})
    assert visible(box, "/knowledge/kb/first/") is None


def test_publishing_a_page_switches_its_folders_on(box: Box) -> None:
    number = site(box)
    outer = folder(box, number)
    inner = folder(box, number, TITLE="Почта", CODE="mail", PARENT_ID=outer)
    publish(box, page(box, number, FOLDER_ID=inner, CODE="first"))
    assert visible(box, "/knowledge/instructions/incoming/mail/first/") is not None
    rows = box.ok("landing.site.getFolders", KB | {"siteId": number})
    assert {row["ID"]: row["ACTIVE"] for row in rows} == {str(outer): "Y", str(inner): "Y"}
    box.ok("landing.site.unPublicFolder", KB | {"folderId": inner})
    rows = box.ok("landing.site.getFolders", KB | {"siteId": number, "filter": {"PARENT_ID": 0}})
    assert [(row["ID"], row["ACTIVE"]) for row in rows] == [(str(outer), "N")]
    assert visible(box, "/knowledge/instructions/incoming/mail/first/") is None


def test_without_the_scope_a_knowledge_base_does_not_exist(box: Box) -> None:
    number = site(box)
    lid = page(box, number)
    assert box.ok("landing.site.getList") == box.ok("landing.landing.getList") == []
    assert box.ok("landing.site.getFolders", {"siteId": number}) == []
    assert box.refused("landing.landing.publication", {"lid": lid}) == (400, "LANDING_NOT_EXIST")
    assert box.refused("landing.site.publication", {"id": number}) == (400, "ACCESS_DENIED")
    given = {"fields": {"TITLE": "База", "CODE": "", "TYPE": "KNOWLEDGE"}}
    assert box.refused("landing.site.add", given) == (400, "ACCESS_DENIED")
    assert (
        box.refused("landing.site.add", KB | {"fields": {"TITLE": "Сайт", "CODE": ""}})[1] == "ACCESS_DENIED"
    )


def test_the_scope_lasts_for_the_rest_of_a_batch_and_no_longer(box: Box) -> None:
    number = site(box)
    commands = ["landing.site.getList", "landing.site.getList?scope=KNOWLEDGE", "landing.site.getList"]
    result = box.batch(commands)["result"]
    assert [[row["ID"] for row in rows] for rows in result] == [[], [str(number)], [str(number)]]
    assert box.ok("landing.site.getList") == []


@pytest.mark.parametrize(
    ("code", "error"),
    [("a/b", "SLASH_IS_NOT_ALLOWED"), ("code_12_34", "WRONG_CODE_FORMAT"), ("", "CANT_BE_EMPTY")],
)
def test_an_address_of_a_page_has_rules(box: Box, code: str, error: str) -> None:
    fields = {"TITLE": "Страница", "SITE_ID": site(box), "CODE": code}
    assert box.refused("landing.landing.add", KB | {"fields": fields}) == (400, error)


def test_a_repeated_code_gets_a_suffix(box: Box) -> None:
    number = site(box)
    first, second = page(box, number, CODE="instr"), page(box, number, CODE="instr")
    third = page(box, number, TITLE="Щит и меч")
    codes = {int(row["ID"]): row["CODE"] for row in pages(box)}
    assert codes[first] == "instr"
    assert codes[second].startswith("instr_")
    assert len(codes[second]) == len("instr_a1b2")
    assert codes[third] == "shchit-i-mech"
    same = site(box, CODE="instructions")
    rows = box.ok("landing.site.getList", KB | {"params": {"filter": {"ID": same}}})
    assert rows[0]["CODE"] == "/instructions2/"
    digits = box.ok("landing.site.getList", KB | {"params": {"filter": {"ID": site(box, CODE="12")}}})
    assert digits[0]["CODE"] == "/site12/"


def test_a_page_is_created_only_in_a_folder_of_its_site(box: Box) -> None:
    number, other = site(box), site(box)
    given = {"TITLE": "Страница", "SITE_ID": other, "FOLDER_ID": folder(box, number)}
    assert box.refused("landing.landing.add", KB | {"fields": given}) == (400, "FOLDER_NOT_FOUND")
    assert (
        box.refused("landing.landing.add", KB | {"fields": {**given, "SITE_ID": 77}})[1] == "SITE_NOT_FOUND"
    )
    same = {"siteId": number, "fields": {"TITLE": "Входящие", "CODE": "incoming"}}
    assert box.refused("landing.site.addFolder", KB | same) == (400, "FOLDER_IS_NOT_UNIQUE")


def test_an_index_page_opens_by_the_address_of_its_site(box: Box) -> None:
    number = site(box, CODE="kb")
    lid = page(box, number, CODE="first")
    publish(box, lid)
    box.ok("landing.site.update", KB | {"id": number, "fields": {"LANDING_ID_INDEX": lid}})
    assert box.ok("landing.landing.getpublicurl", KB | {"lid": lid}).endswith("/knowledge/kb/")
    found = {"landingUrl": "/", "siteId": number}
    assert box.ok("landing.landing.resolveIdByPublicUrl", KB | found) == lid
    assert box.ok("landing.landing.resolveIdByPublicUrl", KB | {**found, "landingUrl": "/no/"}) is None
    assert visible(box, "/knowledge/kb/") is not None


def test_rights_of_a_site_follow_departments_and_groups(box: Box, ordinary: AppCaller) -> None:
    number = site(box)
    lid = page(box, number)
    rights = {"DR4": ["read"], f"SG{group(box, 10)}": ["edit", "public"], "U11": ["read", "denied"]}
    assert box.ok("landing.site.setRights", KB | {"id": number, "rights": rights}) is True
    own = {who: ordinary.as_user(who).ok("landing.site.getRights", {"id": number}) for who in (9, 10, 11, 12)}
    assert own == {9: ["read"], 10: ["read", "edit", "public"], 11: ["denied"], 12: []}
    assert sites(ordinary) == [number]
    add = KB | {"lid": lid, "fields": {"CODE": TEXT}}
    assert ordinary.refused("landing.landing.addblock", add) == (400, "ACCESS_DENIED")
    assert ordinary.as_user(12).refused("landing.landing.addblock", add) == (400, "LANDING_NOT_EXIST")
    assert ordinary.as_user(10).ok("landing.landing.addblock", add)
    assert ordinary.refused("landing.landing.publication", KB | {"lid": lid}) == (400, "ACCESS_DENIED")
    assert ordinary.refused("landing.site.setRights", {"id": number}) == (400, "IS_NOT_ADMIN")
    assert visible(box, "/knowledge/", who=12) is not None
    assert box.ok("landing.site.setRights", {"id": 10_000, "rights": {}}) is False


def test_the_trash_of_pages_and_sites(box: Box) -> None:
    number = site(box)
    main, second = page(box, number), page(box, number)
    box.ok("landing.site.update", KB | {"id": number, "fields": {"LANDING_ID_INDEX": main}})
    assert box.refused("landing.landing.markDelete", KB | {"lid": main}) == (400, "CANT_DELETE_MAIN")
    publish(box, second)
    assert box.ok("landing.landing.markDelete", KB | {"lid": second}) == second
    assert [row["ID"] for row in pages(box)] == [str(main)]
    assert [row["ACTIVE"] for row in pages(box, DELETED="Y")] == ["N"]
    assert box.refused("landing.landing.publication", KB | {"lid": second}) == (400, "LANDING_NOT_EXIST")
    assert box.ok("landing.landing.markUnDelete", {"lid": second}) == second
    assert box.refused("landing.landing.markDelete", {"lid": second}) == (400, "ACCESS_DENIED")
    assert box.refused("landing.site.delete", KB | {"id": number}) == (400, "SITE_IS_NOT_EMPTY")
    for lid in (main, second):
        assert box.ok("landing.landing.delete", KB | {"lid": lid}) is True
    assert box.ok("landing.site.markDelete", KB | {"id": number}) == number
    assert (sites(box), sites(box, DELETED="Y")) == ([], [number])
    assert box.ok("landing.site.delete", KB | {"id": number}) is True
    assert box.refused("landing.site.delete", KB | {"id": number}) == (400, "ACCESS_DENIED")


def test_a_folder_takes_its_pages_into_the_trash(box: Box) -> None:
    number = site(box)
    outer = folder(box, number)
    inner = folder(box, number, CODE="mail", PARENT_ID=outer)
    deep, top = page(box, number, FOLDER_ID=inner), page(box, number, FOLDER_ID=outer)
    assert box.ok("landing.site.markFolderDelete", KB | {"id": outer}) is True
    assert {row["ID"] for row in pages(box, DELETED="Y")} == {str(deep), str(top)}
    assert box.ok("landing.site.getFolders", KB | {"siteId": number}) == []
    assert pages(box, SITE_ID=number, DELETED="Y") == []
    assert box.ok("landing.site.markFolderUnDelete", KB | {"id": outer}) is True
    assert [row["ID"] for row in pages(box)] == [str(top)]
    loop = {"siteId": number, "folderId": outer, "fields": {"PARENT_ID": outer}}
    assert box.refused("landing.site.updateFolder", KB | loop) == (400, "ACCESS_DENIED")


def test_pages_are_copied_and_moved(box: Box) -> None:
    number, other = site(box), site(box)
    lid = page(box, number, CODE="first")
    write(box, lid, block(box, lid), "<p>Порядок</p>")
    copied = box.ok("landing.landing.copy", KB | {"lid": lid, "toSiteId": other, "toFolderId": 77})
    (row,) = pages(box, SITE_ID=other)
    assert (row["ID"], row["CODE"], row["FOLDER_ID"], row["ACTIVE"]) == (str(copied), "first", None, "N")
    asked = KB | {"lid": copied, "params": {"edit_mode": 1, "get_content": 1}}
    assert "Порядок" in box.ok("landing.block.getlist", asked)[0]["content"]
    both = {"lid": lid, "toSiteId": other, "toFolderId": folder(box, other)}
    assert box.refused("landing.landing.move", KB | both) == (400, "FOLDER_NOT_FOUND")
    assert box.ok("landing.landing.move", KB | {**both, "toFolderId": 0}) is True
    assert box.ok("landing.landing.move", KB | both) is True
    assert pages(box, ID=lid)[0]["FOLDER_ID"] == str(both["toFolderId"])


def test_missing_and_mistyped_parameters_are_named(box: Box) -> None:
    body = box.raw("landing.landing.update", KB).json()
    assert body == {
        "error": "MISSING_PARAMS",
        "error_description": "Not enough call parameters, missing: lid, fields",
    }
    body = box.raw("landing.site.bindingToGroup", KB | {"id": 1, "groupId": "первая"}).json()
    assert (
        body["error"],
        "Argument #2 ($groupId) must be of type int, string given" in body["error_description"],
    ) == (
        "TYPE_ERROR",
        True,
    )
    assert box.refused("landing.landing.update", KB | {"lid": 1, "fields": "x"}) == (400, "TYPE_ERROR")
    number = site(box)
    assert box.ok("landing.site.getRights", {"id": str(number)})
    assert box.refused("landing.site.getList", KB | {"params": {"filter": {"NO": 1}}}) == (
        400,
        "SYSTEM_ERROR",
    )


def test_lists_are_filtered_sorted_and_cut(box: Box) -> None:
    numbers = [site(box, TITLE=title) for title in ("Б", "В", "А")]
    params: dict[str, Any] = {"select": ["ID"], "order": {"TITLE": "DESC"}, "limit": 2}
    found = box.ok("landing.site.getList", KB | {"params": params})
    assert [row["ID"] for row in found] == [str(numbers[1]), str(numbers[0])]
    rest = box.ok("landing.site.getList", KB | {"params": {**params, "offset": 2}})
    assert [row["ID"] for row in rest] == [str(numbers[2])]
    assert sites(box, **{">ID": numbers[0]}) == numbers[1:]
    assert sites(box, **{">=DATE_CREATE": "01.01.2020 00:00:00"}) == numbers
    assert sites(box, **{"<DATE_CREATE": "2020-01-01"}) == []
    assert sites(box, ID=numbers[:2]) == numbers[:2]


def test_knowledge_bases_are_bound_to_menus_and_groups(box: Box, ordinary: AppCaller) -> None:
    number, other, team = site(box), site(box), group(box, 9)
    menu = {"id": number, "menuCode": "crm_switcher:deal"}
    assert [box.ok("landing.site.bindingToMenu", KB | menu) for _ in range(2)] == [True, False]
    bound = {"id": number, "groupId": team}
    assert ordinary.ok("landing.site.bindingToGroup", KB | bound) is False
    assert box.ok("landing.site.bindingToGroup", KB | bound) is True
    assert box.ok("landing.site.bindingToGroup", KB | {**bound, "id": other}) is False
    assert box.ok("landing.site.getGroupBindings", KB | {"groupId": team})[0]["ENTITY_ID"] == str(number)
    assert box.ok("landing.site.unbindingFromMenu", KB | menu) is True
    assert box.ok("landing.site.getMenuBindings", KB) == []


def test_what_is_restored_gives_out_the_same_numbers_and_codes(box: Box) -> None:
    number = site(box)
    key = box.control("snapshot")["id"]
    page(box, number, CODE="a"), page(box, number, CODE="a")
    before = pages(box)
    box.control("restore", {"id": key})
    page(box, number, CODE="a"), page(box, number, CODE="a")
    assert [row["CODE"] for row in pages(box)] == [row["CODE"] for row in before]


def test_addresses_with_any_letters_are_answered(box: Box) -> None:
    publish(box, page(box, site(box, CODE="kb"), CODE="порядок"))
    assert visible(box, f"/knowledge/kb/{quote('порядок')}/") is not None
    assert visible(box, "/knowledge/kb/%ff/../") is None
