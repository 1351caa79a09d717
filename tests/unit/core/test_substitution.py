"""What a substitute may do: all, one process, approval only, all but signing (E06, E07, domain §2.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from b24flow.core.absence import hand_over
from b24flow.core.people import Scope, Substitution
from b24flow.errors import NotAllowed
from tests.desk import CHAIR, DEPUTY, HEAD, LAWYER, OFFICE_HEAD, SECOND, SPECIALIST, Desk
from tests.unit.core.test_route import roles_of, submitted, visas


def away(desk: Desk, principal: int, by: int, **what: Any) -> None:
    today = desk.context().today
    one = Substitution(principal=principal, substitute=by, since=today,
                       until=today + timedelta(days=7), **what)
    desk.people = replace(desk.people, substitutions=(*desk.people.substitutions, one))


def test_e07_an_approvers_substitute_approves_and_the_mark_says_for_whom() -> None:
    one = submitted(f"1:{HEAD}")
    away(one, HEAD, SECOND)
    assert roles_of(one, HEAD) == roles_of(one, SECOND) == {"approver"}
    one.press(SECOND, "approve")
    visa = one.doc.rounds[-1].visas[0]
    assert (visa.user, visa.by, visa.acting_for) == (HEAD, SECOND, HEAD)


def test_e07_a_signers_substitute_signs() -> None:
    one = submitted(f"1:{HEAD}")
    one.press(HEAD, "approve")
    away(one, CHAIR, DEPUTY)
    one.press(DEPUTY, "sign")
    assert (one.doc.signatures[0].by, one.doc.signatures[0].acting_for) == (DEPUTY, CHAIR)


def test_signing_excluded_leaves_visas_but_not_the_signature() -> None:
    one = submitted(f"1:{CHAIR}")
    away(one, CHAIR, DEPUTY, scope=Scope.NO_SIGNING)
    one.press(DEPUTY, "approve")
    assert one.state == "sign"
    assert roles_of(one, DEPUTY) == set()
    assert one.holders() == {CHAIR}
    for action in ("sign", "decline", "pass_signature"):
        with pytest.raises(NotAllowed):
            one.press(DEPUTY, action, reason="за него", to=str(HEAD))


def test_approval_only_is_not_a_signature_and_not_a_letter() -> None:
    one = submitted(f"1:{CHAIR}")
    away(one, CHAIR, DEPUTY, scope=Scope.APPROVAL)
    one.press(DEPUTY, "approve")
    with pytest.raises(NotAllowed):
        one.press(DEPUTY, "sign")
    letter = Desk().register(CHAIR)
    away(letter, CHAIR, DEPUTY, scope=Scope.APPROVAL)
    assert letter.holders() == {CHAIR}
    with pytest.raises(NotAllowed):
        letter.press(DEPUTY, "acknowledge")


def test_one_process_is_only_that_one() -> None:
    one = submitted(f"1:{HEAD}")
    away(one, HEAD, SECOND, process="directive")
    assert one.holders() == {HEAD}
    with pytest.raises(NotAllowed):
        one.press(SECOND, "approve")
    away(one, HEAD, LAWYER, process="outgoing")
    assert one.holders() == {HEAD, LAWYER}
    one.press(LAWYER, "approve")


def test_every_link_of_a_chain_must_cover_the_matter() -> None:
    one = submitted(f"1:{HEAD}")
    away(one, HEAD, SECOND)
    away(one, SECOND, LAWYER, process="decree")
    assert one.holders() == {HEAD, SECOND}
    away(one, SECOND, OFFICE_HEAD, scope=Scope.APPROVAL)
    assert one.holders() == {HEAD, SECOND, OFFICE_HEAD}


def test_e06_a_dismissed_approvers_place_goes_to_the_substitute_for_approval() -> None:
    one = submitted(f"1:{LAWYER}", f"1:{HEAD}")
    away(one, LAWYER, SECOND, scope=Scope.APPROVAL)
    one.dismiss(LAWYER)
    one.apply(hand_over(one.definition, one.doc, one.context()))
    assert (SECOND, "asked") in visas(one)
    assert LAWYER not in one.holders()
    one.press(SECOND, "approve")


def test_e06_a_dismissed_signers_place_passes_by_whoever_may_not_sign() -> None:
    one = submitted(f"1:{LAWYER}", signer=str(HEAD))
    one.press(LAWYER, "approve")
    away(one, HEAD, SECOND, scope=Scope.NO_SIGNING)
    one.dismiss(HEAD)
    one.apply(hand_over(one.definition, one.doc, one.context()))
    assert one.doc.signer not in {None, HEAD, SECOND}
    assert one.doc.signer in one.holders()
    assert {HEAD, SECOND}.isdisjoint(one.holders())


def test_e06_with_a_full_substitute_the_signature_is_his() -> None:
    one = submitted(f"1:{LAWYER}", signer=str(HEAD))
    one.press(LAWYER, "approve")
    away(one, HEAD, SECOND)
    one.dismiss(HEAD)
    one.apply(hand_over(one.definition, one.doc, one.context()))
    assert one.doc.signer == SECOND
    one.press(SECOND, "sign")
    assert one.doc.signatures[0].by == SECOND
    assert one.state == "toreg"
    assert SPECIALIST not in one.holders()
