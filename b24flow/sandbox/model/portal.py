"""The portal: its state, its clock and its snapshots, guarded by one lock.

One lock is honest here: a box runs the hits of one small office nearly one after another, and the
emulator must never show a half-done change.
"""

from __future__ import annotations

import copy
import hashlib
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from b24flow.sandbox.clock import VirtualClock, parse_moment
from b24flow.sandbox.model import apps, secrets
from b24flow.sandbox.model.crm_directories import seed_directories
from b24flow.sandbox.model.entities import (
    Absence,
    Department,
    DiskObject,
    Employee,
    Storage,
    Webhook,
)
from b24flow.sandbox.model.hit import Hit, Letter
from b24flow.sandbox.model.state import State
from b24flow.sandbox.wire import RestError

ALL_SCOPES = (
    "ai_admin", "biconnector", "bizproc", "booking", "calendar", "call", "cashbox", "catalog",
    "contact_center", "crm", "documentgenerator", "delivery", "department", "disk", "entity",
    "humanresources", "humanresources.hcmlink", "im", "imbot", "imconnector", "imopenlines", "intranet",
    "landing", "lists", "log", "mailservice", "main", "messageservice", "mobile", "pay_system",
    "placement", "pull", "rest", "rpa", "sale", "salescenter", "sign.b2e", "sonet_group",
    "socialnetwork", "task", "tasks", "telephony", "timeman", "user", "user_brief", "user_basic",
    "user.userfield", "userfieldconfig", "userconsent", "vote",
)  # fmt: skip
COMMON_STORAGE = "shared_files_s1"


class Keeper(Protocol):
    """Whoever writes the portal's changes to a disk."""

    def add(self, kind: str, body: dict[str, Any], moment: datetime) -> None:
        """Keep a change; it is safe when this returns."""

    def compact(self) -> None:
        """Keep the whole memory as it is now."""


class Sender(Protocol):
    """Whoever posts the portal's letters to their handlers."""

    def take(self, letters: list[Letter]) -> None:
        """Take letters over without waiting for their delivery."""

    def forget(self) -> None:
        """Drop what is not sent yet."""


class Portal:
    """A running portal. Take `lock` around any reading or writing of `state`."""

    def __init__(self, seed: dict[str, Any], public_url: str = "") -> None:
        self.lock = threading.RLock()
        self.public_url = public_url.rstrip("/")
        self.address = self.public_url  # where it was reached last, for what no request waits for
        self.seed = seed
        self.clock = VirtualClock(seed.get("timezone", "Europe/Moscow"))
        self.state = build_state(seed, self.clock)
        self.unhandled: deque[dict[str, Any]] = deque(maxlen=10_000)
        self.keeper: Keeper | None = None
        self.sender: Sender | None = None
        self.settle: Callable[[Portal], None] = _keep_silent  # set by the gateway: `handlers.settle`
        self.hit = Hit()
        self.changes = 0  # grows with everything that may have changed; open pages look at it
        self._snapshots: dict[str, State] = {}

    def reset(self, seed: dict[str, Any] | None) -> None:
        """Forget everything and start again from `seed` (the present one if None)."""
        self.begin(seed if seed is not None else self.seed)
        self.keep_whole()

    def begin(self, seed: dict[str, Any]) -> None:
        """Become what a seed describes."""
        self.seed = seed
        self.clock = VirtualClock(self.seed.get("timezone", "Europe/Moscow"))
        self.state = build_state(self.seed, self.clock)
        self.unhandled.clear()
        self._snapshots.clear()
        if self.sender is not None:
            self.sender.forget()

    def snapshot(self) -> str:
        """Keep a copy of the state and return its id."""
        key = f"snapshot-{len(self._snapshots) + 1}"
        self._snapshots[key] = copy.deepcopy(self.state)
        return key

    def restore(self, key: str) -> bool:
        """Put a kept copy back; the snapshot stays usable. False if it is unknown.

        Ids are given out again, as on a box. Secrets are not: a box makes them by chance, so a token
        that the copy does not know never comes to life.
        """
        if key not in self._snapshots:
            return False
        given = secrets.given(self.state)
        self.state = copy.deepcopy(self._snapshots[key])
        self.state.counters.update(given)
        self.keep_whole()
        return True

    def keep_whole(self) -> None:
        """Write the whole memory into the data file, if there is one."""
        self.changes += 1
        if self.keeper is not None:
            self.keeper.compact()

    @contextmanager
    def deed(self, kind: str, body: dict[str, Any], *, reading: bool = False) -> Iterator[None]:
        """Do something alone and, with a data file, at one moment; then keep it.

        What only reads is kept if it gave out an id or took an event all the same (a first look
        into a private chat makes the chat). After a failure in the middle the memory is kept whole.
        Letters leave only after that: a handler is told nothing that a killed sandbox would forget.
        """
        with self.lock:
            self.changes += not reading
            if self.keeper is None:
                with self.new_hit() as hit:
                    yield
            else:
                with self.clock.held() as moment:
                    before = self._mark() if reading else None
                    try:
                        with self.new_hit() as hit:
                            yield
                    except BaseException:
                        self.keeper.compact()
                        raise
                    if before != self._mark():
                        self.keeper.add(kind, body, moment)
            if self.sender is not None and hit.letters:
                self.sender.take(hit.letters)

    @contextmanager
    def new_hit(self) -> Iterator[Hit]:
        """Open a hit; when it ends well, what it raised becomes queue rows and letters."""
        hit = self.hit = Hit()
        yield hit
        self.settle(self)

    def _mark(self) -> tuple[dict[str, int], int]:
        return dict(self.state.counters), len(self.state.bot_events)

    def user(self, user_id: int) -> Employee | None:
        """Return a user or None."""
        return self.state.users.get(user_id)

    def active_user(self, user_id: int) -> Employee | None:
        """Return an employee who may work: present, active and not a bot."""
        user = self.state.users.get(user_id)
        return user if user and user.active and not user.is_bot else None

    def person_name(self, user_id: int) -> str:
        """Return the shown name of a user, or a dash for nobody."""
        user = self.state.users.get(user_id)
        client = self.state.line_clients.get(user_id)
        return user.full_name if user else client.name if client else "—"

    def require_admin(self, user: Employee) -> None:
        """Refuse a caller who is not an administrator, as CRM controllers do."""
        if not user.admin:
            raise RestError("ACCESS_DENIED", "Доступ запрещен.")


def _keep_silent(_: Portal) -> None:
    """Tell nobody about a hit: this portal has no entrance yet."""


def build_state(seed: dict[str, Any], clock: VirtualClock) -> State:
    """Build a fresh state from a seed (see `b24flow.sandbox.seed` for its form)."""
    text = json.dumps(seed, sort_keys=True, ensure_ascii=False)
    state = State(salt=hashlib.sha256(text.encode()).hexdigest())
    state.crm_rights = dict(seed.get("crm_rights", {"edit": "all", "delete": "all"}))
    for row in seed.get("departments", []):
        state.departments[row["id"]] = Department(**row)
    for row in seed.get("users", []):
        state.users[row["id"]] = user = Employee(**row)
        user.registered = user.changed = user.registered or clock.now()
    seed_directories(state)
    state.counters["user"] = max(state.users, default=0)
    state.counters["department"] = max(state.departments, default=0)
    for hook in seed.get("webhooks", []):
        scopes = tuple(hook.get("scopes", ALL_SCOPES))
        number = state.next_id("webhook")
        state.webhooks.append(Webhook(id=number, user_id=hook["user_id"], code=hook["code"], scopes=scopes))
    for row in seed.get("apps", []):
        apps.make(state, {"scopes": ALL_SCOPES, "created_by": 1, **row})
    for row in seed.get("absences", []):
        add_absence(state, clock, row)
    add_storage(state, clock, "Общий диск", "common", COMMON_STORAGE)
    for user in list(state.users.values()):
        add_storage(state, clock, f"Диск: {user.full_name}", "user", str(user.id))
    return state


def add_absence(state: State, clock: VirtualClock, row: dict[str, Any]) -> None:
    """Put a row into the absence chart: `user`, `from`, `to` (dates) and an optional `name`."""
    first = parse_moment(row["from"], clock.zone)
    last = parse_moment(row["to"], clock.zone)
    if first is None or last is None:
        raise ValueError(f"absence without readable dates: {row!r}")
    absence = Absence(
        id=state.next_id("absence"),
        user_id=row["user"],
        first=first.date(),
        last=last.date(),
        name=row.get("name", "Отпуск"),
    )
    state.absences.append(absence)


def add_storage(state: State, clock: VirtualClock, name: str, kind: str, owner: str) -> Storage:
    """Create a drive with its root folder."""
    now = clock.now()
    storage_id = state.next_id("storage")
    root = DiskObject(
        id=state.next_id("object", 10),
        storage_id=storage_id,
        parent_id=None,
        name=name,
        kind="folder",
        created=now,
        updated=now,
        created_by=1,
        updated_by=1,
    )
    storage = Storage(id=storage_id, name=name, entity_type=kind, entity_id=owner, root_id=root.id)
    state.objects[root.id] = root
    state.storages[storage.id] = storage
    return storage
