"""One-way messages that follow from an action: to whom, and the text with its values filled in.

Whoever must act gets a card instead (work items); a notice only tells. Nobody is told what he did himself.
"""

from __future__ import annotations

from dataclasses import dataclass

from b24flow.core.access import target_of
from b24flow.core.commands import Context
from b24flow.core.decide import Decision
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Assignment, Document
from b24flow.core.events import SupersessionAnnulled, TermChanged
from b24flow.core.events_steps import RequestAnswered, TermMoved
from b24flow.core.relations import Target, people_for
from b24flow.core.russian import date_short
from b24flow.core.tree import state_of

NEW_TERM = "По документу {number} «{title}» вам установлен новый срок: {term}. Решение: {actor}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A message to one person; `key` is the same whenever the same decision is repeated."""

    recipient: int
    text: str
    key: str


def notes(
    definition: ProcessDefinition, before: Document | None, decision: Decision, context: Context
) -> tuple[Note, ...]:
    """Return the notices of a decision, one per person and text."""
    after = decision.document
    earlier = before or after
    if decision.action is None:
        facts = _of_facts(definition, decision, context)
        return (*facts, *_followers(definition, earlier, decision, context, {one.recipient for one in facts}))
    target = target_of(after, decision.target)
    node = target if isinstance(target, Assignment) else None
    made: dict[tuple[int, str], Note] = {}
    for notice in decision.action.notify:
        text = _fill(notice.text, definition, decision, node, context)
        people = people_for(definition, notice.to, earlier, target_of(earlier, decision.target), context)
        people += people_for(definition, notice.to, after, target, context)
        for user in dict.fromkeys(people):
            if user in {decision.actor, decision.acting_for}:
                continue
            if not context.directory.active(user):
                continue
            key = f"note:{after.uuid}:{after.version}:{user}:{len(made)}"
            made.setdefault((user, text), Note(recipient=user, text=text, key=key))
    told = {one.recipient for one in made.values()}
    return (*made.values(), *_followers(definition, earlier, decision, context, told))


def _of_facts(
    definition: ProcessDefinition, decision: Decision, context: Context
) -> tuple[Note, ...]:
    """What somebody did with a task in the portal tells the same people as the button would have."""
    after = decision.document
    made: list[Note] = []
    for event in decision.events:
        if isinstance(event, SupersessionAnnulled):
            made += _in_force_again(definition, decision, event.note, context)
        role, text, target = _told(event)
        part = target_of(after, target)
        for user in people_for(definition, role, after, part, context) if part is not None else ():
            if user == decision.actor or not context.directory.active(user):
                continue
            made.append(Note(
                recipient=user, text=_fill(text, definition, decision, part, context),
                key=f"note:{after.uuid}:{after.version}:{user}:{len(made)}",
            ))
    return tuple(made)


def _in_force_again(
    definition: ProcessDefinition, decision: Decision, note: str, context: Context
) -> list[Note]:
    """The clerk and the author learn that what they took for repealed or changed is not."""
    after = decision.document
    people = dict.fromkeys(one for role in ("clerk", "initiator")
                           for one in people_for(definition, role, after, None, context))
    text = _fill("Документ {number} «{title}»: ", definition, decision, None, context)
    return [
        Note(recipient=user, text=f"{text}{note[0].lower()}{note[1:]}.",
             key=f"note:{after.uuid}:{after.version}:{user}:in force")
        for user in people if user != decision.actor and context.directory.active(user)
    ]


def _told(event: object) -> tuple[str, str, str]:
    """Return who is told of an event that no button made, the text, and the part it is about."""
    if isinstance(event, RequestAnswered):
        return "requester", "Получен ответ на ваш запрос по документу {number} «{title}»: {actor}.", event.id
    if isinstance(event, TermMoved) and not event.calendar:  # of a changed calendar people are told apart
        return "requested", NEW_TERM, event.id
    if isinstance(event, TermChanged) and event.kind == "portal":
        return "executor", NEW_TERM, event.assignment
    return "", "", ""


def _followers(
    definition: ProcessDefinition, before: Document, decision: Decision, context: Context, told: set[int]
) -> tuple[Note, ...]:
    """Whoever follows a document is told where it came, unless he is told more already or did it himself."""
    after = decision.document
    if state_of(before) == state_of(after):
        return ()
    text = _fill("Документ {number} «{title}»: {state}. {actor}.", definition, decision, None, context)
    return tuple(
        Note(recipient=user, text=text, key=f"follow:{after.uuid}:{after.version}:{user}")
        for user in after.followers
        if user not in {decision.actor, decision.acting_for} | told and context.directory.active(user)
    )


def _fill(
    template: str, definition: ProcessDefinition, decision: Decision, node: Target | None,
    context: Context,
) -> str:
    document = decision.document
    actor = context.directory.get(decision.actor).name if decision.actor else "Система"
    if decision.acting_for is not None:
        actor += f" (за: {context.directory.get(decision.acting_for).name})"
    own = node.current_term if isinstance(node, Assignment) else getattr(node, "term", None)
    term = own or document.term
    reason = next(
        (text for event in decision.events for text in (_reason(event),) if text), ""
    )
    values = {
        "number": document.number.text if document.number else "без номера",
        "title": document.text(definition.title_field),
        "actor": actor,
        "assignee": context.directory.get(node.executor).name if isinstance(node, Assignment) else "",
        "term": date_short(term) if term is not None else "без срока",
        "reason": reason,
        "state": definition.state(state_of(document)).label,
    }
    for name, value in values.items():
        if value.endswith("."):  # initials at the end of a sentence have its full stop
            template = template.replace("{" + name + "}.", value)
        template = template.replace("{" + name + "}", value)
    return template


def _reason(event: object) -> str:
    for name in ("reason", "summary", "comment", "remark", "text"):
        value = getattr(event, name, "")
        if isinstance(value, str) and value:
            return value
    return ""
