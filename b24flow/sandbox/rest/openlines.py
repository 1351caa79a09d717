"""Open lines themselves (api-reference/imopenlines/openlines/imopenlines-*.md)."""

from __future__ import annotations

import re

from b24flow.sandbox.filters import matches, sort_rows, split_prefix
from b24flow.sandbox.model import openlines
from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.openlines_rows import Line
from b24flow.sandbox.model.openlines_settings import DEFAULTS, change, make
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, Params, RestError, as_int, as_list, is_yes

DOC = "api-reference/imopenlines/openlines/"
PUBLIC_PATH = "/contact_center/"
_TIMES = "время само по себе ничего не меняет: очередь по QUEUE_TIME не движется, разговоры не закрываются"
_COMPUTED = ("ID", "DATE_CREATE", "DATE_MODIFY", "MODIFY_USER_ID")
_FIELDS = frozenset([*DEFAULTS, *_COMPUTED])
_PARAMS = ("select", "filter", "order", "limit", "offset")
_OPTIONS = ("QUEUE", "CONFIG_QUEUE", "CHECK_PERMISSION")
_MOST = 200


@method("imopenlines.revision.get", scope="imopenlines", doc=DOC + "imopenlines-revision-get.md")
def revision_get(call: Call) -> Json:
    """Return the interface revisions."""
    return {"rest": 2, "web": 1, "mobile": 1}


@method("imopenlines.config.path.get", scope="imopenlines", doc=DOC + "imopenlines-config-path-get.md")
def path_get(call: Call) -> Json:
    """Return where the lines' public pages are."""
    return {"SERVER_ADDRESS": call.base_url, "PUBLIC_PATH": PUBLIC_PATH}


@method("imopenlines.config.add", scope="imopenlines", doc=DOC + "imopenlines-config-add.md",
        params="PARAMS", upper=True, partial=_TIMES)  # fmt: skip
def config_add(call: Call) -> Json:
    """Create a line."""
    given = call.optional_map("PARAMS")
    line = make(call.portal, call.user.id, given)
    call.note_unknown("unknown_field", given, _FIELDS | {"QUEUE"})
    return line.id


def _line(call: Call) -> Line | None:
    number = call.number("CONFIG_ID")
    if number <= 0:
        raise RestError("CONFIG_ID_EMPTY", "Config ID can't be empty")
    return call.state.lines.get(number)


def _require_rights(user: Employee) -> None:
    if not user.admin:
        raise RestError("CONFIG_WRONG_USER_PERMISSION", "Permission denied", 403)


@method("imopenlines.config.update", scope="imopenlines", doc=DOC + "imopenlines-config-update.md",
        params="CONFIG_ID PARAMS", upper=True, partial=_TIMES)  # fmt: skip
def config_update(call: Call) -> Json:
    """Change a line; false when there is none."""
    line = _line(call)
    _require_rights(call.user)
    if line is None:
        return False
    for name in change(call.portal, line, call.user.id, call.optional_map("PARAMS")):
        call.note("unknown_field", name)
    return True


@method("imopenlines.config.delete", scope="imopenlines", doc=DOC + "imopenlines-config-delete.md",
        params="CONFIG_ID", upper=True)  # fmt: skip
def config_delete(call: Call) -> Json:
    """Remove a line and close its sessions; false when there is none."""
    line = _line(call)
    _require_rights(call.user)
    if line is None:
        return False
    for session in list(call.state.line_sessions.values()):
        if session.line_id == line.id:
            openlines.finish(call.portal, call.state.chats[session.chat_id], session)
    line.settings["ACTIVE"] = "N"
    del call.state.lines[line.id]
    return True


def _show(line: Line) -> Params:
    return {
        "ID": str(line.id),
        **line.settings,
        "DATE_CREATE": {},
        "DATE_MODIFY": {},
        "MODIFY_USER_ID": str(line.modified_by),
    }


@method("imopenlines.config.get", scope="imopenlines", doc=DOC + "imopenlines-config-get.md",
        params="CONFIG_ID WITH_QUEUE SHOW_OFFLINE", upper=True)  # fmt: skip
def config_get(call: Call) -> Json:
    """Return a line's settings with its queue; false when there is none."""
    line = _line(call)
    if line is None:
        return False
    if call.text("WITH_QUEUE").upper() == "N":
        return _show(line)
    people = openlines.operators(call.portal, line)
    full = {
        str(one): {
            "ID": str(line.id * 1000 + place),
            "SORT": str(place),
            "USER_ID": str(one),
            "DEPARTMENT_ID": "0",
            **_unnamed("0"),
        }
        for place, one in enumerate(people)
    }
    return _show(line) | {
        "QUEUE": [str(one) for one in people],
        "QUEUE_FULL": full,
        "QUEUE_USERS_FIELDS": {str(one): _unnamed("0") for one in people},
        "QUEUE_ONLINE": "Y" if people else "N",
    }


def _unnamed(avatar_id: Json) -> Params:
    """Return how an operator is shown to clients: nothing is set here, so as in his profile."""
    return {"USER_NAME": None, "USER_WORK_POSITION": None, "USER_AVATAR": None,
            "USER_AVATAR_ID": avatar_id}  # fmt: skip


@method("imopenlines.config.list.get", scope="imopenlines", doc=DOC + "imopenlines-config-list-get.md",
        params="PARAMS OPTIONS", upper=True, reads=True)  # fmt: skip
def config_list(call: Call) -> Json:
    """List lines; a filter knows the usual prefixes."""
    params, options = call.optional_map("PARAMS"), call.optional_map("OPTIONS")
    _check_format(params, options)
    rows = [_show(line) for line in call.state.lines.values()]
    for key, wanted in (params.get("filter") or {}).items():
        prefix, name = split_prefix(key)
        rows = [row for row in rows if matches(prefix, row[name], wanted)]
    order = {key: str(way).upper() for key, way in (params.get("order") or {}).items()}
    rows = sort_rows(rows, order or {"ID": "ASC"}, _sortable)
    offset = as_int(params.get("offset"))
    rows = rows[offset : offset + (min(as_int(params.get("limit"), 50) or 50, _MOST))]
    return [_listed(call, row, params, options) for row in rows]


def _sortable(row: Params, key: str) -> Json:
    value = row.get(key)
    return as_int(value) if re.fullmatch(r"-?\d+", str(value)) else value


def _listed(call: Call, row: Params, params: Params, options: Params) -> Params:
    chosen = [str(name) for name in as_list(params.get("select"))]
    line = call.state.lines[as_int(row["ID"])]
    shown = {name: row[name] for name in chosen if name != "*"} if chosen and "*" not in chosen else row
    if is_yes(options.get("QUEUE")):
        people = openlines.operators(call.portal, line)
        fields = {
            str(user.id): {
                "USER_NAME": user.full_name,
                "USER_WORK_POSITION": user.position or None,
                "USER_AVATAR": "",
                "USER_AVATAR_ID": None,
            }
            for user in (call.state.users[one] for one in people)
        }
        shown = shown | {"QUEUE": people, "QUEUE_USERS_FIELDS": fields}
    if is_yes(options.get("CONFIG_QUEUE")):
        shown = shown | {"CONFIG_QUEUE": [dict(entry) for entry in line.queue]}
    return shown


def _check_format(params: Params, options: Params) -> None:
    for given, known, title in ((params, _PARAMS, "PARAMS"), (options, _OPTIONS, "OPTIONS")):
        strange = [name for name in given if name not in known]
        if strange:
            raise _wrong(f"Unsupported {title} fields are passed: {', '.join(strange)}")
    for name, kind in (("select", list), ("order", dict), ("filter", dict)):
        value = params.get(name)
        if value not in (None, [], {}) and not isinstance(value, kind):
            raise _wrong(f"A wrong format for the PARAMS field '{name}' is passed")
        for key in value or ():
            field = split_prefix(str(key))[1] if name == "filter" else str(key)
            if field not in _FIELDS and not (name == "select" and field == "*"):
                raise _wrong(f"An unknown field '{field}' is passed in the PARAMS field '{name}'")
    for name in ("limit", "offset"):
        if not str(params.get(name, 0)).isdigit():
            raise _wrong(f"A non-negative integer is expected in the PARAMS field '{name}'")
    if any(str(way).upper() not in ("ASC", "DESC") for way in (params.get("order") or {}).values()):
        raise _wrong("A wrong sorting direction is passed in the PARAMS field 'order'")


def _wrong(text: str) -> RestError:
    return RestError("INVALID_FORMAT", text)
