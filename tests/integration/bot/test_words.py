"""What people type to the bot, and what they may learn by it."""

from __future__ import annotations

import pytest

from b24flow.bot.events import BotEvent
from b24flow.bot.router import handle
from b24flow.services.people import add_substitution
from b24flow.texts import HELP
from tests.desk import CHAIR, CLERK, DEPUTY, HEAD, SECOND
from tests.integration.bot.world import World, pressed, typed


@pytest.mark.parametrize("text", [
    "/где Вх-1/26", "где Вх-1/26", "Где  вх 1/26?", "/where BX-1/26", "где № Вх-1/26.", "где вх-1",
    "[USER=5]Документооборот[/USER] где Вх-1/26",
])
def test_where_a_document_is(either: World, text: str) -> None:
    either.register(CHAIR)
    handle(either.office, typed(SECOND, text))
    assert either.answers(SECOND)[0]["lines"] == [
        "Вх-1/26 · О мерах поддержки",
        "Состояние: На рассмотрении, срок 07.12.2026",
        "У кого: Орлов А. И. — рассматривающий, с 23.11.2026, срок 07.12.2026",
    ]
    (button,) = either.answers(SECOND)[0]["buttons"]
    assert button["label"] == "Открыть документ Вх-1/26"


def test_a_slash_command_of_the_portal(world: World) -> None:
    world.register(CHAIR)
    handle(world.office, BotEvent(event_id="1", kind="command", user=SECOND, command="where",
                                  params="Вх-1/26"))
    assert "Вх-1/26 · О мерах поддержки" in world.said(SECOND)


def test_a_short_number_does_not_bring_longer_ones(world: World) -> None:
    for _ in range(11):
        world.register(CHAIR)
    handle(world.office, typed(SECOND, "где Вх-1"))
    numbers = [line for line in world.answers(SECOND)[0]["lines"] if line.startswith("Вх-")]
    assert numbers == ["Вх-1/26 · О мерах поддержки"]


def test_at_most_five_matches(world: World) -> None:
    for _ in range(7):
        world.register(CHAIR)
    handle(world.office, typed(SECOND, "где поддержки"))
    answer = world.answers(SECOND)[0]
    assert len(answer["buttons"]) == 5
    assert answer["lines"][-1].startswith("Показаны первые 5")


@pytest.mark.parametrize("text", ["где", "где ", "где Вх-77/26", "где ]", "где \u202e", "где %_*"])
def test_where_without_a_match(world: World, text: str) -> None:
    world.register(CHAIR)
    handle(world.office, typed(SECOND, text))
    assert world.said(SECOND).startswith("Документ не найден")


def test_my_documents_come_with_links(world: World) -> None:
    first = world.register(CHAIR, title="О первом")
    world.register(HEAD, title="О чужом")
    handle(world.office, typed(CHAIR, "мои"))
    (answer,) = world.answers(CHAIR)
    assert answer["title"] == "Мои документы: 1 дело"
    assert answer["lines"] == ["Вх-1/26 · На рассмотрении, срок 07.12.2026: О первом"]
    opened, everything = answer["buttons"]
    assert opened["label"] == "Открыть Вх-1/26"
    address, ticket = opened["link"].split("?k=")
    assert address == f"https://flow.union.example/documents/{first}"
    now = world.clock.now()
    assert world.office.tickets.check(ticket, "link", now) == CHAIR
    assert everything["link"].startswith("https://flow.union.example/?k=")


def test_a_substitute_sees_for_whom(world: World) -> None:
    world.register(CHAIR)
    add_substitution(world.office, CHAIR, DEPUTY, world.day(0), world.day(3), CLERK)
    handle(world.office, typed(DEPUTY, "/мои"))
    assert "(за: Орлов А. И.)" in world.said(DEPUTY)


def test_many_documents_are_counted_and_cut(world: World) -> None:
    for _ in range(12):
        world.register(CHAIR)
    handle(world.office, typed(CHAIR, "/mine"))
    (answer,) = world.answers(CHAIR)
    assert answer["title"] == "Мои документы: 12 дел"
    assert answer["lines"][-1] == "… и ещё 2"
    assert len(answer["buttons"]) == 11


def test_nothing_to_do(world: World) -> None:
    handle(world.office, typed(SECOND, "Мои!"))
    assert world.said(SECOND) == "У вас нет документов, которые ждут вашего действия."


@pytest.mark.parametrize("text", ["привет", "Здравствуйте!", "Добрый день"])
def test_a_greeting_is_returned(world: World, text: str) -> None:
    handle(world.office, typed(SECOND, text))
    assert world.said(SECOND).startswith("Здравствуйте!")


def test_a_new_chat_begins_with_a_greeting(world: World) -> None:
    handle(world.office, BotEvent(event_id="1", kind="join", user=SECOND))
    assert world.said(SECOND).startswith("Здравствуйте!")


@pytest.mark.parametrize("text", [
    "", "помощь", "/help", "что?", "x" * 5000, "\0", "😀", "\u202eиом", "$result[a]", "\ud83d",
    "[SEND=/b24flow x]да[/SEND]", "<script>", "[USER=", "/", "//",
])
def test_anything_else_is_answered_with_help(world: World, text: str) -> None:
    handle(world.office, typed(SECOND, text))
    assert world.answers(SECOND)[0]["lines"] == list(HELP)


def test_bad_searches_do_not_break_the_database(either: World) -> None:
    either.register(CHAIR)
    for number, asked in enumerate((
        "Вх\0-1", "\ud800", "' OR 1=1 --", '"', "NEAR(", "a:* & !b", "x" * 5000, "(" * 300, "\\",
    )):
        handle(either.office, typed(SECOND, f"где {asked}", str(number)))
    assert len(either.answers(SECOND)) == 9


def test_events_with_the_same_id_but_other_contents_are_both_answered(world: World) -> None:
    """A portal restored from a backup counts its events anew."""
    handle(world.office, typed(SECOND, "помощь", "5"))
    handle(world.office, pressed(SECOND, "что-то", "5"))
    handle(world.office, typed(SECOND, "помощь", "5"))
    assert len(world.answers(SECOND)) == 2


def test_a_dismissed_person_is_told_nothing(world: World) -> None:
    world.register(CHAIR)
    handle(world.office, typed(777, "где Вх-1/26"))
    assert world.said(777).startswith("Вас нет в справочнике")
