"""Questions about the assignment tree: which branch leads, what is alive, what state follows from it.

The state of a document is derived here and stored nowhere (architecture §4).
"""

from __future__ import annotations

from datetime import date

from b24flow.core.document import DONE, LIVE, WORKING, Assignment, BranchState, Document, Part

TREE_STATES = frozenset({"review", "exec", "choice", "reply", "control", "returned"})
"""Steps that the assignment tree of a document gives by itself."""


def is_alive(document: Document, node: Assignment) -> bool:
    """Tell whether a branch still counts: it is held, was executed, or has such a branch below it."""
    if node.round != document.reopened:
        return False
    if node.state in LIVE or node.state in DONE:
        return True
    if node.state is BranchState.PASSED:
        return any(is_alive(document, child) for child in document.children(node.id))
    return False


def lead_leaf(document: Document) -> Assignment | None:
    """Return the assignment whose executor answers for the whole document, if any branch counts.

    The lead is followed from the top; where the named lead dropped out (acknowledged, returned,
    recalled) the next branch in order of issue takes over.
    """
    parent: str | None = None
    while True:
        counted = [one for one in document.children(parent) if is_alive(document, one)]
        if not counted:
            return None
        node = next((one for one in counted if one.part is Part.LEAD), counted[0])
        if node.state is not BranchState.PASSED:
            return node
        parent = node.id


def state_of(document: Document) -> str:
    """Return the document's state code: where it ended, the step of its route, or what the tree says.

    The words of the tree (domain §3.4) are the same in every process that has assignments.
    """
    if document.closure is not None:
        return document.closure.state
    if document.step:
        return document.step
    if not document.assignments:
        return "draft"
    if document.control.awaiting:
        return "control"
    if document.reply is not None and document.reply.state == "draft":
        return "reply"
    lead = lead_leaf(document)
    if lead is not None and lead.state in DONE:
        return "choice"
    live = document.live()
    if not live:
        return "returned" if document.returned is not None else "review"
    if any(one.state in WORKING or one.parent is not None for one in live):
        return "exec"
    return "exec" if any(one.state in DONE for one in document.current()) else "review"


def open_others(document: Document) -> tuple[Assignment, ...]:
    """Return the held assignments apart from the leading one."""
    lead = lead_leaf(document)
    return tuple(one for one in document.live() if lead is None or one.id != lead.id)


def changed_term(document: Document) -> date | None:
    """Return the registry's «Измененный срок исполнения»: the latest changed term of counted branches.

    Never typed by hand: a function of the term history alone (domain §3.9.4, R36).
    """
    days = [
        one.current_term
        for one in document.current()
        if one.changed_term is not None
        and one.current_term is not None
        and (one.state in LIVE or one.state in DONE)
    ]
    return max(days, default=None)


def depth(document: Document, node: Assignment) -> int:
    """Return how many resolutions stand above a node."""
    return sum(1 for _ in document.ancestors(node))
