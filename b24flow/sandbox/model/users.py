"""Users: invitation, first entrance, profile, dismissal.

Facts: api-reference/user/*.md, common/events/on-user-add.md. An invited user counts as registered,
and the event about him is raised, when he enters the portal for the first time.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.model.crm_fields import decode_base64, store_file
from b24flow.sandbox.model.entities import Employee, UserField
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.portal import Portal, add_storage
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, is_yes

ENTITY = "USER"
COLUMNS = {
    "NAME": "name",
    "LAST_NAME": "last_name",
    "SECOND_NAME": "second_name",
    "EMAIL": "email",
    "WORK_POSITION": "position",
    "PERSONAL_GENDER": "gender",
    "PERSONAL_MOBILE": "phone",
}
DATES = frozenset({"PERSONAL_BIRTHDAY", "UF_EMPLOYMENT_DATE"})
PICTURES = frozenset({"PERSONAL_PHOTO", "WORK_LOGO"})
PROFILE = frozenset(
    ["TITLE", "TIME_ZONE", "XML_ID", "PERSONAL_PROFESSION", "PERSONAL_WWW", "PERSONAL_BIRTHDAY",
     "PERSONAL_PHOTO", "PERSONAL_ICQ", "PERSONAL_PHONE", "PERSONAL_FAX", "PERSONAL_PAGER",
     "PERSONAL_STREET", "PERSONAL_CITY", "PERSONAL_STATE", "PERSONAL_ZIP", "PERSONAL_COUNTRY",
     "PERSONAL_MAILBOX", "PERSONAL_NOTES", "WORK_PHONE", "WORK_COMPANY", "WORK_DEPARTMENT",
     "WORK_WWW", "WORK_FAX", "WORK_PAGER", "WORK_STREET", "WORK_MAILBOX", "WORK_CITY",
     "WORK_STATE", "WORK_ZIP", "WORK_COUNTRY", "WORK_PROFILE", "WORK_LOGO", "WORK_NOTES",
     "UF_SKYPE_LINK", "UF_ZOOM", "UF_EMPLOYMENT_DATE", "UF_TIMEMAN", "UF_INTERESTS", "UF_SKILLS",
     "UF_WEB_SITES", "UF_XING", "UF_LINKEDIN", "UF_FACEBOOK", "UF_TWITTER", "UF_SKYPE",
     "UF_DISTRICT", "UF_PHONE_INNER"]
)  # fmt: skip


def bad_argument(text: str) -> RestError:
    """Build the refusal of a value."""
    return RestError("ERROR_ARGUMENT", text, argument="")


def access_denied() -> RestError:
    """Build the refusal of whoever may not invite or change users."""
    return RestError("ERROR_CORE", "access_denied")


def fields_of(portal: Portal) -> dict[str, UserField]:
    """Return the custom fields of users by name."""
    rows = portal.state.user_fields.values()
    return {row.name: row for row in rows if row.entity_id == ENTITY}


def invite(portal: Portal, by: Employee, given: Params, ignored: list[str]) -> Employee:
    """Invite a user: an employee into departments, or an outsider into workgroups."""
    if not by.admin:
        raise access_denied()
    _check_email(portal, str(given.get("EMAIL") or ""), None)
    extranet = is_yes(given.get("EXTRANET"))
    groups = [as_int(one) for one in as_list(given.get("SONET_GROUP_ID"))]
    if extranet and not set(groups) & set(portal.state.groups):
        raise bad_argument("no_sonet_group_for_extranet")
    if not extranet and not as_list(given.get("UF_DEPARTMENT")):
        raise bad_argument("no_extranet_field")
    now = portal.clock.now()
    user = Employee(
        id=portal.state.next_id("user"),
        name="",
        last_name="",
        extranet=extranet,
        invited=True,
        registered=now,
        changed=now,
    )
    service = {"EXTRANET", "SONET_GROUP_ID", "MESSAGE_TEXT", "ID"}
    _write(portal, user, {key: value for key, value in given.items() if key not in service}, ignored)
    portal.state.users[user.id] = user
    for number in groups:
        if number in portal.state.groups:
            portal.state.groups[number].pending[user.id] = "G"
    add_storage(portal.state, portal.clock, f"Диск: {user.full_name}", "user", str(user.id))
    return user


def change(portal: Portal, by: Employee, user: Employee, given: Params, ignored: list[str]) -> None:
    """Change a profile; `ACTIVE` no dismisses, yes takes back. Administrators only."""
    if not by.admin:
        raise access_denied()
    if "EMAIL" in given:
        _check_email(portal, str(given["EMAIL"] or ""), user)
    _write(portal, user, given, ignored)
    user.changed = portal.clock.now()


def _check_email(portal: Portal, email: str, own: Employee | None) -> None:
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", email) is None:
        raise bad_argument("wrong_email")
    taken = (user for user in portal.state.users.values() if user is not own)
    if any(user.email.lower() == email.lower() for user in taken):
        raise bad_argument("user with this email exists")


def _write(portal: Portal, user: Employee, given: Params, ignored: list[str]) -> None:
    custom = fields_of(portal)
    for name, value in given.items():
        if name in COLUMNS:
            setattr(user, COLUMNS[name], "" if value is None else str(value))
        elif name == "ACTIVE":
            user.active = is_yes(value)
        elif name == "UF_DEPARTMENT":
            known = (as_int(one) for one in as_list(value))
            user.departments = [one for one in dict.fromkeys(known) if one in portal.state.departments]
        elif name in custom:
            user.profile[name] = _custom(custom[name], value)
        elif name in DATES:
            moment = parse_moment(value, portal.clock.zone)
            user.profile[name] = iso(moment.replace(hour=0, minute=0, second=0)) if moment else ""
        elif name in PICTURES:
            user.profile[name] = _picture(portal, value)
        elif name in PROFILE:
            user.profile[name] = "" if value is None else str(value)
        else:
            ignored.append(name)


def _picture(portal: Portal, value: Json) -> int:
    """Keep a picture sent as a name and base64; returns its id, 0 for none."""
    pair = as_list(value)
    content = decode_base64(pair[1]) if len(pair) == 2 else None
    return 0 if content is None else store_file(portal, str(pair[0]), content).id


def _custom(row: UserField, value: Json) -> Any:
    """Read a value of a custom field by the field's kind."""
    values = as_list(value) if row.multiple else [None if value in ("", []) else value]
    read = [_one(row.kind, one) for one in values if one is not None]
    return read if row.multiple else (read[0] if read else None)


def _one(kind: str, value: Json) -> Any:
    if kind in ("integer", "enumeration", "employee"):
        return as_int(value)
    if kind == "boolean":
        return int(is_yes(value))
    if kind == "double":
        return float(as_int(value)) if not _is_number(value) else float(value)
    return str(value)


def _is_number(value: Json) -> bool:
    return re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", str(value)) is not None


def enter(portal: Portal, user: Employee) -> None:
    """Note that a user enters the portal; the first entrance of an invited one is his arrival."""
    user.last_login = portal.clock.now()
    if not user.invited:
        return
    user.invited = False
    data: Params = {
        "ID": user.id,
        "ACTIVE": "Y" if user.active else "N",
        "EMAIL": user.email,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "PERSONAL_GENDER": user.gender,
        "PERSONAL_BIRTHDAY": _day(user.profile.get("PERSONAL_BIRTHDAY")),
        "UF_DEPARTMENT": list(user.departments),
        "DATE_REGISTER": iso(user.registered),
        "WORK_POSITION": user.position,
        "UF_EMPLOYMENT_DATE": _day(user.profile.get("UF_EMPLOYMENT_DATE")),
    }
    raise_event(portal, "ONUSERADD", data, user_id=user.id)


def _day(value: Any) -> str:
    return datetime.fromisoformat(value).date().isoformat() if value else ""


def add_field(portal: Portal, row: UserField) -> None:
    """Add a custom field of users."""
    portal.state.user_fields[row.id] = row


def drop_field(portal: Portal, row: UserField) -> None:
    """Delete a custom field with its values."""
    del portal.state.user_fields[row.id]
    for user in portal.state.users.values():
        user.profile.pop(row.name, None)
