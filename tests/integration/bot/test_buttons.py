"""A pressed button has one effect, for the right person, while its card is the present one (E07, E08)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from b24flow.bot.router import handle
from b24flow.services.cards import button_nonce, card_key
from b24flow.services.people import add_substitution
from tests.desk import CHAIR, CLERK, DEPUTY, HEAD, OFFICE_HEAD, SECOND
from tests.integration.bot.world import World, pressed

READ = "Ознакомиться и завершить"


def test_a_press_does_the_action_and_says_so(either: World) -> None:
    uuid = either.register(CHAIR)
    handle(either.office, pressed(CHAIR, either.button(uuid, CHAIR, READ)))
    assert either.state(uuid) == "ack"
    (answer,) = either.answers(CHAIR)
    assert answer["title"] == "Вх-1/26"
    assert answer["lines"] == [f"Выполнено: «{READ}» Вх-1/26."]
    assert [one["label"] for one in answer["buttons"]] == ["Открыть документ"]


def test_two_presses_have_one_effect_and_the_second_is_told_who_and_when(world: World) -> None:
    uuid = world.register(CHAIR)
    params = world.button(uuid, CHAIR, READ)
    handle(world.office, pressed(CHAIR, params, "1"))
    version = world.document(uuid).version
    world.wait(minutes=1)
    handle(world.office, pressed(CHAIR, params, "2"))
    assert world.document(uuid).version == version
    assert world.said(CHAIR) == f"Уже выполнено: «{READ}» — Орлов А. И., 23.11.2026 10:00."
    assert len(world.answers(CHAIR)) == 2


def test_a_repeated_event_is_answered_once(world: World) -> None:
    uuid = world.register(CHAIR)
    event = pressed(CHAIR, world.button(uuid, CHAIR, READ))
    handle(world.office, event)
    handle(world.office, event)
    assert len(world.answers(CHAIR)) == 1
    assert world.said(CHAIR).startswith("Выполнено")


def test_phone_and_computer_at_once(either: World) -> None:
    uuid = either.register(CHAIR)
    params = either.button(uuid, CHAIR, READ)
    version = either.document(uuid).version
    together = Barrier(4)

    def press(event: str) -> None:
        together.wait()
        handle(either.office, pressed(CHAIR, params, event))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, ("1", "2", "3", "4")))
    texts = [one["lines"][0] for one in either.answers(CHAIR)]
    assert len(texts) == 4
    assert sum(text.startswith("Выполнено") for text in texts) == 1
    assert sum(text.startswith("Уже выполнено") for text in texts) == 3
    assert either.document(uuid).version == version + 2  # acknowledged, closed


def test_a_press_after_the_page_did_it(world: World) -> None:
    uuid = world.register(CHAIR)
    params = world.button(uuid, CHAIR, READ)
    world.press(uuid, CHAIR, "acknowledge")
    version = world.document(uuid).version
    handle(world.office, pressed(CHAIR, params))
    assert world.document(uuid).version == version
    assert world.said(CHAIR).startswith(f"Уже выполнено: «{READ}» — Орлов А. И.")


def test_the_substitute_acts_for_the_principal(world: World) -> None:
    uuid = world.register(CHAIR)
    today = world.day(0)
    add_substitution(world.office, CHAIR, DEPUTY, today, today, CLERK)
    card = world.card(uuid, DEPUTY)
    assert "За: Орлов А. И." in card.lines
    handle(world.office, pressed(DEPUTY, world.button(uuid, DEPUTY, READ)))
    mark = world.document(uuid).mark
    assert mark is not None
    assert (mark.by, mark.acting_for) == (DEPUTY, CHAIR)
    handle(world.office, pressed(CHAIR, _nonce_of(world, uuid, CHAIR, "acknowledge")))
    assert "Соколова А. И. (за: Орлов А. И.)" in world.said(CHAIR)


def test_a_colleague_cannot_use_somebody_elses_button(world: World) -> None:
    uuid = world.register(CHAIR, DEPUTY)
    version = world.document(uuid).version
    for stranger in (DEPUTY, SECOND):
        handle(world.office, pressed(stranger, world.button(uuid, CHAIR, READ)))
        assert world.said(stranger) == "Это действие вам недоступно."
    assert world.document(uuid).version == version


def test_a_forged_nonce_does_nothing(world: World) -> None:
    uuid = world.register(CHAIR)
    version = world.document(uuid).version
    genuine = world.button(uuid, CHAIR, READ)
    other = world.button(world.register(CHAIR), CHAIR, READ).split()[2]
    head, nonce = genuine.rsplit(" ", 1)
    flipped = ("B" if nonce[0] == "A" else "A") + nonce[1:]
    for number, forged in enumerate(("A" * 22, flipped, other)):
        handle(world.office, pressed(CHAIR, f"{head} {forged}", str(number)))
        assert world.said(CHAIR) == "Это действие вам недоступно."
    assert world.document(uuid).version == version
    assert world.state(uuid) == "review"


def test_a_nonce_is_good_for_its_own_action_only(world: World) -> None:
    uuid = world.register(CHAIR)
    nonce = world.button(uuid, CHAIR, READ).split()[2]
    for code in ("annul", "return_clerk", "no_such_action"):
        handle(world.office, pressed(CHAIR, f"{uuid} {code} {nonce}", code))
        assert world.said(CHAIR) == "Это действие вам недоступно."
    assert world.state(uuid) == "review"


def test_the_button_of_an_earlier_turn_is_dead_even_when_the_same_turn_comes_again(
    world: World,
) -> None:
    uuid = world.register(HEAD)
    world.execute(uuid, HEAD, HEAD, control="1")
    work = next(one for one in world.document(uuid).live())
    world.press(uuid, HEAD, "report", work.id, summary="Сделано")
    old = world.button(uuid, HEAD, "Завершить", role="lead")
    world.press(uuid, HEAD, "finish")
    world.press(uuid, HEAD, "rework", reason="не хватает приложения")
    world.press(uuid, HEAD, "report", work.id, summary="Теперь всё")
    version = world.document(uuid).version
    fresh = world.button(uuid, HEAD, "Завершить", role="lead")
    assert fresh != old
    handle(world.office, pressed(HEAD, old, "1"))
    assert world.document(uuid).version == version
    assert world.said(HEAD).startswith("Уже выполнено")
    handle(world.office, pressed(HEAD, fresh, "2"))
    assert world.state(uuid) == "control"


def test_a_button_that_left_the_card_is_stale(world: World) -> None:
    """The person still holds the document, but may not do this any more."""
    uuid = world.register(HEAD)
    world.execute(uuid, HEAD, SECOND)
    world.execute(uuid, SECOND, SECOND)
    (work,) = world.document(uuid).live()
    params = _nonce_of(world, uuid, SECOND, "request_extension")
    world.press(uuid, SECOND, "request_extension", work.id, reason="ждём ответа министерства",
                desired_term=world.day(9).isoformat())
    version = world.document(uuid).version
    handle(world.office, pressed(SECOND, params))
    assert world.said(SECOND).startswith("Кнопка устарела")
    assert world.document(uuid).version == version


def test_an_action_with_a_form_is_answered_with_its_page(world: World) -> None:
    uuid = world.register(CHAIR)
    version = world.document(uuid).version
    handle(world.office, pressed(CHAIR, _nonce_of(world, uuid, CHAIR, "return_clerk")))
    assert world.document(uuid).version == version
    (button,) = world.answers(CHAIR)[0]["buttons"]
    assert button["label"] == "Вернуть делопроизводителю"
    assert button["link"].startswith(
        f"https://flow.union.example/documents/{uuid}/actions/return_clerk?target="
    )


def test_a_form_that_turns_out_to_be_needed_is_linked_with_the_reason(world: World) -> None:
    """Acknowledging a controlled document asks why (policy «reason»)."""
    uuid = world.register(CHAIR, control="1")
    handle(world.office, pressed(CHAIR, world.button(uuid, CHAIR, READ)))
    assert world.state(uuid) == "review"
    answer = world.answers(CHAIR)[0]
    assert answer["lines"][0].startswith("Исправьте поля формы")
    assert f"/documents/{uuid}/actions/acknowledge?" in answer["buttons"][0]["link"]


def test_the_head_decides_an_annulment_from_the_chat(world: World) -> None:
    uuid = world.register(CHAIR)
    world.press(uuid, CLERK, "annul", reason="зарегистрировано дважды")
    card = world.card(uuid, OFFICE_HEAD, role="confirmer")
    assert card.title == "Вх-1/26 · Аннулировать регистрацию?"
    params = world.button(uuid, OFFICE_HEAD, "Подтвердить аннулирование", role="confirmer")
    handle(world.office, pressed(OFFICE_HEAD, params))
    assert world.state(uuid) == "annulled"


@pytest.mark.parametrize("params", [
    "", " ", "x" * 5000, "\0", "a\0b c", "😀 😀 😀", "\u202eотказ", "$result[a]",
    "[SEND=/x]да[/SEND]", "<script>alert(1)</script>", "' OR 1=1 --", "\ud800 x y",
    "00000000-0000-4000-8000-000000000001 acknowledge " + "A" * 22,
    "00000000-0000-4000-8000-000000000001 acknowledge " + "ж" * 22,
    "00000000-0000-4000-8000-000000000001 acknowledge " + "A" * 22 + "\n",
    "login", "login 1 2 3", "login-no 999999999999999999999 x", "login ж.ж " + "A" * 22,
])
def test_bad_params_are_answered_and_change_nothing(world: World, params: str) -> None:
    uuid = world.register(CHAIR)
    version = world.document(uuid).version
    handle(world.office, pressed(CHAIR, params))
    assert world.said(CHAIR) in {
        "Это действие вам недоступно.",
        "Такой кнопки нет. Откройте карточку документа и нажмите кнопку в ней.",
    }
    assert world.document(uuid).version == version


def test_somebody_outside_the_directory_learns_nothing(world: World) -> None:
    uuid = world.register(CHAIR)
    handle(world.office, pressed(999, world.button(uuid, CHAIR, READ)))
    assert world.said(999).startswith("Вас нет в справочнике")
    assert world.state(uuid) == "review"


def _nonce_of(world: World, uuid: str, user: int, code: str) -> str:
    """Return what a button would send if the card had one for an action with a form."""
    row = [one for one in world.ledger(uuid) if one.item.user == user][-1]
    key = card_key(row.item, row.opened_at)
    return f"{uuid} {code} {button_nonce(world.office, uuid, key, code)}"
