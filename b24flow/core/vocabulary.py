"""Every word of the journal by its name: how a stored line becomes an event again."""

from __future__ import annotations

from collections.abc import Mapping

from b24flow.core.events import TREE_EVENTS, Event
from b24flow.core.events_steps import STEP_EVENTS

EVENTS: Mapping[str, type[Event]] = {cls.__name__: cls for cls in (*TREE_EVENTS, *STEP_EVENTS)}
