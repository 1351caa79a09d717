"""Named places where a test makes the process die or fail: no effect unless one is armed.

`B24FLOW_FAILPOINT=name[@n]` kills the process (SIGKILL) at the n-th passage, for tests with a real process;
`arm` puts a function there, for tests inside one process.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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

_hooks: dict[str, Callable[[], None]] = {}
_passages: dict[str, int] = {}


def failpoint(name: str) -> None:
    """Pass a named place."""
    hook = _hooks.get(name)
    if hook is not None:
        hook()
    armed = os.environ.get("B24FLOW_FAILPOINT")
    if armed is None:
        return
    wanted, _, nth = armed.partition("@")
    if wanted != name:
        return
    _passages[name] = _passages.get(name, 0) + 1
    if _passages[name] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def arm(name: str, hook: Callable[[], None]) -> Iterator[None]:
    """Put a function at a failpoint for the time of a `with` block."""
    if name not in NAMES:
        raise ValueError(f"no failpoint {name}")
    _hooks[name] = hook
    try:
        yield
    finally:
        del _hooks[name]
