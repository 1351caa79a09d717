"""The set-up of the portal: declare → diff → apply.

`desired` says what must be there, `plan` what is missing, `apply` does it and returns the map of
ids the rest of the program works with, `check` names the drift, `probe` tells why a portal cannot
be used. Running `apply` again writes nothing; an interrupted run is continued by the next one,
because nothing is remembered but what the portal itself shows. Two runs at the same time are
harmless (the portal refuses the second of two equal objects) but not useful.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from b24flow.core.definition import ProcessDefinition
from b24flow.errors import OutcomeUnknown, PortalRejected, PortalUnavailable, SettingsError
from b24flow.ops.portal_desired import BOT_TOKEN_LIMIT, RegistrySetup, Setup, desired
from b24flow.ops.portal_probe import probe
from b24flow.ops.portal_reading import Differences, Found, Part, Problem, Step
from b24flow.ops.portal_registry import inspect_fields, inspect_stages, inspect_type
from b24flow.ops.portal_shared import (
    inspect_bot,
    inspect_commands,
    inspect_folder,
    inspect_root_folder,
)
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import Call
from b24flow.portal.portal_map import PortalMap, ProcessMap

__all__ = [
    "Drift", "Plan", "Problem", "Setup", "Step", "apply", "check", "desired", "plan", "probe",
]  # fmt: skip

Report = Callable[[str], None]

_ATTEMPTS = 3
"""How often one write is sent whose reply is lost every time."""

_ZONES = {
    2: "Europe/Kaliningrad", 3: "Europe/Moscow", 4: "Europe/Samara", 5: "Asia/Yekaterinburg",
    6: "Asia/Omsk", 7: "Asia/Krasnoyarsk", 8: "Asia/Irkutsk", 9: "Asia/Yakutsk",
    10: "Asia/Vladivostok", 11: "Asia/Magadan", 12: "Asia/Kamchatka",
}  # fmt: skip
"""The zones of Russia by hours east of UTC; none of them has a summer time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What `apply` would do, in its order, and what it refuses to begin with."""

    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference between the portal and the set-up; `repairable`: `apply` mends it."""

    kind: str
    text: str
    repairable: bool


def plan(client: PortalClient, definitions: Mapping[str, ProcessDefinition], bot_token: str) -> Plan:
    """Read the portal and return what is missing or different; nothing is written.

    Raises:
        SettingsError: the definitions or the token cannot be set up on any portal.
        PortalError: the portal does not answer or refuses us.
    """
    return _look(client, _parts(desired(definitions), bot_token), Found())


def check(
    client: PortalClient, definitions: Mapping[str, ProcessDefinition], bot_token: str
) -> tuple[Drift, ...]:
    """Return every difference between the portal and the set-up; raises as `plan`."""
    found = plan(client, definitions, bot_token)
    return (
        *(Drift(kind=one.kind, text=one.text, repairable=False) for one in found.problems),
        *(Drift(kind=one.kind, text=one.what, repairable=True) for one in found.steps),
    )


def apply(
    client: PortalClient,
    definitions: Mapping[str, ProcessDefinition],
    bot_token: str,
    *,
    report: Report = lambda _: None,
) -> tuple[PortalMap, int]:
    """Bring the portal to the desired state; return the map of its ids and the writes sent.

    `report` gets a line in Russian per step done. A lost reply is settled by reading again.

    Raises:
        SettingsError: something has to be done by a person first; nothing was written.
        PortalRejected: the portal refuses a step; what was done before stays, run it again.
        PortalError: the portal does not answer; run it again.
    """
    setup = desired(definitions)
    found, writes = Found(), 0
    parts = _parts(setup, bot_token)
    looked = _look(client, parts, found)
    _refuse(looked.problems)
    if looked.steps:
        for part in parts:
            writes += _settle(client, part, found, report)
    return _map(setup, found, bot_token, _time_zone(client)), writes


def _parts(setup: Setup, bot_token: str) -> list[Part]:
    """Return the parts of the set-up, each after those whose ids it needs."""
    if not 1 <= len(bot_token) <= BOT_TOKEN_LIMIT:
        raise SettingsError(f"Ключ бота должен быть длиной от 1 до {BOT_TOKEN_LIMIT} знаков")
    root = setup.root_folder
    found: list[Part] = [lambda client, known: inspect_root_folder(client, known, root)]
    for one in setup.registries:
        found += _registry_parts(one)
    found.append(lambda client, known: inspect_bot(client, known, setup.bot, bot_token))
    found.append(lambda client, known: inspect_commands(client, known, setup.bot, bot_token))
    return found


def _registry_parts(registry: RegistrySetup) -> list[Part]:
    return [
        lambda client, known: inspect_type(client, known, registry),
        lambda client, known: inspect_stages(client, known, registry),
        lambda client, known: inspect_fields(client, known, registry),
        lambda client, known: inspect_folder(client, known, registry),
    ]


def _look(client: PortalClient, parts: list[Part], found: Found) -> Plan:
    steps: list[Step] = []
    problems: list[Problem] = []
    for part in parts:
        differences = _read(part, client, found)
        steps += differences.steps
        problems += differences.problems
    return Plan(steps=tuple(steps), problems=tuple(problems))


def _read(part: Part, client: PortalClient, found: Found) -> Differences:
    """Compare one part with the portal; a refusal to read says what a person can do about it."""
    try:
        return part(client, found)
    except PortalRejected as error:
        raise _explained(error) from error


def _refuse(problems: tuple[Problem, ...] | list[Problem]) -> None:
    if problems:
        hints = dict.fromkeys(one.hint for one in problems if one.hint)
        raise SettingsError("\n".join(one.text for one in problems), hint="\n".join(hints))


def _settle(client: PortalClient, part: Part, found: Found, report: Report) -> int:
    """Do the steps of one part and read again until it finds none; return the writes sent."""
    done = _Progress()
    while True:
        differences = _read(part, client, found)
        _refuse(differences.problems)
        if not differences.steps:
            return done.writes
        for step in differences.steps:
            if not done.carry_out(client, step, report):
                break


class _Progress:
    """What was sent for one part, so that no step is sent twice without a reason."""

    def __init__(self) -> None:
        self.writes = 0
        self._accepted: set[str] = set()
        self._rejected: dict[str, PortalRejected] = {}
        self._lost: dict[str, int] = {}

    def carry_out(self, client: PortalClient, step: Step, report: Report) -> bool:
        """Send the step; False when the portal must be read again before anything else is sent."""
        self._refuse_repeat(step)
        if step.call is None:
            raise PortalUnavailable(f"Портал не показал того, что нужно для шага: {step.what}")
        self.writes += 1
        try:
            client.call(step.call)
        except OutcomeUnknown as error:
            self._lost[step.key] = self._lost.get(step.key, 0) + 1
            if self._lost[step.key] >= _ATTEMPTS:
                raise
            report(f"{step.what}: ответ потерян, сверяемся с порталом ({error.text})")
            return False
        except PortalRejected as error:
            # perhaps it is there already: an attempt whose reply was lost, or somebody else's hand
            self._rejected[step.key] = _explained(error)
            return False
        self._accepted.add(step.key)
        report(step.what)
        return True

    def _refuse_repeat(self, step: Step) -> None:
        if step.key in self._rejected:
            raise self._rejected[step.key]
        if step.key in self._accepted:
            raise PortalRejected(
                f"Портал принял изменение, но не выполнил его: {step.what}",
                method=step.call.method if step.call else "",
                hint="Выполните portal apply ещё раз; не поможет — сделайте это в портале вручную",
            )


def _explained(error: PortalRejected) -> PortalRejected:
    """Add what a person can do about the refusals a set-up usually meets."""
    hints = {
        "BOT_CODE_ALREADY_TAKEN": "Бот b24flow зарегистрирован с другим ключом: верните прежний"
        " ключ бота в настройки или удалите старого бота в портале",
        "ACCESS_DENIED": "Владелец вебхука должен быть администратором портала и CRM",
    }
    hint = hints.get(error.error.upper(), error.hint)
    return PortalRejected(error.text, method=error.method, error=error.error, hint=hint)


def _map(setup: Setup, found: Found, bot_token: str, time_zone: str) -> PortalMap:
    processes = {}
    for one in setup.registries:
        place = found.place(one.process)
        processes[one.process] = ProcessMap(
            entity_type_id=one.entity_type_id,
            type_id=place.type_id,
            category_id=place.category_id,
            stages=dict(place.stages),
            fields=dict(place.fields),
            folder_id=place.folder_id,
        )
    return PortalMap(
        processes=processes,
        bot_id=found.bot,
        bot_token=bot_token,
        commands=dict(found.commands),
        time_zone=time_zone,
    )


def _time_zone(client: PortalClient) -> str:
    """Return a zone with the portal's present distance from UTC: dates on it are in that zone."""
    shown = client.call(Call("server.time", {})).result
    try:
        offset = datetime.fromisoformat(str(shown)).utcoffset()
    except ValueError:
        offset = None
    if offset is None or offset % timedelta(hours=1):
        raise PortalUnavailable(
            f"Портал сообщил время без понятного часового пояса: {shown}", method="server.time"
        )
    hours = offset // timedelta(hours=1)
    # the names of these zones count westwards
    return _ZONES.get(hours, f"Etc/GMT{-hours:+d}" if hours else "Etc/UTC")
