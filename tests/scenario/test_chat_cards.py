"""A visa from the chat over the portal: what the button carries, and what becomes of an older card."""

from __future__ import annotations

from typing import Any

from b24flow.core.steps import draft_hash
from tests.town import CHAIR, HEAD, SPECIALIST, Town


def card(place: Town, user: int) -> dict[str, Any]:
    """Return the one message that asks a person for a visa, as the chat shows it."""
    (found,) = [one for one in place.portal("messages")
                if user in one["members"] and "Согласуйте проект" in one["text"]]
    return found


def params(message: dict[str, Any], label: str) -> str:
    buttons = message["keyboard"]["BUTTONS"]
    return next(str(one["COMMAND_PARAMS"]) for one in buttons if one.get("TEXT") == label)


def press(place: Town, user: int, label: str) -> dict[str, Any]:
    """Press a button of the card in the chat and return the bot's answer."""
    before = {one["id"] for one in place.portal("messages")}
    place.as_person("press", user, message_id=card(place, user)["id"], button=label)
    place.poll()
    place.settle()
    fresh = [one for one in place.portal("messages") if one["id"] not in before and user in one["members"]]
    return next(one for one in fresh if "новая редакция:" not in one["text"])


def test_a_visa_given_on_an_old_card_is_refused_and_the_card_is_written_anew(sqlite_place: Town) -> None:
    place = sqlite_place
    uuid = place.begin(
        "outgoing", SPECIALIST, "submit", place.draft(SPECIALIST, "первая"),
        addressees="Минздрав России", title="О мерах поддержки", signer=str(CHAIR), route=(f"1:{HEAD}",),
    ).uuid
    place.settle()
    old = card(place, HEAD)
    shown = draft_hash(place.document(uuid))
    assert params(old, "Согласовать").endswith(f" {shown}")

    place.press(uuid, SPECIALIST, "new_edition", place.draft(SPECIALIST, "вторая"))
    answer = press(place, HEAD, "Согласовать")  # before the portal has heard of the new edition
    assert "Проект изменился, пока вы его читали" in answer["text"]
    assert place.state(uuid) == "approval"
    links = {one["TEXT"]: one["LINK"] for one in answer["keyboard"]["BUTTONS"] if "LINK" in one}
    assert list(links) == ["Что изменилось", "Открыть документ"]
    assert f"/documents/{uuid}/compare?one=" in links["Что изменилось"]

    fresh = card(place, HEAD)
    newest = draft_hash(place.document(uuid))
    assert (fresh["id"], fresh["updated"] is not None) == (old["id"], True)
    assert "Проект: версия 2." in fresh["text"]
    assert params(fresh, "Согласовать").endswith(f" {newest}")
    assert "Выполнено: «Согласовать»" in press(place, HEAD, "Согласовать")["text"]
    assert place.document(uuid).rounds[-1].visas[0].sha256 == newest != shown
