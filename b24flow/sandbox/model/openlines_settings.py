"""The settings of an open line, all of them texts, with what a new line has.

Facts: api-reference/imopenlines/openlines/imopenlines-config-{add,get,list-get}.md.
"""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.model.openlines_rows import Line
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Params, as_list, as_map

DEFAULTS: dict[str, Any] = {
    "ACTIVE": "Y",
    "LINE_NAME": "",
    "CRM": "N",
    "CRM_CREATE": "none",
    "CRM_CREATE_SECOND": "0",
    "CRM_CREATE_THIRD": "Y",
    "CRM_FORWARD": "Y",
    "CRM_CHAT_TRACKER": "N",
    "CRM_TRANSFER_CHANGE": "Y",
    "CRM_SOURCE": "create",
    "QUEUE_TIME": "60",
    "NO_ANSWER_TIME": "60",
    "QUEUE_TYPE": "evenly",
    "CHECK_AVAILABLE": "N",
    "WATCH_TYPING": "N",
    "WELCOME_BOT_ENABLE": "N",
    "WELCOME_MESSAGE": "N",
    "WELCOME_MESSAGE_TEXT": "Здравствуйте! Вам ответит первый свободный сотрудник.",
    "VOTE_MESSAGE": "N",
    "VOTE_TIME_LIMIT": "0",
    "VOTE_BEFORE_FINISH": "N",
    "VOTE_CLOSING_DELAY": "N",
    "VOTE_MESSAGE_1_TEXT": "Оцените, пожалуйста, наш ответ.",
    "VOTE_MESSAGE_1_LIKE": "Спасибо за оценку!",
    "VOTE_MESSAGE_1_DISLIKE": "Жаль, что мы вам не помогли.",
    "VOTE_MESSAGE_2_TEXT": "Оцените, пожалуйста, наш ответ: 1 — хорошо, 0 — плохо.",
    "VOTE_MESSAGE_2_LIKE": "Спасибо за оценку!",
    "VOTE_MESSAGE_2_DISLIKE": "Жаль, что мы вам не помогли.",
    "AGREEMENT_MESSAGE": "N",
    "AGREEMENT_ID": "0",
    "CATEGORY_ENABLE": "N",
    "CATEGORY_ID": "0",
    "WELCOME_BOT_JOIN": "first",
    "WELCOME_BOT_ID": "0",
    "WELCOME_BOT_TIME": "0",
    "WELCOME_BOT_LEFT": "queue",
    "NO_ANSWER_RULE": "none",
    "NO_ANSWER_FORM_ID": "0",
    "NO_ANSWER_BOT_ID": "0",
    "NO_ANSWER_TEXT": "",
    "WORKTIME_ENABLE": "N",
    "WORKTIME_FROM": "9",
    "WORKTIME_TO": "18.30",
    "WORKTIME_TIMEZONE": "Europe/Moscow",
    "WORKTIME_HOLIDAYS": [""],
    "WORKTIME_DAYOFF": [""],
    "WORKTIME_DAYOFF_RULE": "none",
    "WORKTIME_DAYOFF_FORM_ID": "0",
    "WORKTIME_DAYOFF_BOT_ID": "0",
    "WORKTIME_DAYOFF_TEXT": "",
    "CLOSE_RULE": "none",
    "CLOSE_FORM_ID": "0",
    "CLOSE_BOT_ID": "0",
    "CLOSE_TEXT": "",
    "FULL_CLOSE_TIME": "10",
    "AUTO_CLOSE_RULE": "none",
    "AUTO_CLOSE_FORM_ID": "0",
    "AUTO_CLOSE_BOT_ID": "0",
    "AUTO_CLOSE_TIME": "3600",
    "AUTO_CLOSE_TEXT": "",
    "AUTO_EXPIRE_TIME": "86400",
    "TEMPORARY": "N",
    "XML_ID": None,
    "LANGUAGE_ID": "ru",
    "QUICK_ANSWERS_IBLOCK_ID": "0",
    "SESSION_PRIORITY": "0",
    "TYPE_MAX_CHAT": "answered_new",
    "MAX_CHAT": "0",
    "OPERATOR_DATA": "profile",
    "DEFAULT_OPERATOR_DATA": [],
    "KPI_FIRST_ANSWER_TIME": "0",
    "KPI_FIRST_ANSWER_ALERT": "N",
    "KPI_FIRST_ANSWER_LIST": None,
    "KPI_FIRST_ANSWER_TEXT": "",
    "KPI_FURTHER_ANSWER_TIME": "0",
    "KPI_FURTHER_ANSWER_ALERT": "N",
    "KPI_FURTHER_ANSWER_LIST": None,
    "KPI_FURTHER_ANSWER_TEXT": "",
    "KPI_CHECK_OPERATOR_ACTIVITY": "N",
    "SEND_NOTIFICATION_EMPTY_QUEUE": "N",
    "USE_WELCOME_FORM": "N",
    "WELCOME_FORM_ID": "0",
    "WELCOME_FORM_DELAY": "Y",
    "SEND_WELCOME_EACH_SESSION": "N",
    "CONFIRM_CLOSE": "Y",
    "IGNORE_WELCOME_FORM_RESPONSIBLE": "N",
}
_TYPES = ("user", "department")
_LISTS = frozenset(
    [
        "DEFAULT_OPERATOR_DATA",
        "KPI_FIRST_ANSWER_LIST",
        "KPI_FURTHER_ANSWER_LIST",
        "WORKTIME_DAYOFF",
        "WORKTIME_HOLIDAYS",
    ]
)


def make(portal: Portal, user_id: int, given: Params) -> Line:
    """Create a line; without a queue its maker is its only operator."""
    now = portal.clock.now()
    number = portal.state.next_id("line")
    line = Line(
        id=number,
        settings=dict(DEFAULTS) | {"LINE_NAME": f"Открытая линия {number}"},
        created=now,
        modified=now,
        modified_by=user_id,
        queue=[{"ENTITY_TYPE": "user", "ENTITY_ID": str(user_id)}],
    )
    portal.state.lines[line.id] = line
    change(portal, line, user_id, given)
    return line


def change(portal: Portal, line: Line, user_id: int, given: Params) -> list[str]:
    """Change a line's settings; return the names that are none of them."""
    unknown = []
    for name, value in given.items():
        if name == "QUEUE":
            line.queue = _queue(value)
        elif name not in DEFAULTS:
            unknown.append(name)
        elif name in _LISTS:
            line.settings[name] = as_list(value)
        elif not isinstance(value, dict | list) and value is not None:
            line.settings[name] = str(value)
    line.modified, line.modified_by = portal.clock.now(), user_id
    return unknown


def _queue(given: Any) -> list[dict[str, str]]:
    """Read a queue: objects with type and id, or bare ids of users."""
    found = []
    for entry in as_list(given):
        row = as_map(entry)
        kind = str(row.get("ENTITY_TYPE", "user"))
        number = str(row.get("ENTITY_ID", "")) if row else str(entry)
        if kind in _TYPES and number.isdigit():
            found.append({"ENTITY_TYPE": kind, "ENTITY_ID": number})
    return found
