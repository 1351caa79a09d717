"""Methods about REST itself and about what an application keeps on the portal."""

from __future__ import annotations

from tests.sandbox.conftest import Box
from tests.sandbox.examples import Params, example


@example("batch")
def _(_: Box) -> Params:
    return {"halt": 0, "cmd": {"me": "user.current", "items": "crm.type.list?start=0"}}


@example("scope")
def _(_: Box) -> Params:
    return {}


@example("methods")
def _(_: Box) -> Params:
    return {"scope": "user"}


@example("method.get")
def _(_: Box) -> Params:
    return {"name": "user.get"}


@example("server.time")
def _(_: Box) -> Params:
    return {}


@example("app.info", app=True)
def _(_: Box) -> Params:
    return {}


@example("feature.get")
def _(_: Box) -> Params:
    return {"CODE": "rest_offline_extended"}


@example("access.name")
def _(_: Box) -> Params:
    return {"ACCESS": ["G2", "AU"]}


@example("profile")
def _(_: Box) -> Params:
    return {}


@example("user.admin")
def _(_: Box) -> Params:
    return {}


@example("user.access")
def _(_: Box) -> Params:
    return {"ACCESS": ["U1", "AU"]}


@example("rest.scope.list", api="v3")
def _(_: Box) -> Params:
    return {}


@example("app.option.set", app=True)
def _(_: Box) -> Params:
    return {"options": {"data": "value", "data2": "value2"}}


@example("app.option.get", app=True)
def _(_: Box) -> Params:
    return {}


@example("user.option.set", app=True)
def _(_: Box) -> Params:
    return {"options": {"data": "value"}}


@example("user.option.get", app=True)
def _(_: Box) -> Params:
    return {}


@example("batch", api="v3")
def _(_: Box) -> Params:
    return {"0": {"method": "rest.scope.list", "query": {}}}
