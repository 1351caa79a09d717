"""The portal's clock: real by default, movable by tests, in the portal's own time zone.

A box answers with a resolution of one second, so every moment handed out here is cut to seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo


class VirtualClock:
    """Real time plus a shift, or a frozen moment; `now` is aware and has whole seconds."""

    def __init__(self, timezone: str = "Europe/Moscow") -> None:
        self.zone = ZoneInfo(timezone)
        self._shift = timedelta()
        self._frozen: datetime | None = None
        self._held: datetime | None = None

    def now(self) -> datetime:
        """Return the portal's present second in the portal's time zone."""
        if self._held is not None:
            return self._held
        return self.exact().astimezone(self.zone).replace(microsecond=0)

    def exact(self) -> datetime:
        """Return the present moment uncut; for measuring waits, never for answers."""
        return self._frozen if self._frozen is not None else datetime.now(UTC) + self._shift

    def freeze(self, moment: datetime) -> None:
        """Stop the clock at `moment`; a naive value is read in the portal's time zone."""
        self._frozen = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def advance(self, seconds: float) -> None:
        """Move a frozen clock, or shift a running one, by `seconds`."""
        if self._frozen is not None:
            self._frozen += timedelta(seconds=seconds)
        else:
            self._shift += timedelta(seconds=seconds)

    def real(self) -> None:
        """Return to real time."""
        self._frozen = None
        self._shift = timedelta()

    @contextmanager
    def held(self, moment: datetime | None = None) -> Iterator[datetime]:
        """Give out one moment, by default the present one, until the block ends."""
        before, self._held = self._held, moment or self.now()
        try:
            yield self._held
        finally:
            self._held = before

    def setting(self) -> dict[str, Any]:
        """Return how the clock is set, in plain values; `set` takes it back."""
        return {"frozen": iso(self._frozen), "shift": self._shift.total_seconds()}

    def set(self, setting: dict[str, Any]) -> None:
        """Set the clock as `setting` described it."""
        frozen = setting["frozen"]
        self._frozen = datetime.fromisoformat(frozen) if frozen else None
        self._shift = timedelta(seconds=setting["shift"])

    @property
    def mode(self) -> str:
        """`real`, `shifted` or `frozen`."""
        if self._frozen is not None:
            return "frozen"
        return "shifted" if self._shift else "real"


def iso(moment: datetime | None) -> str | None:
    """Return ISO-8601 with the offset, as REST writes a moment; None stays None."""
    return None if moment is None else moment.isoformat(timespec="seconds")


def parse_moment(value: object, zone: ZoneInfo) -> datetime | None:
    """Read a date or moment the way PHP's strtotime reads the usual forms; None if it cannot.

    A value without an offset is in the server's zone. The portal's own `dd.mm.yyyy [hh:mm[:ss]]`
    form is accepted too.
    """
    text = str(value).strip()
    if not text:
        return None
    moment = _parse_iso(text) or _parse_portal_form(text)
    if moment is None:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(zone).replace(microsecond=0)
    except OverflowError:  # the last hours of the calendar are no moment in every zone
        return None


def _parse_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _parse_portal_form(text: str) -> datetime | None:
    for form in ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller adds the zone
        except ValueError:
            continue
    return None
