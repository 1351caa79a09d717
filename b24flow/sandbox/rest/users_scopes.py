"""Which fields of a user each of the three scopes shows (api-reference/user/user-scope.md)."""

from __future__ import annotations

from b24flow.sandbox.model import users
from b24flow.sandbox.registry import Call

FULL, CUSTOM = "user", "user.userfield"
NARROW = "user_basic user_brief"
BASIC = frozenset(
    ["ID", "XML_ID", "ACTIVE", "NAME", "LAST_NAME", "SECOND_NAME", "TITLE", "EMAIL", "PERSONAL_PHONE",
     "WORK_PHONE", "WORK_POSITION", "WORK_COMPANY", "IS_ONLINE", "TIME_ZONE", "TIMESTAMP_X",
     "DATE_REGISTER", "LAST_ACTIVITY_DATE", "PERSONAL_PROFESSION", "PERSONAL_GENDER",
     "PERSONAL_BIRTHDAY", "PERSONAL_PHOTO", "PERSONAL_FAX", "PERSONAL_MOBILE", "PERSONAL_PAGER",
     "PERSONAL_STREET", "PERSONAL_MAILBOX", "PERSONAL_CITY", "PERSONAL_STATE", "PERSONAL_ZIP",
     "PERSONAL_COUNTRY", "PERSONAL_NOTES", "WORK_DEPARTMENT", "WORK_WWW", "WORK_FAX", "WORK_PAGER",
     "WORK_STREET", "WORK_MAILBOX", "WORK_CITY", "WORK_STATE", "WORK_ZIP", "WORK_COUNTRY",
     "WORK_PROFILE", "WORK_LOGO", "WORK_NOTES", "UF_DEPARTMENT", "UF_DISTRICT", "UF_SKYPE",
     "UF_SKYPE_LINK", "UF_ZOOM", "UF_TWITTER", "UF_FACEBOOK", "UF_LINKEDIN", "UF_XING", "UF_WEB_SITES",
     "UF_PHONE_INNER", "UF_EMPLOYMENT_DATE", "UF_TIMEMAN", "UF_SKILLS", "UF_INTERESTS"]
)  # fmt: skip
BRIEF = frozenset(
    ["ID", "XML_ID", "ACTIVE", "NAME", "LAST_NAME", "SECOND_NAME", "TITLE", "IS_ONLINE", "TIME_ZONE",
     "PERSONAL_PHOTO", "TIMESTAMP_X", "DATE_REGISTER", "PERSONAL_PROFESSION", "PERSONAL_GENDER",
     "PERSONAL_BIRTHDAY", "PERSONAL_CITY", "PERSONAL_STATE", "PERSONAL_COUNTRY", "WORK_POSITION",
     "WORK_CITY", "WORK_STATE", "WORK_COUNTRY", "LAST_ACTIVITY_DATE", "UF_EMPLOYMENT_DATE",
     "UF_TIMEMAN", "UF_SKILLS", "UF_INTERESTS", "UF_DEPARTMENT", "UF_PHONE_INNER"]
)  # fmt: skip
_ALWAYS = frozenset({"USER_TYPE"})  # the page has it in no table, every answer has it


def shown_to(call: Call, name: str) -> bool:
    """Say whether the caller's scopes show a field; custom ones need a scope of their own."""
    scopes = call.caller.scopes
    if FULL in scopes or name in _ALWAYS:
        return True
    if name in users.fields_of(call.portal):
        return CUSTOM in scopes
    return ("user_basic" in scopes and name in BASIC) or ("user_brief" in scopes and name in BRIEF)
