"""The values of a template: a document, its definition, the staff → the tree `core.rendition` declares.

Pure, plain JSON, complete: every declared name is there, empty where the document has nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from b24flow.core.commands import Context
from b24flow.core.definition import Field, FieldType, ProcessDefinition, Rendered
from b24flow.core.document import Assignment, Document, FileRef
from b24flow.core.forms import choices_of
from b24flow.core.parts import Point, Signature, Visa
from b24flow.core.people import Employee
from b24flow.core.registry import card_cell, value_of
from b24flow.core.registry_steps import DELIVERY_WORDS, READER_WORDS, VISA_WORDS, who_visa
from b24flow.core.relations import controllers, signers
from b24flow.core.rendition import COPY, STAMP
from b24flow.core.russian import date_short, datetime_short
from b24flow.core.steps import DRAFT_PART, lines_of, point_of
from b24flow.core.tree import changed_term, state_of
from b24flow.core.verbs_side import LINKS

Values = dict[str, Any]

PDF = "application/pdf"
METHODS: Mapping[str, str] = {"simple": "простая электронная подпись", "paper": "подписано на бумаге"}
OUTCOMES: Mapping[str, str] = {
    "approved": "согласовано", "objected": "возвращено на доработку", "withdrawn": "отозвано",
    "replaced": "проект заменён", "": "не завершено",
}
DECISIONS: Mapping[str, str] = {
    "accepted": "принято", "amended": "принято с поправками", "rejected": "отклонено",
    "rework": "на доработку", "withdrawn": "снято", "no_quorum": "нет кворума",
}
_LINK_WORDS = {
    "reply": "Ответ", "reply_to": "Ответ на", "replaces": "Взамен", "replaced_by": "Заменён",
    **{kind: label for kind, (label, _, _) in LINKS.items()},
    **{back: label for _, back, label in LINKS.values()},
}


def offered(definition: ProcessDefinition, document: Document, part: str) -> tuple[Rendered, ...]:
    """Return what may be made of a document now, in the order of the definition."""
    state = state_of(document)
    return tuple(
        one for one in definition.documents
        if one.part == part and (not one.states or state in one.states)
        and (not one.needs or one.needs in traits(document))
        and (part != COPY or signed_draft(document) is not None)
        and (part != STAMP or stampable(document) is not None)
    )


def signed_draft(document: Document) -> FileRef | None:
    """Return the signed edition, if it was made from a template and can be made again with its marks."""
    if not document.signatures:
        return None
    signed = document.signatures[-1].sha256
    return next((one for one in reversed(document.files)
                 if one.sha256 == signed and one.part == DRAFT_PART and one.template_version), None)


def stampable(document: Document) -> FileRef | None:
    """Return the PDF whose copy gets the stamp: what was signed, its scan, else what was registered first."""
    files = [one for one in document.files if one.mime == PDF]
    signed = document.signatures[-1].sha256 if document.signatures else ""
    found = [one for one in files if one.sha256 == signed] or [one for one in files if one.part == "files"]
    return found[0] if found and document.number is not None else None


def stamp_lines(document: Document, context: Context, organisation: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the stamp says: the organisation, the number with its date, an electronic signature."""
    number, source = document.number, stampable(document)
    assert number is not None, "only a registered document has a stamp"
    lines = [str(organisation.get("short") or ""), f"№ {number.text} от {date_short(number.dated)}"]
    signed = document.signatures[-1] if document.signatures else None
    if signed is not None and signed.method == "simple" and source is not None \
            and signed.sha256 == source.sha256:
        lines += ["Документ подписан электронной подписью",
                  f"{context.directory.get(signed.by).name}, {datetime_short(signed.at, context.zone)}"]
    return tuple(one for one in lines if one)


def with_marks(
    kept: Mapping[str, Any], definition: ProcessDefinition, document: Document, context: Context
) -> Values:
    """Return the data of a signed edition with what came after it: number, date, signature."""
    signed, number = document.signatures[-1], document.number
    return {**kept, "number": number.text if number is not None else "",
            "date": day(number.dated if number is not None else None),
            "signature": _signature(signed, context), "signer": person(signed.by, context),
            "state": definition.state(state_of(document)).label, "status": document.status,
            "printed_at": _moment(context.now, context)}


def traits(document: Document) -> frozenset[str]:
    """Return what a document has, in the words of `core.rendition.NEEDS`."""
    found = {
        "number": document.number is not None, "rounds": bool(document.rounds),
        "readers": bool(document.readers), "points": bool(document.points),
        "meeting": bool(document.meetings), "signature": bool(document.signatures),
        "execution": any(one.executor for one in document.assignments),
    }
    return frozenset(code for code, there in found.items() if there)


def values_of(
    definition: ProcessDefinition, document: Document, context: Context, *,
    organisation: Mapping[str, Any], link: str, text: str = "",
) -> Values:
    """Return the values for any template about this document."""
    signed = document.signatures[-1] if document.signatures else None
    signer = next(iter(signers(document)), None)
    number = document.number
    return {
        **common(context, organisation), "process": definition.label, "link": link, "text": text,
        "kind": _kind(definition, document), "title": document.text(definition.title_field),
        "number": number.text if number else "", "date": day(number.dated if number else None),
        "state": definition.state(state_of(document)).label, "status": document.status,
        "card": {code: _card_value(field, definition, document, context)
                 for code, field in definition.fields.items()},
        "card_rows": _card_rows(definition, document, context),
        "initiator": person(document.opened_by, context),
        "signer": person(signed.by if signed is not None else signer, context),
        "controller": person(next(iter(_controllers(document)), None), context),
        "recipients": [person(one, context) for one in _recipients(document)],
        "addressees": list(lines_of(document.text("addressees") or document.text("addressee"))),
        "signature": _signature(signed, context) if signed is not None else None,
        "rounds": _rounds(definition, document, context), "readers": _readers(document, context),
        "meeting": _meeting(definition, document),
        "points": [_point(number, one, definition, document, context)
                   for number, one in enumerate(document.points, 1)],
        "assignments": _assignments(definition, document, context),
        "term_changes": _term_changes(document, context),
        "term": day(document.term), "changed_term": day(changed_term(document)),
        **{name: str(value_of(name, definition, document, context) or "") for name in ("control", "result")},
        "annexes": [{"number": str(place), "name": name} for place, name in enumerate(_annexes(document), 1)],
        "links": [{"kind": _LINK_WORDS.get(one.kind, one.kind), "text": one.text} for one in document.links],
        "deliveries": [
            {"addressee": one.addressee, "state": DELIVERY_WORDS.get(one.state, one.state),
             "method": _choice(definition, "method", one.method), "sent_on": day(one.sent_on),
             "tracking": one.tracking} for one in document.deliveries
        ],
    }


def common(context: Context, organisation: Mapping[str, Any]) -> Values:
    """Return what every template may use."""
    return {"organisation": dict(organisation), "today": day(context.today),
            "printed_at": _moment(context.now, context)}


def person(user: int | None, context: Context) -> Values | None:
    """Return a person as a group of names, None when there is nobody."""
    if not user:
        return None
    found: Employee = context.directory.get(user)
    unit = context.directory.departments.get(found.department) if found.department is not None else None
    return {"last": found.last_name, "first": found.first_name, "middle": found.middle_name,
            "post": found.post, "department": unit.name if unit is not None else ""}


def day(value: date | None) -> str:
    """Return a day as values hold it, empty when there is none."""
    return value.isoformat() if value is not None else ""


def _moment(value: datetime | None, context: Context) -> str:
    return datetime_short(value, context.zone) if value is not None else ""


def _local(value: datetime | None, context: Context) -> str:
    return day(value.astimezone(context.zone).date()) if value is not None else ""


def _kind(definition: ProcessDefinition, document: Document) -> str:
    found = definition.kind(document.text("kind"))
    return found.label if found is not None else ""


def _card_value(
    field: Field, definition: ProcessDefinition, document: Document, context: Context
) -> Any:
    value = document.card.get(field.code)
    if field.type is FieldType.PERSON:
        return person(value if isinstance(value, int) else None, context)
    if field.type is FieldType.PEOPLE:
        return [person(one, context) for one in value] if isinstance(value, tuple) else []
    if field.type is FieldType.DATE:
        return str(value or "")
    cell = card_cell(field.code, definition, document, context)
    return "" if cell is None else str(cell)


def _choice(definition: ProcessDefinition, code: str, value: str) -> str:
    field = definition.fields.get(code)
    if field is None:
        return value
    return next((one.label for one in choices_of(field, definition) if one.value == value), value)


def _card_rows(definition: ProcessDefinition, document: Document, context: Context) -> list[Values]:
    corrected = {one.field: one for one in document.corrections}
    rows = []
    for code in definition.card:
        cell = card_cell(code, definition, document, context)
        if cell is None or cell == "":
            continue
        value = date_short(cell) if isinstance(cell, date) else str(cell)
        note, last = "", corrected.get(code)
        if last is not None:
            was = str(last.before) if last.before not in {None, ""} else "не заполнено"
            note = (f"исправлено {date_short(last.at.astimezone(context.zone).date())}, "
                    f"{context.directory.get(last.by).name}; было: {was}")
        rows.append({"label": definition.fields[code].label, "value": value, "note": note})
    return rows


def _recipients(document: Document) -> Iterable[int]:
    first = (one.executor for one in document.assignments if one.parent is None)
    return dict.fromkeys(first)


def _controllers(document: Document) -> tuple[int, ...]:
    named = document.card.get("controller")
    chosen = (named,) if isinstance(named, int) and not isinstance(named, bool) else ()
    return controllers(document) or chosen


def _signature(signed: Signature, context: Context) -> Values:
    return {"person": person(signed.by, context), "behalf": person(signed.acting_for, context),
            "recorded": person(signed.recorded_by, context),
            "at": _moment(signed.at, context), "method": METHODS.get(signed.method, signed.method),
            "sha256": signed.sha256, "electronic": signed.method != "paper"}


def _rounds(definition: ProcessDefinition, document: Document, context: Context) -> list[Values]:
    return [
        {"number": str(one.number), "outcome": OUTCOMES.get(one.outcome, one.outcome), "note": one.note,
         "opened_at": _moment(one.opened_at, context), "term": day(one.term),
         "visas": [_visa(place, visa, definition, document, context)
                   for place, visa in enumerate(one.visas, 1)]}
        for one in document.rounds
    ]


def _visa(
    place: int, visa: Visa, definition: ProcessDefinition, document: Document, context: Context
) -> Values:
    return {
        "number": str(place), "who": who_visa(definition, visa, context) if visa.user is None else "",
        "person": person(visa.by or visa.user, context), "behalf": person(visa.acting_for, context),
        "state": VISA_WORDS[visa.state], "remark": visa.remark,
        "edition": _edition(document, visa.sha256),
        "asked_at": _moment(visa.asked_at, context), "at": _moment(visa.at, context),
    }


def _edition(document: Document, sha256: str) -> str:
    found = next((one for one in document.files if sha256 and one.sha256 == sha256), None)
    return f"ред. {found.edition}, {sha256[:8]}" if found is not None else sha256[:8]


def _readers(document: Document, context: Context) -> list[Values]:
    return [
        {"number": str(place), "person": person(one.user, context),
         "behalf": person(one.by if one.acting_for is not None else None, context),
         "state": READER_WORDS.get(one.state, one.state), "at": _moment(one.at, context),
         "edition": _edition(document, one.sha256),
         "reason": one.reason, "term": day(one.term)}
        for place, one in enumerate(document.readers, 1)
    ]


def _meeting(definition: ProcessDefinition, document: Document) -> Values | None:
    if not document.meetings:
        return None
    last = document.meetings[-1]
    counts = {name: str(getattr(last, name))
              for name in ("elected", "present", "votes_for", "votes_against", "abstained")}
    return {"body": _choice(definition, "body", last.body), "session": last.session, "item": last.item,
            "day": day(last.day), "poll": last.poll, **counts,
            "outcome": DECISIONS.get(last.outcome, last.outcome), "note": last.note}


def _done(node: Assignment | None, context: Context) -> tuple[str, str]:
    """Return what an executor reported and when."""
    if node is None or node.report is None:
        return "", ""
    return node.report.summary, _local(node.report.at, context)


def _point(
    number: int, one: Point, definition: ProcessDefinition, document: Document, context: Context
) -> Values:
    node = document.find(one.assignment)
    report, done_on = _done(node, context)
    state = definition.branch_states.get(node.state.value, node.state.value) if node is not None else ""
    return {
        "number": str(number), "text": one.text,
        "executor": person(node.executor if node is not None else one.executor, context),
        "term": day(node.term if node is not None and node.term is not None else one.term),
        "changed_term": day(node.changed_term if node is not None else None),
        "state": "Снят с контроля" if one.released_at is not None else state,
        "report": report, "done_on": done_on, "released_on": _local(one.released_at, context),
    }


def _assignments(definition: ProcessDefinition, document: Document, context: Context) -> list[Values]:
    rows: list[Values] = []

    def walk(parent: str | None, prefix: str) -> None:
        for place, node in enumerate(document.children(parent), 1):
            level = f"{prefix}{place}"
            rows.append(_assignment(level, node, definition, document, context))
            walk(node.id, f"{level}.")

    walk(None, "")
    return rows


def _assignment(
    level: str, node: Assignment, definition: ProcessDefinition, document: Document, context: Context
) -> Values:
    report, done_on = _done(node, context)
    point = point_of(document, node)
    return {
        "level": level, "author": person(node.author, context), "executor": person(node.executor, context),
        "part": "ответственный" if node.part.value == "lead" else "соисполнитель",
        "text": node.text or (point.text if point is not None else ""), "term": day(node.term),
        "changed_term": day(node.changed_term),
        "state": definition.branch_states.get(node.state.value, node.state.value),
        "report": report or "\n".join(node.results), "done_on": done_on,
    }


def _term_changes(document: Document, context: Context) -> list[Values]:
    return [
        {"executor": person(node.executor, context), "before": day(one.before), "after": day(one.after),
         "by": person(one.by, context), "reason": one.reason, "at": _moment(one.at, context)}
        for node in document.assignments for one in node.changes
    ]


def _annexes(document: Document) -> Iterable[str]:
    return dict.fromkeys(one.name for one in document.files if one.part == "files")
