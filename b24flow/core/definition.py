"""A process as data: what `processes/*.yaml` says, frozen and checked, without knowing that YAML exists.

A running document keeps the definition it began with, so everything here is immutable and has a digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from b24flow.core.calendar import TermRule
from b24flow.core.numbering import NumberFormat, Period


class FieldType(StrEnum):
    """How a value is asked, checked, stored and shown."""

    TEXT = "text"
    MULTILINE = "multiline"
    DATE = "date"
    INTEGER = "integer"
    CHOICE = "choice"
    FLAG = "flag"
    PERSON = "person"
    PEOPLE = "people"
    FILES = "files"
    ROUTE = "route"
    POINTS = "points"
    EMAILS = "emails"
    ATTACHMENTS = "attachments"


class StepKind(StrEnum):
    """What a step is for: it says what the system does there by itself and who is waited for."""

    DRAFT = "draft"
    EXECUTION = "execution"
    APPROVAL = "approval"
    REWORK = "rework"
    SIGNING = "signing"
    REGISTRATION = "registration"
    DISPATCH = "dispatch"
    ACKNOWLEDGEMENT = "acknowledgement"
    MEETING = "meeting"
    POINTS = "points"
    STAGE = "stage"
    FINAL = "final"


class ActionKind(StrEnum):
    """What an action does to a document; the verbs that `core.decide` knows."""

    REGISTER = "register"
    FORWARD = "forward"
    ASSIGN = "assign"
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return"
    RESEND = "resend"
    REQUEST_EXTENSION = "request_extension"
    GRANT_EXTENSION = "grant_extension"
    ESCALATE_EXTENSION = "escalate_extension"
    REFUSE_EXTENSION = "refuse_extension"
    DELEGATE = "delegate"
    REPLACE = "replace"
    RECALL = "recall"
    REPORT = "report"
    FINISH = "finish"
    REPLY = "reply"
    RELEASE = "release"
    REWORK = "rework"
    REOPEN = "reopen"
    ANNUL = "annul"
    CONFIRM_ANNUL = "confirm_annul"
    DENY_ANNUL = "deny_annul"
    CORRECT = "correct"
    ADD_FILES = "add_files"
    CLOSE = "close"
    FILL = "fill"
    MOVE = "move"
    START = "start"
    SUBMIT = "submit"
    APPROVE = "approve"
    APPROVE_WITH_REMARKS = "approve_with_remarks"
    OBJECT = "object"
    PASS_VISA = "pass_visa"  # noqa: S105 - an action, not a secret
    ADD_APPROVER = "add_approver"
    REMOVE_APPROVER = "remove_approver"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"
    NEW_EDITION = "new_edition"
    SIGN = "sign"
    DECLINE = "decline"
    SIGN_PAPER = "sign_paper"
    PASS_SIGNATURE = "pass_signature"  # noqa: S105 - an action, not a secret
    DISPATCH = "dispatch"
    DELIVERY_FAILED = "delivery_failed"
    ANSWERED = "answered"
    ASK_READERS = "ask_readers"
    READ = "read"
    REFUSE_READING = "refuse_reading"
    REPLACE_TEXT = "replace_text"
    AGENDA = "agenda"
    VOTE = "vote"
    DECIDE = "decide"
    CONTROL_POINTS = "control_points"
    RELEASE_POINT = "release_point"
    ASK = "ask"
    SET_TASK = "set_task"
    ANSWER = "answer"
    WITHDRAW_REQUEST = "withdraw_request"
    RENDER = "render"
    LINK = "link"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    LETTER = "letter"
    CONFIRM_LETTER = "confirm_letter"
    REPEAT_LETTER = "repeat_letter"


RELATIONS: Mapping[str, str] = {
    "holder": "у кого документ",
    "executor": "исполнитель поручения",
    "author": "автор резолюции",
    "head": "руководитель исполнителя",
    "decider": "кто решает о продлении",
    "lead": "ответственный исполнитель",
    "controller": "контролёр",
    "initiator": "кто завёл документ",
    "initiator_head": "руководитель того, кто завёл документ",
    "holders": "все, у кого документ",
    "approver": "согласующий, чья очередь",
    "signer": "подписант",
    "reader": "кто должен ознакомиться",
    "requested": "у кого запрошено",
    "requester": "кто запросил",
    "sender": "кто написал письмо",
    "voter": "член органа, чей голос ждут",
    "participant": "все, кто участвует в работе с документом",
    "follower": "кто подписан на изменения",
}
"""Roles that follow from a document itself; all others are organisational and must be declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One allowed value of a choice field."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A typed value of the card or of a form; `max_length` in characters."""

    code: str
    label: str
    type: FieldType = FieldType.TEXT
    hint: str = ""
    max_length: int = 500
    min_length: int = 0
    choices: tuple[Choice, ...] = ()
    default: str = ""
    past_only: bool = False

    def label_of(self, value: str) -> str:
        """Return what people read for a stored choice value."""
        return next((one.label for one in self.choices if one.value == value), value)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field as asked by one action."""

    field: Field
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A one-way message: to whom (a role) and what; `{number}`, `{title}`, `{actor}` … are filled in."""

    to: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button: exact label, where it shows, who may press it, what it asks and where it leads.

    Without `work` it is a side action: nobody holds a document in order to press it. `outcomes` names
    the step for each answer of an action that has several (a meeting's decision). `number`: the
    document gets its number here (a registration always gives it). `kinds`: only documents of these
    kinds have the action (empty: all).
    """

    code: str
    label: str
    kind: ActionKind
    states: tuple[str, ...]
    branch: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    form: tuple[FormField, ...] = ()
    next: tuple[str, ...] = ()
    notify: tuple[Notice, ...] = ()
    style: str = "plain"
    hint: str = ""
    closes_as: str = ""
    starts: str = ""
    work: bool = True
    number: bool = False
    outcomes: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()

    @property
    def takes_number(self) -> bool:
        """Tell whether the document gets its number by this action."""
        return self.number or self.kind is ActionKind.REGISTER

    @property
    def needs_form(self) -> bool:
        """Tell whether the action cannot be done by one press."""
        return any(one.required for one in self.form)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A step of the route as people see it.

    `then` is where the document goes by itself when nothing is left to be done in the step, `back`
    where it goes when somebody objected.
    """

    code: str
    label: str
    final: bool = False
    success: bool = False
    hint: str = ""
    colour: str = ""
    kind: StepKind = StepKind.STAGE
    then: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandatory:
    """An approver whom the initiator cannot leave out; `when` is a card flag that must be set."""

    role: str
    group: int = 1
    when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRules:
    """How a process approves: who must be asked, by when, and what an objection does.

    `objection`: `group` lets the others of the group answer first, `first` ends the round at once.
    `default` is asked when the initiator names nobody.
    """

    mandatory: tuple[Mandatory, ...] = ()
    default: tuple[str, ...] = ()
    objection: str = "group"
    term: TermRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of document with its default term; `typed_term`: the date must be typed by the clerk."""

    code: str
    label: str
    term: TermRule | None = None
    typed_term: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """How documents of the process are numbered: the series, its format and period.

    `values` names the card field behind each variable of the format (`delo: case_file`); `scope` is the
    card field inside whose values the counter runs. `by` is the card field that chooses among
    `variants`; a value without a variant has the numbering itself. `dated` is the card field with the
    document's date, the day of the registration when it is empty.
    """

    series: str
    format: NumberFormat
    period: Period = "year"
    values: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""
    by: str = ""
    dated: str = ""
    variants: Mapping[str, Numbering] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryField:
    """A column of the portal's registry; `source` is `card.<field>` or a name of `core.registry`."""

    code: str
    label: str
    type: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The smart process that shows the documents in the portal; `entity_type_id` is fixed by us."""

    title: str
    entity_type_id: int
    fields: tuple[RegistryField, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Decisions that an organisation makes about a process.

    `owner` is the role that gets what nobody else can take; `answered_at` is the step from which on an
    outgoing document answers its incoming one; `quorum` is the part of the elected members that must
    be exceeded, `members` the role of those who vote. `reread`: a new text is read again `always`, or when
    whoever replaces it does not say that the change has no meaning (`asked`). `supersedes` are the processes
    whose documents one of this process may change or repeal.
    """

    term_authority: str = ""
    child_term: str = "warn"
    acknowledge_controlled: str = "reason"
    reopen_days: int = 30
    max_depth: int = 12
    owner: str = ""
    answered_at: str = ""
    quorum: str = "1/2"
    members: str = ""
    reread: str = "asked"
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A document made from a template: a new edition of the draft, or a print form for download.

    `states` are the steps in which it is offered (empty: in all), `needs` what the document must have.
    `selective`: whoever prints may choose the points it shows (an extract for one organisation).
    """

    code: str
    label: str
    template: str
    part: str = "print"
    states: tuple[str, ...] = ()
    needs: str = ""
    selective: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDefinition:
    """One version of a process; `digest` identifies it, `source` is its text as it was loaded."""

    code: str
    label: str
    digest: str
    source: str
    title_field: str
    fields: Mapping[str, Field]
    states: tuple[State, ...]
    branch_states: Mapping[str, str]
    roles: Mapping[str, str]
    kinds: tuple[Kind, ...]
    actions: tuple[Action, ...]
    registry: Registry | None = None
    numbering: Numbering | None = None
    policies: Policies = field(default_factory=Policies)
    approval: ApprovalRules = field(default_factory=ApprovalRules)
    card: tuple[str, ...] = ()
    route: tuple[str, ...] = ()
    documents: tuple[Rendered, ...] = ()

    def action(self, code: str) -> Action | None:
        """Return the action with this code, if there is one."""
        return next((one for one in self.actions if one.code == code), None)

    def action_of(self, kind: ActionKind) -> Action | None:
        """Return the first action of a kind, if there is one."""
        return next((one for one in self.actions if one.kind is kind), None)

    def state(self, code: str) -> State:
        """Return a state; unknown codes (of a later version) show as themselves."""
        return next((one for one in self.states if one.code == code), State(code=code, label=code))

    def rendered(self, code: str) -> Rendered | None:
        """Return a document that is made from a template, if it is declared."""
        return next((one for one in self.documents if one.code == code), None)

    def kind(self, code: str) -> Kind | None:
        """Return a kind of document, if it is declared."""
        return next((one for one in self.kinds if one.code == code), None)
