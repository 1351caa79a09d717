"""A post of the live feed as REST shows it, its user fields described in full
(api-reference/log/log-blogpost-get.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model.feed_rows import FeedPost
from b24flow.sandbox.registry import Call
from b24flow.sandbox.wire import Json, Params, yes_no

_TYPES = "Bitrix\\Main\\UserField\\Types\\"
_INTEGER: Params = {"SIZE": 20, "MIN_VALUE": 0, "MAX_VALUE": 0, "DEFAULT_VALUE": None}
_MOMENT: Params = {
    "DEFAULT_VALUE": {"TYPE": "NONE", "VALUE": ""},
    "USE_SECOND": "Y",
    "USE_TIMEZONE": "N",
}
_FILE: Params = {
    "SIZE": 20,
    "LIST_WIDTH": 0,
    "LIST_HEIGHT": 0,
    "MAX_SHOW_SIZE": 0,
    "MAX_ALLOWED_SIZE": 0,
    "EXTENSIONS": [],
    "TARGET_BLANK": "Y",
    "DEFAULT_VIEW": None,
}
_VOTE: Params = {
    "CHANNEL_ID": 1,
    "UNIQUE": 8,
    "UNIQUE_IP_DELAY": {"DELAY": "10", "DELAY_TYPE": "D"},
    "NOTIFY": "I",
}
_MAIL = "Bitrix\\Mail\\MessageUserType"


def _component(kind: str, name: str, base: str, words: str) -> Params:
    made = _TYPES + name
    return {
        "USER_TYPE_ID": kind,
        "CLASS_NAME": made,
        "EDIT_CALLBACK": [made, "renderEdit"],
        "VIEW_CALLBACK": [made, "renderView"],
        "USE_FIELD_COMPONENT": True,
        "DESCRIPTION": words,
        "BASE_TYPE": base,
    }


def _simple(kind: str, name: str, words: str, **more: Json) -> Params:
    return {"USER_TYPE_ID": kind, "CLASS_NAME": name, "DESCRIPTION": words, "BASE_TYPE": "int", **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    id: int
    name: str
    type: Params
    settings: Json
    multiple: bool = False
    in_list: bool = False
    searched: bool = False
    labels: tuple[str | None, str | None, str | None] = (None, None, None)


_NUMBER = _component("integer", "IntegerType", "int", "Целое число")
_FIELDS = (
    _Field(id=1, name="UF_BLOG_POST_DOC", multiple=True, searched=True, settings=_FILE,
           type=_component("file", "FileType", "file", "Файл")),
    _Field(id=5, name="UF_BLOG_POST_URL_PRV", searched=True, settings=[],
           type=_simple("url_preview", "Bitrix\\Main\\UrlPreview\\UrlPreviewUserType",
                        "Содержимое предпросмотра ссылки")),
    _Field(id=9, name="UF_GRATITUDE", settings=_INTEGER, type=_NUMBER),
    _Field(id=19, name="UF_BLOG_POST_FILE", multiple=True, searched=True,
           settings={"IBLOCK_ID": None, "SECTION_ID": None, "UF_TO_SAVE_ALLOW_EDIT": False},
           type=_simple("disk_file", "Bitrix\\Disk\\Uf\\FileUserType", "Файл (Диск)",
                        TAG=["DISK FILE ID", "DOCUMENT ID"])),
    _Field(id=83, name="UF_BLOG_POST_IMPRTNT", in_list=True, settings=_INTEGER, type=_NUMBER,
           labels=("Важное сообщение", "Важное", "Важное")),
    _Field(id=85, name="UF_IMPRTANT_DATE_END", settings=_MOMENT, labels=("Срок действия", "Срок", None),
           type=_component("datetime", "DateTimeType", "datetime", "Дата со временем")),
    _Field(id=131, name="UF_BLOG_POST_VOTE", in_list=True, settings=_VOTE,
           type=_simple("vote", "Bitrix\\Vote\\Uf\\VoteUserType", "Опрос")),
    _Field(id=439, name="UF_MAIL_MESSAGE", settings=None,
           type=_simple("mail_message", _MAIL, "Письмо", VIEW_CALLBACK=[_MAIL, "getPublicView"],
                        EDIT_CALLBACK=[_MAIL, "getPublicEdit"], onBeforeSave=[_MAIL, "onBeforeSave"],
                        onDelete=[_MAIL, "onDelete"])),
)  # fmt: skip


def show_post(call: Call, post: FeedPost) -> Params:
    """Return a post as `log.blogpost.get` does."""
    return {
        "ID": str(post.id),
        "BLOG_ID": str(post.author_id),
        "PUBLISH_STATUS": "P",
        "TITLE": post.title,
        "AUTHOR_ID": str(post.author_id),
        "ENABLE_COMMENTS": "Y",
        "NUM_COMMENTS": "0",
        "CODE": None,
        "MICRO": yes_no(post.micro),
        "DETAIL_TEXT": post.text,
        "DATE_PUBLISH": iso(post.created),
        "CATEGORY_ID": ",".join(str(one) for one in post.tags) or None,
        "HAS_SOCNET_ALL": yes_no("UA" in post.dest),
        "HAS_TAGS": yes_no(bool(post.tags)),
        "HAS_IMAGES": yes_no(_has_images(call, post)),
        "HAS_PROPS": yes_no(post.important or bool(post.attached)),
        "HAS_COMMENT_IMAGES": None,
        **{field.name: _show_field(field, post) for field in _FIELDS},
        "FILES": list(post.attached),
    }


def _has_images(call: Call, post: FeedPost) -> bool:
    rows = (call.state.objects.get(call.state.attached[number].object_id) for number in post.attached)
    return any(
        row is not None and row.name.lower().endswith((".png", ".jpg", ".jpeg", ".gif")) for row in rows
    )


def _show_field(field: _Field, post: FeedPost) -> Params:
    value, raw = _value(field.name, post)
    return {
        "ID": str(field.id),
        "ENTITY_ID": "BLOG_POST",
        "FIELD_NAME": field.name,
        "USER_TYPE_ID": field.type["USER_TYPE_ID"],
        "XML_ID": "" if field.name == "UF_MAIL_MESSAGE" else field.name,
        "SORT": "100",
        "MULTIPLE": yes_no(field.multiple),
        "MANDATORY": "N",
        "SHOW_FILTER": "N",
        "SHOW_IN_LIST": yes_no(field.in_list),
        "EDIT_IN_LIST": "Y",
        "IS_SEARCHABLE": yes_no(field.searched),
        "SETTINGS": field.settings,
        "EDIT_FORM_LABEL": field.labels[0],
        "LIST_COLUMN_LABEL": field.labels[1],
        "LIST_FILTER_LABEL": field.labels[2],
        "ERROR_MESSAGE": None,
        "HELP_MESSAGE": None,
        "USER_TYPE": field.type,
        "VALUE": value,
        "ENTITY_VALUE_ID": post.id,
        "VALUE_EXISTS": True,
        "VALUE_RAW": raw,
        "CUSTOM_DATA": {"PHOTO_TEMPLATE": "gallery"} if field.name == "UF_BLOG_POST_FILE" else [],
    }


def _value(name: str, post: FeedPost) -> tuple[Any, str | None]:
    if name == "UF_BLOG_POST_IMPRTNT" and post.important:
        return 1, "1"
    if name == "UF_IMPRTANT_DATE_END":
        until = post.important_until
        written = until.strftime("%d.%m.%Y %H:%M:%S") if until else ""
        return written, written or None
    if name == "UF_BLOG_POST_FILE" and post.attached:
        rows = "".join(f"i:{place};i:{number};" for place, number in enumerate(post.attached))
        return list(post.attached), f"a:{len(post.attached)}:{{{rows}}}"
    return (False if name in ("UF_BLOG_POST_FILE", "UF_BLOG_POST_DOC") else None), None
