"""The tree of a process file → `core.ProcessDefinition`, section by section.

Nothing here decides whether names fit together: that is `core.check`, which also judges
definitions that never were YAML. Here a value only gets its type; an undeclared form field is
passed on as named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import get_args

from b24flow.core.calendar import TermRule
from b24flow.core.check import REGISTRY_TYPES
from b24flow.core.definition import (
    Action,
    ActionKind,
    ApprovalRules,
    Choice,
    Field,
    FieldType,
    FormField,
    Kind,
    Mandatory,
    Notice,
    Numbering,
    Policies,
    ProcessDefinition,
    Registry,
    RegistryField,
    Rendered,
    State,
    StepKind,
)
from b24flow.core.numbering import NumberFormat, Period
from b24flow.core.rendition import DRAFT, NEEDS, PARTS, PRINT
from b24flow.core.tree import TREE_STATES
from b24flow.definitions import schema
from b24flow.definitions.nodes import Keys, Node, Scalar
from b24flow.definitions.schema import Block

Words = Mapping[str, tuple[Kind | Rendered, ...]]
"""What `choices: kinds` and `choices: documents` stand for."""

STYLES = ("plain", "primary", "danger")
_FIELD_TYPES = tuple(one.value for one in FieldType)
_ACTION_KINDS = tuple(one.value for one in ActionKind)
_STEP_KINDS = tuple(one.value for one in StepKind)
WORKING, ANY = "working", "any"
QUORUMS = ("1/2", "2/3", "3/4")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_TERM = re.compile(r"(?P<count>[0-9]{1,3}) (?P<unit>working|calendar)(?: (?P<end>next|previous))?")
_TYPED = "typed"
_LABEL, _BUTTON, _HINT, _NOTICE, _TEXT_LIMIT = 100, 60, 300, 500, 20_000
# Own smart processes of a portal have even numbers from 1030 (docs: crm.type.add).
_FIRST_TYPE, _LAST_TYPE = 1030, 65_534


def build(root: Block, digest: str, source: str) -> ProcessDefinition:
    """Return the definition a file describes; every slip is already reported by the block."""
    kinds = tuple(_kinds(root))
    documents = tuple(_documents(root))
    words: Words = {"kinds": kinds, "documents": tuple(one for one in documents if one.part == DRAFT)}
    fields = {code: _field(code, inner, words) for code, inner in
              root.coded("fields", schema.FIELD_KEYS, required=True)}
    states = tuple(_states(root))
    return ProcessDefinition(
        code=root.code("process"),
        label=root.text("label", required=True, limit=_LABEL),
        digest=digest,
        source=source,
        title_field=root.code("title_field"),
        fields=MappingProxyType(fields),
        states=states,
        branch_states=MappingProxyType(root.labels("branch_states")),
        roles=MappingProxyType(root.labels("roles", required=True)),
        kinds=kinds,
        actions=tuple(_actions(root, fields, states)),
        registry=_registry(root),
        numbering=_numbering(root),
        policies=_policies(root),
        approval=_approval(root),
        card=root.words("card", required=True),
        route=root.words("route"),
        documents=documents,
    )


def _documents(root: Block) -> list[Rendered]:
    found = []
    for code, one in root.coded("documents", schema.DOCUMENT_KEYS):
        found.append(Rendered(
            code=code, label=one.text("label", code, required=True, limit=_BUTTON),
            template=one.text("template", code, limit=40) or code,
            part=one.one_of("part", PARTS, PRINT), states=one.words("in"),
            needs=one.one_of("needs", tuple(NEEDS), "") if one.has("needs") else "",
            selective=one.flag("selective"),
        ))
        one.check_code(found[-1].template, "template")
    return found


def _states(root: Block) -> list[State]:
    found = []
    for code, one in root.coded("states", schema.STATE_KEYS, required=True):
        colour = one.text("colour")
        if colour and not _COLOUR.fullmatch(colour):
            one.report("colour", f"цвет «{colour}»: нужен вид \"#2FC6F6\"")
        final = one.flag("final")
        found.append(State(
            code=code, label=one.text("label", code, required=True, limit=_BUTTON),
            final=final, success=one.flag("success"), colour=colour,
            hint=one.text("hint", required=True, limit=_HINT), kind=_step_kind(code, one, final),
            then=one.text("then"), back=one.text("back"),
        ))
    return found


def _step_kind(code: str, one: Block, final: bool) -> StepKind:
    """Return what a step is for; the tree's own words and the ends need not say it."""
    usual = StepKind.STAGE
    if final:
        usual = StepKind.FINAL
    elif code in TREE_STATES:
        usual = StepKind.EXECUTION
    elif code == "draft":
        usual = StepKind.DRAFT
    return StepKind(one.one_of("kind", _STEP_KINDS, usual.value))


def _approval(root: Block) -> ApprovalRules:
    one = root.block("approval", schema.APPROVAL_KEYS)
    if one is None:
        return ApprovalRules()
    mandatory = []
    for path, node in one.items("mandatory"):
        must = one.block_of(node, path, schema.MANDATORY_KEYS)
        if must is not None:
            mandatory.append(Mandatory(role=must.text("role", required=True), when=must.text("when"),
                                       group=must.integer("group", 1, 1, 30)))
    said = one.text("term")
    return ApprovalRules(
        mandatory=tuple(mandatory), default=one.words("default"),
        objection=one.one_of("objection", ("group", "first"), "group"),
        term=_term(one, said) if said else None,
    )


def _kinds(root: Block) -> list[Kind]:
    found = []
    for code, one in root.coded("kinds", schema.KIND_KEYS):
        said = one.text("term")
        found.append(Kind(
            code=code, label=one.text("label", code, required=True, limit=_LABEL),
            term=_term(one, said) if said and said != _TYPED else None,
            typed_term=said == _TYPED,
        ))
    return found


def _term(block: Block, said: str) -> TermRule | None:
    match = _TERM.fullmatch(said)
    if match is None:
        block.report("term", f"срок «{said}»: нужно, например, «10 working» (рабочие дни),"
                             " «30 calendar previous» (календарные, до выходного) или «typed»")
        return None
    try:
        return TermRule(
            count=int(match["count"]),
            unit="working" if match["unit"] == "working" else "calendar",
            end_on_dayoff="previous" if match["end"] == "previous" else "next",
        )
    except ValueError as error:
        block.report("term", str(error))
        return None


def _field(code: str, one: Block, words: Words) -> Field:
    plain = Field(
        code=code,
        label=one.text("label", code, required=True, limit=_LABEL),
        type=FieldType(one.one_of("type", _FIELD_TYPES, FieldType.TEXT.value)),
    )
    field = replace(_limits(one, plain), choices=_choices(one, words))
    if field.type is FieldType.CHOICE and not field.choices:
        one.report("choices", "у поля типа choice должен быть непустой набор «choices»")
    if field.type is not FieldType.CHOICE and field.choices:
        one.report("choices", "набор «choices» бывает только у поля типа choice")
    if field.default and field.choices and field.label_of(field.default) == field.default:
        one.report("default", f"значения «{field.default}» нет в «choices»")
    return field


def _limits(one: Block, field: Field) -> Field:
    """Read what both a declared field and its place in a form may say."""
    changed = replace(
        field,
        label=one.text("label", field.label, limit=_LABEL) or field.label,
        hint=one.text("hint", field.hint, limit=_HINT),
        max_length=one.integer("max_length", field.max_length, 1, _TEXT_LIMIT),
        min_length=one.integer("min_length", field.min_length, 0, _TEXT_LIMIT),
        default=one.text("default", field.default, limit=_NOTICE, one_line=False),
        past_only=one.flag("past_only", default=field.past_only),
    )
    if changed.min_length > changed.max_length:
        one.report("min_length", "наименьшая длина больше наибольшей")
    return changed


def _choices(one: Block, words: Words) -> tuple[Choice, ...]:
    for word, entries in words.items():
        if one.is_word("choices", word):
            return tuple(Choice(value=entry.code, label=entry.label) for entry in entries)
    return tuple(Choice(value=value, label=label)
                 for value, label in one.labels("choices", limit=_LABEL).items())


def _actions(
    root: Block, fields: Mapping[str, Field], states: tuple[State, ...]
) -> list[Action]:
    found = []
    for code, one in root.coded("actions", schema.ACTION_KEYS, required=True):
        kind = one.one_of("kind", _ACTION_KINDS, "") if one.has("kind") else one.text(
            "kind", required=True)
        if kind not in _ACTION_KINDS:
            continue
        found.append(Action(
            code=code, kind=ActionKind(kind),
            label=one.text("label", code, required=True, limit=_BUTTON),
            states=_places(one.words("in", required=True), states), branch=one.words("on"),
            who=one.words("who", required=True), next=one.words("next"),
            form=tuple(_form(one, fields)), notify=tuple(_notices(one)),
            style=one.one_of("style", STYLES, STYLES[0]), hint=one.text("hint", limit=_HINT),
            closes_as=one.text("closes_as"), starts=one.text("starts"),
            work=one.flag("work", default=True), number=one.flag("number"),
            outcomes=MappingProxyType(one.labels("outcomes", limit=40)), kinds=one.words("kinds"),
        ))
    return _numbered_on_paper(found)


def _numbered_on_paper(actions: list[Action]) -> list[Action]:
    """A signature on paper gives a number where «Подписать» does: it is the same step of the route."""
    number = any(one.number for one in actions if one.kind is ActionKind.SIGN)
    return [replace(one, number=number) if one.kind is ActionKind.SIGN_PAPER else one for one in actions]


def _places(said: tuple[str, ...], states: Sequence[State]) -> tuple[str, ...]:
    """Return the steps of an action; `working` means every step that is not an end, `any` every step."""
    words = {WORKING: tuple(one.code for one in states if not one.final),
             ANY: tuple(one.code for one in states)}
    return tuple(dict.fromkeys(code for word in said for code in words.get(word, (word,))))


def _form(action: Block, fields: Mapping[str, Field]) -> list[FormField]:
    """Read `[executors*, lead, reason*: {min_length: 10}]`; a star means required."""
    found: dict[str, FormField] = {}
    for path, node in action.items("form"):
        said, overrides = _asked(action, path, node)
        if not said:
            continue
        code = said.removesuffix("*")
        field = fields.get(code) or Field(code=code, label=code)
        if overrides is not None:
            field = _limits(overrides, field)
        if code in found:
            action.report_at(path, node.line, f"поле «{code}» в форме дважды")
        found.setdefault(code, FormField(field=field, required=said.endswith("*")))
    return list(found.values())


def _asked(action: Block, path: str, node: Node) -> tuple[str, Block | None]:
    action.place(path, node.line)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.value, None
    if isinstance(node, Keys) and len(node.pairs) == 1:
        key, value = node.pairs[0]
        return str(key.value), action.block_of(value, path, schema.FORM_KEYS)
    action.report_at(path, node.line, "нужен код поля: «reason», «reason*» или «reason*: {…}»")
    return "", None


def _notices(action: Block) -> list[Notice]:
    found = []
    for path, node in action.items("notify"):
        one = action.block_of(node, path, schema.NOTICE_KEYS)
        if one is not None:
            found.append(Notice(
                to=one.text("to", required=True),
                text=one.text("text", required=True, limit=_NOTICE, one_line=False),
            ))
    return found


def _numbering(root: Block) -> Numbering | None:
    one = root.block("numbering", schema.NUMBERING_KEYS)
    if one is None:
        return None
    usual = _series(one)
    if usual is None:
        return None
    values = MappingProxyType(one.labels("values"))
    scope, dated = one.text("scope"), one.text("dated")
    variants = {}
    for code, inner in one.coded("variants", schema.VARIANT_KEYS):
        variant = _series(inner)
        if variant is not None:
            variants[code] = replace(variant, values=values, scope=scope, dated=dated)
    return replace(usual, values=values, scope=scope, by=one.text("by"), dated=dated,
                   variants=MappingProxyType(variants))


def _series(one: Block) -> Numbering | None:
    series = one.code("series")
    said = one.one_of("period", get_args(Period), "year")
    period: Period = next(word for word in get_args(Period) if word == said)
    template = one.text("template", required=True)
    if not template:
        return None
    try:
        return Numbering(series=series, format=NumberFormat(template), period=period)
    except ValueError as error:
        one.report("template", str(error))
        return None


def _policies(root: Block) -> Policies:
    one = root.block("policies", schema.POLICY_KEYS)
    if one is None:
        return Policies()
    usual = Policies()
    return Policies(
        term_authority=one.text("term_authority"),
        child_term=one.one_of("child_term", ("warn", "deny"), usual.child_term),
        acknowledge_controlled=one.one_of(
            "acknowledge_controlled", ("allow", "reason", "deny"), usual.acknowledge_controlled),
        reopen_days=one.integer("reopen_days", usual.reopen_days, 0, 3660),
        max_depth=one.integer("max_depth", usual.max_depth, 1, 50),
        owner=one.text("owner"),
        answered_at=one.text("answered_at"),
        members=one.text("members"),
        quorum=one.one_of("quorum", QUORUMS, usual.quorum),
        reread=one.one_of("reread", ("asked", "always"), usual.reread),
        supersedes=one.words("supersedes"),
    )


def _registry(root: Block) -> Registry | None:
    one = root.block("registry", schema.REGISTRY_KEYS)
    if one is None:
        return None
    number = one.integer("entity_type_id", _FIRST_TYPE, _FIRST_TYPE, _LAST_TYPE, required=True)
    if number % 2:
        one.report("entity_type_id", "номер смарт-процесса должен быть чётным")
    fields = []
    for path, node in one.items("fields", required=True):
        column = one.block_of(node, path, schema.REGISTRY_FIELD_KEYS)
        if column is not None:
            fields.append(RegistryField(
                code=column.text("code", required=True),
                label=column.text("label", required=True, limit=_LABEL),
                type=column.one_of("type", REGISTRY_TYPES, REGISTRY_TYPES[0]),
                source=column.text("source", required=True),
            ))
    return Registry(title=one.text("title", required=True, limit=_LABEL), entity_type_id=number,
                    fields=tuple(fields))
