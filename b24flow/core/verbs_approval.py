"""Verbs of the approval: send, approve, object, add, take back, send again (R24, domain §2.5, §3.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from b24flow.core import events as tree_events
from b24flow.core import events_steps as ev
from b24flow.core.definition import ActionKind
from b24flow.core.document import CardValue, FileRef
from b24flow.core.events import Event
from b24flow.core.forms import date_of, person_of, stops_of, text_of
from b24flow.core.handover import successors
from b24flow.core.parts import GIVEN_VISAS, Round, Stop, Visa, VisaState
from b24flow.core.relations import signers, visa_people
from b24flow.core.route import completed, opened_round
from b24flow.core.russian import date_short
from b24flow.core.steps import (
    asked_visas,
    draft_hash,
    draft_of,
    last_objectors,
    open_round,
    seen_edition,
)
from b24flow.core.verbs import Case, stored
from b24flow.errors import InvalidForm, Refused

OBJECTORS, ALL, SIGNER = "objectors", "all", "signer"
"""To whom a reworked draft goes again: the field `scope`."""


def submit(case: Case) -> tuple[Event, ...]:
    """«Направить на согласование»: the route is fixed and the first group is asked."""
    written = stored(case)
    draft = draft_of(case.document, case.files("draft"))
    if draft is None:
        raise InvalidForm({"draft": "Приложите проект документа или сформируйте его по шаблону"})
    document = replace(case.document, card={**case.document.card, **_card(written)})
    stops = tuple(one for one in stops_of(case.values, "route") if one.user != document.opened_by)
    route = completed(case.definition, document, stops, case.context)
    term = _term(case)
    return (
        *written,
        *_signer_named(case),
        opened_round(case.definition, route, case.context, key=case.id("round"), term=term),
        ev.Moved(step=case.action.next[0]),
    )


def _signer_named(case: Case) -> tuple[Event, ...]:
    """A signature that was passed on before is again where the form says."""
    named, passed = person_of(case.values, "signer"), case.document.signer
    if passed is None or named is None or named == passed:
        return ()
    return (ev.SignerChanged(to=named, reason="выбран при отправке на согласование"),)


def _card(events: tuple[Event, ...]) -> dict[str, CardValue]:
    card: dict[str, CardValue] = {}
    for event in events:
        if isinstance(event, ev.CardFilled):
            card.update(event.card)
    return card


def _term(case: Case) -> date | None:
    day = date_of(case.values, "visa_term")
    if day is not None and day < case.context.today:
        raise InvalidForm({"visa_term": f"«Срок согласования»: дата {date_short(day)} уже прошла"})
    return day


def _visa(case: Case) -> Visa:
    """Return the visa of the actor's principal."""
    for one in asked_visas(case.document):
        if case.principal in visa_people(case.definition, case.document, one, case.context):
            return one
    raise Refused("Вашей визы сейчас не ждут: обновите страницу.")


def approve(case: Case) -> tuple[Event, ...]:
    """«Согласовать»."""
    return _given(case, VisaState.APPROVED)


def approve_with_remarks(case: Case) -> tuple[Event, ...]:
    """«Согласовать с замечаниями»: the remarks are printed, the route goes on."""
    return _given(case, VisaState.REMARKS)


def object_(case: Case) -> tuple[Event, ...]:
    """«Вернуть на доработку»: an objection with its text."""
    return _given(case, VisaState.OBJECTED)


def _given(case: Case, state: VisaState) -> tuple[Event, ...]:
    visa, sha256 = _visa(case), seen_edition(case.document, case.command.form)
    files = case.files()
    return (
        *case.files_added(),
        ev.VisaGiven(id=visa.id, state=state.value, sha256=sha256, remark=text_of(case.values, "remark"),
                     files=tuple(one.id for one in files)),
    )


def pass_visa(case: Case) -> tuple[Event, ...]:
    """«Передать согласование»: somebody else approves in this place."""
    to = person_of(case.values, "to")
    assert to is not None, "the form requires a person"
    _refuse_present(case, to, "to")
    return (ev.VisaPassed(id=_visa(case).id, to=to, reason=text_of(case.values, "reason")),)


def add_approver(case: Case) -> tuple[Event, ...]:
    """«Добавить согласующего»: he is asked beside the actor, or after the present group."""
    to, current = person_of(case.values, "to"), open_round(case.document)
    assert to is not None, "the form requires a person"
    assert current is not None, "the step has a round"
    _refuse_present(case, to, "to")
    group = max((one.group for one in asked_visas(case.document)), default=1)
    visa = ev.Planned(id=case.id("added", to), stop=Stop(group=group, user=to))
    return (ev.ApproverAdded(visa=visa, reason=text_of(case.values, "reason")),)


def _refuse_present(case: Case, user: int, field: str) -> None:
    current = open_round(case.document)
    visas = current.visas if current is not None else ()
    name = case.context.directory.get(user).name
    if user == case.document.opened_by:
        raise InvalidForm({field: f"{name} сам(а) готовит документ и не согласует его"})
    if any(one.user == user and one.state is not VisaState.DROPPED for one in visas):
        raise InvalidForm({field: f"{name} уже есть в этом круге согласования"})


def remove_approver(case: Case) -> tuple[Event, ...]:
    """«Исключить согласующего»: only before he decided, never a mandatory one."""
    user, current = person_of(case.values, "to"), open_round(case.document)
    assert current is not None, "the step has a round"
    there = [one for one in current.visas if one.state is not VisaState.DROPPED]
    found = next((one for one in there if one.user == user), None)
    name = case.context.directory.get(user or 0).name
    if found is None:
        raise InvalidForm({"to": f"{name} не входит в этот круг согласования"})
    if found.mandatory:
        raise InvalidForm({"to": f"{name} согласует обязательно: исключить нельзя"})
    if found.state in GIVEN_VISAS:
        raise InvalidForm({"to": f"{name} уже принял(а) решение: исключить нельзя"})
    if all(one is found or one.state is VisaState.SKIPPED for one in there):
        raise InvalidForm({"to": f"{name} согласует один(одна): сначала добавьте другого согласующего"})
    return (ev.ApproverRemoved(id=found.id, reason=text_of(case.values, "reason")),)


def withdraw(case: Case) -> tuple[Event, ...]:
    """«Отозвать»: the draft comes back to its initiator, visas of the round do not count."""
    closing = (ev.RoundClosed(outcome="withdrawn"),) if open_round(case.document) is not None else ()
    return (*closing, ev.Moved(step=case.action.next[0], reason=text_of(case.values, "reason")))


def new_edition(case: Case) -> tuple[Event, ...]:
    """«Заменить проект»: a minor change keeps the visas, a major one asks for them again (domain §2.5).

    What was said about the old edition stays in its round, a new round asks about the new one.
    """
    files = case.files("draft")
    assert files, "the form requires a file"
    current = open_round(case.document)
    if current is None or case.values.get("minor") or files[-1].sha256 == draft_hash(case.document):
        return case.files_added("draft")
    if not current.in_state(*GIVEN_VISAS):
        return case.files_added("draft")
    stops = tuple(_stop(case, one) for one in current.visas if not _removed(one))
    again = opened_round(case.definition, stops, case.context, key=case.id("round"), term=current.term,
                         note=text_of(case.values, "reason"), carried=True)
    return (*case.files_added("draft"), ev.RoundClosed(outcome="replaced"), again)


def resubmit(case: Case) -> tuple[Event, ...]:
    """«Отправить повторно»: to the objectors, to everybody, or straight to the signer who sent it back."""
    scope = text_of(case.values, "scope") or OBJECTORS
    written = stored(case)
    note = text_of(case.values, "answer")
    _refuse_same_draft(case)
    if scope == SIGNER:
        if last_objectors(case.document):
            raise InvalidForm({"scope": "Есть возражения согласующих: направьте проект им или всем"})
        return (*written, ev.Moved(step=_after_approval(case), reason=note))
    stops = _again(case, scope)
    opened = opened_round(case.definition, stops, case.context, key=case.id("round"), note=note,
                          term=_term(case))
    return (*written, opened, ev.Moved(step=case.action.next[0]))


def _refuse_same_draft(case: Case) -> None:
    """An objection is answered by a new edition or by words; the form asks for the words."""
    files: tuple[FileRef, ...] = case.files("draft")
    if files and files[-1].sha256 == draft_hash(case.document):
        raise InvalidForm({"draft": "Приложена та же редакция проекта: замените файл или уберите его"})


def _again(case: Case, scope: str) -> tuple[Stop, ...]:
    """Return who is asked again: with `objectors` also those whom an objection left unheard."""
    rounds = case.document.rounds
    if not rounds:
        return completed(case.definition, case.document, (), case.context)
    if scope == ALL:
        chosen = _asked_so_far(rounds)
    else:
        if not last_objectors(case.document):
            raise InvalidForm({"scope": "Возражений согласующих нет: выберите, кому направить проект"})
        chosen = [
            visa for visa in rounds[-1].visas
            if visa.state is VisaState.OBJECTED or (visa.state is VisaState.DROPPED and visa.at is None)
        ]
    stops = {one.role or one.user: _stop(case, one) for one in chosen}
    return tuple(sorted(stops.values(), key=lambda one: one.group))


def _asked_so_far(rounds: tuple[Round, ...]) -> list[Visa]:
    """Return the places of the present route: a withdrawn route and whoever was taken out do not count."""
    since = max((one.number for one in rounds if one.outcome == "withdrawn"), default=0)
    places: dict[str | int | None, Visa] = {}
    for visa in (visa for one in rounds if one.number > since for visa in one.visas):
        places.pop(visa.role or visa.user, None)
        if not _removed(visa):
            places[visa.role or visa.user] = visa
    return list(places.values())


def _removed(visa: Visa) -> bool:
    return visa.state is VisaState.DROPPED and visa.at is not None


def _stop(case: Case, visa: Visa) -> Stop:
    """Return a place for the next round: whoever left it is not asked again, his successor is.

    A role is open again, also one that the initiator has himself.
    """
    user, own = visa.user, case.document.opened_by
    if user is not None and (user == own or not case.context.directory.active(user)):
        after = () if visa.role else successors(case.definition, user, "approver", case.context)
        user = next((one for one in after if one != own), None if visa.role else user)
    return Stop(group=visa.group, user=user, role=visa.role, mandatory=visa.mandatory)


def _after_approval(case: Case) -> str:
    approval = case.definition.state(case.action.next[0])
    return approval.then


def decline(case: Case) -> tuple[Event, ...]:
    """«Вернуть с замечаниями»: the signer sends the draft back to rework."""
    return (*case.files_added(), ev.Moved(step=case.action.next[0], reason=text_of(case.values, "reason")))


def sign(case: Case) -> tuple[Event, ...]:
    """«Подписать»: the signature is bound to the edition that the signer saw (63-ФЗ, ПЭП)."""
    files = case.files("scan")
    method = "paper" if files else "simple"
    sha256 = files[-1].sha256 if files else seen_edition(case.document, case.command.form)
    if not sha256:
        raise Refused("У документа нет текста для подписи: приложите проект.")
    return _signed(case, ev.Signed(sha256=sha256, method=method))


def sign_paper(case: Case) -> tuple[Event, ...]:
    """«Подписано на бумаге»: the clerk records the signer's signature by its scan (§3.7).

    The document goes where «Подписать» leads.
    """
    signer = person_of(case.values, "signed_by") or next(iter(signers(case.document)), None)
    if signer is None:
        raise InvalidForm({"signed_by": "«Кто подписал»: выберите подписавшего"})
    return _signed(case, ev.Signed(sha256=case.files("scan")[-1].sha256, method="paper", by=signer))


def _signed(case: Case, event: ev.Signed) -> tuple[Event, ...]:
    number = case.context.number
    registered: tuple[Event, ...] = ()
    if number is not None and case.action.takes_number and case.document.number is None:
        registered = (tree_events.Registered(number=number, card={}),)
    way = case.definition.action_of(ActionKind.SIGN)
    assert way is not None, "a signature on paper stands beside «Подписать»"
    return (*case.files_added("scan"), event, *registered, ev.Moved(step=way.next[0]))


def pass_signature(case: Case) -> tuple[Event, ...]:
    """«Передать и.о.»: somebody else signs."""
    to = person_of(case.values, "to")
    assert to is not None, "the form requires a person"
    if to in signers(case.document):
        raise InvalidForm({"to": "Документ и сейчас у этого подписанта: выберите другого"})
    return (ev.SignerChanged(to=to, reason=text_of(case.values, "reason")),)
