"""The set-up of a portal over real HTTP: from an empty box, repeated, broken off, edited by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from b24flow.core.definition import ProcessDefinition
from b24flow.definitions.loader import load_processes
from b24flow.errors import OutcomeUnknown, PortalRejected, PortalUnavailable, SettingsError
from b24flow.ops import portal_setup
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import METHODS
from b24flow.portal.portal_map import PortalMap
from b24flow.sandbox.seed import demo_organisation
from b24flow.sandbox.server import SandboxServer

PROCESSES = Path(__file__).parents[2] / "processes"
TOKEN = "t0ken-marker-of-the-bot"
REGISTRY = 1046

WRITES = [
    ("disk.storage.addFolder", 1),
    ("crm.type.add", 1),
    *(("crm.status.update", nth) for nth in range(1, 4)),
    *(("crm.status.add", nth) for nth in range(1, 9)),
    *(("crm.status.delete", nth) for nth in range(1, 3)),
    *(("userfieldconfig.add", nth) for nth in range(1, 4)),
    ("disk.folder.addSubFolder", 1),
    ("imbot.v2.Bot.register", 1),
    *(("imbot.v2.Command.register", nth) for nth in range(1, 5)),
]
"""Every write of a set-up of the incoming process with three columns, in its order."""

COMMON = 1 + 1 + 4
"""The writes that no process has for itself: the folder of all, the bot and its commands."""


def _writes(definition: ProcessDefinition) -> int:
    """Count the writes of one registry: type, folder, columns, a stage each, two default ones go."""
    assert definition.registry is not None
    return 1 + 1 + len(definition.registry.fields) + len(definition.states) + 2


class Box:
    """The emulated portal and the hands that can reach into it past our client."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url)
        self.client = PortalClient(server.webhook_url)

    def reset(self, **changes: Any) -> None:
        seed = {**demo_organisation(), **changes}
        self.http.post("/_sandbox/reset", json={"seed": seed}).raise_for_status()

    def rest(self, method: str, params: Mapping[str, Any]) -> Any:
        """Do something in the portal by hand."""
        answer = self.http.post(f"{self.server.webhook_url}{method}", json=params).json()
        assert "error" not in answer, answer
        return answer["result"]

    def state(self, what: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f"/_sandbox/state/{what}").json()
        return found

    def stages(self, number: int = REGISTRY) -> list[dict[str, Any]]:
        """Return the stages of a registry's pipeline; the portal has others of its own."""
        return [row for row in self.state("statuses")
                if row["entity_id"].startswith(f"DYNAMIC_{number}_STAGE_")]

    def fault(self, **order: Any) -> None:
        self.http.post("/_sandbox/faults", json=order).raise_for_status()

    def forget(self) -> None:
        self.http.delete("/_sandbox/calls")
        self.http.delete("/_sandbox/faults")

    def writes(self) -> list[tuple[str, int]]:
        """Return the writes received, each with its number among those of its method."""
        seen: Counter[str] = Counter()
        found = []
        names = {name.lower(): fact for name, fact in METHODS.items()}
        for row in self.http.get("/_sandbox/calls").json():
            fact = names[row["method"].lower()]
            if fact.write and fact.name != "batch":
                seen[fact.name] += 1
                found.append((fact.name, seen[fact.name]))
        return found

    def counts(self) -> dict[str, int]:
        """Return how much of everything there is."""
        tables = ("types", "categories", "statuses", "fields", "bots", "commands", "files")
        return {what: len(self.state(what)) for what in tables}

    def close(self) -> None:
        self.http.close()
        self.client.close()


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def box(server: SandboxServer) -> Iterator[Box]:
    made = Box(server)
    made.reset()
    yield made
    unhandled = made.http.get("/_sandbox/unhandled").json()
    made.close()
    assert unhandled == []


@pytest.fixture(scope="session")
def whole() -> Mapping[str, ProcessDefinition]:
    return load_processes(PROCESSES)


@pytest.fixture(scope="session")
def definitions(whole: Mapping[str, ProcessDefinition]) -> Mapping[str, ProcessDefinition]:
    """The incoming process alone with three columns: the whole set is slow to repeat dozens of times."""
    return {"incoming": _narrow(whole["incoming"], 3)}


def _narrow(definition: ProcessDefinition, columns: int) -> ProcessDefinition:
    assert definition.registry is not None
    registry = replace(definition.registry, fields=definition.registry.fields[:columns])
    return replace(definition, registry=registry)


Apply = Callable[[], tuple[PortalMap, int]]


@pytest.fixture
def apply(box: Box, definitions: Mapping[str, ProcessDefinition]) -> Apply:
    return lambda: portal_setup.apply(box.client, definitions, TOKEN)


def test_empty_portal_gets_everything_and_the_map_names_it(
    box: Box, whole: Mapping[str, ProcessDefinition]
) -> None:
    told: list[str] = []
    made, writes = portal_setup.apply(box.client, whole, TOKEN, report=told.append)

    assert writes == len(told) == len(box.writes()) == sum(_writes(one) for one in whole.values()) + COMMON
    assert made.processes.keys() == whole.keys()
    folders = {row["id"]: row.get("path") for row in box.state("files")}
    for code, definition in whole.items():
        place = made.processes[code]
        assert definition.registry is not None
        assert set(place.fields) == {one.code for one in definition.registry.fields}
        assert place.stages.keys() == {one.code for one in definition.states}
        assert len(set(place.stages.values())) == len(definition.states)
        assert place.entity_type_id == definition.registry.entity_type_id
        assert folders[place.folder_id] == f"Общий диск/Документооборот/{definition.label}"
    changed = made.processes["incoming"]
    assert changed.fields["CHANGED_TERM"] == f"ufCrm{changed.type_id}ChangedTerm"
    assert set(made.commands) == {"b24flow", "where", "mine", "help"}
    assert made.time_zone == "Europe/Moscow"
    assert made.bot_token == TOKEN
    assert TOKEN not in repr(made)
    bot = next(row for row in box.state("bots") if row["id"] == made.bot_id)
    assert (bot["code"], bot["event_mode"]) == ("b24flow", "fetch")


def test_items_and_tasks_can_use_what_the_map_says(box: Box, apply: Apply) -> None:
    place = apply()[0].processes["incoming"]
    values = {place.fields["DOC_NUMBER"]: "Вх-1/26", "stageId": place.stages["exec"]}
    item = box.rest("crm.item.add", {"entityTypeId": REGISTRY, "fields": values})["item"]
    assert item[place.fields["DOC_NUMBER"]] == "Вх-1/26"
    assert item["stageId"] == place.stages["exec"]
    binding = f"T{REGISTRY:x}_{item['id']}"
    fields = {"TITLE": "Проверка", "RESPONSIBLE_ID": 6, "UF_CRM_TASK": [binding]}
    task = box.rest("tasks.task.add", {"fields": fields})["task"]["id"]
    read = box.rest("tasks.task.get", {"taskId": task, "select": ["ID", "UF_CRM_TASK"]})
    assert read["task"]["ufCrmTask"] == [binding]


def test_stages_are_those_of_the_process_in_the_order_of_a_pipeline(
    box: Box, definitions: Mapping[str, ProcessDefinition], apply: Apply
) -> None:
    place = apply()[0].processes["incoming"]
    rows = sorted(box.stages(), key=lambda row: row["sort"])
    assert "".join(row["semantics"] or "P" for row in rows) == "PPPPPPPSFFF"
    names = {row["status_id"]: row["name"] for row in rows}
    states = definitions["incoming"].states
    assert names == {place.stages[one.code]: one.label for one in states}
    system = {row["status_id"].partition(":")[2]: row["name"] for row in rows if row["system"]}
    assert system == {
        "NEW": "Черновик",
        "SUCCESS": "Завершён (исполнен)",
        "FAIL": "Регистрация аннулирована",
    }


def test_no_step_ever_stands_behind_an_end(box: Box, apply: Apply) -> None:
    """The documented order process < success < failure holds after every single write."""
    apply()
    first = min(row["id"] for row in box.stages())
    # what a new pipeline comes with: NEW, PREPARATION, CLIENT, SUCCESS, FAIL
    stages = {first + place: ((place + 1) * 10, group) for place, group in enumerate("PPPSF")}
    orders = []
    for row in box.http.get("/_sandbox/calls").json():
        what, params = row["method"], row["params"]
        fields = params.get("fields", {})
        if what == "crm.status.update" and "SORT" in fields:
            stages[params["id"]] = (fields["SORT"], stages[params["id"]][1])
        elif what == "crm.status.add":
            stages[max(stages) + 1] = (fields["SORT"], fields["SEMANTICS"] or "P")
        elif what == "crm.status.delete":
            del stages[params["id"]]
        orders.append("".join(group for _, group in sorted(stages.values())))
    assert orders[-1] == "PPPPPPPSFFF"
    assert all(order == "".join(sorted(order, key="PSF".index)) for order in orders)


def test_states_named_like_stages_of_the_portal_keep_apart(
    definitions: Mapping[str, ProcessDefinition],
) -> None:
    incoming = definitions["incoming"]
    codes = ["draft", "new", "client", "success", "fail", "preparation"]
    steps = [replace(incoming.states[0], code=code) for code in codes]
    ends = [one for one in incoming.states if one.final]
    named = replace(incoming, states=(*steps, *ends))
    (registry,) = portal_setup.desired({"incoming": named}).registries
    stages = [one.code for one in registry.stages]
    assert stages[:6] == [
        "NEW", "NEW_STATE", "CLIENT_STATE", "SUCCESS_STATE", "FAIL_STATE", "PREPARATION_STATE",
    ]  # fmt: skip
    assert len(set(stages)) == len(stages)


def test_two_processes_cannot_share_a_smart_process_or_a_folder(
    definitions: Mapping[str, ProcessDefinition],
) -> None:
    incoming = definitions["incoming"]
    assert incoming.registry is not None
    with pytest.raises(SettingsError, match="номер смарт-процесса: 1046"):
        portal_setup.desired({"a": incoming, "b": replace(incoming, code="b", label="Другой")})
    other = replace(incoming.registry, entity_type_id=1048)
    with pytest.raises(SettingsError, match="название папки"):
        portal_setup.desired({"a": incoming, "b": replace(incoming, code="b", registry=other)})


def test_second_run_writes_nothing_and_finds_the_same(
    box: Box, whole: Mapping[str, ProcessDefinition]
) -> None:
    first, _ = portal_setup.apply(box.client, whole, TOKEN)
    box.forget()
    second, writes = portal_setup.apply(box.client, whole, TOKEN)
    assert (second, writes) == (first, 0)
    assert box.writes() == []


def test_plan_tells_every_write_and_does_none(
    box: Box, definitions: Mapping[str, ProcessDefinition], apply: Apply
) -> None:
    planned = portal_setup.plan(box.client, definitions, TOKEN)
    assert box.writes() == []
    assert TOKEN not in repr(planned)
    apply()
    assert box.writes() == WRITES
    # the three system stages are there from the beginning of a pipeline: they are renamed, not made
    assert len(planned.steps) == len(WRITES)
    assert portal_setup.plan(box.client, definitions, TOKEN).steps == ()
    assert portal_setup.check(box.client, definitions, TOKEN) == ()


@pytest.mark.parametrize("action", ["exec_then_lose", "drop"])
@pytest.mark.parametrize(("method", "nth"), WRITES)
def test_lost_reply_of_any_write_leaves_one_of_each(
    box: Box, apply: Apply, action: str, method: str, nth: int
) -> None:
    undisturbed = apply()[0]
    expected = box.counts()
    box.reset()
    box.forget()
    box.fault(method=method, nth=nth, action=action)

    disturbed, writes = apply()

    assert box.http.get("/_sandbox/faults").json()[0]["fired"] == 1
    assert box.counts() == expected
    assert disturbed == undisturbed
    # what was executed is not sent again; what was not is sent once more
    assert writes == len(WRITES) + (action == "drop")


def test_gateway_error_page_is_settled_like_a_lost_reply(box: Box, apply: Apply) -> None:
    box.fault(method="userfieldconfig.add", nth=2, action="status", status=502, body="html")
    assert apply()[1] == len(WRITES) + 1
    assert box.counts()["fields"] == 3


def test_run_broken_off_is_continued_by_the_next(box: Box, apply: Apply) -> None:
    box.fault(method="userfieldconfig.add", nth=2, action="drop", count=0)
    with pytest.raises(OutcomeUnknown):
        apply()
    assert box.counts()["fields"] == 1
    box.forget()
    assert set(apply()[0].processes["incoming"].fields) == {
        "DOC_NUMBER", "REGISTERED_ON", "DOC_TITLE",
    }  # fmt: skip
    assert len(box.writes()) == len(WRITES) - WRITES.index(("userfieldconfig.add", 2))
    assert box.counts()["fields"] == 3


def _field(box: Box) -> dict[str, Any]:
    return next(row for row in box.state("fields") if row["name"].endswith("_DOC_TITLE"))


def _stage(box: Box, code: str) -> dict[str, Any]:
    return next(row for row in box.stages() if row["status_id"].endswith(f":{code}"))


def _type(box: Box, **fields: Any) -> None:
    box.rest("crm.type.update", {"id": box.state("types")[0]["id"], "fields": fields})


def _bot(box: Box) -> dict[str, Any]:
    return {"botId": box.state("bots")[0]["id"], "botToken": TOKEN}


def _command(box: Box, name: str) -> dict[str, Any]:
    row = next(row for row in box.state("commands") if row["name"] == name)
    return {**_bot(box), "commandId": row["id"]}


def _relabel(box: Box) -> None:
    label = {"editFormLabel": {"ru": "Как-то иначе"}}
    box.rest("userfieldconfig.update", {"moduleId": "crm", "id": _field(box)["id"], "field": label})


def _delete_field(box: Box) -> None:
    box.rest("userfieldconfig.delete", {"moduleId": "crm", "id": _field(box)["id"]})


def _restage(code: str, **fields: Any) -> Callable[[Box], None]:
    return lambda box: box.rest("crm.status.update", {"id": _stage(box, code)["id"], "fields": fields})


def _delete_stage(box: Box) -> None:
    box.rest("crm.status.delete", {"id": _stage(box, "CONTROL")["id"]})


EDITS: dict[str, tuple[Callable[[Box], None], str]] = {
    "label of a field": (_relabel, "вернуть название поля «Заголовок»"),
    "deleted field": (_delete_field, "создать поле «Заголовок»"),
    "name of a stage": (_restage("CONTROL", NAME="Готово"), "исправить стадию «Ожидает снятия"),
    "order of stages": (_restage("CONTROL", SORT=500), "исправить стадию «Ожидает снятия"),
    "colour of a stage": (_restage("NEW", COLOR="#000000"), "исправить стадию «Черновик»"),
    "deleted stage": (_delete_stage, "создать стадию «Ожидает снятия"),
    "title of the type": (lambda box: _type(box, title="Письма"), "настройки смарт-процесса"),
    "robots": (lambda box: _type(box, isAutomationEnabled="Y"), "isAutomationEnabled"),
    "bond with tasks": (
        lambda box: _type(box, linkedUserFields={"TASKS_TASK|UF_CRM_TASK": "false"}),
        "linkedUserFields",
    ),
    "bot mode": (
        lambda box: box.rest(
            "imbot.v2.Bot.update",
            {**_bot(box), "fields": {"eventMode": "webhook", "webhookUrl": "https://b.example/"}},
        ),
        "вернуть настройки бота",
    ),
    "bot name": (
        lambda box: box.rest("imbot.v2.Bot.update", {**_bot(box), "fields": {"properties": {"name": "Бот"}}}),
        "вернуть настройки бота",
    ),
    "deleted command": (
        lambda box: box.rest("imbot.v2.Command.unregister", _command(box, "mine")),
        "зарегистрировать команду бота /mine",
    ),
    "shown button command": (
        lambda box: box.rest(
            "imbot.v2.Command.update",
            {**_command(box, "b24flow"), "fields": {"hidden": "N", "title": {"ru": "x"}}},
        ),
        "вернуть настройки команды бота /b24flow",
    ),
    "title of a command": (
        lambda box: box.rest(
            "imbot.v2.Command.update",
            {**_command(box, "help"), "fields": {"title": {"ru": "Что это"}}},
        ),
        "вернуть настройки команды бота /help",
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_drift_is_told_and_mended_by_one_write(
    box: Box, definitions: Mapping[str, ProcessDefinition], apply: Apply, edit: str
) -> None:
    before = apply()[0]
    change, expected = EDITS[edit]
    change(box)
    box.forget()

    drift = portal_setup.check(box.client, definitions, TOKEN)
    assert [one.repairable for one in drift] == [True]
    assert expected in drift[0].text
    assert box.writes() == []

    after, writes = apply()
    assert writes == len(box.writes()) == 1
    assert portal_setup.check(box.client, definitions, TOKEN) == ()
    assert after.processes["incoming"].fields == before.processes["incoming"].fields
    assert after.processes["incoming"].stages == before.processes["incoming"].stages


def test_label_put_back_keeps_the_help_text_an_administrator_wrote(box: Box, apply: Apply) -> None:
    apply()
    field = {"editFormLabel": {"ru": "Тема"}, "helpMessage": {"ru": "Одной строкой"}}
    box.rest("userfieldconfig.update", {"moduleId": "crm", "id": _field(box)["id"], "field": field})
    apply()
    row = _field(box)
    assert (row["labels"]["ru"], row["help"]["ru"]) == ("Заголовок", "Одной строкой")


def test_changed_type_of_a_field_stops_before_anything_is_written(
    box: Box, definitions: Mapping[str, ProcessDefinition], apply: Apply
) -> None:
    apply()
    row = _field(box)
    _relabel(box)
    _delete_field(box)
    given = {"entityId": row["entity_id"], "fieldName": row["name"], "userTypeId": "integer"}
    box.rest("userfieldconfig.add", {"moduleId": "crm", "field": given})
    _restage("CONTROL", NAME="Готово")(box)
    box.forget()

    with pytest.raises(SettingsError) as caught:
        apply()
    assert "«Заголовок»" in caught.value.text
    assert "«integer», а нужен «string»" in caught.value.text
    assert row["name"] in caught.value.hint
    assert box.writes() == []
    drift = portal_setup.check(box.client, definitions, TOKEN)
    assert sorted(one.repairable for one in drift) == [False, True]


def test_number_taken_by_a_foreign_smart_process_is_refused(box: Box, apply: Apply) -> None:
    fields = {"title": "Сделки с партнёрами", "entityTypeId": REGISTRY}
    box.rest("crm.type.add", {"fields": fields})
    box.forget()
    with pytest.raises(SettingsError, match="Сделки с партнёрами"):
        apply()
    assert box.writes() == []
    assert box.state("types")[0]["title"] == "Сделки с партнёрами"


def test_file_in_the_place_of_a_folder_is_told(box: Box, apply: Apply) -> None:
    root = box.rest("disk.storage.getList", {"filter": {"ENTITY_TYPE": "common"}})[0]
    box.rest(
        "disk.folder.uploadFile",
        {
            "id": root["ROOT_OBJECT_ID"],
            "data": {"NAME": "Документооборот"},
            "fileContent": ["Документооборот", "YQ=="],
        },
    )
    with pytest.raises(SettingsError, match="лежит файл с таким именем"):
        apply()


def test_default_stage_with_a_document_on_it_is_left_alone(
    box: Box, definitions: Mapping[str, ProcessDefinition], apply: Apply
) -> None:
    fields = {"title": "Входящие документы", "entityTypeId": REGISTRY, "isStagesEnabled": "Y"}
    box.rest("crm.type.add", {"fields": fields})
    stage = _stage(box, "CLIENT")["status_id"]
    box.rest("crm.item.add", {"entityTypeId": REGISTRY, "fields": {"stageId": stage}})
    apply()
    assert _stage(box, "CLIENT")["status_id"] == stage
    assert not [row for row in box.stages() if "PREPARATION" in row["status_id"]]
    assert portal_setup.check(box.client, definitions, TOKEN) == ()


@pytest.mark.parametrize("moment", ["создать стадию", "создать поле"])
def test_another_run_in_the_middle_of_ours_doubles_nothing(
    box: Box, definitions: Mapping[str, ProcessDefinition], apply: Apply, moment: str
) -> None:
    others: list[PortalMap] = []

    def report(line: str) -> None:
        if line.startswith(moment) and not others:
            others.append(apply()[0])

    made, _ = portal_setup.apply(box.client, definitions, TOKEN, report=report)
    expected = box.counts()
    assert others == [made]
    box.reset()
    apply()
    assert box.counts() == expected


def test_refusal_is_sent_once_and_says_who_is_needed(box: Box, apply: Apply) -> None:
    box.fault(method="crm.type.add", action="error", code="ACCESS_DENIED", status=400, count=0)
    with pytest.raises(PortalRejected) as caught:
        apply()
    assert "администратор" in caught.value.hint
    assert box.writes() == [("disk.storage.addFolder", 1), ("crm.type.add", 1)]


def test_somebody_who_is_no_administrator_is_told_before_anything_is_written(box: Box, apply: Apply) -> None:
    seed = demo_organisation()
    people = [{**row, "admin": False} for row in seed["users"]]
    box.reset(users=people)
    with pytest.raises(PortalRejected) as caught:
        apply()
    assert "администратор" in caught.value.hint
    assert box.writes() == []


def test_run_broken_off_between_two_processes_is_continued(
    box: Box, whole: Mapping[str, ProcessDefinition]
) -> None:
    """The second registry's columns fail; the first is not written again, the second is finished."""
    two = {code: _narrow(whole[code], 2) for code in ("directive", "internal")}
    box.fault(method="userfieldconfig.add", nth=4, action="drop", count=0)
    with pytest.raises(OutcomeUnknown):
        portal_setup.apply(box.client, two, TOKEN)
    assert box.counts()["fields"] == 3
    box.forget()
    made, writes = portal_setup.apply(box.client, two, TOKEN)
    # a column, the folder, the bot and its commands
    assert writes == len(box.writes()) == 1 + 1 + 5
    assert {code: len(place.fields) for code, place in made.processes.items()} == {
        "directive": 2, "internal": 2,
    }
    assert portal_setup.apply(box.client, two, TOKEN) == (made, 0)


def test_bot_of_another_token_is_told_and_not_doubled(
    box: Box, definitions: Mapping[str, ProcessDefinition], apply: Apply
) -> None:
    apply()
    with pytest.raises(PortalRejected) as caught:
        portal_setup.apply(box.client, definitions, "another-token")
    assert "ключ" in caught.value.hint
    assert len(box.state("bots")) == 1


@pytest.mark.parametrize("token", ["", "x" * 41])
def test_token_no_portal_would_take_is_refused_before_a_call(
    box: Box, definitions: Mapping[str, ProcessDefinition], token: str
) -> None:
    with pytest.raises(SettingsError, match="Ключ бота"):
        portal_setup.apply(box.client, definitions, token)
    assert box.client.requests == 0


def test_zone_of_the_portal_is_that_of_its_clock(box: Box, apply: Apply) -> None:
    box.reset(timezone="Asia/Vladivostok")
    assert apply()[0].time_zone == "Asia/Vladivostok"
    box.reset(timezone="Etc/GMT+4")
    assert apply()[0].time_zone == "Etc/GMT+4"


def test_portal_that_is_down_is_unavailable_and_touched_by_nothing(box: Box, apply: Apply) -> None:
    box.fault(action="status", status=503, count=0)
    with pytest.raises(PortalUnavailable):
        apply()
    box.forget()
    assert box.state("types") == []


def test_probe_finds_nothing_on_a_good_portal_and_writes_nothing(box: Box) -> None:
    assert portal_setup.probe(box.client) == []
    assert box.writes() == []


def test_probe_names_missing_scopes(box: Box) -> None:
    hook = {**demo_organisation()["webhooks"][0], "scopes": ["crm", "user", "disk"]}
    box.reset(webhooks=[hook])
    kinds = {one.kind: one.text for one in portal_setup.probe(box.client)}
    assert kinds.keys() == {"scope"}
    for scope in ("imbot", "task", "userfieldconfig", "department"):
        assert scope in kinds["scope"]
    assert "crm," not in kinds["scope"]


def test_probe_tells_a_webhook_of_somebody_who_is_no_administrator(box: Box) -> None:
    code = demo_organisation()["webhooks"][0]["code"]
    box.reset(webhooks=[{"user_id": 6, "code": code}])
    with PortalClient(f"{box.server.url}/rest/6/{code}/") as client:
        assert [one.kind for one in portal_setup.probe(client)] == ["administrator"]


def test_probe_tells_a_wrong_webhook_without_its_secret(box: Box) -> None:
    with PortalClient(f"{box.server.url}/rest/1/wr0ngmarker/") as client:
        found = portal_setup.probe(client)
    assert [one.kind for one in found] == ["webhook"]
    assert "не узнаёт вебхук" in found[0].text
    assert "wr0ngmarker" not in repr(found)


def test_probe_tells_a_portal_that_does_not_answer(box: Box) -> None:
    box.fault(action="drop", count=0)
    assert [one.kind for one in portal_setup.probe(box.client)] == ["portal"]
