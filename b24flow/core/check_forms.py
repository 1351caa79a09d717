"""What the core reads from the form of each kind of action, and whether a definition asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from b24flow.core.definition import Action, ActionKind, FieldType, ProcessDefinition, StepKind
from b24flow.core.problems import Problem

K, T = ActionKind, FieldType

FORMS: Mapping[ActionKind, Mapping[str, FieldType]] = {
    K.FORWARD: {"forward_to": T.TEXT, "reason": T.MULTILINE},
    K.ASSIGN: {"executors": T.PEOPLE, "term": T.DATE},
    K.RETURN: {"reason": T.MULTILINE},
    K.RESEND: {"reviewers": T.PEOPLE},
    K.REQUEST_EXTENSION: {"desired_term": T.DATE, "reason": T.MULTILINE},
    K.GRANT_EXTENSION: {"new_term": T.DATE},
    K.REFUSE_EXTENSION: {"reason": T.MULTILINE},
    K.DELEGATE: {"to": T.PERSON, "reason": T.MULTILINE},
    K.REPLACE: {"to": T.PERSON, "reason": T.MULTILINE},
    K.RECALL: {"reason": T.MULTILINE},
    K.REPORT: {"summary": T.MULTILINE},
    K.REWORK: {"reason": T.MULTILINE},
    K.REOPEN: {"reason": T.MULTILINE},
    K.ANNUL: {"reason": T.MULTILINE},
    K.DENY_ANNUL: {"reason": T.MULTILINE},
    K.CORRECT: {"reason": T.MULTILINE},
    K.ADD_FILES: {"files": T.FILES},
    K.OBJECT: {"remark": T.MULTILINE},
    K.APPROVE_WITH_REMARKS: {"remark": T.MULTILINE},
    K.PASS_VISA: {"to": T.PERSON, "reason": T.MULTILINE},
    K.ADD_APPROVER: {"to": T.PERSON},
    K.REMOVE_APPROVER: {"to": T.PERSON, "reason": T.MULTILINE},
    K.RESUBMIT: {"scope": T.CHOICE, "answer": T.MULTILINE},
    K.NEW_EDITION: {"draft": T.FILES},
    K.DECLINE: {"reason": T.MULTILINE},
    K.SIGN_PAPER: {"scan": T.FILES},
    K.PASS_SIGNATURE: {"to": T.PERSON, "reason": T.MULTILINE},
    K.DISPATCH: {"method": T.CHOICE, "sent_on": T.DATE},
    K.DELIVERY_FAILED: {"reason": T.MULTILINE},
    K.ANSWERED: {"text": T.MULTILINE},
    K.ASK_READERS: {"readers": T.PEOPLE},
    K.REFUSE_READING: {"reader": T.PERSON, "reason": T.MULTILINE},
    K.REPLACE_TEXT: {"new_text": T.FILES, "reason": T.MULTILINE},
    K.VOTE: {"vote": T.CHOICE},
    K.ASK: {"to": T.PERSON, "text": T.MULTILINE},
    K.SET_TASK: {"to": T.PERSON, "text": T.MULTILINE},
    K.RENDER: {"template": T.CHOICE},
    K.LETTER: {"recipients": T.EMAILS, "subject": T.TEXT, "text": T.MULTILINE},
    K.LINK: {"link": T.CHOICE, "document": T.TEXT},
}
"""What the core reads from the form of each kind of action: there, and required."""

OPTIONAL: Mapping[str, FieldType] = {
    "lead": T.PERSON, "text": T.MULTILINE, "control": T.FLAG, "controller": T.PERSON,
    "files": T.FILES, "comment": T.MULTILINE, "release_others": T.FLAG, "executor": T.PERSON,
    "signer": T.PERSON, "signed_by": T.PERSON, "keep_readings": T.FLAG,
    "term": T.DATE, "received_on": T.DATE, "sent_on": T.DATE,
    "reviewers": T.PEOPLE, "draft": T.FILES, "scan": T.FILES, "route": T.ROUTE, "points": T.POINTS,
    "visa_term": T.DATE, "minor": T.FLAG, "remark": T.MULTILINE, "answer": T.MULTILINE,
    "answer_by": T.DATE, "read_by": T.DATE, "readers": T.PEOPLE, "tracking": T.TEXT,
    "poll_until": T.DATE, "meeting_on": T.DATE, "body": T.TEXT, "session": T.TEXT, "item": T.TEXT,
    "elected": T.INTEGER, "present": T.INTEGER, "votes_for": T.INTEGER, "votes_against": T.INTEGER,
    "abstained": T.INTEGER, "outcome": T.CHOICE, "amendments": T.MULTILINE,
    "attachments": T.ATTACHMENTS,
}
"""Fields the core reads when they are there; their type is fixed."""

def form(definition: ProcessDefinition, action: Action) -> Iterator[Problem]:
    """Yield what the form of an action lacks, and fields of a wrong type."""
    path = f"actions.{action.code}.form"
    needed = FORMS.get(action.kind, {})
    reviewed = any(definition.state(code).kind is StepKind.EXECUTION for code in action.next)
    if action.kind is K.REGISTER and reviewed:
        needed = {**needed, "reviewers": T.PEOPLE, definition.title_field: T.TEXT}
        if any(one.typed_term for one in definition.kinds):
            needed = {**needed, "kind": T.CHOICE}
    if action.kind is K.DECIDE and len({*action.outcomes} - {"no_quorum"}) != 1:
        needed = {**needed, "outcome": T.CHOICE}
    rules = definition.approval
    if action.kind is K.SUBMIT and not (rules.mandatory or rules.default):
        needed = {**needed, "route": T.ROUTE}
    asked = {one.field.code: one for one in action.form}
    for code in needed:
        if code not in asked:
            yield Problem(path, f"форме не хватает поля «{code}»: без него действие невыполнимо")
        elif not asked[code].required:
            yield Problem(path, f"поле «{code}» должно быть обязательным: {code}*")
    for code, one in asked.items():
        fixed = needed.get(code) or OPTIONAL.get(code)
        if fixed and code in definition.fields and not _same(one.field.type, fixed):
            yield Problem(f"fields.{code}.type", f"поле «{code}» действия «{action.label}» должно"
                                                 f" быть типа {fixed}, а не {one.field.type}")


def _same(one: FieldType, other: FieldType) -> bool:
    texts = {T.TEXT, T.MULTILINE}
    return one is other or {one, other} <= texts or (other in texts and one is T.CHOICE)
