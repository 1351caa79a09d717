"""Knowledge bases, the feed and groups outlive the sandbox's process with `--data`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from b24flow.sandbox.datafile import DataFile
from b24flow.sandbox.server import SandboxServer
from tests.sandbox.conftest import Box
from tests.sandbox.examples.feed import post
from tests.sandbox.examples.groups import group
from tests.sandbox.examples.landing import KB, PICTURE, TEXT, block, folder, page, site


def everything(box: Box) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "sites": box.ok("landing.site.getList", KB),
        "pages": box.ok("landing.landing.getList", KB),
        "feed": box.ok("log.blogpost.get"),
        "read": box.ok("log.blogpost.getusers.important", {"POST_ID": 1}),
        "groups": box.ok("sonet_group.get"),
        "members": box.ok("sonet_group.user.get", {"ID": 1}),
        "menus": box.ok("landing.site.getMenuBindings", KB),
        "rights": box.ok("landing.site.getRights", {"id": 1}),
    }
    for draft in (0, 1):
        asked = {"lid": 1, "params": {"edit_mode": draft, "get_content": 1}}
        shown[f"blocks {draft}"] = box.ok("landing.block.getlist", KB | asked)
    for table in ("groups", "posts", "sites", "folders", "pages", "blocks"):
        shown[f"state {table}"] = box.look(f"state/{table}")
        assert shown[f"state {table}"]
    return shown


def work(box: Box) -> None:
    number = site(box)
    place = folder(box, number)
    lid = page(box, number, FOLDER_ID=place, CODE="a")
    page(box, number, FOLDER_ID=place, CODE="a")
    own = block(box, lid)
    box.ok("landing.block.uploadfile", KB | {"block": own, "picture": PICTURE})
    box.ok("landing.landing.publication", KB | {"lid": lid})
    box.batch(
        ["landing.site.getList?scope=KNOWLEDGE", f"landing.landing.addblock?lid={lid}&fields[CODE]={TEXT}"]
    )
    box.ok("landing.site.add", {"fields": {"TITLE": "Сайт", "CODE": ""}})  # without the batch's scope again
    box.ok("landing.site.bindingToMenu", KB | {"id": number, "menuCode": "left"})
    box.ok("landing.site.setRights", KB | {"id": number, "rights": {"U1": ["read"]}})
    box.person(9, "feed/read", post_id=post(box, TAGS="приказы"))
    group(box, 8, 9)


@contextmanager
def living(path: Path) -> Iterator[Box]:
    with SandboxServer(data=path) as server:
        box = Box(server)
        yield box
        box.http.close()


def seen(box: Box) -> str:
    return re.sub(r"http://127\.0\.0\.1:\d+", "", repr(everything(box)))


@pytest.mark.parametrize("compacted", [False, True])
def test_nothing_is_lost_with_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compacted: bool
) -> None:
    """Read back from the journal of changes, and from the whole memory written anew."""
    monkeypatch.setattr(DataFile, "is_full", compacted)
    with living(tmp_path / "portal") as box:
        work(box)
        before = seen(box)
    with living(tmp_path / "portal") as box:
        assert seen(box) == before
        assert len(box.ok("landing.site.getList")) == 1
