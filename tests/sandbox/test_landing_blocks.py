"""Blocks of a page: order, content, nodes, cards, and what the sanitizer does to HTML."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24flow.sandbox.model.landing_dom import parse, write
from b24flow.sandbox.model.landing_sanitizer import sanitize
from tests.sandbox.conftest import AppCaller, Box
from tests.sandbox.examples.landing import CARDS, KB, PICTURE, TEXT, block, page, site

MENU, IMAGE, VIDEO = "0.menu_02", "32.2.img_one_big", "49.1.video_just_video"
FORM = "33.13.form_2_light_no_text"
TITLE, NODE = ".landing-block-node-title", ".landing-block-node-text"


@pytest.fixture
def lid(box: Box) -> int:
    """A page of a knowledge base."""
    return page(box)


def order(box: Box, lid: int, **params: Any) -> list[int]:
    asked = KB | {"lid": lid, "params": {"edit_mode": 1, **params}}
    return [row["id"] for row in box.ok("landing.block.getlist", asked)]


def act(box: Box, method: str, lid: int, number: int, **given: Any) -> Any:
    return box.ok(method, KB | {"lid": lid, "block": number, **given})


def html(box: Box, lid: int, number: int) -> str:
    given = {"editMode": True, "params": {"wrapper_show": False}}
    return str(act(box, "landing.block.getcontent", lid, number, **given)["content"])


def test_a_new_block_goes_first_or_after_the_named_one(box: Box, lid: int) -> None:
    first = block(box, lid)
    second = block(box, lid, AFTER_ID=first)
    third = block(box, lid, AFTER_ID=10_000)
    assert order(box, lid) == [third, first, second]
    act(box, "landing.landing.downblock", lid, third)
    assert order(box, lid) == [first, third, second]
    act(box, "landing.landing.upblock", lid, second)
    assert order(box, lid) == [first, second, third]
    for method, number in (("upblock", first), ("downblock", third)):
        given = KB | {"lid": lid, "block": number}
        assert box.refused(f"landing.landing.{method}", given) == (400, "BLOCK_WRONG_SORT")


def test_a_copied_and_a_moved_block_go_last(box: Box, lid: int) -> None:
    other = page(box)
    first, second = block(box, lid), block(box, other)
    copied = act(box, "landing.landing.copyblock", other, first)
    assert order(box, other) == [second, copied]
    moved = act(
        box, "landing.landing.moveblock", other, first, params={"AFTER_ID": second, "RETURN_CONTENT": "Y"}
    )
    assert (moved["result"], moved["content"]["id"]) == (True, first)
    assert (order(box, other), order(box, lid)) == ([second, first, copied], [])


def test_a_deleted_block_comes_back_hidden_as_it_was(box: Box, lid: int) -> None:
    number = block(box, lid, ACTIVE="N")
    act(box, "landing.landing.markdeletedblock", lid, number)
    assert (order(box, lid), order(box, lid, deleted=1)) == ([], [number])
    assert (
        box.refused("landing.landing.showblock", KB | {"lid": lid, "block": number})[1] == "BLOCK_NOT_FOUND"
    )
    act(box, "landing.landing.markundeletedblock", lid, number)
    asked = {"block": number, "params": {"edit_mode": 1}}
    assert box.ok("landing.block.getbyid", KB | asked)["active"] is False
    act(box, "landing.landing.deleteblock", lid, number)
    assert box.refused("landing.block.getbyid", KB | asked) == (400, "BLOCK_NOT_FOUND")


def test_only_blocks_of_the_library_are_added(box: Box, lid: int) -> None:
    for code in ("", "repo_1", "99.unknown"):
        given = KB | {"lid": lid, "fields": {"CODE": code}}
        assert box.refused("landing.landing.addblock", given) == (400, "BLOCK_CANT_BE_ADDED")
    empty = KB | {"lid": lid, "fields": {"CODE": TEXT, "CONTENT": ""}}
    assert box.refused("landing.landing.addblock", empty) == (400, "BLOCK_NOT_FOUND")
    own = KB | {"lid": lid, "fields": {"CODE": TEXT, "CONTENT": "<b>x</b>", "RETURN_CONTENT": "Y"}}
    made = box.ok("landing.landing.addblock", own)
    kind = "block-wrapper block-27-6-one-col-fix-text-with-headings"
    wrapped = f'<div id="block{made["id"]}" data-id="{made["id"]}" class="{kind}"><b>x</b></div>'
    assert (made["content"], made["anchor"], made["sections"]) == (wrapped, f"b{made['id']}", "text")


def test_the_sanitizer_breaks_and_does_not_refuse(box: Box, lid: int) -> None:
    number = block(box, lid)
    bad = '<p bxstyle="color:red" onclick="a()">1</p><script>b()</script><a href="javascript:c()">2</a>'
    assert act(box, "landing.block.updatecontent", lid, number, content=bad) is True
    assert html(box, lid, number) == (
        '<p style="color:red" oncl ick="a()">1</p><scr ipt>b()</script><a href="java script:c()">2</a>'
    )
    fields = {"CODE": TEXT, "CONTENT": "<iframe src=x></iframe>"}
    second = box.ok("landing.landing.addblock", KB | {"lid": lid, "fields": fields})
    assert html(box, lid, second) == "<ifr ame src=x></iframe>"


def test_the_sanitizer_breaks_words_where_the_documentation_shows() -> None:
    bad = '<div style="color:red" onclick="alert(1)"><iframe src="//evil.example"></iframe></div>'
    assert sanitize(bad, "#AAA#") == (
        '<div style="color:red" oncl#AAA#ick="alert(1)"><ifr#AAA#ame src="//evil.example"></iframe></div>'
    )
    assert sanitize("<p>onclick = жать; 2 < 3</p>") == "<p>onclick = жать; 2 < 3</p>"


@given(st.text(alphabet="<>/='\" \nsScCrRiIpPtTfaAmeonlickjv:x-&;", max_size=80))
def test_no_dangerous_word_survives(text: str) -> None:
    shown = sanitize(text)
    assert not re.search(r"<(script|iframe)\b", shown, re.IGNORECASE)
    assert not re.search(r"javascript\s*:", shown, re.IGNORECASE)
    again = write(parse(shown))
    assert write(parse(again)) == again
    assert not re.search(r"<(script|iframe)\b", again, re.IGNORECASE)


def test_a_changed_block_keeps_the_rest_of_its_text() -> None:
    text = '<p title="A &amp; B">2 &lt; 3 &amp; 4</p><br><!-- x --><style>a > b {}</style>'
    assert write(parse(text)) == text
    assert write(parse("<p>2 < 3")) == "<p>2 &lt; 3</p>"


def test_nodes_take_values_by_their_type(box: Box, lid: int) -> None:
    picture, video, menu = block(box, lid, IMAGE), block(box, lid, VIDEO), block(box, lid, MENU)
    values = {"src": "http://example.com/a.png", "alt": 'Схема "1"', "src2x": "/b.png", "id": 7}
    act(box, "landing.block.updatenodes", lid, picture, data={".landing-block-node-img": values})
    shown = html(box, lid, picture)
    for part in ('src="https://example.com/a.png"', 'alt="Схема &quot;1&quot;"', 'srcset="/b.png 2x"',
                 'data-fileid="7"'):  # fmt: skip
        assert part in shown
    act(box, "landing.block.updatenodes", lid, picture, data={".landing-block-node-img": {"alt": "x"}})
    assert 'src=""' in html(box, lid, picture)
    embed = {"src": "//rutube.example/1", "source": "https://rutube.example/1"}
    act(box, "landing.block.updatenodes", lid, video, data={".landing-block-node-embed": embed})
    assert '<iframe class="landing-block-node-embed" width="100%" src="//rutube.example/1"' in html(
        box, lid, video
    )
    link = ".landing-block-node-menu-list-item-link"
    act(box, "landing.block.updatenodes", lid, menu, data={
        f"{link}@1": {"text": "Приказы", "href": "/orders/"}, f"{link}@9": {"text": "нет"},
        ".unknown": "нет"})  # fmt: skip
    shown = html(box, lid, menu)
    assert re.search(r'<a class="[^"]+" href="/orders/">Приказы</a>', shown)
    assert shown.count("Раздел") == 1
    assert "нет" not in shown
    refused = box.refused("landing.block.updatenodes", KB | {"lid": lid, "block": menu, "data": {}})
    assert refused == (400, "NODES_NOT_FOUND")


def test_attributes_styles_and_tags(box: Box, lid: int) -> None:
    form, cards = block(box, lid, FORM), block(box, lid, CARDS)
    data = {".bitrix24forms": {"data-b24form": "#crmFormInline45", "class": "x", "onclick": "y"}}
    act(box, "landing.block.updateattrs", lid, form, data=data)
    shown = html(box, lid, form)
    assert '<div class="bitrix24forms" data-b24form="#crmFormInline45">' in shown
    styles = {"classList": ["landing-block-node-title", "g-color-red"], "style": {"font-weight": "700"}}
    act(
        box,
        "landing.block.updateStyles",
        lid,
        cards,
        data={f"{TITLE}@1": styles, "#wrapper": ["landing-block"]},
    )
    shown = html(box, lid, cards)
    assert shown.startswith('<section class="landing-block"><div>')
    assert shown.count('class="landing-block-node-title g-color-red" style="font-weight: 700"') == 1
    act(box, "landing.block.changeNodeName", lid, cards, data={TITLE: " H1 ", f"{TITLE}@1": "script"})
    shown = html(box, lid, cards)
    assert "</h1>" in shown
    assert '<div class="landing-block-node-title g-color-red"' in shown
    assert "<h3" not in shown


def test_inline_styles_of_nested_elements_are_taken_off(box: Box, lid: int) -> None:
    number = block(box, lid)
    text = '<p style="color: red; margin: 0">1</p>'
    act(box, "landing.block.updatenodes", lid, number, data={NODE: text})
    act(box, "landing.block.updateStyles", lid, number, data={NODE: {"affect": ["color"]}})
    assert '<p style="margin: 0">1</p>' in html(box, lid, number)


def test_cards_are_added_copied_removed_and_rearranged(box: Box, lid: int) -> None:
    number = block(box, lid, MENU)
    card = ".landing-block-node-menu-list-item"
    link = f"{card}-link"

    def words() -> list[str]:
        return re.findall(r"<a[^>]*>([^<]*)</a>", html(box, lid, number))

    named = {f"{link}@0": {"text": "Первый"}, f"{link}@1": {"text": "Второй"}}
    act(box, "landing.block.updatenodes", lid, number, data=named)
    made = f'<li class="{card[1:]}"><a class="{link[1:]}">Новый</a></li>'
    act(box, "landing.block.addcard", lid, number, selector=f"{card}@0", content=made)
    assert words() == ["Первый", "Новый", "Второй"]
    act(box, "landing.block.addcard", lid, number, selector=card, content=made.replace("Новый", "Начало"))
    act(box, "landing.block.clonecard", lid, number, selector=f"{card}@3")
    assert words() == ["Начало", "Первый", "Новый", "Второй", "Второй"]
    act(box, "landing.block.removecard", lid, number, selector=f"{card}@0")
    source = [{"value": 2}, {"type": "card", "value": 0}, {"type": "card", "value": 99}]
    values = [{f"{link}@1": {"text": "Последний"}}, "не объект"]
    act(box, "landing.block.updateCards", lid, number, data={card: {"source": source, "values": values}})
    assert words() == ["Второй", "Последний"]
    for selector in (card, f"{card}@7", ".unknown@0"):
        given = KB | {"lid": lid, "block": number, "selector": selector}
        assert box.refused("landing.block.removecard", given) == (400, "CARD_NOT_FOUND")


def test_an_anchor_has_rules(box: Box, lid: int) -> None:
    number = block(box, lid)
    act(box, "landing.block.changeAnchor", lid, number, data="Section_A")
    asked = {"lid": lid, "params": {"edit_mode": 1, "get_content": 1}}
    assert box.ok("landing.block.getlist", KB | asked)[0]["content"].startswith('<div id="Section_A"')
    for anchor in ("a", "1a", "а-б"):
        given = KB | {"lid": lid, "block": number, "data": anchor}
        assert box.refused("landing.block.changeAnchor", given) == (400, "BAD_ANCHOR")
    act(box, "landing.block.changeAnchor", lid, number, data="")
    assert act(box, "landing.block.getcontent", lid, number, editMode=True)["anchor"] == f"b{number}"


def test_a_picture_is_kept_and_shown_by_the_node_that_names_it(box: Box, lid: int) -> None:
    number = block(box, lid, IMAGE)
    kept = box.ok("landing.block.uploadfile", KB | {"block": number, "picture": PICTURE})
    assert kept["src"].endswith(f"/upload/landing/{kept['id']}/skhema.png")
    answer = box.http.get(kept["src"], headers={"Cookie": "sandbox_employee=9"})
    assert answer.content.startswith(b"\x89PNG")
    for picture in ("https://example.com/a.png", ["а.txt", "0YI="], ["а.png", "не base64"]):
        given = KB | {"block": number, "picture": picture}
        assert box.refused("landing.block.uploadfile", given) == (400, "FILE_ERROR")
    act(box, "landing.landing.deleteblock", lid, number)
    assert box.http.get(kept["src"], headers={"Cookie": "sandbox_employee=9"}).status_code == 404


def test_a_block_is_kept_in_the_library_by_its_owner(box: Box, lid: int) -> None:
    ordinary: AppCaller = box.install_app(who=9)
    number = block(box, lid)
    kept = act(box, "landing.landing.favoriteBlock", lid, number, meta={"name": "Порядок"})
    key = f"{TEXT}@{kept}"
    found = ordinary.ok("landing.block.getrepository", KB)["favourite"]["items"][key]
    assert (found["name"], found["favoriteMy"]) == ("Порядок", False)
    assert box.ok("landing.block.getContentFromRepository", {"code": key}) == html(box, lid, number)
    assert ordinary.refused("landing.landing.unFavoriteBlock", {"blockId": kept}) == (400, "BLOCK_NOT_FOUND")
    assert box.ok("landing.landing.unFavoriteBlock", {"blockId": kept}) is True
    assert box.ok("landing.block.getContentFromRepository", {"code": key}) is None
    assert box.ok("landing.block.getrepository", KB | {"section": "нет"}) is False
    assert box.ok("landing.block.getmanifestfile", {"code": "нет"}) == []


def test_blocks_of_several_pages_come_in_one_list(box: Box, lid: int) -> None:
    other = page(box)
    numbers = [block(box, lid), block(box, other)]
    asked = {"lid": [lid, other], "params": {"edit_mode": 1}}
    found = box.ok("landing.block.getlist", KB | asked)
    assert [(row["id"], row["lid"]) for row in found] == list(zip(numbers, (lid, other), strict=True))
    assert box.refused("landing.block.getlist", KB | {"lid": [lid, 77]}) == (400, "LANDING_NOT_EXIST")


def test_a_new_page_is_put_into_a_menu(box: Box) -> None:
    number = site(box, CODE="kb")
    lid = page(box, number)
    menu = block(box, lid, MENU)
    page(box, number, TITLE="Приказы & правила", CODE="orders", BLOCK_ID=menu, MENU_CODE="left")
    assert 'href="/knowledge/kb/orders/" target="_self">Приказы &amp; правила</a></li></ul>' in html(
        box, lid, menu
    )


def test_entities_are_removed_and_strangers_are_passed_over(box: Box, lid: int) -> None:
    first, second = block(box, lid, IMAGE), block(box, lid)
    kept = box.ok("landing.block.uploadfile", KB | {"block": first, "picture": PICTURE})
    data = {
        "blocks": [second, 77],
        "images": [{"block": first, "image": kept["id"]}, {"block": 5, "image": 5}],
    }
    assert box.ok("landing.landing.removeEntities", KB | {"lid": lid, "data": data}) is True
    assert order(box, lid) == [first]


def test_deep_html_is_no_danger(box: Box, lid: int) -> None:
    number = block(box, lid, CARDS)
    deep = '<div class="landing-block-card">' * 3000
    act(box, "landing.block.updatecontent", lid, number, content=f"<section>{deep}</section>")
    act(box, "landing.block.updatenodes", lid, number, data={TITLE: "x"})
    act(box, "landing.block.clonecard", lid, number, selector=".landing-block-card@0")
    assert html(box, lid, number).count("<div") == 6000
