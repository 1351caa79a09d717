"""Fields of a workgroup as REST reads, filters and shows them (api-reference/sonet-group/**)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.filters import matches, sort_rows, split_prefix
from b24flow.sandbox.links import download
from b24flow.sandbox.model.crm_fields import decode_base64, store_file
from b24flow.sandbox.model.groups import refuse
from b24flow.sandbox.model.groups_rows import Group
from b24flow.sandbox.registry import Call
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, is_yes, yes_no

FILTERED = frozenset(
    ["ID", "NAME", "OWNER_ID", "ACTIVE", "VISIBLE", "OPENED", "CLOSED", "DATE_CREATE", "DATE_UPDATE",
     "DATE_ACTIVITY", "IS_EXTRANET"]
)  # fmt: skip
_MOMENTS = {"DATE_CREATE", "DATE_UPDATE", "DATE_ACTIVITY"}
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")
_TEXTS = {"NAME": "name", "DESCRIPTION": "description", "KEYWORDS": "keywords"}
_FLAGS = {"VISIBLE": "visible", "OPENED": "opened", "CLOSED": "closed"}
_DATES = {"PROJECT_DATE_START": "project_start", "PROJECT_DATE_FINISH": "project_finish"}


def show_group(call: Call, group: Group) -> Params:
    """Return a group as `sonet_group.get` does; a picture is named only where there is one."""
    shown: Params = {
        "ID": str(group.id),
        "SITE_ID": group.site_ids[0],
        "NAME": group.name,
        "DESCRIPTION": group.description,
        "DATE_CREATE": iso(group.created),
        "DATE_UPDATE": iso(group.updated),
        "ACTIVE": yes_no(group.active),
        "VISIBLE": yes_no(group.visible),
        "OPENED": yes_no(group.opened),
        "CLOSED": yes_no(group.closed),
        "SUBJECT_ID": str(group.subject_id),
        "OWNER_ID": str(group.owner_id),
        "KEYWORDS": group.keywords,
        "NUMBER_OF_MEMBERS": str(len(group.members)),
        "DATE_ACTIVITY": iso(group.activity),
        "SUBJECT_NAME": "Рабочие группы",
        "PROJECT": yes_no(group.project),
        "IS_EXTRANET": "N",
    }
    return shown | {"IMAGE": image_url(call, group)} if group.image else shown


def image_url(call: Call, group: Group) -> str:
    """Return the address of a group's picture, empty without one."""
    return download(call, "crm", {"file": group.image}) if group.image else ""


def read_fields(call: Call) -> dict[str, Any]:
    """Read the given fields by the names of the row, refusing what cannot be read."""
    given = call.params
    changes: dict[str, Any] = {}
    for name, attribute in _TEXTS.items():
        if name in given:
            changes[attribute] = call.text(name)
    for name, attribute in _FLAGS.items():
        if name in given:
            changes[attribute] = is_yes(given[name])
    for name, attribute in _DATES.items():
        if name in given:
            changes[attribute] = _moment(call, given[name])
    if "INITIATE_PERMS" in given:
        changes["initiate_perms"] = call.text("INITIATE_PERMS")
        if changes["initiate_perms"] not in ("A", "E", "K"):
            raise refuse("Incorrect input data")
    for name, attribute in (("SUBJECT_ID", "subject_id"), ("SCRUM_MASTER_ID", "scrum_master_id")):
        if call.number(name):
            changes[attribute] = call.number(name)
    if as_list(given.get("SITE_ID")):
        changes["site_ids"] = [str(one) for one in as_list(given["SITE_ID"])]
    return changes | _image(call)


def put_fields(group: Group, changes: dict[str, Any]) -> None:
    """Write read fields into a row; a scrum master belongs to the group."""
    for attribute, value in changes.items():
        setattr(group, attribute, value)
    if group.scrum_master_id:
        group.members.setdefault(group.scrum_master_id, "E")


def _moment(call: Call, value: Json) -> datetime | None:
    moment = parse_moment(value, call.portal.clock.zone)
    if moment is None and value:
        raise refuse("Incorrect input data")
    return moment


def _image(call: Call) -> dict[str, int]:
    if "IMAGE_FILE_ID" in call.params:
        number = call.number("IMAGE_FILE_ID")
        row = call.state.objects.get(number)
        if number == 0:
            return {"image": 0}
        if row is None or not row.versions:
            raise _bad_image()
        return {"image": _keep(call, row.name, row.versions[-1].content)}
    pair = as_list(call.params.get("IMAGE"))
    if not pair:
        return {}
    name, text = (str(pair[0]), pair[1]) if len(pair) == 2 else ("avatar", pair[0])
    return {"image": _keep(call, name, decode_base64(text))}


def _keep(call: Call, name: str, content: bytes | None) -> int:
    if content is None or not content.startswith(_IMAGES):
        raise _bad_image()
    return store_file(call.portal, name, content).id


def _bad_image() -> RestError:
    return RestError("ERROR_IMAGE_ID", "Image is incorrect: Invalid file type")


def _read(call: Call, group: Group, name: str) -> Any:
    if name in _MOMENTS:
        return {"DATE_CREATE": group.created, "DATE_UPDATE": group.updated}.get(name, group.activity)
    value = show_group(call, group).get(name)
    return as_int(value) if name in ("ID", "OWNER_ID", "NUMBER_OF_MEMBERS") else value


def fits(call: Call, group: Group, conditions: Params) -> bool:
    """Check a group against a filter; unknown keys do not filter."""
    for key, wanted in conditions.items():
        prefix, name = ("%", key[1:]) if key.startswith("?") else split_prefix(key)
        if name not in FILTERED:
            continue
        found = _read(call, group, name)
        if not (_between(call, prefix, found, wanted, name) if "><" in prefix else
                matches(prefix, found, _wanted(call, wanted, name))):  # fmt: skip
            return False
    return True


def _wanted(call: Call, value: Json, name: str) -> Any:
    if isinstance(value, list | dict):
        return [_wanted(call, one, name) for one in as_list(value)]
    if name in _MOMENTS:
        return parse_moment(value, call.portal.clock.zone)
    return as_int(value) if name in ("ID", "OWNER_ID") else value


def _between(call: Call, prefix: str, found: Any, wanted: Json, name: str) -> bool:
    ends = [_wanted(call, one, name) for one in as_list(wanted)]
    inside = len(ends) == 2 and matches(">=", found, ends[0]) and matches("<=", found, ends[1])
    return inside != prefix.startswith("!")


def order(call: Call, rows: list[Group]) -> list[Group]:
    """Sort groups as asked, by default the newest first."""
    wanted = {key.upper(): one for key, one in call.optional_map("ORDER").items()}
    return sort_rows(rows, wanted or {"ID": "DESC"}, lambda row, name: _read(call, row, name))
