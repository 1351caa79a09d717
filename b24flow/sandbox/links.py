"""Signed addresses: downloads and the second form of upload.

They carry the caller's own authorisation: a webhook's code in the path or an application's token.

Facts: settings/how-to-call-rest-api/general-principles.md, api-reference/files/**.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from b24flow.sandbox.model.entities import Item
from b24flow.sandbox.registry import Call
from b24flow.sandbox.wire import Json, Params

_KEY = b"b24flow-sandbox"


def sign(module: str, payload: Params) -> str:
    """Return a token: module, payload and signature."""
    text = base64.urlsafe_b64encode(json.dumps(payload, sort_keys=True).encode()).decode()
    return f"{module}|{text}|{_mac(module, text)}"


def verify(token: str) -> tuple[str, Params] | None:
    """Return module and payload of a token made by `sign`, None for a forged one."""
    parts = token.split("|")
    if len(parts) != 3 or not hmac.compare_digest(_mac(parts[0], parts[1]), parts[2]):
        return None
    payload: Any = json.loads(base64.urlsafe_b64decode(parts[1]))
    return parts[0], payload


def _mac(module: str, text: str) -> str:
    return hmac.new(_KEY, f"{module}|{text}".encode(), hashlib.sha256).hexdigest()[:32]


def hook_url(call: Call, tail: str) -> str:
    """Return an address with the caller's own way of authorisation in it."""
    address = f"{call.base_url}/rest/{call.caller.path}{tail}"
    return f"{address}&auth={quote(call.caller.token)}" if call.caller.token else address


def download(call: Call, module: str, payload: Params) -> str:
    """Return a signed address of a file."""
    return hook_url(call, f"download/?token={quote(sign(module, payload))}")


def crm_file(call: Call) -> Callable[[int, Item], Json]:
    """Return a writer of CRM file values: the id, a portal link and a machine link."""

    def link(file_id: int, item: Item) -> Json:
        token = quote(sign("crm", {"file": file_id}))
        return {
            "id": file_id,
            "url": f"/crm/type/{item.entity_type_id}/details/{item.id}/file/{file_id}/",
            "urlMachine": hook_url(call, f"crm.controller.item.getFile/?token={token}"),
        }

    return link
