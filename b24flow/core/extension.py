"""Who decides about more time (R33–R36), and what a new date does to the assignments above.

A term may be changed only by the one who set it or by somebody above him; never by the executor, and
never by the clerk, whose name stands over the first branch only for technical reasons (domain §1.7 A3, A4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from b24flow.core.commands import Context
from b24flow.core.definition import ProcessDefinition
from b24flow.core.document import Assignment, Document
from b24flow.core.people import Matter
from b24flow.core.russian import date_short
from b24flow.core.steps import point_of
from b24flow.errors import InvalidForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Somebody entitled to decide, with the reason people are shown."""

    user: int
    why: str


def deciders(
    definition: ProcessDefinition, document: Document, node: Assignment, context: Context
) -> tuple[Decider, ...]:
    """Return everyone entitled to change the term of `node`, nearest first, each once.

    Authors of the resolutions above who are not the executor; where there is none, the head of the
    executor's department; at the top the configured authority. A dismissed author is replaced by his
    substitute or his head, and the reason says so.
    """
    found: dict[int, Decider] = {}
    for one in (node, *document.ancestors(node)):
        technical = one.parent is None and point_of(document, one) is None
        if technical or one.author == node.executor:
            continue
        decider = _stand_in(one.author, "автор резолюции", document.process, context)
        if decider is not None and decider.user != node.executor:
            found.setdefault(decider.user, decider)
    if not found:
        head = context.directory.head_of(node.executor)
        if head is not None:
            found[head] = Decider(user=head, why="руководитель исполнителя")
    for role in definition.policies.term_authority.split(","):
        for user in context.directory.role(role.strip()):
            if user != node.executor:
                label = definition.roles.get(role.strip(), role.strip())
                found.setdefault(user, Decider(user=user, why=f"решает о сроках: {label}"))
                return tuple(found.values())
    return tuple(found.values())


def _stand_in(user: int, why: str, process: str, context: Context) -> Decider | None:
    directory = context.directory
    if directory.active(user):
        return Decider(user=user, why=why)
    name = directory.get(user).name
    matter = Matter(process=process, part="decider")
    substitute = next(iter(directory.substitutes(user, context.today, matter)), None)
    if substitute is not None:
        return Decider(user=substitute, why=f"{why} {name} больше не работает, замещает")
    head = directory.head_of(user)
    if head is not None:
        return Decider(user=head, why=f"{why} {name} больше не работает, его руководитель")
    return None


def next_decider(
    definition: ProcessDefinition, document: Document, node: Assignment, context: Context
) -> Decider | None:
    """Return who stands above the present decider and has not been asked yet."""
    pending = node.extension
    if pending is None:
        return None
    chain = deciders(definition, document, node, context)
    users = [one.user for one in chain]
    start = users.index(pending.decider) + 1 if pending.decider in users else 0
    return next((one for one in chain[start:] if one.user not in pending.asked), None)


def check_new_term(node: Assignment, day: date, context: Context, field: str) -> None:
    """Refuse a date that is not a real extension; raises InvalidForm."""
    current = node.current_term
    if current is not None and day == current:
        raise InvalidForm({field: f"Срок и сейчас {date_short(day)}: выберите другую дату"})
    if current is not None and day < current:
        raise InvalidForm({
            field: f"Новый срок {date_short(day)} раньше действующего {date_short(current)}"
        })
    if day < context.today:
        raise InvalidForm({field: f"Новый срок {date_short(day)} уже прошёл"})


def raised_parents(
    definition: ProcessDefinition, document: Document, node: Assignment, day: date,
    decider: int, context: Context, field: str,
) -> tuple[Assignment, ...]:
    """Return the assignments above that must be moved to `day` together with `node`.

    Raises InvalidForm when one of them was set by somebody above the decider (R35: the parent must be
    raised too, or the date is denied).
    """
    chain = [one.user for one in deciders(definition, document, node, context)]
    rank = chain.index(decider) if decider in chain else -1
    raised: list[Assignment] = []
    for above in document.ancestors(node):
        if above.parent is None or above.current_term is None or above.current_term >= day:
            continue
        if above.author != decider and above.author in chain and chain.index(above.author) > rank:
            raise InvalidForm({
                field: f"Срок вышестоящего поручения — {date_short(above.current_term)}; его "
                f"установил(а) {context.directory.get(above.author).name}. "
                "Направьте запрос вышестоящему"
            })
        raised.append(above)
    return tuple(raised)
