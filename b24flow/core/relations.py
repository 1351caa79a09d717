"""Roles that follow from a document: who is its holder, author, approver, signer, reader now.

`people_for` is the one answer to «who is in this role»; organisational roles come from the directory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Assignment, Document
from b24flow.core.parts import Delivery, Letter, Request, Visa
from b24flow.core.people import Matter
from b24flow.core.steps import asked_readers, asked_visas, open_ballots, point_of
from b24flow.core.tree import lead_leaf

Target = Assignment | Request | Delivery | Letter
"""What an action of a document may be about, besides the whole document."""


def people_for(
    definition: ProcessDefinition, role: str, document: Document, node: Target | None, context: Context
) -> tuple[int, ...]:
    """Return the people in a role: a relation to the document or to `node`, or an organisational role."""
    if role == "controller" and isinstance(node, Assignment):
        return checkers(definition, document, node, context)
    if role in _OF_NODE:
        return _OF_NODE[role](document, node, context)
    if role in _OF_PROCESS:
        return tuple(dict.fromkeys(_OF_PROCESS[role](definition, document, context)))
    if role in _OF_DOCUMENT:
        return tuple(dict.fromkeys(_OF_DOCUMENT[role](document, context)))
    return context.directory.role(role)


def of_node(role: str, node: Target | None) -> bool:
    """Tell whether the people in a role depend on what an action is about, not on the document alone."""
    return role in _OF_NODE or (role == "controller" and isinstance(node, Assignment))


def checkers(
    definition: ProcessDefinition, document: Document, node: Assignment, context: Context
) -> tuple[int, ...]:
    """Return who checks what an assignment did: the controller, but nobody his own point (§3.7).

    His point is its author's, else the signer's, his head's, the process owner's; his own only when there
    is nobody else at all, so that it can end.
    """
    named, own = controllers(document), node.executor
    if own not in named or point_of(document, node) is None:
        return named
    directory = context.directory
    above = (
        node.author, *signers(document), *_one(directory.head_of(own)),
        *directory.role(definition.policies.owner), document.opened_by,
    )
    return next(((one,) for one in above if one != own and directory.active(one)), (own,))


def visa_people(
    definition: ProcessDefinition, document: Document, visa: Visa, context: Context
) -> tuple[int, ...]:
    """Return who may give an asked visa.

    A vacant role is whoever gets it, from that moment on; until then, and for somebody who left without
    a successor, the process's owner gives the visa (else the initiator's head): it never waits for nobody.
    """
    directory, own = context.directory, document.opened_by
    if visa.user is not None and directory.active(visa.user):
        return (visa.user,)
    people = () if visa.user is not None else directory.role(visa.role)
    owners = directory.role(definition.policies.owner)
    for chosen in (people, owners, _one(directory.head_of(own))):
        others = tuple(one for one in chosen if one != own)
        if others:
            return others
    return owners or (own,)


def _one(user: int | None) -> tuple[int, ...]:
    return () if user is None else (user,)


def _executor(_: Document, node: Target | None, __: Context) -> tuple[int, ...]:
    return (node.executor,) if isinstance(node, Assignment) else ()


def _author(_: Document, node: Target | None, __: Context) -> tuple[int, ...]:
    # Whoever chose himself has nobody below him to recall or to replace.
    if not isinstance(node, Assignment) or node.author == node.executor:
        return ()
    return (node.author,)


def _head(_: Document, node: Target | None, context: Context) -> tuple[int, ...]:
    return _one(context.directory.head_of(node.executor)) if isinstance(node, Assignment) else ()


def _decider(_: Document, node: Target | None, __: Context) -> tuple[int, ...]:
    return (node.extension.decider,) if isinstance(node, Assignment) and node.extension else ()


def _requested(_: Document, node: Target | None, __: Context) -> tuple[int, ...]:
    return (node.to,) if isinstance(node, Request) else ()


def _requester(_: Document, node: Target | None, __: Context) -> tuple[int, ...]:
    return (node.asked_by,) if isinstance(node, Request) else ()


def _sender(_: Document, node: Target | None, __: Context) -> tuple[int, ...]:
    if not isinstance(node, Letter):
        return ()
    return (node.by, *_one(node.acting_for))


def _lead(document: Document, _: Context) -> tuple[int, ...]:
    lead = lead_leaf(document)
    return (lead.executor,) if lead is not None else ()


def controllers(document: Document) -> tuple[int, ...]:
    """Return the named controller; without one, whoever put the document on control."""
    control = document.control
    return _one(control.controller if control.controller is not None else control.set_by)


def initiators(document: Document, context: Context) -> tuple[int, ...]:
    """Return who began the document, or who answers for him since he left: substitute, else head."""
    directory = context.directory
    if directory.active(document.opened_by):
        return (document.opened_by,)
    matter = Matter(process=document.process, part="initiator")
    substitutes = directory.substitutes(document.opened_by, context.today, matter)
    return substitutes[:1] or _one(directory.head_of(document.opened_by)) or (document.opened_by,)


def _approvers(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[int, ...]:
    return tuple(
        user for visa in asked_visas(document)
        for user in visa_people(definition, document, visa, context)
    )


def signers(document: Document) -> tuple[int, ...]:
    """Return who signs: whoever it was passed to, else the one the card names."""
    named = document.card.get("signer")
    if document.signer is not None:
        return (document.signer,)
    return (named,) if isinstance(named, int) and not isinstance(named, bool) else ()


def _participants(
    definition: ProcessDefinition, document: Document, context: Context
) -> tuple[int, ...]:
    """Everybody who has or had a part in the document."""
    people = [document.opened_by, *signers(document), *controllers(document)]
    for node in document.assignments:
        people += [node.executor, node.author]
    people += [visa.user for one in document.rounds for visa in one.visas if visa.user is not None]
    people += [one.user for one in document.readers]
    for request in document.requests:
        people += [request.to, request.asked_by]
    people += _approvers(definition, document, context)
    return tuple(people)


_OF_NODE: Mapping[str, Callable[[Document, Target | None, Context], tuple[int, ...]]] = {
    "holder": _executor, "executor": _executor, "author": _author, "head": _head,
    "decider": _decider, "requested": _requested, "requester": _requester, "sender": _sender,
}

_OF_DOCUMENT: Mapping[str, Callable[[Document, Context], tuple[int, ...]]] = {
    "lead": _lead,
    "controller": lambda document, _: controllers(document),
    "initiator": initiators,
    "initiator_head": lambda document, context: _one(context.directory.head_of(document.opened_by)),
    "holders": lambda document, _: tuple(one.executor for one in document.live()),
    "signer": lambda document, _: signers(document),
    "reader": lambda document, _: tuple(one.user for one in asked_readers(document)),
    "voter": lambda document, context: tuple(filter(context.directory.active, open_ballots(document))),
    "follower": lambda document, _: document.followers,
}

_OF_PROCESS: Mapping[
    str, Callable[[ProcessDefinition, Document, Context], tuple[int, ...]]
] = {"approver": _approvers, "participant": _participants}
