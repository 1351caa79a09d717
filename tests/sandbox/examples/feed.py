"""Posts of the live feed."""

from __future__ import annotations

import base64

from tests.sandbox.conftest import Box
from tests.sandbox.examples import Params, example


def post(box: Box, **fields: object) -> int:
    given = {"POST_MESSAGE": "Приказ об охране труда", "IMPORTANT": "Y", **fields}
    return int(box.ok("log.blogpost.add", given))


@example("log.blogpost.add")
def _(box: Box) -> Params:
    return {
        "POST_TITLE": "Приказ № 15",
        "POST_MESSAGE": "Ознакомьтесь до 5 сентября",
        "DEST": ["DR5", "U9"],
        "IMPORTANT": "Y",
        "IMPORTANT_DATE_END": "2027-09-05T18:00:00+03:00",
    }


@example("log.blogpost.update")
def _(box: Box) -> Params:
    return {"POST_ID": post(box), "POST_TITLE": "Приказ № 15 с приложением"}


@example("log.blogpost.share")
def _(box: Box) -> Params:
    return {"POST_ID": post(box, DEST=["U9"]), "DEST": ["DR4"]}


@example("log.blogpost.delete")
def _(box: Box) -> Params:
    return {"POST_ID": post(box)}


@example("log.blogpost.get")
def _(box: Box) -> Params:
    scan = ["приказ.txt", base64.b64encode("Приказ".encode()).decode()]
    return {"POST_ID": post(box, FILES=[scan], TAGS="приказы,охрана труда")}


@example("log.blogpost.getusers.important")
def _(box: Box) -> Params:
    number = post(box)
    box.person(9, "feed/read", post_id=number)
    return {"POST_ID": number}
