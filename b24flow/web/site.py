"""What every page needs: the office, the templates and where the site stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from b24flow.core.russian import date_short, datetime_short
from b24flow.services.office import Office
from b24flow.web import words
from b24flow.web.buttons import action_url

HERE = Path(__file__).parent
PROCESSES_WORDS: Mapping[str, str] = {"incoming": "Зарегистрировать входящий"}
"""What the button that begins a document of a process is called, where its label is not enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One web side of an office. `portal_origin` may show our pages in a frame."""

    office: Office
    templates: Environment
    portal_origin: str
    secure_cookies: bool
    style_url: str

    def page(
        self, name: str, *, status: int = 200, user: int = 0, **values: Any
    ) -> HTMLResponse:
        """Render a template into a response; `user` names whose page it is in its header."""
        shown = {"me": self._name(user) if user else "", "flash": None, "crumb": "", **values}
        text = self.templates.get_template(name).render(**shown)
        return HTMLResponse(text, status_code=status)

    def _name(self, user: int) -> str:
        with self.office.database.reading() as unit:
            return self.office.people.directory(unit).get(user).name


def build_site(office: Office, *, portal_url: str, secure_cookies: bool) -> Site:
    """Return the site of an office with its templates ready."""
    style = (HERE / "static" / "b24flow.css").read_bytes()
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )
    style_url = f"/static/b24flow.css?v={hashlib.sha256(style).hexdigest()[:12]}"
    environment.globals.update(style_url=style_url)
    environment.filters.update(
        day=_day, moment=lambda at: datetime_short(at, office.zone), size=words.size,
        overdue=lambda due: words.overdue(due, _today(office)),
        held=lambda since: words.held(since, office.clock.now()),
        action=action_url,
    )
    return Site(
        office=office, templates=environment, portal_origin=origin_of(portal_url),
        secure_cookies=secure_cookies, style_url=style_url,
    )


def site_of(request: Request) -> Site:
    """Return the site that a request came to."""
    site: Site = request.app.state.site
    return site


def origin_of(url: str) -> str:
    """Return «https://host:port» of an address, empty when it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def _day(value: date | None) -> str:
    return "" if value is None else date_short(value)


def _today(office: Office) -> date:
    now: datetime = office.clock.now()
    return now.astimezone(office.zone).date()
