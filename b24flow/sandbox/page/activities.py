"""Activities of an item as its timeline shows them: planned and done, with the buttons of applications."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model import activities as model
from b24flow.sandbox.model.crm_rows import Activity
from b24flow.sandbox.model.entities import Item
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import as_int, as_list, as_map, is_yes

Shown = dict[str, Any]


def activities_of(portal: Portal, item: Item) -> list[Shown]:
    """Return the activities of an item, open ones first, then the newest."""
    rows = model.activities_of(portal, item.entity_type_id, item.id)
    shown = [_show(portal, row) for row in rows]
    return sorted(shown, key=lambda row: (row["completed"], -row["id"]))


def _show(portal: Portal, row: Activity) -> Shown:
    values, layout = row.values, as_map(row.layout)
    header = as_map(layout.get("header"))
    return {
        "id": row.id,
        "title": _text(header.get("title")) or str(values.get("SUBJECT") or "Дело"),
        "text": str(values.get("DESCRIPTION") or ""),
        "completed": is_yes(values.get("COMPLETED")),
        "deadline": values.get("DEADLINE"),
        "person": as_int(values.get("RESPONSIBLE_ID")),
        "letter": values.get("PROVIDER_ID") == model.EMAIL,
        "tags": [_text(as_map(tag).get("title")) for tag in as_list(header.get("tags"))],
        "blocks": [_block(one) for one in as_list(as_map(layout.get("body")).get("blocks"))],
        "buttons": _buttons(layout),
        "app": row.app_id,
        "files": [portal.state.files[one] for one in row.files if one in portal.state.files],
    }


def _text(value: Any) -> str:
    """Return a text that may be given by languages."""
    if isinstance(value, dict):
        return str(value.get("ru") or next(iter(value.values()), ""))
    return str(value or "")


def _block(block: Any, title: str = "") -> Shown:
    properties = as_map(as_map(block).get("properties"))
    kind = as_map(block).get("type")
    if kind == "withTitle":
        return _block(properties.get("block"), _text(properties.get("title")))
    if kind == "lineOfBlocks":
        parts = [_block(one) for one in as_list(properties.get("blocks"))]
        return {"title": title, "text": " ".join(part["text"] for part in parts), "link": ""}
    uri = as_map(properties.get("action")).get("uri") if kind == "link" else ""
    text = _text(properties.get("value") or properties.get("text"))
    return {"title": title, "text": text, "link": uri if str(uri or "").startswith(("/", "http")) else ""}


def _buttons(layout: Shown) -> list[Shown]:
    rows = as_map(as_map(layout.get("footer")).get("buttons"))
    shown = []
    for key, button in rows.items():
        action = as_map(as_map(button).get("action"))
        uri = str(action.get("uri") or "")
        shown.append(
            {
                "key": key,
                "title": _text(as_map(button).get("title")),
                "kind": as_map(button).get("type"),
                "action": action.get("type"),
                "uri": uri
                if uri.startswith(("/", "http://", "https://")) and not uri.startswith("//")
                else "",
                "params": as_map(action.get("actionParams")),
            }
        )
    return shown
