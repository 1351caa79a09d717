"""A portal that outlives its process: what is written to the data file and how it is read back.

Kept are the requests that changed something, with the moment at which they were executed; reading
back executes them again at that moment. The memory written at every start makes the replay short
and independent of the version that wrote the requests. Snapshots, faults, the call journal and the
list of unhandled parameters belong to the process and are not kept.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from b24flow.sandbox.access import repeat_change
from b24flow.sandbox.admission import Request
from b24flow.sandbox.codec import dumps, loads, pack_state, unpack_state
from b24flow.sandbox.datafile import DataFile
from b24flow.sandbox.dispatch import Gateway
from b24flow.sandbox.files import repeat_upload
from b24flow.sandbox.model.chats import find_chat
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.oauth import repeat_code, repeat_token
from b24flow.sandbox.page.openlines import repeat_openline
from b24flow.sandbox.page.people import repeat_act
from b24flow.sandbox.placements import repeat_open

_CLOCK, _SEED = "~clock", "~seed"  # beside the tables, which are Python names


class Keeper:
    """Writes one portal's changes into its data file."""

    def __init__(self, portal: Portal, file: DataFile) -> None:
        self._portal = portal
        self._file = file

    def add(self, kind: str, body: dict[str, Any], moment: datetime) -> None:
        """Keep a change; it is safe when this returns."""
        self._file.add(moment.isoformat(), kind, dumps(body))
        if self._file.is_full:
            self.compact()

    def compact(self) -> None:
        """Write the whole memory as it is now."""
        clock = json.dumps(self._portal.clock.setting())
        seed = json.dumps(self._portal.seed, ensure_ascii=False)
        self._file.replace({**pack_state(self._portal.state), _CLOCK: clock, _SEED: seed})


def attach(gateway: Gateway, path: Path) -> DataFile:
    """Bring back the portal kept in a file and keep it there from now on.

    A new file takes the portal as it is. Raises DataFileError for a file that cannot be used.
    """
    portal, file = gateway.portal, DataFile(path)
    with portal.lock:
        tables = file.memory()
        if tables:
            portal.begin(json.loads(tables.pop(_SEED)))
            portal.clock.set(json.loads(tables.pop(_CLOCK)))
            portal.state = unpack_state(tables, portal.clock.zone)
            for moment, kind, body in file.changes():
                at = datetime.fromisoformat(moment).astimezone(portal.clock.zone)
                with portal.clock.held(at), portal.new_hit():
                    _repeat(gateway, kind, loads(body, portal.clock.zone))
            portal.unhandled.clear()
        portal.keeper = Keeper(portal, file)
        portal.keeper.compact()
    return file


def _repeat(gateway: Gateway, kind: str, body: dict[str, Any]) -> None:
    portal = gateway.portal
    if kind == "rest":
        gateway.repeat(Request(**body))
    elif kind == "upload":
        repeat_upload(gateway, Request(**body))
    elif kind == "person":
        repeat_act(portal, body["act"], body["form"])
    elif kind == "dialog":
        find_chat(portal, body["dialog"], body["user"])
    elif kind == "code":
        repeat_code(portal, body)
    elif kind == "token":
        repeat_token(portal, body)
    elif kind == "open":
        repeat_open(portal, body)
    elif kind == "access":
        repeat_change(portal, body)
    elif kind == "openline":
        repeat_openline(portal, body)
    elif kind == "clock":
        portal.clock.set(body)
