"""A visa or a signature given in the chat is about the edition that its card showed, never a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest

from b24flow.bot.router import handle
from b24flow.core.commands import Command
from b24flow.core.document import FileRef
from b24flow.core.steps import draft_hash
from b24flow.services.act import act, start
from b24flow.services.cards import button_nonce, card_key
from tests.desk import CHAIR, HEAD, LAWYER, SECOND
from tests.integration.bot.world import World, pressed


@dataclass
class Outgoing:
    """A letter on its way to the signature, its editions named by a number."""

    world: World
    uuid: str = ""
    count: int = 0

    def edition(self, number: int) -> FileRef:
        sha256, size = self.world.office.content.put(f"edition {number}".encode())
        return FileRef(id=f"draft-{number}", name="проект.txt", sha256=sha256, size=size, mime="text/plain",
                       part="draft", added_by=HEAD, added_at=self.world.clock.now())

    def command(self, user: int, action: str, *files: FileRef, **form: str | tuple[str, ...]) -> Command:
        self.count += 1
        self.world.wait(seconds=1)
        return Command(id=f"outgoing-{self.count}", action=action, actor=user, form=form, files=files)

    def submit(self, *approvers: int) -> Outgoing:
        asked = self.command(
            HEAD, "submit", self.edition(1), addressees="Министерство", title="О мерах поддержки",
            signer=str(CHAIR), route=tuple(f"1:{one}" for one in approvers),
        )
        self.uuid = start(self.world.office, "outgoing", asked).uuid
        return self

    def press(self, user: int, action: str, *files: FileRef, **form: str) -> None:
        act(self.world.office, self.uuid, self.command(user, action, *files, **form))

    def replace(self, number: int, **form: str) -> None:
        self.press(HEAD, "new_edition", self.edition(number), **form)

    def chat(self, user: int, params: str, event: str) -> str:
        handle(self.world.office, pressed(user, params, event))
        return self.world.said(user)

    @property
    def states(self) -> list[str]:
        return [one.state.value for one in self.world.document(self.uuid).rounds[-1].visas]


@pytest.fixture
def letter(world: World) -> Outgoing:
    return Outgoing(world).submit(LAWYER, SECOND)


def test_a_visa_in_the_chat_is_bound_to_the_edition_of_the_card(letter: Outgoing) -> None:
    shown = draft_hash(letter.world.document(letter.uuid))
    params = letter.world.button(letter.uuid, LAWYER, "Согласовать", role="approver")
    assert params.split()[3] == shown
    assert letter.chat(LAWYER, params, "1").startswith("Выполнено: «Согласовать»")
    assert letter.world.document(letter.uuid).rounds[-1].visas[0].sha256 == shown


def test_a_newer_edition_is_not_approved_unseen(letter: Outgoing) -> None:
    old = letter.world.button(letter.uuid, LAWYER, "Согласовать", role="approver")
    letter.replace(2)
    assert letter.chat(LAWYER, old, "1") == (
        "Проект изменился, пока вы его читали. Откройте новую редакцию и решите заново."
    )
    assert letter.states == ["asked", "asked"]
    changes, page = letter.world.answers(LAWYER)[-1]["buttons"]
    assert (changes["label"], page["label"]) == ("Что изменилось", "Открыть документ")
    address = urlsplit(changes["link"])
    asked = parse_qs(address.query)
    assert address.path == f"/documents/{letter.uuid}/compare"
    files = letter.world.document(letter.uuid).files
    assert [asked["one"], asked["two"]] == [[files[0].id], [files[1].id]]
    fresh = letter.world.button(letter.uuid, LAWYER, "Согласовать", role="approver")
    assert fresh != old
    assert letter.chat(LAWYER, fresh, "2").startswith("Выполнено")
    visa = letter.world.document(letter.uuid).rounds[-1].visas[0]
    assert visa.sha256 == letter.edition(2).sha256


def test_a_card_names_the_edition_once_there_is_a_second(letter: Outgoing) -> None:
    before = letter.world.card(letter.uuid, LAWYER, role="approver")
    assert not any("версия" in line for line in before.lines)
    letter.replace(2)
    after = letter.world.card(letter.uuid, LAWYER, role="approver")
    assert "Проект: версия 2." in after.lines
    assert after.key == before.key, "the same message is written anew"


def test_an_edition_after_a_visa_asks_everybody_again(letter: Outgoing) -> None:
    letter.press(SECOND, "approve")
    old = letter.world.button(letter.uuid, LAWYER, "Согласовать", role="approver")
    letter.replace(2)
    letter.chat(LAWYER, old, "1")
    assert letter.states == ["asked", "asked"]
    assert "Что изменилось" in [one["label"] for one in letter.world.answers(LAWYER)[-1]["buttons"]]


def test_a_small_correction_is_not_approved_unseen_either(letter: Outgoing) -> None:
    letter.press(SECOND, "approve")
    old = letter.world.button(letter.uuid, LAWYER, "Согласовать", role="approver")
    letter.replace(2, minor="1")
    assert letter.chat(LAWYER, old, "1").startswith("Проект изменился")
    assert sorted(letter.states) == ["approved", "asked"]


def test_a_signature_in_the_chat_is_bound_to_the_edition_of_the_card(letter: Outgoing) -> None:
    for user in (LAWYER, SECOND):
        letter.press(user, "approve")
    params = letter.world.button(letter.uuid, CHAIR, "Подписать", role="signer")
    letter.press(CHAIR, "decline", reason="не тот адресат")
    letter.press(HEAD, "resubmit", letter.edition(2), answer="исправлено", scope="signer")
    version = letter.world.document(letter.uuid).version
    letter.chat(CHAIR, params, "1")
    assert letter.world.document(letter.uuid).version == version
    assert letter.world.answers(CHAIR)[-1]["buttons"][0]["label"] == "Что изменилось"
    fresh = letter.world.button(letter.uuid, CHAIR, "Подписать", role="signer")
    assert letter.chat(CHAIR, fresh, "2").startswith("Выполнено: «Подписать»")
    (signature,) = letter.world.document(letter.uuid).signatures
    assert signature.sha256 == letter.edition(2).sha256


def test_the_edition_of_a_button_cannot_be_changed_by_hand(letter: Outgoing) -> None:
    old = letter.world.button(letter.uuid, LAWYER, "Согласовать", role="approver")
    letter.replace(2)
    newest = letter.edition(2).sha256
    for event, forged in enumerate((f"{old.rsplit(' ', 1)[0]} {newest}", old.rsplit(" ", 1)[0])):
        assert letter.chat(LAWYER, forged, str(event)) == "Это действие вам недоступно."
    assert letter.states == ["asked", "asked"]


def test_a_button_that_names_no_edition_is_stale(letter: Outgoing) -> None:
    """Cards written before editions were named stay in the chat after an upgrade."""
    world, uuid = letter.world, letter.uuid
    row = next(one for one in world.ledger(uuid) if one.item.user == LAWYER)
    nonce = button_nonce(world.office, uuid, card_key(row.item, row.opened_at), "approve")
    assert letter.chat(LAWYER, f"{uuid} approve {nonce}", "1").startswith("Кнопка устарела")
    assert letter.states == ["asked", "asked"]
