"""The buttons of a document for one person: the two that matter big, the others beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from b24flow.core.access import Offer
from b24flow.core.definition import ActionKind, StepKind
from b24flow.services.views import DocumentView

_BIG = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person is asked to do: by whom, in what words, until when."""

    author: str
    text: str
    due: date | None
    what: str = "Поручение"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button of the document page; `style` is primary, success, plain or danger.

    `blocked` says why it cannot be pressed now.
    """

    label: str
    url: str
    style: str
    hint: str
    big: bool
    blocked: str = ""
    aside: bool = False


def buttons(view: DocumentView) -> tuple[Button, ...]:
    """Return what the person may do now, the most important first, side actions after them."""
    same = Counter(one.action.code for one in view.offers)
    executors = {one.id: one.executor for one in view.branches}
    # What is about one addressee or one request stands beside it, not among the buttons of the document.
    asked = {one.id: one.author for one in view.steps.requests}
    ordered = sorted((one for one in view.offers if _of_document(one, executors)), key=_weight)
    found = []
    for place, offer in enumerate(ordered):
        label = offer.action.label
        if same[offer.action.code] > 1 and offer.target in executors:
            label += f" — {executors[offer.target]}"
        elif same[offer.action.code] > 1 and offer.target in asked:
            label += f" — {asked[offer.target]}"
        found.append(Button(
            label=label, url=action_url(view.uuid, offer), style=offer.action.style,
            hint=offer.action.hint,
            aside=not offer.action.work and offer.action.style != "danger",
            big=place < _BIG and offer.action.work and offer.action.style != "danger"
            and not offer.blocked,
            blocked=offer.blocked,
        ))
    return tuple(found)


def _of_document(offer: Offer, executors: Mapping[str, str]) -> bool:
    """Tell whether a button stands among those of the document: an answer somebody waits for does."""
    return not offer.target or offer.target in executors or offer.action.kind is ActionKind.ANSWER


def _weight(offer: Offer) -> int:
    """The order of the definition holds inside each group; sorting is stable."""
    if offer.action.style == "danger":
        return 3 if not offer.action.work else 1
    return 0 if offer.action.work else 2


def action_url(uuid: str, offer: Offer) -> str:
    """Return the address of an action's form."""
    target = f"?{urlencode({'target': offer.target})}" if offer.target else ""
    return f"/documents/{uuid}/actions/{offer.action.code}{target}"


def my_orders(view: DocumentView) -> tuple[Order, ...]:
    """Return what whoever looks is asked to do: a resolution given to oneself says what it came from."""
    mine = {
        one.target for one in view.offers
        if one.target and set(one.action.who) & {"holder", "executor"}
    }
    answers = {one.target for one in view.offers if one.action.kind is ActionKind.ANSWER}
    return (
        *_remarks(view),
        *(Order(author=one.author, text=one.text, due=one.term, what=one.what)
          for one in view.steps.requests if one.id in answers),
        *(_order(view, place) for place, one in enumerate(view.branches) if one.id in mine),
    )


def _remarks(view: DocumentView) -> tuple[Order, ...]:
    """Return what a reworked draft has to answer: the objections, or what the signer returned it with."""
    answering = any(one.action.kind is ActionKind.RESUBMIT for one in view.offers)
    if view.state.kind is not StepKind.REWORK or not answering:
        return ()
    visas = view.steps.rounds[-1].visas if view.steps.rounds else ()
    against = tuple(
        Order(author=one.name, text=one.remark, due=None, what="Замечания") for one in visas if one.against
    )
    decline = view.definition.action_of(ActionKind.DECLINE)
    returned = next((one for one in view.history if decline and one.label == decline.label), None)
    if against or returned is None:
        return against
    return (Order(author=returned.actor, text="\n".join(returned.details), due=None, what="Замечания"),)


def _order(view: DocumentView, place: int) -> Order:
    branch = view.branches[place]
    source, texts = branch, [branch.text]
    for above in reversed(view.branches[:place]):
        if source.author != branch.executor:
            break
        # The lines are a tree written from the top down: the nearest smaller indent is the parent.
        if above.level == source.level - 1:
            source = above
            texts.append(above.text)
    return Order(author=source.author, text=next((one for one in texts if one), ""),
                 due=branch.current_term)
