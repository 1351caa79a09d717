"""Workgroups and their members."""

from __future__ import annotations

from tests.sandbox.conftest import Box
from tests.sandbox.examples import Params, example


def group(box: Box, *members: int, **fields: object) -> int:
    number = int(box.ok("sonet_group.create", {"NAME": "Аттестация рабочих мест", **fields}))
    if members:
        box.ok("sonet_group.user.add", {"GROUP_ID": number, "USER_ID": list(members)})
    return number


@example("sonet_group.create")
def _(box: Box) -> Params:
    return {"NAME": "Съезд", "PROJECT": "Y", "PROJECT_DATE_FINISH": "2027-03-01T18:00:00+03:00"}


@example("sonet_group.update")
def _(box: Box) -> Params:
    return {"GROUP_ID": group(box), "NAME": "Специальная оценка условий труда"}


@example("sonet_group.delete")
def _(box: Box) -> Params:
    return {"GROUP_ID": group(box)}


@example("sonet_group.get")
def _(box: Box) -> Params:
    group(box)
    return {"ORDER": {"NAME": "ASC"}, "FILTER": {"%NAME": "аттест"}}


@example("sonet_group.setowner")
def _(box: Box) -> Params:
    return {"GROUP_ID": group(box), "USER_ID": 8}


@example("sonet_group.feature.access")
def _(box: Box) -> Params:
    return {"GROUP_ID": group(box), "FEATURE": "blog", "OPERATION": "write_post"}


@example("sonet_group.user.groups")
def _(box: Box) -> Params:
    group(box)
    return {}


@example("sonet_group.user.get")
def _(box: Box) -> Params:
    return {"ID": group(box, 8, 9)}


@example("sonet_group.user.add")
@example("sonet_group.user.invite")
def _(box: Box) -> Params:
    return {"GROUP_ID": group(box), "USER_ID": [8, 9]}


@example("sonet_group.user.delete")
def _(box: Box) -> Params:
    return {"GROUP_ID": group(box, 8, 9), "USER_ID": [9]}


@example("sonet_group.user.update")
def _(box: Box) -> Params:
    return {"GROUP_ID": group(box, 8, 9), "USER_ID": 9, "ROLE": "E"}


@example("sonet_group.user.request")
def _(box: Box) -> Params:
    number = group(box, OWNER_ID=8, OPENED="Y")
    return {"GROUP_ID": number, "MESSAGE": "Прошу включить в рабочую группу"}
