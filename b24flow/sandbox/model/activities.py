"""Activities of timelines: the rows, the letters they send, the buttons people press on them.

Facts: api-reference/crm/timeline/activities/**. An update that changes nothing raises nothing.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model.crm_rows import Activity, Mail
from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import RestError

TODO, CONFIGURABLE, EMAIL = "CRM_TODO", "CONFIGURABLE_REST_APP", "CRM_EMAIL"
_CALL, _EMAIL_TYPE, _PROVIDER_TYPE = "2", "4", "6"
_PROVIDERS = {"1": "CRM_MEETING", "2": "CRM_CALL2", "3": "CRM_TASKS_TASK", "4": EMAIL}
_BLANK: dict[str, Any] = {
    "TYPE_ID": _PROVIDER_TYPE,
    "PROVIDER_ID": "",
    "PROVIDER_TYPE_ID": "",
    "PROVIDER_GROUP_ID": None,
    "ASSOCIATED_ENTITY_ID": "0",
    "SUBJECT": "",
    "START_TIME": None,
    "END_TIME": None,
    "DEADLINE": None,
    "COMPLETED": False,
    "STATUS": "1",
    "PRIORITY": "2",
    "NOTIFY_TYPE": "0",
    "NOTIFY_VALUE": "0",
    "DESCRIPTION": "",
    "DESCRIPTION_TYPE": "1",
    "DIRECTION": "0",
    "LOCATION": "",
    "SETTINGS": {},
    "ORIGINATOR_ID": None,
    "ORIGIN_ID": None,
    "PROVIDER_PARAMS": {},
    "PROVIDER_DATA": None,
    "RESULT_MARK": "0",
    "RESULT_VALUE": None,
    "RESULT_SUM": None,
    "RESULT_CURRENCY_ID": None,
    "RESULT_STATUS": "0",
    "RESULT_STREAM": "0",
    "RESULT_SOURCE_ID": None,
    "AUTOCOMPLETE_RULE": "0",
    "IS_INCOMING_CHANNEL": False,
}


def add_activity(
    portal: Portal,
    user: Employee,
    owner: tuple[int, int],
    values: dict[str, Any],
    *,
    bindings: list[list[int]] | None = None,
    app_id: int = 0,
) -> Activity:
    """Create an activity of an item; `bindings` are further items it belongs to."""
    now = portal.clock.now()
    number = portal.state.next_id("activity", 901)
    row = Activity(id=number, values={}, bindings=[list(owner)], app_id=app_id)
    row.bindings += [pair for pair in bindings or [] if pair not in row.bindings]
    row.values = _BLANK | {
        "CREATED": now,
        "LAST_UPDATED": now,
        "AUTHOR_ID": user.id,
        "EDITOR_ID": user.id,
        "RESPONSIBLE_ID": user.id,
    }
    row.values |= values
    _complete(row)
    portal.state.activities[number] = row
    _touch_owners(portal, user, row)
    raise_activity(portal, row, "ADD", user)
    return row


def _complete(row: Activity) -> None:
    values = row.values
    values["PROVIDER_ID"] = values["PROVIDER_ID"] or _PROVIDERS.get(values["TYPE_ID"], "")
    if values["TYPE_ID"] == _EMAIL_TYPE:
        values["PROVIDER_TYPE_ID"] = values["PROVIDER_TYPE_ID"] or "EMAIL"
    if values["DEADLINE"] is None and values["TYPE_ID"] in ("1", _CALL):
        values["DEADLINE"] = values["START_TIME"]
    values["STATUS"] = "2" if values["COMPLETED"] else "1"


def change_activity(
    portal: Portal, user: Employee, row: Activity, values: dict[str, Any], **other: Any
) -> bool:
    """Change fields and, by `other`, attributes of an activity; False when nothing is different."""
    news = {key: value for key, value in values.items() if row.values.get(key) != value}
    moved = {name: value for name, value in other.items() if getattr(row, name) != value}
    if not news and not moved:
        return False
    row.values |= news | {"LAST_UPDATED": portal.clock.now(), "EDITOR_ID": user.id}
    row.values["STATUS"] = "2" if row.values["COMPLETED"] else "1"
    for name, value in moved.items():
        setattr(row, name, value)
    raise_activity(portal, row, "UPDATE", user)
    return True


def drop_activity(portal: Portal, user: Employee | None, row: Activity) -> None:
    """Delete an activity."""
    del portal.state.activities[row.id]
    raise_activity(portal, row, "DELETE", user)


def drop_bindings(portal: Portal, entity_type_id: int, item_id: int) -> None:
    """Forget a deleted item; an activity nothing else is bound to goes with it."""
    pair = [entity_type_id, item_id]
    for row in [row for row in portal.state.activities.values() if pair in row.bindings]:
        row.bindings.remove(pair)
        if not row.bindings:
            drop_activity(portal, None, row)


def activities_of(portal: Portal, entity_type_id: int, item_id: int) -> list[Activity]:
    """Return the activities bound to an item in the order of their ids."""
    pair = [entity_type_id, item_id]
    return [row for row in portal.state.activities.values() if pair in row.bindings]


def raise_activity(portal: Portal, row: Activity, what: str, user: Employee | None) -> None:
    """Raise an activity's event."""
    data = {"FIELDS": {"ID": row.id}}
    raise_event(portal, f"ONCRMACTIVITY{what}", data, user_id=user.id if user else None)


def _touch_owners(portal: Portal, user: Employee, row: Activity) -> None:
    for entity_type_id, item_id in row.bindings:
        item = portal.state.items.get(entity_type_id, {}).get(item_id)
        if item is not None:
            item.values.update(lastActivityTime=portal.clock.now(), lastActivityBy=user.id)


def send_mail(portal: Portal, row: Activity, sender: str, to: list[str]) -> Mail:
    """Put the letter of an e-mail activity into the outbox."""
    letter = Mail(
        id=portal.state.next_id("mail"),
        activity_id=row.id,
        sender=sender,
        to=to,
        subject=row.values["SUBJECT"],
        text=row.values["DESCRIPTION"],
        created=portal.clock.now(),
        files=list(row.files),
    )
    portal.state.mail[letter.id] = letter
    return letter


_ACTIONS = ("redirect", "restEvent", "openRestApp")


def find_action(row: Activity, path: str) -> dict[str, Any]:
    """Find an action of a configurable activity by the way to it in the layout.

    `footer/buttons/ok`, `header/titleAction`, `body/logo`; refuses when nothing can be pressed there.
    """
    node: Any = row.layout
    for part in path.split("/"):
        node = node.get(part) if isinstance(node, dict) else None
    action = node.get("action", node) if isinstance(node, dict) else None
    if not isinstance(action, dict) or action.get("type") not in _ACTIONS:
        raise RestError("NOT_FOUND", "Кнопка не найдена")
    return action


def press_action(portal: Portal, user: Employee, row: Activity, action: dict[str, Any]) -> dict[str, Any]:
    """Press an action of a configurable activity (`find_action`); returns it.

    A `restEvent` tells the application that made the activity, and nobody else. The other actions
    (`redirect`, `openRestApp`) are for the page to carry out.
    """
    if action["type"] == "restEvent":
        entity_type_id, item_id = row.bindings[0]
        data: dict[str, Any] = dict(action.get("actionParams") or {})
        data |= {"id": action["id"], "entityTypeId": entity_type_id, "entityId": item_id,
                 "activityId": row.id}  # fmt: skip
        raise_event(portal, "ONCRMTIMELINEITEMACTION", data, user_id=user.id, only_app=row.app_id)
    return action
