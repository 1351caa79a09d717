"""Users (api-reference/user/*.md)."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import iso, parse_moment
from b24flow.sandbox.filters import matches, sort_rows, split_prefix
from b24flow.sandbox.links import download
from b24flow.sandbox.model import users as model
from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.rest.users_scopes import NARROW, shown_to
from b24flow.sandbox.wire import Json, Params, PhpObject, as_int, as_list, as_map, is_yes

_DOC = "api-reference/user/"
_SEARCHED = ("NAME", "LAST_NAME", "WORK_POSITION", "UF_DEPARTMENT_NAME")
_TITLES = {
    "ID": "ID",
    "XML_ID": "Внешний код",
    "ACTIVE": "Активность",
    "NAME": "Имя",
    "LAST_NAME": "Фамилия",
    "SECOND_NAME": "Отчество",
    "TITLE": "Обращение",
    "EMAIL": "E-Mail",
    "LAST_LOGIN": "Последняя авторизация",
    "DATE_REGISTER": "Дата регистрации",
    "PERSONAL_GENDER": "Пол",
    "PERSONAL_PROFESSION": "Профессия",
    "PERSONAL_WWW": "Домашняя страница",
    "PERSONAL_BIRTHDAY": "Дата рождения",
    "PERSONAL_PHOTO": "Фотография",
    "PERSONAL_PHONE": "Личный телефон",
    "PERSONAL_FAX": "Факс",
    "PERSONAL_MOBILE": "Личный мобильный",
    "PERSONAL_PAGER": "Пейджер",
    "PERSONAL_STREET": "Улица проживания",
    "PERSONAL_CITY": "Город проживания",
    "PERSONAL_STATE": "Область / край",
    "PERSONAL_ZIP": "Почтовый индекс",
    "PERSONAL_COUNTRY": "Страна",
    "PERSONAL_MAILBOX": "Почтовый ящик",
    "PERSONAL_NOTES": "Дополнительные заметки",
    "WORK_PHONE": "Телефон компании",
    "WORK_COMPANY": "Компания",
    "WORK_POSITION": "Должность",
    "WORK_DEPARTMENT": "Департамент",
    "WORK_WWW": "Сайт компании",
    "WORK_CITY": "Город работы",
    "UF_SKYPE_LINK": "Ссылка на чат в Skype",
    "UF_ZOOM": "Zoom",
    "UF_EMPLOYMENT_DATE": "Дата принятия на работу",
    "UF_TIMEMAN": "Учёт рабочего времени",
    "UF_DEPARTMENT": "Подразделения",
    "UF_INTERESTS": "Интересы",
    "UF_SKILLS": "Навыки",
    "UF_WEB_SITES": "Другие сайты",
    "UF_XING": "Xing",
    "UF_LINKEDIN": "LinkedIn",
    "UF_TWITTER": "Twitter",
    "UF_SKYPE": "Skype",
    "UF_DISTRICT": "Район",
    "UF_PHONE_INNER": "Внутренний телефон",
}
_ORDER = [
     "ID", "XML_ID", "ACTIVE", "NAME", "LAST_NAME", "SECOND_NAME", "TITLE", "EMAIL", "LAST_LOGIN",
     "DATE_REGISTER", "TIME_ZONE", "IS_ONLINE", "TIMESTAMP_X", "LAST_ACTIVITY_DATE", "PERSONAL_GENDER",
     "PERSONAL_PROFESSION", "PERSONAL_WWW", "PERSONAL_BIRTHDAY", "PERSONAL_PHOTO", "PERSONAL_ICQ",
     "PERSONAL_PHONE", "PERSONAL_FAX", "PERSONAL_MOBILE", "PERSONAL_PAGER", "PERSONAL_STREET",
     "PERSONAL_CITY", "PERSONAL_STATE", "PERSONAL_ZIP", "PERSONAL_COUNTRY", "PERSONAL_MAILBOX",
     "PERSONAL_NOTES", "WORK_PHONE", "WORK_COMPANY", "WORK_POSITION", "WORK_DEPARTMENT", "WORK_WWW",
     "WORK_FAX", "WORK_PAGER", "WORK_STREET", "WORK_MAILBOX", "WORK_CITY", "WORK_STATE", "WORK_ZIP",
     "WORK_COUNTRY", "WORK_PROFILE", "WORK_LOGO", "WORK_NOTES", "UF_SKYPE_LINK", "UF_ZOOM",
     "UF_EMPLOYMENT_DATE", "UF_TIMEMAN", "UF_DEPARTMENT", "UF_INTERESTS", "UF_SKILLS", "UF_WEB_SITES",
     "UF_XING", "UF_LINKEDIN", "UF_TWITTER", "UF_SKYPE", "UF_DISTRICT", "UF_PHONE_INNER", "USER_TYPE",
]  # fmt: skip
_MOMENTS = {"TIMESTAMP_X": "changed", "DATE_REGISTER": "registered", "LAST_LOGIN": "last_login"}
_FILTERED = frozenset({*_ORDER, "UF_FACEBOOK", "NAME_SEARCH"})
_PARAMS = "sort order FILTER ADMIN_MODE select IMAGE_RESIZE " + " ".join(sorted(_FILTERED - {"SORT"}))
_WRITTEN = " ".join([*sorted(model.COLUMNS), *sorted(model.PROFILE), "ACTIVE", "UF_DEPARTMENT"])


def show_user(call: Call, user: Employee) -> Params:
    """Return a user as lists do: without fields nobody filled in or the caller's scope does not show."""
    shown: Params = {
        "ID": str(user.id),
        "XML_ID": str(user.profile.get("XML_ID", user.id)),
        "ACTIVE": user.active,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": user.second_name,
        "EMAIL": user.email,
        "LAST_LOGIN": iso(user.last_login) or "",
        "DATE_REGISTER": iso(user.registered) or "",
        "TIME_ZONE": "",
        "IS_ONLINE": "Y" if user is call.user else "N",
        "TIMESTAMP_X": PhpObject(),
        "LAST_ACTIVITY_DATE": PhpObject(),
        "PERSONAL_GENDER": user.gender,
        "PERSONAL_WWW": "",
        "PERSONAL_BIRTHDAY": "",
        "PERSONAL_MOBILE": user.phone,
        "PERSONAL_CITY": "",
        "WORK_PHONE": "",
        "WORK_POSITION": user.position,
        "UF_EMPLOYMENT_DATE": "",
        "UF_DEPARTMENT": list(user.departments),
        "USER_TYPE": "extranet" if user.extranet else "employee",
    }
    for name, value in user.profile.items():
        is_file = name in model.PICTURES and value
        shown[name] = download(call, "user", {"file": value}) if is_file else value or ""
    return {name: value for name, value in shown.items() if shown_to(call, name)}


def people(call: Call) -> list[Employee]:
    """Return every user but the bots."""
    return [user for user in call.state.users.values() if not (user.is_bot or user.system)]


def _fits(call: Call, user: Employee, conditions: Params) -> bool:
    shown = show_user(call, user)
    return all(_fits_one(call, user, shown, key, wanted) for key, wanted in conditions.items())


def _fits_one(call: Call, user: Employee, shown: Params, key: str, wanted: Json) -> bool:
    prefix, name = split_prefix(key)
    name = name.upper()
    if name in ("NAME_SEARCH", "FIND"):
        return found(user, str(wanted))
    if name == "ACTIVE":
        return matches(prefix, user.active, is_yes(wanted))
    if name in _MOMENTS or name in model.DATES:
        return _fits_date(call, user, prefix, name, wanted)
    if name not in _FILTERED and name not in model.fields_of(call.portal):
        return True
    value = as_list(wanted) if isinstance(wanted, list | dict) else wanted
    return matches(prefix, shown.get(name), value)


def _fits_date(call: Call, user: Employee, prefix: str, name: str, wanted: Json) -> bool:
    """Compare a moment; what cannot be read as one fits nobody."""
    limit = parse_moment(wanted, call.portal.clock.zone)
    kept = user.profile.get(name)
    value = getattr(user, _MOMENTS[name]) if name in _MOMENTS else parse_moment(kept, call.portal.clock.zone)
    return limit is not None and matches(prefix, value, limit)


def found(user: Employee, words: str) -> bool:
    """Say whether every word occurs in a user's names or position."""
    text = f"{user.last_name} {user.name} {user.second_name} {user.position}".lower()
    return all(word in text for word in words.lower().split())


def _list(call: Call, rows: list[Employee]) -> Page:
    key = call.text("SORT").upper() or "ID"
    shown = [(user, show_user(call, user)) for user in rows]

    def read(row: tuple[Employee, Params], name: str) -> Any:
        if name in _MOMENTS:
            return getattr(row[0], _MOMENTS[name])
        value = row[1].get(name)
        return as_int(value) if name == "ID" else value if isinstance(value, str | bool | int) else None

    ordered = sort_rows(shown, {key: call.text("ORDER") or "ASC"}, read)
    return paginate(call, [_selected(call, row) for _, row in ordered], by_page=False)


def _selected(call: Call, row: Params) -> Params:
    wanted = {str(one).upper() for one in call.values("SELECT")}
    if not wanted or "*" in wanted:
        return row
    custom = "UF_*" in wanted
    return {key: v for key, v in row.items() if key in wanted or (custom and key.startswith("UF_"))}


@method("user.get", scope="user", doc=_DOC + "user-get.md", params=_PARAMS, upper=True, instead=NARROW)
def user_get(call: Call) -> Page:
    """List employees, the dismissed ones too; bots are never among them."""
    top = {key: val for key, val in call.params.items() if split_prefix(key)[1].upper() in _FILTERED}
    conditions = top | as_map(call.params.get("FILTER"))
    bare = {split_prefix(key)[1].upper(): value for key, value in conditions.items()}
    call.note_unknown("unknown_filter", bare, _FILTERED | set(model.fields_of(call.portal)))
    return _list(call, [user for user in people(call) if _fits(call, user, conditions)])


@method("user.current", scope="user", doc=_DOC + "user-current.md", instead=NARROW)
def user_current(call: Call) -> Json:
    """Return the caller."""
    shown = show_user(call, call.user)
    shown.pop("TIMESTAMP_X", None)
    return shown | {"LAST_ACTIVITY_DATE": call.portal.clock.now().strftime("%Y-%m-%d %H:%M:%S")}


@method(
    "user.search",
    scope="user",
    doc=_DOC + "user-search.md",
    params="FIND UF_DEPARTMENT_NAME " + _PARAMS,
    upper=True,
    instead=NARROW,
)
def user_search(call: Call) -> Page:
    """Find active employees by the beginnings of their names, posts and departments, or by words."""
    given = {key.upper(): val for key, val in as_map(call.params.get("FILTER")).items()}
    top = {key: val for key, val in call.params.items() if key in _FILTERED or key in (*_SEARCHED, "FIND")}
    conditions = top | given
    if "FIND" in conditions:
        words = str(conditions["FIND"])
        return _list(call, [user for user in people(call) if user.active and _found(call, user, words)])
    begins = {key: str(conditions.pop(key)) for key in _SEARCHED if key in conditions}
    conditions = {"ACTIVE": True} | conditions
    rows = [user for user in people(call) if _begins(call, user, begins) and _fits(call, user, conditions)]
    return _list(call, rows)


def _departments(call: Call, user: Employee) -> list[str]:
    return [call.state.departments[one].name for one in user.departments if one in call.state.departments]


def _found(call: Call, user: Employee, words: str) -> bool:
    named = [name.lower() for name in _departments(call, user)]
    rest = [word for word in words.lower().split() if not any(word in name for name in named)]
    return found(user, " ".join(rest))


def _begins(call: Call, user: Employee, begins: dict[str, str]) -> bool:
    texts = {
        "NAME": [user.name],
        "LAST_NAME": [user.last_name],
        "WORK_POSITION": [user.position],
        "UF_DEPARTMENT_NAME": _departments(call, user),
    }
    return all(
        any(text.lower().startswith(start.lower()) for text in texts[name]) for name, start in begins.items()
    )


@method("user.fields", scope="user", doc=_DOC + "user-fields.md", instead=NARROW)
def user_fields(call: Call) -> Json:
    """Name the fields of a user; custom ones are not among them."""
    return {name: _TITLES.get(name, name) for name in _ORDER if shown_to(call, name)}


@method(
    "user.add",
    scope="user",
    doc=_DOC + "user-add.md",
    params="EXTRANET SONET_GROUP_ID MESSAGE_TEXT " + _WRITTEN,
    upper=True,
    partial="письмо-приглашение не уходит: приглашённый появляется, когда впервые войдёт на странице портала",
)
def user_add(call: Call) -> Json:
    """Invite a user; administrators only."""
    ignored: list[str] = []
    user = model.invite(call.portal, call.user, call.params, ignored)
    _note(call, ignored)
    return user.id


@method("user.update", scope="user", doc=_DOC + "user-update.md", params="ID " + _WRITTEN, upper=True)
def user_update(call: Call) -> Json:
    """Change a user; `ACTIVE` false dismisses. Administrators only."""
    user = call.state.users.get(call.number("ID"))
    if user is None or user.is_bot:
        raise model.access_denied()
    ignored: list[str] = []
    given = {key: value for key, value in call.params.items() if key != "ID"}
    model.change(call.portal, call.user, user, given, ignored)
    _note(call, ignored)
    return True


def _note(call: Call, ignored: list[str]) -> None:
    for name in ignored:
        call.note("unknown_field", name)
