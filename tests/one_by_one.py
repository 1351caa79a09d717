"""What a person may do, asked about him alone and of every action anew: slow, plain, what must come out."""

from __future__ import annotations

from collections.abc import Iterable

from b24flow.core.access import Rights, judges_himself, matter_of, possible, targets
from b24flow.core.commands import Context
from b24flow.core.definition import Action, ActionKind, ProcessDefinition
from b24flow.core.document import Document
from b24flow.core.relations import Target, people_for
from b24flow.core.tree import state_of

Granted = tuple[str, str | None, int | None]


def granted(
    definition: ProcessDefinition, document: Document, context: Context, user: int
) -> tuple[Granted, ...]:
    """Return action, target and principal of everything the user may do, in the order of the definition."""
    found: list[Granted] = []
    for action in definition.actions:
        follows = user in document.followers
        if state_of(document) not in action.states or (
                action.kind is ActionKind.FOLLOW and follows) or (
                action.kind is ActionKind.UNFOLLOW and not follows):
            continue
        for node in targets(action, document):
            if possible(definition, action, document, node, context):
                mine = _principals(definition, action, document, node, context, user)
                if mine:
                    found.append((action.code, node.id if node else None, None if None in mine else mine[-1]))
    return tuple(found)


def assert_rights_are_plain(
    definition: ProcessDefinition, document: Document, context: Context, people: Iterable[int]
) -> None:
    """Compare what is worked out once for everybody with what each person is granted when asked alone."""
    rights = Rights(definition, document, context)
    for user in people:
        found = tuple((one.action.code, one.target, one.acting_for) for one in rights.of(user))
        assert found == granted(definition, document, context, user), user


def _principals(
    definition: ProcessDefinition, action: Action, document: Document, node: Target | None,
    context: Context, user: int,
) -> list[int | None]:
    """Return for whom the user may act, role by role; None for himself."""
    found: list[int | None] = []
    directory, day = context.directory, context.today
    for role in action.who:
        people = people_for(definition, role, document, node, context)
        if user in people:
            found.append(None)
            continue
        matter = matter_of(document, role, action.kind)
        absent = dict.fromkeys(one.principal for one in directory.substitutions)
        for one in absent:
            if one != user and one in people and user in directory.substitutes(one, day, matter):
                if not judges_himself(role, node, user):
                    found.append(one)
                break
    return found
