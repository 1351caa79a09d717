"""The calendar's two questions (api-reference/calendar/**)."""

from __future__ import annotations

from datetime import datetime, time

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model.entities import Absence
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, Params, RestError, as_int

_DOC = "api-reference/calendar/"


@method("calendar.accessibility.get", scope="calendar",
        doc=_DOC + "calendar-event/calendar-accessibility-get.md",
        params="users from to", partial="только график отсутствий, без событий календаря")  # fmt: skip
def accessibility(call: Call) -> Json:
    """List the absences of each user that touch the period, with the chart's own keys."""
    for name in ("from", "to", "users"):
        if call.params.get(name) in (None, "", []):
            raise RestError("", f'The required parameter "{name}" for the method '
                            '"calendar.accessibility.get" is not set.')  # fmt: skip
    if call.user.extranet:
        raise RestError("", "Access denied")
    zone = call.portal.clock.zone
    first, last = (parse_moment(call.params[name], zone) for name in ("from", "to"))
    if first is None or last is None:
        raise RestError("", "Wrong date")
    answer: Params = {}
    for user_id in (as_int(one) for one in call.values("users")):
        answer[str(user_id)] = [
            _show(call, row)
            for row in call.state.absences
            if row.user_id == user_id and row.first <= last.date() and row.last >= first.date()
        ]
    return answer


def _show(call: Call, row: Absence) -> Params:
    zone = call.portal.clock.zone
    return {
        "FROM_HR": True,
        "ID": str(row.id),
        "NAME": row.name,
        "DT_FROM": row.first.strftime("%d.%m.%Y"),
        "DT_TO": row.last.strftime("%d.%m.%Y"),
        "ACCESSIBILITY": "absent",
        "IMPORTANCE": "normal",
        "FROM": int(datetime.combine(row.first, time(), zone).timestamp()),
        "TO": int(datetime.combine(row.last, time(23, 59, 59), zone).timestamp()),
    }


@method("calendar.settings.get", scope="calendar", doc=_DOC + "calendar-settings-get.md")
def settings_get(call: Call) -> Json:
    """Return the portal's working hours and its holidays without years."""
    return {
        "work_time_start": "9",
        "work_time_end": "18",
        "year_holidays": "1.01,2.01,3.01,4.01,5.01,6.01,7.01,8.01,23.02,8.03,1.05,9.05,12.06,4.11",
        "year_workdays": "",
        "week_holidays": ["SA", "SU"],
        "week_start": "MO",
        "user_name_template": "#LAST_NAME# #NAME#",
        "sync_by_push": False,
        "user_show_login": True,
        "path_to_user": "/company/personal/user/#user_id#/",
        "path_to_user_calendar": "/company/personal/user/#user_id#/calendar/",
        "path_to_group": "/workgroups/group/#group_id#/",
        "path_to_group_calendar": "/workgroups/group/#group_id#/calendar/",
        "path_to_vr": "",
        "path_to_rm": "",
        "rm_iblock_type": "",
        "rm_iblock_id": "",
        "dep_manager_sub": True,
        "denied_superpose_types": [],
        "pathes_for_sites": "",
        "forum_id": "8",
        "rm_for_sites": True,
        "path_to_type_company_calendar": "",
        "path_to_type_location": "",
        "path_to_type_open_event": "",
    }
