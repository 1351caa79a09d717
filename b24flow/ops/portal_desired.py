"""What the portal must look like for given processes: pure data, no ids of any box.

The portal's own limits shape it. A new pipeline always comes with five stages, three of which
cannot be deleted, so the first step, the successful end and one other end use those. Ends stand far
behind the steps: a pipeline must be ordered process < success < failure (api-reference/crm/status/
crm-status-add.md), and a step added later must not move them. It must not know how anything is
written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from b24flow.core.definition import ActionKind, ProcessDefinition, Registry, State
from b24flow.errors import SettingsError

XML_ID_PREFIX = "b24flow:"
ROOT_FOLDER = "Документооборот"
BOT_CODE = "b24flow"
BUTTON_COMMAND = "b24flow"
"""The hidden command that stands behind every button of a card."""

BOT_TOKEN_LIMIT = 40
"""Longer tokens are refused (imbot.v2/bots/bot-register.md)."""

NEW, SUCCESS, FAIL = "NEW", "SUCCESS", "FAIL"
SPARE_STAGES = ("PREPARATION", "CLIENT")
"""Stages a new pipeline comes with and we have no use for."""

LINKED_TASKS = "TASKS_TASK|UF_CRM_TASK"
"""With it and `isUseInUserfieldEnabled` a task can be bound to an item; else the bond is lost."""

TYPE_FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "isStagesEnabled": "Y",
        "isUseInUserfieldEnabled": "Y",
        "isRecyclebinEnabled": "Y",
        "isSetOpenPermissions": "N",  # Y would let everybody read every document
        "isCategoriesEnabled": "N",
        "isAutomationEnabled": "N",
        "isBizProcEnabled": "N",
        "isDocumentsEnabled": "N",
        "isBeginCloseDatesEnabled": "N",
        "isClientEnabled": "N",
        "isMycompanyEnabled": "N",
        "isObserversEnabled": "N",
        "isSourceEnabled": "N",
        "isLinkWithProductsEnabled": "N",
    }
)

_STEP, _FIRST_FINAL, _MOST_STEPS = 10, 1000, 99
_RESERVED = frozenset({NEW, SUCCESS, FAIL, *SPARE_STAGES})
_UNFIT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSetup:
    """A user field of a registry; `type` is the portal's."""

    code: str
    label: str
    type: str
    sort: int

    @property
    def xml_id(self) -> str:
        """Our mark on the field."""
        return f"{XML_ID_PREFIX}{self.code.lower()}"

    def name(self, type_id: int) -> str:
        """Return the name of the field in the smart process with this id (not entityTypeId)."""
        return f"UF_CRM_{type_id}_{self.code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSetup:
    """A stage of the pipeline; `semantics`: "" (in progress), "S", "F"; no colour: any will do."""

    code: str
    state: str
    label: str
    sort: int
    colour: str = ""
    semantics: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySetup:
    """The smart process and the folder of one process."""

    process: str
    title: str
    entity_type_id: int
    fields: tuple[FieldSetup, ...]
    stages: tuple[StageSetup, ...]
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSetup:
    """A command of the bot; a hidden one needs no title."""

    name: str
    title: str = ""
    params: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BotSetup:
    """The chat bot, read by polling (fetch mode): nothing has to reach us from the portal."""

    code: str = BOT_CODE
    name: str = "Документооборот"
    post: str = "Помощник по документам"
    event_mode: str = "fetch"
    commands: tuple[CommandSetup, ...] = (
        CommandSetup(name=BUTTON_COMMAND, hidden=True),
        CommandSetup(name="where", title="Где документ", params="номер или слова из заголовка"),
        CommandSetup(name="mine", title="Мои документы"),
        CommandSetup(name="help", title="Помощь"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Everything we need of the portal."""

    registries: tuple[RegistrySetup, ...]
    root_folder: str = ROOT_FOLDER
    bot: BotSetup = field(default_factory=BotSetup)


def desired(definitions: Mapping[str, ProcessDefinition]) -> Setup:
    """Return the set-up for the processes that have a registry, in the order of their codes.

    Raises:
        SettingsError: two processes share a folder name or a number of a smart process, or a
            process has more steps than a pipeline can hold.
    """
    registries = tuple(
        _registry(definition, definition.registry)
        for _, definition in sorted(definitions.items())
        if definition.registry is not None
    )
    _distinct("номер смарт-процесса", [str(one.entity_type_id) for one in registries])
    _distinct("название папки", [one.folder.casefold() for one in registries])
    return Setup(registries=registries)


def _registry(definition: ProcessDefinition, registry: Registry) -> RegistrySetup:
    fields = tuple(
        FieldSetup(code=one.code, label=one.label, type=one.type, sort=number * 100)
        for number, one in enumerate(registry.fields, 1)
    )
    return RegistrySetup(
        process=definition.code,
        title=registry.title,
        entity_type_id=registry.entity_type_id,
        fields=fields,
        stages=_stages(definition),
        folder=folder_name(definition.label),
    )


def folder_name(label: str) -> str:
    """Return the label without the characters a name on Disk cannot hold.

    >>> folder_name("Приказы / распоряжения")
    'Приказы распоряжения'
    """
    return " ".join(_UNFIT_IN_NAMES.sub(" ", label).split())


def _stages(definition: ProcessDefinition) -> tuple[StageSetup, ...]:
    steps = [one for one in definition.states if not one.final]
    success = [one for one in definition.states if one.final and one.success]
    failures = [one for one in definition.states if one.final and not one.success]
    if len(steps) > _MOST_STEPS or len(success) != 1 or not steps:
        raise SettingsError(
            f"Процесс «{definition.label}»: нужен один успешный конец и от 1 до {_MOST_STEPS} шагов"
        )
    fail = _system_failure(definition, failures)
    found = [
        _stage(one, NEW if number == 1 else _own_code(one), number * _STEP, "")
        for number, one in enumerate(steps, 1)
    ]
    found.append(_stage(success[0], SUCCESS, _FIRST_FINAL, "S"))
    for number, one in enumerate(failures, 1):
        code = FAIL if one.code == fail else _own_code(one)
        found.append(_stage(one, code, _FIRST_FINAL + number * _STEP, "F"))
    return tuple(found)


def _stage(state: State, code: str, sort: int, semantics: str) -> StageSetup:
    return StageSetup(
        code=code,
        state=state.code,
        label=state.label,
        sort=sort,
        colour=state.colour,
        semantics=semantics,
    )


def _system_failure(definition: ProcessDefinition, failures: Sequence[State]) -> str:
    """Return the state that uses the portal's own stage of failure.

    The annulment if there is one, so that a final added to a process later does not take the stage
    away from documents that stand on it.
    """
    annulment = definition.action_of(ActionKind.CONFIRM_ANNUL)
    codes = [one.code for one in failures]
    if annulment is not None and annulment.closes_as in codes:
        return annulment.closes_as
    return codes[0] if codes else ""


def _own_code(state: State) -> str:
    code = state.code.upper()
    return f"{code}_STATE" if code in _RESERVED else code


def _distinct(what: str, values: Sequence[str]) -> None:
    twice = sorted({one for one in values if values.count(one) > 1})
    if twice:
        raise SettingsError(f"У двух процессов совпадает {what}: {', '.join(twice)}")
