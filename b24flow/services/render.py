"""Documents from templates: drafts that become editions, print forms that are downloaded.

A template is filled before the transaction and outside of it; what it was filled with is kept in the journal
of the document beside the edition, the template's file lies in the content store under its own hash.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from b24flow.core.commands import Command, Context, Rendition
from b24flow.core.decide import decide
from b24flow.core.definition import ActionKind, ProcessDefinition, Rendered
from b24flow.core.document import Document
from b24flow.core.forms import people_of, read_form
from b24flow.core.ports import Renderer
from b24flow.core.rendition import COPY, DRAFT, PRINT, STAMP
from b24flow.core.rendition_values import (
    PDF,
    offered,
    person,
    signed_draft,
    stamp_lines,
    stampable,
    values_of,
    with_marks,
)
from b24flow.errors import NotFound, Refused
from b24flow.services.office import Office
from b24flow.store import documents, journal
from b24flow.store.engine import Unit

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMS = ("docx", "pdf")
MAX_DATA = 500_000
"""Characters of JSON that one rendering may keep in the journal: hundreds of addressees and points."""

_NOT_YET = Rendition(template="", version="", name="", sha256="", size=0, mime="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A file for download; `note` says what was not done as asked (no PDF on this machine)."""

    name: str
    content: bytes
    mime: str
    note: str = ""


def is_rendering(definition: ProcessDefinition, command: Command) -> bool:
    """Tell whether a command needs a filled template before it can be decided."""
    action = definition.action(command.action)
    return action is not None and action.kind is ActionKind.RENDER


def prepared(office: Office, uuid: str, command: Command) -> Rendition:
    """Fill the template that a command chose, with the document as the command will leave it.

    Raises what deciding raises, and NotFound, BadTemplate, BadDocument; nothing but the file is written.
    """
    with office.database.reading() as unit:
        document, definition, context = _loaded(office, unit, uuid)
    # The decision without a file: refuses whoever may not, checks the form, gives the card it will keep.
    after = decide(definition, document, command, replace(context, rendition=_NOT_YET)).document
    chosen = definition.rendered(_one(command.form.get("template", "")))
    assert chosen is not None, "the decision checked the template"
    values = values_of(
        definition, after, context, organisation=office.organisation, link=office.document_url(uuid),
        text=_one(command.form.get("draft_text", "")).strip(),
    )
    action = definition.action(command.action)
    assert action is not None, "the decision knew the action"
    # Addressees inside the house are asked for here and kept only when the document is sent to them.
    chosen_people = people_of(read_form(action, definition, command, context), "reviewers")
    if chosen_people:
        values["recipients"] = [person(one, context) for one in chosen_people]
    if len(json.dumps(values, ensure_ascii=False)) > MAX_DATA:
        raise Refused("Данных для шаблона слишком много: сократите текст, пункты или список адресатов.")
    renderer = _renderer(office)
    source = renderer.source(chosen.template)
    made = renderer.make(chosen.template, values, source)
    office.content.put(source)
    sha256, size = office.content.put(made.content)
    return Rendition(template=chosen.template, version=made.version, name=f"{chosen.label}.docx",
                     sha256=sha256, size=size, mime=DOCX, data=values)


def print_forms(office: Office, uuid: str) -> tuple[Rendered, ...]:
    """Return the print forms that a document offers now; raises NotFound."""
    with office.database.reading() as unit:
        document, definition, _ = _loaded(office, unit, uuid)
    return tuple(one for part in (STAMP, COPY, PRINT) for one in offered(definition, document, part))


def printed(
    office: Office, uuid: str, code: str, form: str = "docx", points: Collection[str] = ()
) -> Printed:
    """Return a print form of a document; raises NotFound, BadTemplate, BadDocument, NoPdf.

    `points` are the numbers of those that a selective form shows; nothing about the others is in the file.
    """
    with office.database.reading() as unit:
        document, definition, context = _loaded(office, unit, uuid)
        copy = next((one for one in offered(definition, document, COPY) if one.code == code), None)
        kept = _kept(unit, document) if copy is not None else None
    if any(one.code == code for one in offered(definition, document, STAMP)):
        return _stamped(office, document, context)
    if copy is not None and kept is not None:
        return _copy(office, copy, kept, definition, document, context, form)
    chosen = next((one for one in offered(definition, document, PRINT) if one.code == code), None)
    if chosen is None:
        declared = definition.rendered(code)
        if declared is None or declared.part == DRAFT:
            raise NotFound(f"В процессе «{definition.label}» нет печатной формы «{code[:60]}».")
        raise NotFound(f"«{declared.label}» для этого документа пока не формируется.")
    values = values_of(definition, document, context, organisation=office.organisation,
                       link=office.document_url(uuid))
    title = _title(chosen, document)
    if chosen.selective and points:
        values["points"] = [one for one in values["points"] if one["number"] in points]
        if not values["points"]:
            raise Refused("Выберите пункты, которые войдут в документ.")
        title = f"{title}, п. {', '.join(one['number'] for one in values['points'])}"
    return finished(office, chosen.template, values, title, form)


def _stamped(office: Office, document: Document, context: Context) -> Printed:
    """Return a copy of the registered PDF with stamp, QR code and what a later document did to this one."""
    source = stampable(document)
    assert source is not None, "a stamp is offered for a PDF only"
    content = _renderer(office).stamp(
        office.content.path(source.sha256).read_bytes(), source.name,
        lines=stamp_lines(document, context, office.organisation), link=office.document_url(document.uuid),
        warning=document.status,
    )
    number = document.number.text if document.number is not None else ""
    return Printed(name=f"Копия со штампом {number}.pdf".replace("/", "-"), content=content, mime=PDF)


def _title(chosen: Rendered, document: Document) -> str:
    return f"{chosen.label} {document.number.text if document.number is not None else 'проект'}"


def _kept(unit: Unit, document: Document) -> Mapping[str, Any] | None:
    """Return what the signed edition was filled with, from the journal."""
    signed = signed_draft(document)
    for line in journal.history(unit, document.uuid):
        files = line.payload["files"] if line.type == "FilesAdded" else ()
        if signed is not None and any(one["id"] == signed.id for one in files):
            found: Mapping[str, Any] = line.payload.get("data") or {}
            return found or None
    return None


def _copy(
    office: Office, chosen: Rendered, kept: Mapping[str, Any], definition: ProcessDefinition,
    document: Document, context: Context, form: str,
) -> Printed:
    """Make the signed edition again, from the same template and data, with number and mark."""
    signed = signed_draft(document)
    assert signed is not None, "a copy is offered for such an edition only"
    source = office.content.path(signed.template_version).read_bytes()
    values = with_marks(kept, definition, document, context)
    return finished(office, signed.template, values, _title(chosen, document), form, source)


def finished(
    office: Office, template: str, values: Mapping[str, Any], title: str, form: str,
    source: bytes | None = None,
) -> Printed:
    """Fill a template, or a kept version of it, for download; a PDF that cannot be made is a .docx."""
    renderer = _renderer(office)
    content = renderer.make(template, values, source).content
    name = title.replace("/", "-").replace("\\", "-")
    if form != "pdf":
        return Printed(name=f"{name}.docx", content=content, mime=DOCX)
    if not renderer.pdf_ready:
        return Printed(name=f"{name}.docx", content=content, mime=DOCX, note=(
            "PDF не сделан: на сервере не установлен LibreOffice. Документ — в формате .docx."))
    return Printed(name=f"{name}.pdf", content=renderer.pdf(content), mime=PDF)


def used_template(office: Office, uuid: str, file_id: str) -> tuple[str, bytes]:
    """Return the name and the very file of the template an edition was made from; raises NotFound."""
    with office.database.reading() as unit:
        document, _, _ = _loaded(office, unit, uuid)
    found = next((one for one in document.files if one.id == file_id and one.template_version), None)
    if found is None:
        raise NotFound("Эта редакция сделана не по шаблону.")
    return found.template, office.content.path(found.template_version).read_bytes()


def today(office: Office) -> date:
    """Return the day on the clock of the organisation."""
    return office.clock.now().astimezone(office.zone).date()


def _loaded(office: Office, unit: Unit, uuid: str) -> tuple[Document, ProcessDefinition, Context]:
    stored = documents.load(unit, uuid, lock=False)
    if stored is None:
        raise NotFound("Такого документа нет.")
    return stored.document, office.definition_of(stored.document), office.context(unit)


def _renderer(office: Office) -> Renderer:
    if office.renderer is None:
        raise Refused("Шаблоны документов в этой установке не подключены.")
    return office.renderer


def _one(raw: str | tuple[str, ...]) -> str:
    return raw if isinstance(raw, str) else next(iter(raw), "")
