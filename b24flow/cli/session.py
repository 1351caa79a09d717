"""What most commands begin with: the settings, the log, the container."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from b24flow.bootstrap import Container
    from b24flow.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Вывести данные в JSON.")]


_TALKATIVE = ("alembic", "apscheduler", "uvicorn")


def settings_with_log(level: str = "WARNING") -> Settings:
    """Return the settings and begin logging to standard error; raises SettingsError."""
    from b24flow.settings import load

    settings = load()
    _begin_log(settings, level, settings.secrets())
    return settings


@contextmanager
def opened(level: str = "WARNING") -> Iterator[Container]:
    """Give the container of this installation for the time of a `with` block."""
    settings = settings_with_log(level)
    from b24flow.bootstrap import build

    with build(settings) as container:
        # The keys that were made at the first start are secrets like the given ones.
        secrets = [*settings.secrets(), settings.signing_key(), settings.bot_key()]
        _begin_log(settings, level, secrets)
        yield container


def _begin_log(settings: Settings, level: str, secrets: list[str]) -> None:
    from b24flow import log

    as_json = not sys.stderr.isatty() if settings.log_json is None else settings.log_json
    log.configure(json=as_json, level=level, secrets=secrets)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
