"""A portal described in a file: its own people, webhooks and applications with known keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from b24flow.sandbox.seed import SeedError, demo_organisation, read_seed


def test_what_a_file_does_not_say_is_the_demonstrations(tmp_path: Path) -> None:
    path = tmp_path / "seed.json"
    path.write_text(json.dumps({"apps": [{"title": "А", "client_id": "local.1.2"}]}), encoding="utf-8")
    seed = read_seed(path)
    assert seed["users"] == demo_organisation()["users"]
    assert seed["apps"][0]["client_id"] == "local.1.2"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"users": 1}', '{"users": [{"id": 1}]}', '{"webhooks": [{}]}', '{"apps": 5}']
)
def test_a_file_that_describes_no_portal_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "seed.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SeedError):
        read_seed(path)
    with pytest.raises(SeedError):
        read_seed(tmp_path / "absent.json")
