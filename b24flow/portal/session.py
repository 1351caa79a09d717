"""The portal as the use cases see it: `core.projection.Portal` over the webhook client.

Nothing here repeats a write by itself. Steps that may share a request go out in batches; a batch that was
lost makes every command in it unknown, and the next round looks each one up by its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from b24flow.core.picture import Card, Picture
from b24flow.core.projection import (
    Ending,
    Known,
    LookUp,
    Outcome,
    Plan,
    Seen,
    Step,
    TaskHistory,
)
from b24flow.errors import (
    OutcomeUnknown,
    PortalBlocked,
    PortalError,
    PortalRejected,
    PortalUnavailable,
)
from b24flow.portal import planning, polling, reading
from b24flow.portal.classify import Answer
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import Call
from b24flow.portal.portal_map import PortalMap
from b24flow.portal.wire import CHUNK, chunk

NAME_TAKEN = "DISK_OBJ_22000"
DELETED = frozenset({
    ("crm.item.update", "NOT_FOUND"),
    ("imbot.v2.Chat.Message.update", "MESSAGE_NOT_FOUND"),
    ("imbot.v2.Chat.Message.update", "ACCESS_DENIED"),
})
"""What a change of an item and of a message answers when there is none of that number.

Of a message the documentation says one code for «not yours» and «does not exist» (chat-message-update.md),
and we change our own messages alone.
"""


class PortalSession:
    """One connection «webhook» with the box it was set up for."""

    def __init__(self, client: PortalClient, portal: PortalMap, *, install: str) -> None:
        self._client = client
        self._map = portal
        self._install = install
        self._zone = ZoneInfo(portal.time_zone)

    def plan(self, picture: Picture, known: Mapping[str, Known]) -> Plan:
        """Compare what should be with what is known; pure."""
        return planning.plan(picture, known, self._map, self._install, self._zone)

    def message(self, key: str, card: Card) -> Step:
        """Return the step that sends a one-shot message; a repeat sends nothing more."""
        return planning.message_step(key, card, self._map)

    def comment(self, key: str, item_id: str, process: str, text: str) -> tuple[Step, LookUp]:
        """Return the step that adds a timeline comment, and how to find it again."""
        return planning.comment_step(key, item_id, self._map.processes[process], text)

    def send(self, steps: Sequence[Step], contents: Mapping[str, bytes]) -> list[Outcome]:
        """Send uploads one by one and everything else in batches, in order."""
        outcomes: dict[int, Outcome] = {}
        for index, step in enumerate(steps):
            if step.upload:
                outcomes[index] = self._upload(step, contents[step.upload])
        batched = [index for index, step in enumerate(steps) if not step.upload]
        calls = {
            f"s{index}_{part}": call
            for index in batched for part, call in enumerate(steps[index].calls)
        }
        answers = self._exchange(calls)
        for index in batched:
            parts = [answers[f"s{index}_{part}"] for part in range(len(steps[index].calls))]
            outcomes[index] = _step_outcome(steps[index], parts)
        return [outcomes[index] for index in range(len(steps))]

    def look_up(self, lookups: Sequence[LookUp]) -> list[Outcome]:
        """Look objects up by their keys in one batch."""
        calls = {
            f"l{index}_{part}": call
            for index, one in enumerate(lookups) for part, call in enumerate(one.calls)
        }
        answers = self._exchange(calls)
        return [
            _lookup_outcome(one, [answers[f"l{index}_{part}"] for part in range(len(one.calls))])
            for index, one in enumerate(lookups)
        ]

    def poll(self, since: str | None, offset: int | None) -> Seen:
        """Read what changed since the last poll: one HTTP request when nothing did."""
        return polling.poll(self._client, self._map, since, offset)

    def histories(self, tasks: Sequence[str]) -> Mapping[str, TaskHistory]:
        """Read who changed the given tasks and what results they have."""
        return polling.histories(self._client, tasks)

    def _exchange(self, calls: Mapping[str, Call]) -> dict[str, Answer | PortalError]:
        """Send calls in as few requests as they allow; stop at the first request that gets lost."""
        answers: dict[str, Answer | PortalError] = {}
        failed: PortalError | None = None
        for group in chunk(calls, CHUNK):
            if failed is not None:
                answers |= dict.fromkeys(group, _not_sent(failed))
                continue
            try:
                answers |= self._request(group)
            except PortalError as error:
                failed = error
                answers |= dict.fromkeys(group, error)
        return answers

    def _request(self, group: Mapping[str, Call]) -> dict[str, Answer | PortalError]:
        if len(group) > 1:
            return self._client.batch(group)
        (key, call), = group.items()
        try:
            return {key: self._client.call(call)}
        except PortalRejected as error:
            return {key: error}

    def _upload(self, step: Step, content: bytes) -> Outcome:
        try:
            answer = self._client.upload(int(step.folder), str(step.wanted["name"]), content)
        except PortalRejected as error:
            if error.error == NAME_TAKEN:
                return Outcome(ending=Ending.RECHECK, text=error.text)
            return _failed(error)
        except PortalError as error:
            return _failed(error)
        return reading.confirmed(step, [answer])


def _not_sent(error: PortalError) -> PortalError:
    """What was behind a lost request was not sent at all."""
    if isinstance(error, PortalBlocked):
        return error
    return PortalUnavailable("Портал не ответил на предыдущий запрос", method=error.method)


def _failed(error: PortalError) -> Outcome:
    if isinstance(error, OutcomeUnknown):
        return Outcome(ending=Ending.UNKNOWN, text=error.text)
    if isinstance(error, PortalBlocked):
        return Outcome(ending=Ending.BLOCKED, text=error.text)
    if isinstance(error, PortalRejected):
        return Outcome(ending=Ending.REJECTED, text=error.text)
    return Outcome(ending=Ending.UNAVAILABLE, text=error.text)


def _step_outcome(step: Step, parts: Sequence[Answer | PortalError]) -> Outcome:
    errors = [one for one in parts if isinstance(one, PortalError)]
    if not errors:
        return reading.confirmed(step, [one for one in parts if isinstance(one, Answer)])
    first = errors[0]
    if isinstance(first, PortalRejected):
        if first.error == NAME_TAKEN or step.kind == "task":
            # Already there, in its wanted state, or made in spite of the error: the look-up tells.
            return Outcome(ending=Ending.RECHECK, text=first.text)
        if step.portal_id is not None and (first.method, first.error) in DELETED:
            return Outcome(ending=Ending.GONE, text=first.text)
        return _failed(first)
    if len(parts) > len(errors) and not isinstance(first, PortalBlocked):
        return Outcome(ending=Ending.UNKNOWN, text=first.text)
    return _failed(first)


def _lookup_outcome(one: LookUp, parts: Sequence[Answer | PortalError]) -> Outcome:
    for part in parts:
        if isinstance(part, PortalError):
            return _failed(part)
    answers: list[Any] = [part for part in parts if isinstance(part, Answer)]
    return reading.found(one, answers)
