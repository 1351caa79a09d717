"""Named places where a test makes the process die: no effect unless one is named in the environment.

`B24FLOW_FAILPOINT=name[@n]` kills the process (SIGKILL) at the n-th passage of a place.
"""

from __future__ import annotations

import os
import signal

NAMES = (
    "action.before_commit",
    "action.after_commit",
    "outbox.after_intent",
    "outbox.after_send",
    "outbox.before_settle",
    "outbox.after_settle",
    "poll.after_read",
    "poll.before_commit",
    "poll.after_commit",
)
"""Every failpoint there is, in the order in which an action passes them."""

_passages: dict[str, int] = {}


def failpoint(name: str) -> None:
    """Pass a named place."""
    armed = os.environ.get("B24FLOW_FAILPOINT")
    if armed is None:
        return
    wanted, _, nth = armed.partition("@")
    if wanted != name:
        return
    _passages[name] = _passages.get(name, 0) + 1
    if _passages[name] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
