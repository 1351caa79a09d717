"""What the sweeps play: E01-E04 here, the other processes from `plays_routes`; and what is compared.

Between any two steps the caller may let the portal catch up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from b24flow.core.evolve import replay
from b24flow.store import documents, incidents, journal, queries
from tests.scenario import plays_routes as routes
from tests.town import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, Town

Play = Callable[[Town, Callable[[], None]], str]
REASON = "ждём ответа министерства"


def e01(place: Town, catch_up: Callable[[], None]) -> str:
    made = place.register(CHAIR, command="e01")
    catch_up()
    place.press(made.uuid, CHAIR, "acknowledge")
    catch_up()
    return made.uuid


def e02(place: Town, catch_up: Callable[[], None]) -> str:
    made = place.register(HEAD, command="e02")
    catch_up()
    place.press(made.uuid, HEAD, "execute", command="e02-execute", executors=(str(HEAD),), term=place.day(5))
    catch_up()
    place.press(made.uuid, HEAD, "report", summary="Справка подготовлена")
    catch_up()
    place.press(made.uuid, HEAD, "finish")
    catch_up()
    return made.uuid


def e03(place: Town, catch_up: Callable[[], None]) -> str:
    made = place.register(CHAIR, command="e03")
    steps: list[tuple[int, str, dict[str, Any]]] = [
        (CHAIR, "execute", {"executors": (str(DEPUTY),), "term": place.day(10), "control": "1"}),
        (DEPUTY, "execute", {"executors": (str(DEPUTY), str(HEAD)), "lead": str(HEAD), "term": place.day(8)}),
        (HEAD, "execute", {"executors": (str(HEAD),), "term": place.day(8)}),
        (HEAD, "request_extension", {"desired_term": place.day(13), "reason": REASON}),
        (DEPUTY, "escalate", {}),
        (CHAIR, "set_term", {"new_term": place.day(15)}),
        (HEAD, "report", {"summary": "Ответ подготовлен"}),
        (HEAD, "prepare_reply", {"release_others": "1"}),
    ]
    catch_up()
    for number, (user, action, form) in enumerate(steps):
        place.press(made.uuid, user, action, command=f"e03-{number}", **form)
        catch_up()
    reply = place.document(made.uuid).reply
    assert reply is not None
    send(place, reply.document, HEAD, catch_up, key="e03-reply")
    place.press(made.uuid, CHAIR, "release")
    catch_up()
    return made.uuid


def send(
    place: Town, uuid: str, initiator: int, catch_up: Callable[[], None], *, key: str
) -> None:
    """Take an outgoing draft through its visa, signature, number and dispatch."""
    place.press(uuid, initiator, "submit", place.draft(initiator), command=f"{key}-submit",
                addressees="Министерство здравоохранения области", title="Ответ: О мерах поддержки",
                signer=str(CHAIR), route=(f"1:{LAWYER}",))
    catch_up()
    for user, action, form in (
        (LAWYER, "approve", {}), (CHAIR, "sign", {}), (CLERK, "register", {"case_file": "01-05"}),
        (CLERK, "dispatch", {"method": "email", "sent_on": place.today()}),
    ):
        place.press(uuid, user, action, command=f"{key}-{action}", **form)
        catch_up()


def e04(place: Town, catch_up: Callable[[], None]) -> str:
    made = place.register(CHAIR, command="e04")
    steps: list[tuple[int, str, dict[str, Any]]] = [
        (CHAIR, "execute", {"executors": (str(HEAD), str(LAWYER)), "term": place.day(5)}),
        (HEAD, "execute", {"executors": (str(HEAD),), "term": place.day(5)}),
        (LAWYER, "execute", {"executors": (str(LAWYER),), "term": place.day(5)}),
        (LAWYER, "request_extension", {"desired_term": place.day(15), "reason": REASON}),
        (CHAIR, "set_term", {"new_term": place.day(9)}),
    ]
    catch_up()
    for number, (user, action, form) in enumerate(steps):
        place.press(made.uuid, user, action, command=f"e04-{number}", **form)
        catch_up()
    return made.uuid


PLAYS: dict[str, Play] = {
    "e01": e01, "e02": e02, "e03": e03, "e04": e04, "outgoing": routes.outgoing,
    "directive": routes.directive, "decree": routes.decree, "memo": routes.memo,
    "approved memo": routes.approved_memo, "beside the route": routes.beside,
}
ENDS = {
    "e01": "ack", "e02": "done", "e03": "done", "e04": "exec", "outgoing": "done", "directive": "closed",
    "decree": "closed", "memo": "done", "approved memo": "done", "beside the route": "send",
}
"""The state that each play ends in."""


def image(place: Town) -> dict[str, Any]:
    """Return what the portal shows, without ids and moments: two runs of one play give the same."""
    hidden = {"id", "createdTime", "updatedTime", "movedTime", "lastActivityTime", "movedBy",
              "previousStageId"}
    items = [
        {name: timeless(value) for name, value in one.items() if name not in hidden and "Url" not in name}
        for one in place.portal("items")
    ]
    shown = ("xml_id", "title", "responsible_id", "created_by", "deadline", "status")
    tasks = sorted(
        ({name: one[name] for name in shown} for one in place.portal("tasks")), key=lambda one: one["xml_id"],
    )
    messages = sorted(
        (tuple(one["members"]), one["text"].partition("✓")[0], bool(one.get("keyboard")))
        for one in place.portal("messages") if one["chat_kind"] == "private"
    )
    files = sorted(one["path"] for one in place.portal("files"))
    comments = sorted(one["text"] for one in place.portal("comments"))
    return {"items": items, "tasks": tasks, "messages": messages, "files": files, "comments": comments}


def proven(place: Town) -> None:
    """Check that every journal is whole and gives its row, and that nobody has to look at anything."""
    with place.office.database.reading() as unit:
        assert journal.verify(unit) == []
        for row in queries.after(unit, 0):
            assert replay(journal.records(unit, row.id)) == documents.by_id(unit, row.id).document
        assert [one.text for one in incidents.listing(unit)] == []


def timeless(value: Any) -> Any:
    return re.sub(r"\d\d:\d\d", "hh:mm", value) if isinstance(value, str) else value


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Say where two images differ, readably."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [line for name in sorted({*one, *other})
                for line in differences(one.get(name), other.get(name), f"{path}.{name}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [line for index, pair in enumerate(zip(one, other, strict=True))
                for line in differences(*pair, f"{path}[{index}]")]
    return [] if one == other else [f"{path}: {one!r} instead of {other!r}"]
