"""The library of blocks: those the documentation and the vendor's own knowledge bases name.

Codes, sections, node selectors and cards are the box's; the markup inside is our own and short.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from b24flow.sandbox.wire import RestError

_TITLE, _TEXT, _IMG = ".landing-block-node-title", ".landing-block-node-text", ".landing-block-node-img"
_LINK, _CARD = ".landing-block-node-link", ".landing-block-card"
_NAMES = {
    _TITLE: ("Заголовок", "text"),
    _TEXT: ("Текст", "text"),
    _IMG: ("Изображение", "img"),
    _LINK: ("Ссылка", "link"),
    ".landing-block-node-embed": ("Видео", "embed"),
    ".landing-block-node-menu-list-item-link": ("Пункт меню", "link"),
    ".landing-block-node-small-title": ("Подзаголовок", "text"),
    ".landing-block-node-button": ("Кнопка", "link"),
    ".landing-block-card-img": ("Фоновое изображение", "img"),
}
SECTIONS = {
    "cover": "Обложка",
    "menu": "Меню",
    "title": "Заголовок",
    "text": "Текст",
    "text_image": "Текст с изображением",
    "image": "Изображение",
    "video": "Видео",
    "tiles": "Плитка",
    "forms": "Формы",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A block of the library: what it holds and what in it may be edited.

    `styles` are selectors with styles of their own, `more` is what a part of the description has
    besides the usual: `block`, `style`, `assets` or the selector of a node.
    """

    code: str
    name: str
    sections: tuple[str, ...]
    inside: str
    nodes: tuple[str, ...] = ()
    cards: dict[str, tuple[str, ...]] = field(default_factory=dict)
    attrs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    styles: dict[str, dict[str, Any]] = field(default_factory=dict)
    more: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """The HTML a new block starts with."""
        return f'<section class="landing-block g-pt-20 g-pb-20">{self.inside}</section>'


def _text(tag: str, name: str, text: str) -> str:
    return f'<{tag} class="landing-block-node-{name}">{text}</{tag}>'


_WORDS = "<p>Текст</p>"
_PICTURE = '<img class="landing-block-node-img" src="/bitrix/images/landing/nopreview.jpg" alt="">'
_VIDEO = (
    '<iframe class="landing-block-node-embed" width="100%" src="" data-source="" frameborder="0" '
    "allowfullscreen></iframe>"
)
_MENU_ITEM = (
    '<li class="landing-block-node-menu-list-item nav-item"><a class="landing-block-node-menu-list-item-link '
    'nav-link" href="#" target="_self">Раздел</a></li>'
)
_TILE = f'<div class="landing-block-card">{_PICTURE}{_text("h3", "title", "Заголовок")}' + (
    _text("div", "text", _WORDS) + "</div>"
)
_FORM = (
    "data-b24form", "data-b24form-use-style", "data-b24form-embed", "data-b24form-design",
    "data-b24form-connector",
)  # fmt: skip

_FORM_WORDS = '<a href="/crm/webform/" target="_blank">Настроить формы CRM</a>'
_COVER = (
    '<div class="landing-block-card-img" style="background-image: url(/bitrix/images/landing/nopreview.jpg)">'
    '</div><div class="landing-block-node-text-container">'
    + _text("h3", "small-title", "Организация")
    + _text("h2", "title", "Заголовок")
    + _text("div", "text", _WORDS)
    + '<a class="landing-block-node-button btn" href="#" target="_self">Подробнее</a></div>'
)
_COVER_PICTURE = {
    "dimensions": {"width": 1920, "height": 1080},
    "allowInlineEdit": False,
    "useInDesigner": False,
    "create2xByDefault": False,
}
_SLIDER = {"name": "Слайдер", "attrsType": ["autoplay", "autoplay-speed", "pause-hover", "dots"]}

_KINDS = (
    Kind(code="01.big_with_text", name="Обложка со сменой фона", sections=("cover",), inside=_COVER,
         nodes=(".landing-block-node-small-title", _TITLE, _TEXT, ".landing-block-node-button",
                ".landing-block-card-img"),
         cards={".landing-block-card-img": (".landing-block-card-img",)},
         styles={".landing-block-node-text-container": {"title": "Набор элементов",
                                                        "type": ["background-color", "animation"]},
                 ".landing-block-card-img": {"name": "Фоновое изображение",
                                             "type": ["background-overlay", "height-vh"]}},
         more={"style": {"type": ["display"], "additional": _SLIDER}, "assets": {"ext": ["landing_carousel"]},
               ".landing-block-card-img": _COVER_PICTURE}),
    Kind(code="27.2.one_col_full_title", name="Заголовок на всю ширину", sections=("title",),
         inside=_text("h2", "title", "Заголовок"), nodes=(_TITLE,)),
    Kind(code="04.1.one_col_fix_with_title", name="Заголовок с подзаголовком", sections=("title",),
         inside=_text("h2", "title", "Заголовок"), nodes=(_TITLE,)),
    Kind(code="27.6.one_col_fix_text_with_headings", name="Текст с заголовками", sections=("text",),
         inside=_text("div", "text", _WORDS), nodes=(_TEXT,)),
    Kind(code="27.5.one_col_fix_text_with_border", name="Текст с чертой слева", sections=("text",),
         inside=_text("blockquote", "text", _WORDS), nodes=(_TEXT,)),
    Kind(code="27.7.one_col_fix_text_on_bg", name="Текст на подложке", sections=("text",),
         inside=_text("div", "text", _WORDS), nodes=(_TEXT,)),
    Kind(code="31.3.two_cols_text_img_fix", name="Текст с изображением справа", sections=("text_image",),
         inside=_text("h3", "title", "Заголовок") + _text("div", "text", _WORDS) + _PICTURE,
         nodes=(_TITLE, _TEXT, _IMG)),
    Kind(code="32.2.img_one_big", name="Большое изображение", sections=("image",), inside=_PICTURE,
         nodes=(_IMG,)),
    Kind(code="49.1.video_just_video", name="Видео", sections=("video",), inside=_VIDEO,
         nodes=(".landing-block-node-embed",)),
    Kind(code="18.2.two_cols_fix_img_text_button_with_cards", name="Плитка с изображениями",
         sections=("tiles",), inside=f"<div>{_TILE}{_TILE}</div>", nodes=(_IMG, _TITLE, _TEXT),
         cards={_CARD: (_IMG, _TITLE)}),
    Kind(code="0.menu_02", name="Меню с пунктами справа", sections=("menu",),
         inside=f'<nav class="navbar"><ul class="navbar-nav">{_MENU_ITEM}{_MENU_ITEM}</ul></nav>',
         nodes=(".landing-block-node-menu-list-item-link",),
         cards={".landing-block-node-menu-list-item": (".landing-block-node-menu-list-item-link",)}),
    Kind(code="33.13.form_2_light_no_text", name="Форма на светлом фоне", sections=("forms",),
         inside='<div class="bitrix24forms" data-b24form=""></div>', attrs={".bitrix24forms": _FORM},
         more={"block": {"subtype": "form", "attrsFormDescription": _FORM_WORDS},
               "assets": {"ext": ["landing_form"]}}),
)  # fmt: skip
CATALOGUE = {kind.code: kind for kind in _KINDS}


def kind_of(code: str) -> Kind:
    """Return a block of the library, or refuse to add one."""
    kind = CATALOGUE.get(code)
    if kind is None:
        raise RestError(
            "BLOCK_CANT_BE_ADDED", "Cannot add block because it is not intended for this type of page."
        )
    return kind


def _style(name: str) -> dict[str, Any]:
    kind: str | list[str] = ["typo", "heading"] if name.endswith("title") else "typo"
    return {"title": _NAMES[name][0], "type": "button" if name.endswith("button") else kind}


def source_manifest(kind: Kind) -> dict[str, Any]:
    """Return a block's description as its author wrote it."""
    more = kind.more
    nodes = {
        name: {"name": _NAMES[name][0], "type": _NAMES[name][1], **more.get(name, {})} for name in kind.nodes
    }
    styles = {name: _style(name) for name in kind.nodes} | kind.styles
    cards = {name: {"name": "Карточка", "label": list(label)} for name, label in kind.cards.items()}
    described = {
        name: [{"name": one, "attribute": one, "type": "string"} for one in attributes]
        for name, attributes in kind.attrs.items()
    }
    block = {"name": kind.name, "section": list(kind.sections), "dynamic": False, **more.get("block", {})}
    made = {
        "block": block,
        "cards": cards,
        "nodes": nodes,
        "style": {"block": {"type": ["block-default"], **more.get("style", {})}, "nodes": styles},
        "attrs": described,
    }
    return made | ({"assets": more["assets"]} if "assets" in more else {})


def manifest(kind: Kind, timestamp: int) -> dict[str, Any]:
    """Return a block's description as the portal prepares it for a block on a page."""
    made = source_manifest(kind)
    made["nodes"] = {name: node | {"code": name} for name, node in made["nodes"].items()}
    assets = {"css": [], "js": [], "ext": [], "class": [], "callbacks": []} | made.get("assets", {})
    return made | {
        "menu": {},
        "assets": assets,
        "timestamp": timestamp,
        "callbacks": {},
        "namespace": "bitrix",
        "code": kind.code,
        "preview": f"/bitrix/blocks/bitrix/{kind.code}/preview.jpg",
    }
