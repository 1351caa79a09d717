"""Applications: how they are recognised, what their tokens may and how long they live."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Box


@pytest.mark.parametrize("way", ["query", "form", "json", "access_token", "header"])
def test_an_application_gives_its_token_in_any_of_five_ways(box: Box, way: str) -> None:
    token = box.install_app(who=5).token["access_token"]
    where = {
        "query": {"params": {"auth": token}},
        "form": {"data": {"auth": token}},
        "json": {"json": {"auth": token}},
        "access_token": {"json": {"access_token": token}},
        "header": {"headers": {"Authorization": f"Bearer {token}"}},
    }[way]
    answer = box.http.post("/rest/profile", **where)  # type: ignore[arg-type]
    assert answer.json()["result"]["ID"] == "5"
