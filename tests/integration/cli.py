"""The command line inside the test's process: what it printed and how it ended."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from b24flow.cli.app import execute

BOT_TOKEN = "command-line-bot-token"
SECRET = "command-line-signing-key-0123456789"


@dataclass(frozen=True)
class Ended:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Terminal:
    """Runs commands with a data folder of its own."""

    capture: pytest.CaptureFixture[str]
    data: Path

    def run(self, *args: str) -> Ended:
        self.capture.readouterr()
        code = execute(args)
        said = self.capture.readouterr()
        assert "Traceback" not in said.err, said.err
        return Ended(int(code), said.out, said.err)

    def done(self, *args: str) -> Ended:
        ended = self.run(*args)
        assert ended.code == 0, ended.err
        return ended


def set_environment(patch: pytest.MonkeyPatch, data: Path, webhook_url: str = "") -> None:
    """Make this process configured like an operator's shell."""
    for name in [one for one in os.environ if one.startswith("B24FLOW_")]:
        patch.delenv(name)
    patch.setenv("B24FLOW_DATA_DIR", str(data))
    patch.setenv("B24FLOW_SECRET", SECRET)
    patch.setenv("B24FLOW_BOT_TOKEN", BOT_TOKEN)
    patch.setenv("B24FLOW_SETTLE_SECONDS", "0")
    if webhook_url:
        patch.setenv("B24FLOW_WEBHOOK_URL", webhook_url)


@contextmanager
def own_log() -> Iterator[None]:
    """Give the log back as it was: commands configure it for the whole process."""
    root = logging.getLogger()
    level = root.level
    try:
        yield
    finally:
        for handler in [one for one in root.handlers if getattr(one, "b24flow", False)]:
            root.removeHandler(handler)
        root.setLevel(level)
        for name in ("alembic", "apscheduler", "uvicorn"):
            logging.getLogger(name).setLevel(logging.NOTSET)
        structlog.reset_defaults()
