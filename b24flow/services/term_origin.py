"""Where a running term comes from: by which calendar it was set, since when, and whether a rule counted it.

The journal is the only place that knows, so a term keeps its origin when it goes on with its bearer:
a delegated assignment, a request of a dismissed person, a round about another edition of the draft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from b24flow.store.journal import HistoryLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The line of the journal that set a term; `calendar` is empty when nobody wrote it down.

    `counted`: by the rule of the process, from `since`. `moved`: by a changed calendar, not by a person.
    """

    seq: int = 0
    calendar: str = ""
    counted: bool = False
    since: datetime | None = None
    moved: bool = False


class Origins:
    """The origins of every term of one document, read from its journal in order."""

    def __init__(self, lines: Sequence[HistoryLine]) -> None:
        self._found: dict[tuple[str, str], Origin] = {}
        self._points: dict[str, tuple[object, Origin]] = {}
        self._carried: dict[tuple[object, ...], Origin] = {}
        self._keys: dict[tuple[str, str], tuple[object, ...]] = {}
        self._rounds = 0
        before: HistoryLine | None = None
        for line in lines:
            reader = _READERS.get(line.type)
            if reader is not None:
                reader(self, line, before)
            before = line

    def of(self, part: str, key: str) -> Origin:
        """Return the origin of a term; an unknown one has no calendar."""
        return self._found.get((part, key), Origin())

    def _registered(self, line: HistoryLine, _: HistoryLine | None) -> None:
        self._found["document", ""] = _said(line)

    def _assigned(self, line: HistoryLine, before: HistoryLine | None) -> None:
        origin = _said(line)
        if before is not None and before.type == "Delegated":
            origin = self.of("assignment", before.payload["assignment"])
        if before is not None and before.type == "Resent":
            origin = self.of("document", "")
        for one in line.payload["assignees"]:
            self._found["assignment", one["id"]] = origin

    def _term_changed(self, line: HistoryLine, _: HistoryLine | None) -> None:
        moved = line.payload.get("kind") == "calendar"
        self._found["assignment", line.payload["assignment"]] = _said(line, moved=moved)

    def _points_written(self, line: HistoryLine, _: HistoryLine | None) -> None:
        for one in line.payload["points"]:
            term, origin = self._points.get(one["id"], (None, Origin()))
            if term != one.get("term"):
                origin = _said(line)
            self._points[one["id"]] = (one.get("term"), origin)
            self._found["point", one["id"]] = origin

    def _controlled(self, line: HistoryLine, before: HistoryLine | None) -> None:
        """The term of a point goes over to its assignment, unless the point only follows a successor."""
        key = ("assignment", line.payload["assignment"])
        if not self._found.get(key, Origin()).calendar:
            self._found[key] = self.of("point", line.payload["point"])

    def _round_opened(self, line: HistoryLine, _: HistoryLine | None) -> None:
        self._rounds += 1
        payload = line.payload
        key = ("round", payload.get("term"))
        if payload.get("calendar"):
            origin = _said(line, counted=not payload.get("named"))
        else:
            origin = self._carried.get(key, _said(line))
        self._set("round", str(self._rounds), key, origin)

    def _readers_asked(self, line: HistoryLine, _: HistoryLine | None) -> None:
        for one in line.payload["readers"]:
            self._found["reader", one["id"]] = _said(line)

    def _request_made(self, line: HistoryLine, _: HistoryLine | None) -> None:
        payload = line.payload
        key = ("request", payload.get("term"), payload["text"])
        origin = _said(line) if payload.get("calendar") else self._carried.get(key, _said(line))
        self._set("request", payload["id"], key, origin)

    def _term_moved(self, line: HistoryLine, _: HistoryLine | None) -> None:
        payload = line.payload
        part, name = payload["part"], payload["id"]
        origin = replace(self.of(part, name), seq=line.seq, calendar=str(payload.get("calendar") or ""),
                         moved=True)
        kind, _term, *rest = self._keys.get((part, name), (part, None, name))
        self._set(part, name, (kind, payload["after"], *rest), origin)

    def _set(self, part: str, name: str, key: tuple[object, ...], origin: Origin) -> None:
        self._found[part, name] = origin
        self._carried[key], self._keys[part, name] = origin, key


def _said(line: HistoryLine, *, counted: bool = False, moved: bool = False) -> Origin:
    return Origin(seq=line.seq, calendar=str(line.payload.get("calendar") or ""), counted=counted,
                  since=line.at, moved=moved)


_READERS: Mapping[str, Any] = {
    "Registered": Origins._registered, "Assigned": Origins._assigned, "TermChanged": Origins._term_changed,
    "PointsWritten": Origins._points_written, "PointControlled": Origins._controlled,
    "RoundOpened": Origins._round_opened, "ReadersAsked": Origins._readers_asked,
    "RequestMade": Origins._request_made, "TermMoved": Origins._term_moved,
}
