"""What was made from a template, by its versions: every stored edition names the file it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from b24flow.errors import NotFound
from b24flow.services.office import Office
from b24flow.store import documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One edition made from a template; `present`: by the version that is in force now."""

    version: str
    present: bool
    uuid: str
    number: str
    title: str
    file: str
    edition: int
    by: str
    at: datetime


def template_uses(office: Office, code: str) -> tuple[Use, ...]:
    """Return the stored editions made from a template, oldest first.

    Print forms are not stored, so they are not here. Raises NotFound for a template that neither is there
    nor ever was used.
    """
    now = _version_now(office, code)
    with office.database.reading() as unit:
        directory = office.people.directory(unit)
        found = [
            Use(version=one.template_version, present=one.template_version == now, uuid=document.uuid,
                number=document.number.text if document.number is not None else "",
                title=document.text(office.definition_of(document).title_field), file=one.name,
                edition=one.edition, by=directory.get(one.added_by).name, at=one.added_at)
            for document in documents.made_from(unit, code) for one in document.files if one.template == code
        ]
    if not found and not now:
        raise NotFound(f"Шаблона «{code[:60]}» нет, и по нему ничего не сделано.")
    return tuple(sorted(found, key=lambda one: one.at))


def _version_now(office: Office, code: str) -> str:
    """Return the sha256 of a template's present file, empty when there is none."""
    if office.renderer is None:
        return ""
    try:
        return sha256(office.renderer.source(code)).hexdigest()
    except NotFound:
        return ""
