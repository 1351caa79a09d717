"""The forms behind the buttons: shown by GET, done by POST, one effect however often they are sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi import Request as HttpRequest
from fastapi.responses import Response

from b24flow.core.access import authorise, target_of
from b24flow.core.commands import Command, Context
from b24flow.core.definition import Action, FieldType, ProcessDefinition
from b24flow.core.document import Assignment, Document, FileRef
from b24flow.core.parts import Delivery, Letter, Request
from b24flow.core.relations import Target
from b24flow.core.steps import BINDING, draft_hash
from b24flow.errors import AlreadyDone, InvalidForm, LooksRepeated, NotAllowed, NotFound, Refused
from b24flow.ids import derived_id, new_id
from b24flow.services.act import Acted, act, start
from b24flow.services.next_step import next_steps
from b24flow.store import documents
from b24flow.web import identity, uploads
from b24flow.web.fields import KeptFile, Typed, defaults, field_views
from b24flow.web.identity import Flash, User, see_other
from b24flow.web.pages import known_uuid, shown, starting_actions
from b24flow.web.received import (
    MAX_FILE,
    MAX_FILES,
    MEGABYTE,
    BadBody,
    Body,
    Posted,
    too_many,
    visible,
)
from b24flow.web.rows import ROWS, joined, names_of
from b24flow.web.site import Site, site_of
from b24flow.web.uploads import FileError, Stored

router = APIRouter()
KEPT = "kept-"
"""How the hidden reference to a file that is already stored is named: `kept-<field>`."""
_SERVICE = frozenset({"form_ticket", "command_id", "seen"})
_MAX_COMMAND = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One action as asked by one person: on a document, or to begin one."""

    site: Site
    user: int
    definition: ProcessDefinition
    action: Action
    context: Context = field(repr=False)
    document: Document | None = None
    target: str | None = None

    @property
    def part(self) -> Target | None:
        """What the action is about: an assignment, a request, an addressee, a letter."""
        return target_of(self.document, self.target) if self.document is not None else None

    @property
    def node(self) -> Assignment | None:
        """The assignment the action is about."""
        return self.part if isinstance(self.part, Assignment) else None

    @property
    def about(self) -> str:
        """What the form says of the request, the addressee or the letter it is about."""
        if isinstance(self.part, Request):
            return f"{self.context.directory.get(self.part.asked_by).name}: {self.part.text}"
        if isinstance(self.part, Letter):
            return f"{', '.join(one.address for one in self.part.recipients)}: {self.part.subject}"
        return self.part.addressee if isinstance(self.part, Delivery) else ""

    @property
    def subject(self) -> str:
        """What a command of this form is bound to: the same click elsewhere is another command."""
        return self.document.uuid if self.document is not None else self.definition.code


@router.get("/documents/new/{process}")
def new_form(request: HttpRequest, process: str, user: User) -> Response:
    """Show the form that begins a document."""
    asked = asked_new(site_of(request), process, request.query_params.get("action", ""), user)
    return _page(request, asked, new_id(), Typed(values=_fresh(asked)))


@router.post("/documents/new/{process}")
def new_done(request: HttpRequest, process: str, user: User, body: Body) -> Response:
    """Begin a document."""
    identity.check_form(request, user, body.one("form_ticket"))
    asked = asked_new(site_of(request), process, request.query_params.get("action", ""), user)
    return _do(request, asked, body)


@router.get("/documents/{uuid}/actions/{code}")
def form(request: HttpRequest, uuid: str, code: str, user: User) -> Response:
    """Show the form of an action; says at once when it is late or not for this person."""
    asked = _asked(request, uuid, code, user)
    assert asked.document is not None
    offer = authorise(asked.definition, asked.action, asked.document, asked.target, asked.context, user)
    if offer.blocked:
        raise Refused(offer.blocked)
    return _page(request, asked, new_id(), Typed(values=_fresh(asked)))


@router.post("/documents/{uuid}/actions/{code}")
def done(request: HttpRequest, uuid: str, code: str, user: User, body: Body) -> Response:
    """Do an action."""
    identity.check_form(request, user, body.one("form_ticket"))
    return _do(request, _asked(request, uuid, code, user), body)


def _asked(request: HttpRequest, uuid: str, code: str, user: int) -> Asked:
    site = site_of(request)
    return asked_of(site, uuid, code, request.query_params.get("target", ""), user)


def asked_of(site: Site, uuid: str, code: str, target: str, user: int) -> Asked:
    """Return an action asked on a document; raises NotFound for what is not there."""
    with site.office.database.reading() as unit:
        stored = documents.load(unit, known_uuid(uuid), lock=False)
        context = site.office.context(unit)
    if stored is None:
        raise NotFound("Такого документа нет.")
    definition = site.office.definition_of(stored.document)
    if target and target_of(stored.document, target) is None:
        raise NotFound("Такого поручения в документе нет: откройте документ заново.")
    return Asked(site=site, user=user, definition=definition, document=stored.document,
                 action=_known_action(definition, code), context=context, target=target or None)


def asked_new(site: Site, process: str, code: str, user: int) -> Asked:
    """Return a document asked to be begun; raises NotFound, NotAllowed."""
    definition = site.office.process(process)
    with site.office.database.reading() as unit:
        context = site.office.context(unit)
    return Asked(site=site, user=user, definition=definition, context=context,
                 action=_starting_action(site, definition, code, user))


def _known_action(definition: ProcessDefinition, code: str) -> Action:
    """Return an action of a process; raises NotFound."""
    action = definition.action(code)
    if action is None:
        raise NotFound(f"В процессе «{definition.label}» нет такого действия.")
    return action


def _starting_action(
    site: Site, definition: ProcessDefinition, code: str, user: int
) -> Action:
    """Return the action that begins a document, the first one for an empty code.

    Raises NotFound for one that begins nothing, NotAllowed when it is not for this person.
    """
    allowed = starting_actions(site, definition, user)
    if not allowed:
        raise NotAllowed(f"«{definition.label}»: документы заводит другая роль.")
    if not code:
        return next((one for one in allowed if one.style == "primary"), allowed[0])
    action = _known_action(definition, code)
    if action not in allowed:
        raise NotAllowed(f"Действием «{action.label}» документ не начинают.")
    return action


def _fresh(asked: Asked) -> dict[str, tuple[str, ...]]:
    return defaults(asked.action, asked.definition, asked.document, asked.node, asked.context)


def _page(
    request: HttpRequest, asked: Asked, command_id: str, typed: Typed, *, status: int = 200,
    trouble: str = "", repeats: Mapping[str, str] | None = None,
) -> Response:
    """Show a form; `trouble` is a refusal that belongs to no field, `repeats` what it looks like."""
    fields = field_views(asked.action, asked.definition, asked.context, typed, asked.user, asked.document)
    known = {one.code for one in fields}
    others = [text for code, text in typed.errors.items() if code not in known]
    site, document = asked.site, asked.document
    return shown(
        request, "form.html", asked.user, status, action=asked.action, fields=fields,
        definition=asked.definition, document=document, node=asked.node, about=asked.about,
        seen=draft_hash(document) if document is not None and asked.action.kind in BINDING else "",
        after=next_steps(asked.definition, asked.action, document, asked.context, asked.user),
        title=document.text(asked.definition.title_field) if document is not None else "",
        author=asked.context.directory.get(asked.node.author).name if asked.node else "",
        executor=asked.context.directory.get(asked.node.executor).name if asked.node else "",
        others=[trouble, *others] if trouble else others,
        form_ticket=identity.form_ticket(site, asked.user), command_id=command_id,
        address=_address(asked), back=f"/documents/{document.uuid}" if document else "/",
        tabs=_tabs(asked), here="", max_file=MAX_FILE // MEGABYTE,
        max_files=MAX_FILES, repeats=repeats or {},
    )


def _address(asked: Asked) -> str:
    if asked.document is None:
        return f"/documents/new/{asked.definition.code}?{urlencode({'action': asked.action.code})}"
    target = f"?{urlencode({'target': asked.target})}" if asked.target else ""
    return f"/documents/{asked.document.uuid}/actions/{asked.action.code}{target}"


def _tabs(asked: Asked) -> list[tuple[str, str, bool]]:
    """The other ways to begin: label, address, whether it is the present one."""
    if asked.document is not None:
        return []
    base = f"/documents/new/{asked.definition.code}"
    return [
        (one.label, f"{base}?{urlencode({'action': one.code})}", one is asked.action)
        for one in starting_actions(asked.site, asked.definition, asked.user)
    ]


def _do(request: HttpRequest, asked: Asked, body: Posted) -> Response:
    raw_id = command_of(body.one("command_id"))
    stored, errors = receive(asked, body, raw_id)
    try:
        if errors:
            raise InvalidForm(errors)
        acted = execute(asked, raw_id, _values(asked.action, body), stored)
    except (NotAllowed, AlreadyDone, NotFound, BadBody):
        raise
    except Refused as error:
        return _again(request, asked, raw_id, body, stored, error)
    response = see_other(f"/documents/{acted.uuid}")
    kind = "warn" if acted.repeated else "ok"
    identity.put_flash(asked.site, response, asked.user, Flash(text=acted.text, kind=kind))
    return response


def command_of(text: str) -> str:
    """Return the id that makes a repeat harmless; raises BadBody for one that we did not write."""
    if not text or len(text) > _MAX_COMMAND or not text.isascii() or not text.isprintable():
        raise BadBody("В форме нет её номера: обновите страницу и повторите.")
    return text


def receive(
    asked: Asked, body: Posted, raw_id: str
) -> tuple[list[Stored], dict[str, str]]:
    """Check the names of what was posted, store its files; return them and what is wrong."""
    labels = {one.field.code: one.field.label for one in asked.action.form}
    labels |= {name: one.field.label for one in asked.action.form for name in names_of(one.field)}
    file_fields = {
        one.field.code for one in asked.action.form if one.field.type is FieldType.FILES
    }
    errors: dict[str, str] = {}
    for name, values in body.values.items():
        if name in _SERVICE or name in labels.keys() - file_fields:
            continue
        if name in file_fields and not any(values):
            continue
        if not name.startswith(KEPT) or name.removeprefix(KEPT) not in file_fields:
            errors[name] = f"Неизвестное поле формы «{visible(name)}»"
    unknown = {one.field for one in body.uploads} - file_fields
    errors.update({
        name: f"Поле «{labels.get(name, visible(name))}» не для файлов" for name in unknown
    })
    files = list(_kept(asked, body, raw_id, file_fields))
    arrived = [one for one in body.uploads if one.field in file_fields]
    for code, result in uploads.store(asked.site.office, arrived).items():
        if isinstance(result, FileError):
            errors[code] = f"«{labels[code]}»: {result}"
        else:
            files += result
    for code in file_fields:
        count = sum(1 for one in files if one.field == code)
        if count > MAX_FILES:
            errors[code] = f"«{labels[code]}»: {too_many(count)}"
    return files, errors


def _kept(asked: Asked, body: Posted, raw_id: str, file_fields: Iterable[str]) -> Iterable[Stored]:
    for code in file_fields:
        for text in body.values.get(KEPT + code, ()):
            one = uploads.kept(asked.site.office, asked.user, raw_id, code, text)
            if one is None:
                raise BadBody("Ссылка на приложенный файл повреждена: приложите файл заново.")
            yield one


def _values(action: Action, body: Posted) -> dict[str, str | tuple[str, ...]]:
    """Return the raw values of the form: one as it is, several as they came."""
    codes = {"seen", *(one.field.code for one in action.form)}
    found: dict[str, str | tuple[str, ...]] = {
        code: values[0] if len(values) == 1 else values
        for code, values in body.values.items() if code in codes
    }
    rows = {one.field.code: joined(one.field, body.values) for one in action.form if one.field.type in ROWS}
    return {**found, **{code: texts for code, texts in rows.items() if texts}}


def execute(
    asked: Asked, raw_id: str, values: Mapping[str, str | tuple[str, ...]], files: list[Stored]
) -> Acted:
    """Run the use case; the command's id is bound to person, document and button."""
    command_id = derived_id(
        "web", asked.user, asked.subject, asked.action.code, asked.target or "", raw_id
    )
    present: tuple[FileRef, ...] = asked.document.files if asked.document is not None else ()
    command = Command(
        id=command_id, action=asked.action.code, actor=asked.user, target=asked.target,
        form=values,
        files=uploads.references(files, command_id=command_id, user=asked.user,
                                 now=identity.now_of(asked.site), present=present),
    )
    if asked.document is not None:
        return act(asked.site.office, asked.document.uuid, command)
    return start(asked.site.office, asked.definition.code, command)


def _again(
    request: HttpRequest, asked: Asked, raw_id: str, body: Posted, stored: list[Stored],
    error: Refused,
) -> Response:
    """Show the form once more: what was typed and attached is kept, errors stand beside the fields."""
    kept: dict[str, tuple[KeptFile, ...]] = {}
    for one in stored:
        text = uploads.reference(asked.site.office, asked.user, raw_id, one)
        kept[one.field] = (*kept.get(one.field, ()), KeptFile(name=one.name, reference=text))
    errors = error.fields if isinstance(error, InvalidForm) else {}
    trouble = "" if errors else error.text
    typed = Typed(values=body.values, kept=kept, errors=errors)
    repeats = error.documents if isinstance(error, LooksRepeated) else {}
    return _page(request, asked, raw_id, typed, status=422, trouble=trouble, repeats=repeats)
