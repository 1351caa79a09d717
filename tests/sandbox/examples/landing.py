"""Knowledge bases: sites, folders, pages, blocks."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import Box
from tests.sandbox.examples import Params, example
from tests.sandbox.examples.groups import group

KB: dict[str, Any] = {"scope": "KNOWLEDGE"}
TEXT = "27.6.one_col_fix_text_with_headings"
CARDS = "18.2.two_cols_fix_img_text_button_with_cards"
_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = ["схема.png", _PNG]


def site(box: Box, **fields: object) -> int:
    given = {"TITLE": "Инструкции", "CODE": "instructions", "TYPE": "KNOWLEDGE", **fields}
    return int(box.ok("landing.site.add", KB | {"fields": given}))


def folder(box: Box, site_id: int, **fields: object) -> int:
    given = {"TITLE": "Входящие", "CODE": "incoming", **fields}
    return int(box.ok("landing.site.addFolder", KB | {"siteId": site_id, "fields": given}))


def page(box: Box, site_id: int | None = None, **fields: object) -> int:
    place = site(box) if site_id is None else site_id
    given = {"TITLE": "Регистратору", "SITE_ID": place, **fields}
    return int(box.ok("landing.landing.add", KB | {"fields": given}))


def block(box: Box, lid: int, code: str = TEXT, **fields: object) -> int:
    return int(box.ok("landing.landing.addblock", KB | {"lid": lid, "fields": {"CODE": code, **fields}}))


def place(box: Box, code: str = TEXT) -> Params:
    lid = page(box)
    return KB | {"lid": lid, "block": block(box, lid, code)}


@example("landing.site.add")
def _(box: Box) -> Params:
    return KB | {"fields": {"TITLE": "Инструкции", "CODE": "", "TYPE": "KNOWLEDGE", "XML_ID": "kb"}}


@example("landing.site.update")
def _(box: Box) -> Params:
    return KB | {"id": site(box), "fields": {"TITLE": "Правила"}}


@example("landing.site.getList")
def _(box: Box) -> Params:
    site(box)
    return KB | {"params": {"select": ["ID", "TITLE", "TYPE"], "filter": {"=TYPE": "KNOWLEDGE"}}}


@example("landing.site.getPublicUrl")
def _(box: Box) -> Params:
    return KB | {"id": [site(box), site(box)]}


@example("landing.site.getPreview")
@example("landing.site.publication")
@example("landing.site.unpublic")
@example("landing.site.delete")
@example("landing.site.markDelete")
@example("landing.site.markUnDelete")
@example("landing.site.getRights")
def _(box: Box) -> Params:
    return KB | {"id": site(box)}


@example("landing.site.setRights")
def _(box: Box) -> Params:
    return KB | {"id": site(box), "rights": {"AU": ["read"], "U9": ["read", "edit", "public"]}}


_SITE_FIELDS = {
    "COOKIES_USE": "Y", "COOKIES_AGREEMENT_ID": "1", "COOKIES_COLOR_BG": "#03c1fe", "COPYRIGHT_SHOW": "Y",
    "COOKIES_COLOR_TEXT": "#fff", "COOKIES_POSITION": "bottom_left", "COOKIES_MODE": "I",
    "B24BUTTON_CODE": "код", "B24BUTTON_COLOR": "site", "B24BUTTON_COLOR_VALUE": "#03c1fe",
    "COPYRIGHT_CODE": "6", "SETTINGS_PRICE_CODE": ["BASE"], "SETTINGS_SHOW_PRICE_COUNT": 1,
    "SETTINGS_CURRENCY_ID": "RUB", "SPEED_USE_LAZY": "Y", "THEME_CODE": "1construction",
    "THEME_COLOR": "#f7b70b", "YACOUNTER_USE": "N", "YACOUNTER_COUNTER": "1", "ROBOTS_USE": "Y",
    "ROBOTS_CONTENT": "Disallow: /", "CSSBLOCK_USE": "N", "HEADBLOCK_USE": "N",
}  # fmt: skip


@example("landing.site.getadditionalfields")
def _(box: Box) -> Params:
    return KB | {"id": site(box, ADDITIONAL_FIELDS=_SITE_FIELDS)}


@example("landing.site.fullExport")
def _(box: Box) -> Params:
    extra = {"COOKIES_USE": "N", "B24BUTTON_COLOR": "site", "BACKGROUND_PICTURE": "/1.jpg", "THEME_USE": "Y"}
    number = site(box, ADDITIONAL_FIELDS=extra)
    own = {"B24BUTTON_USE": "N", "METAOG_TITLE": "Инструкция", "THEME_USE": "N"}
    lid = page(box, number, CODE="myfirstsite2026", ADDITIONAL_FIELDS=own)
    block(box, lid, "0.menu_02")
    return {"id": number, "params": KB | {"code": "myfirstsite2026"}}


@example("landing.site.addFolder")
def _(box: Box) -> Params:
    return KB | {"siteId": site(box), "fields": {"TITLE": "Входящие"}}


@example("landing.site.updateFolder")
def _(box: Box) -> Params:
    number = site(box)
    return KB | {"siteId": number, "folderId": folder(box, number), "fields": {"TITLE": "Исходящие"}}


@example("landing.site.getFolders")
def _(box: Box) -> Params:
    number = site(box)
    folder(box, number)
    return KB | {"siteId": number, "filter": {"PARENT_ID": 0}}


@example("landing.site.markFolderDelete")
@example("landing.site.markFolderUnDelete")
def _(box: Box) -> Params:
    return KB | {"id": folder(box, site(box))}


@example("landing.site.publicationFolder")
@example("landing.site.unPublicFolder")
def _(box: Box) -> Params:
    return KB | {"folderId": folder(box, site(box))}


@example("landing.site.bindingToMenu")
def _(box: Box) -> Params:
    return KB | {"id": site(box), "menuCode": "crm_switcher:deal"}


@example("landing.site.unbindingFromMenu")
def _(box: Box) -> Params:
    given = KB | {"id": site(box), "menuCode": "crm_switcher:deal"}
    box.ok("landing.site.bindingToMenu", given)
    return given


@example("landing.site.getMenuBindings")
def _(box: Box) -> Params:
    box.ok("landing.site.bindingToMenu", KB | {"id": site(box), "menuCode": "crm_switcher:deal"})
    return KB | {"menuCode": "crm_switcher:deal"}


@example("landing.site.bindingToGroup")
def _(box: Box) -> Params:
    return KB | {"id": site(box), "groupId": group(box)}


@example("landing.site.unbindingFromGroup")
def _(box: Box) -> Params:
    given = KB | {"id": site(box), "groupId": group(box)}
    box.ok("landing.site.bindingToGroup", given)
    return given


@example("landing.site.getGroupBindings")
def _(box: Box) -> Params:
    box.ok("landing.site.bindingToGroup", KB | {"id": site(box), "groupId": group(box)})
    return KB


@example("landing.landing.add")
def _(box: Box) -> Params:
    fields = {"TITLE": "Регистратору", "SITE_ID": site(box), "CODE": "registrar", "XML_ID": "instr:registrar"}
    return KB | {"fields": fields}


@example("landing.landing.update")
def _(box: Box) -> Params:
    return KB | {"lid": page(box), "fields": {"TITLE": "Исполнителю"}}


@example("landing.landing.getList")
def _(box: Box) -> Params:
    page(box)
    return KB | {"params": {"select": ["ID", "TITLE", "SITE_ID", "DATE_MODIFY"]}}


@example("landing.landing.getpublicurl")
@example("landing.landing.getpreview")
@example("landing.landing.publication")
@example("landing.landing.unpublic")
@example("landing.landing.delete")
@example("landing.landing.markDelete")
@example("landing.landing.markUnDelete")
@example("landing.landing.copy")
def _(box: Box) -> Params:
    return KB | {"lid": page(box)}


@example("landing.landing.move")
def _(box: Box) -> Params:
    number = site(box)
    return KB | {"lid": page(box, number), "toFolderId": folder(box, number)}


@example("landing.landing.getadditionalfields")
def _(box: Box) -> Params:
    fields = {
        "FONTS_CODE": "<noscript></noscript>", "GACOUNTER_USE": "N", "METAMAIN_USE": "Y", "VIEW_TYPE": "no",
        "METAMAIN_TITLE": "Инструкция", "METAOG_TITLE": "Инструкция", "METAOG_IMAGE": "/1.webp",
        "SETTINGS_PRICE_CODE": ["BASE"], "SETTINGS_SHOW_PRICE_COUNT": 1, "THEMEFONTS_LINE_HEIGHT": "1.6",
        "YACOUNTER_USE": "N",
    }  # fmt: skip
    return KB | {"lid": page(box, ADDITIONAL_FIELDS=fields)}


@example("landing.landing.resolveIdByPublicUrl")
def _(box: Box) -> Params:
    number = site(box)
    page(box, number, CODE="registrar")
    return KB | {"landingUrl": "/registrar/", "siteId": number}


@example("landing.landing.removeEntities")
def _(box: Box) -> Params:
    lid = page(box)
    return KB | {"lid": lid, "data": {"blocks": [block(box, lid)]}}


@example("landing.landing.addblock")
def _(box: Box) -> Params:
    return KB | {"lid": page(box), "fields": {"CODE": TEXT}}


@example("landing.landing.copyblock")
@example("landing.landing.moveblock")
def _(box: Box) -> Params:
    return place(box)


@example("landing.landing.deleteblock")
@example("landing.landing.hideblock")
@example("landing.landing.showblock")
@example("landing.landing.markdeletedblock")
@example("landing.landing.markundeletedblock")
@example("landing.landing.favoriteBlock")
def _(box: Box) -> Params:
    return place(box)


@example("landing.landing.upblock")
def _(box: Box) -> Params:
    lid = page(box)
    low = block(box, lid)
    for _ in range(2):  # the call is made more than once, each time there must be room above
        block(box, lid)
    return KB | {"lid": lid, "block": low}


@example("landing.landing.downblock")
def _(box: Box) -> Params:
    lid = page(box)
    for _ in range(2):
        block(box, lid)
    return KB | {"lid": lid, "block": block(box, lid)}


@example("landing.landing.unFavoriteBlock")
def _(box: Box) -> Params:
    return KB | {"blockId": box.ok("landing.landing.favoriteBlock", place(box))}


@example("landing.block.getlist")
def _(box: Box) -> Params:
    return KB | {"lid": place(box)["lid"], "params": {"edit_mode": True, "get_content": True}}


@example("landing.block.getbyid")
def _(box: Box) -> Params:
    return KB | {"block": place(box)["block"], "params": {"edit_mode": True, "get_content": True}}


@example("landing.block.getcontent")
def _(box: Box) -> Params:
    return place(box, CARDS) | {"editMode": True}


@example("landing.block.getmanifest")
def _(box: Box) -> Params:
    return place(box, "33.13.form_2_light_no_text") | {"params": {"edit_mode": True}}


@example("landing.block.getmanifestfile")
@example("landing.block.getContentFromRepository")
def _(box: Box) -> Params:
    return KB | {"code": "01.big_with_text"}


@example("landing.block.getrepository")
def _(box: Box) -> Params:
    return KB | {"section": "text"}


@example("landing.block.updatenodes")
def _(box: Box) -> Params:
    return place(box) | {"data": {".landing-block-node-text": "<h2>Порядок</h2><p>Запишите письмо.</p>"}}


@example("landing.block.updatecontent")
def _(box: Box) -> Params:
    return place(box) | {"content": '<section class="landing-block"><p>Порядок</p></section>'}


@example("landing.block.updateattrs")
def _(box: Box) -> Params:
    data = {".bitrix24forms": {"data-b24form": "#crmFormInline45"}}
    return place(box, "33.13.form_2_light_no_text") | {"data": data}


@example("landing.block.updateStyles")
def _(box: Box) -> Params:
    data = {".landing-block-node-text": {"classList": ["landing-block-node-text", "text-right"]}}
    return place(box) | {"data": data}


@example("landing.block.changeNodeName")
def _(box: Box) -> Params:
    return place(box) | {"data": {".landing-block-node-text": "p"}}


@example("landing.block.changeAnchor")
def _(box: Box) -> Params:
    return place(box) | {"data": "about-us"}


@example("landing.block.addcard")
def _(box: Box) -> Params:
    card = '<div class="landing-block-card"><h3 class="landing-block-node-title">Третья</h3></div>'
    return place(box, CARDS) | {"selector": ".landing-block-card@1", "content": card}


@example("landing.block.clonecard")
@example("landing.block.removecard")
def _(box: Box) -> Params:
    return place(box, CARDS) | {"selector": ".landing-block-card@0"}


@example("landing.block.updateCards")
def _(box: Box) -> Params:
    values = {".landing-block-node-title@0": "Первая"}
    data = {".landing-block-card": {"source": [{"type": "card", "value": 1}], "values": [values]}}
    return place(box, CARDS) | {"data": data}


@example("landing.block.uploadfile")
def _(box: Box) -> Params:
    return KB | {"block": place(box)["block"], "picture": PICTURE}
