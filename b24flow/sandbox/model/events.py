"""Events of the portal: raised by the model, collapsed inside one hit, handed to their handlers.

Facts: api-reference/events/{index,event-bind,offline-events}.md. Whoever changes something in the
model raises the event; the same event with the same data raised twice in one hit is one event.
What becomes of them is said in `handlers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from b24flow.sandbox.model.hit import Raised

if TYPE_CHECKING:
    from b24flow.sandbox.model.portal import Portal


def raise_event(
    portal: Portal, name: str, data: Any, *, user_id: int | None, only_app: int | None = None
) -> None:
    """Note that something happened; `name` in capitals, `data` as the handler shall see it.

    `user_id` is who caused it, None for the portal itself (an agent).
    """
    event = Raised(name=name, data=data, user_id=user_id, only_app=only_app)
    if event not in portal.hit.raised:
        portal.hit.raised.append(event)
