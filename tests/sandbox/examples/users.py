"""Users, their custom fields, departments and the calendar's two questions."""

from __future__ import annotations

from tests.sandbox.conftest import Box
from tests.sandbox.examples import Params, example


def field(box: Box) -> int:
    given = {"FIELD_NAME": "SKILL", "USER_TYPE_ID": "enumeration", "LIST": [{"VALUE": "Делопроизводство"}]}
    return int(box.ok("user.userfield.add", {"fields": given}))


def department(box: Box) -> int:
    return int(box.ok("department.add", {"NAME": "Архив", "PARENT": 1}))


@example("user.get")
@example("user.fields")
@example("user.current")
@example("department.get")
@example("department.fields")
@example("calendar.settings.get")
def _(box: Box) -> Params:
    return {}


@example("user.search")
def _(box: Box) -> Params:
    return {"FILTER": {"FIND": "Осокина"}}


@example("user.add")
def _(box: Box) -> Params:
    return {"EMAIL": "lunina@profsoyuz.example", "NAME": "Алла", "LAST_NAME": "Лунина", "UF_DEPARTMENT": [2]}


@example("user.update")
def _(box: Box) -> Params:
    return {"ID": 9, "WORK_POSITION": "Советник"}


@example("user.userfield.add")
def _(box: Box) -> Params:
    return {"fields": {"FIELD_NAME": "SKILL", "USER_TYPE_ID": "string", "LABEL": "Навык"}}


@example("user.userfield.list")
def _(box: Box) -> Params:
    field(box)
    return {"filter": {"USER_TYPE_ID": "enumeration"}}


@example("user.userfield.update")
def _(box: Box) -> Params:
    return {"id": field(box), "fields": {"SORT": 200}}


@example("user.userfield.delete")
def _(box: Box) -> Params:
    return {"id": field(box)}


@example("department.add")
def _(box: Box) -> Params:
    return {"NAME": "Архив", "PARENT": 1, "UF_HEAD": 6}


@example("department.update")
def _(box: Box) -> Params:
    return {"ID": department(box), "NAME": "Архив и отчётность"}


@example("department.delete")
def _(box: Box) -> Params:
    return {"ID": department(box)}


@example("calendar.accessibility.get")
def _(box: Box) -> Params:
    absence = {"user": 5, "from": "2026-05-11", "to": "2026-05-15"}  # no method writes the absence chart
    assert box.person(5, "absence/add", **absence).status_code == 200
    return {"users": [5], "from": "2026-05-01", "to": "2026-05-31"}
