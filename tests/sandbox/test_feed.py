"""The live feed: who sees a post, who may change it, who has read an important one."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from b24flow.sandbox.codec import pack_state, unpack_state
from b24flow.sandbox.model import feed
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.seed import demo_organisation
from tests.sandbox.conftest import AppCaller, Box
from tests.sandbox.examples.feed import post
from tests.sandbox.examples.groups import group

LAWYER_HEAD, LAWYER, SAFETY = 10, 16, 11
LAW = "DR5"


@pytest.fixture
def law(box: Box) -> AppCaller:
    """The head of the legal department."""
    return box.install_app(who=LAWYER_HEAD)


def ids(caller: Box | AppCaller, **given: Any) -> list[int]:
    return [int(row["ID"]) for row in caller.ok("log.blogpost.get", given)]


def test_a_post_is_seen_by_its_recipients(box: Box, law: AppCaller) -> None:
    safety = law.as_user(SAFETY)
    everybody, department = post(box), post(box, DEST=[LAW])
    person, team = post(box, DEST=[f"U{SAFETY}"]), post(box, DEST=[f"SG{group(box, LAWYER_HEAD)}"])
    whole = post(box, DEST=["DR1"])
    assert ids(law) == [whole, team, department, everybody]
    assert ids(safety) == [whole, person, everybody]
    assert ids(safety, LOG_RIGHTS=["DR1"]) == [whole]
    assert ids(safety, POST_ID=team) == []


def test_an_administrator_reads_only_what_is_sent_to_him(box: Box, law: AppCaller) -> None:
    own = post(law, DEST=[f"U{SAFETY}"])  # type: ignore[arg-type]
    assert ids(box) == []
    assert box.ok("log.blogpost.getusers.important", {"POST_ID": own}) == []
    assert box.ok("log.blogpost.delete", {"POST_ID": own}) is True


def test_recipients_that_do_not_exist_are_no_recipients(box: Box, law: AppCaller) -> None:
    given = {"POST_MESSAGE": "Приказ", "DEST": ["U10000", "DR77", "SG1", "X5"]}
    answer = box.raw("log.blogpost.add", given)
    assert answer.status_code == 400
    assert answer.json()["error_description"] == "No destination specified"
    strange = group(box)
    assert law.refused("log.blogpost.add", {"POST_MESSAGE": "Приказ", "DEST": [f"SG{strange}"]})[0] == 400


def test_only_an_administrator_writes_for_another(box: Box, law: AppCaller) -> None:
    assert box.ok("log.blogpost.get", {"POST_ID": post(box, USER_ID=SAFETY)})[0]["AUTHOR_ID"] == str(SAFETY)
    own = post(law, USER_ID=SAFETY)  # type: ignore[arg-type]
    assert law.ok("log.blogpost.get", {"POST_ID": own})[0]["AUTHOR_ID"] == str(LAWYER_HEAD)


def test_who_has_read_an_important_post_is_listed_in_order(box: Box) -> None:
    number = post(box, DEST=[LAW], IMPORTANT_DATE_END="2099-09-05T18:00:00+03:00")
    for who in (LAWYER, LAWYER_HEAD, LAWYER, SAFETY):
        box.person(who, "feed/read", post_id=number)
    assert box.ok("log.blogpost.getusers.important", {"POST_ID": number}) == [str(LAWYER), str(LAWYER_HEAD)]
    shown = box.ok("log.blogpost.get", {"POST_ID": number})[0]
    assert shown["UF_BLOG_POST_IMPRTNT"]["VALUE"] == 1
    assert shown["UF_IMPRTANT_DATE_END"]["VALUE"] == "05.09.2099 18:00:00"


def test_importance_ends(box: Box) -> None:
    portal = Portal(demo_organisation())
    author = portal.state.users[2]
    row = feed.add_post(portal, author, "Приказ", "", ["UA"])
    assert not feed.mark_read(portal, author, row)
    feed.mark_important(row, important=True, until=portal.clock.now())
    assert feed.is_important_now(portal, row)
    portal.clock.advance(2)
    assert not feed.is_important_now(portal, row)
    assert feed.mark_read(portal, author, row)
    assert not feed.mark_read(portal, author, row)
    kept = unpack_state(pack_state(portal.state), portal.clock.zone)
    assert kept.posts == portal.state.posts


def test_an_update_without_a_title_forgets_the_former_one(box: Box, law: AppCaller) -> None:
    number = post(box, POST_TITLE="Приказ № 15")
    box.ok("log.blogpost.update", {"POST_ID": number, "POST_MESSAGE": "Новый текст"})
    shown = box.ok("log.blogpost.get", {"POST_ID": number})[0]
    assert (shown["TITLE"], shown["MICRO"], shown["DETAIL_TEXT"]) == ("Новый текст", "Y", "Новый текст")
    assert shown["UF_BLOG_POST_IMPRTNT"]["VALUE"] == 1
    assert box.refused("log.blogpost.update", {"POST_ID": number}) == (400, "EMPTY_TITLE")
    given = {"POST_ID": number, "POST_TITLE": "Чужой"}
    answer = law.raw("log.blogpost.update", given).json()
    assert answer["error_description"] == "No write perms"
    assert box.raw("log.blogpost.update", {"POST_TITLE": "x"}).json()["error_description"] == "Wrong post ID"


def test_a_post_is_shared_with_more_people_by_its_author(box: Box, law: AppCaller) -> None:
    number = post(box, DEST=[f"U{SAFETY}"])
    assert law.raw("log.blogpost.share", {"POST_ID": number, "DEST": [LAW]}).json() == {
        "error": "",
        "error_description": "No read perms",
    }
    assert box.ok("log.blogpost.share", {"POST_ID": number, "DEST": [LAW]}) is True
    assert ids(law) == [number]
    answer = box.raw("log.blogpost.share", {"POST_ID": number, "DEST": ["U10000"]}).json()
    assert answer["error_description"] == "Wrong destinations"


def test_files_are_put_on_the_authors_drive_and_taken_off_the_post(box: Box) -> None:
    scan = ["приказ.txt", base64.b64encode("Приказ".encode()).decode()]
    number = post(box, FILES=[scan])
    (attached,) = box.ok("log.blogpost.get", {"POST_ID": number})[0]["FILES"]
    drive = box.ok("disk.storage.getlist", {"filter": {"ENTITY_TYPE": "user", "ENTITY_ID": 1}})[0]
    (file,) = box.ok("disk.storage.getchildren", {"id": drive["ID"]})
    assert file["NAME"] == "приказ.txt"
    given = {"POST_ID": number, "POST_TITLE": "Без файла", "FILES": {str(attached): "del"}}
    box.ok("log.blogpost.update", given)
    assert box.ok("log.blogpost.get", {"POST_ID": number})[0]["FILES"] == []
    again = {"POST_ID": number, "POST_TITLE": "С файлом", "UF_BLOG_POST_FILE": [f"n{file['ID']}"]}
    box.ok("log.blogpost.update", again)
    shown = box.ok("log.blogpost.get", {"POST_ID": number})[0]
    assert len(shown["FILES"]) == 1
    assert shown["UF_BLOG_POST_FILE"]["VALUE_RAW"] == f"a:1:{{i:0;i:{shown['FILES'][0]};}}"
    box.ok("log.blogpost.update", {**again, "UF_BLOG_POST_FILE": ["empty"]})
    assert box.ok("log.blogpost.get", {"POST_ID": number})[0]["FILES"] == []


def test_the_feed_is_paged_by_fifty_and_by_a_cursor(box: Box) -> None:
    numbers = [post(box) for _ in range(53)]
    first = box.raw("log.blogpost.get").json()
    assert (len(first["result"]), first["total"], first["next"]) == (50, 53, 50)
    assert ids(box, start=50) == numbers[2::-1]
    assert ids(box, FIRST_ID=numbers[0], LIMIT=2) == numbers[1:3]
    assert ids(box, LAST_ID=numbers[-1], LIMIT=2) == [numbers[-2], numbers[-3]]
    assert ids(box, FIRST_ID=numbers[50], LAST_ID=numbers[1], LIMIT=-5) == numbers[51:]


def test_the_feed_is_cut_by_dates(box: Box) -> None:
    box.control("clock", {"now": "2026-09-01T10:00:00+03:00"})
    early = post(box)
    box.control("clock", {"now": "2026-09-03T10:00:00+03:00"})
    late = post(box)
    assert ids(box, LOG_DATE_FROM="2026-09-02T00:00:00+03:00") == [late]
    assert ids(box, LOG_DATE_TO="2026-09-02T00:00:00+03:00") == [early]


def test_what_is_not_a_post_is_refused(box: Box, law: AppCaller) -> None:
    assert box.refused("log.blogpost.add", {"POST_MESSAGE": " "})[0] == 400
    assert box.refused("log.blogpost.delete", {"POST_ID": 5}) == (400, "100")
    assert box.refused("log.blogpost.getusers.important", {"POST_ID": 5}) == (400, "")
    assert law.refused("log.blogpost.delete", {"POST_ID": post(box)}) == (400, "403")


def test_events_tell_of_posts(box: Box) -> None:
    app = box.install_app()
    for name in ("Add", "Update", "Delete"):
        assert app.ok("event.bind", {"event": f"onLiveFeedPost{name}", "event_type": "offline"}) is True
    number = post(box)
    box.ok("log.blogpost.update", {"POST_ID": number, "POST_TITLE": "Другой"})
    box.ok("log.blogpost.delete", {"POST_ID": number})
    rows = app.ok("event.offline.get")["events"]
    assert {row["EVENT_NAME"] for row in rows} == {f"ONLIVEFEEDPOST{w}" for w in ("ADD", "UPDATE", "DELETE")}
    assert all(row["EVENT_DATA"] == {"FIELDS": {"POST_ID": str(number)}} for row in rows)
