"""The client and the bulk reader against the sandbox: two programs that share no code."""

from __future__ import annotations

import httpx
import pytest

from b24flow.errors import OutcomeUnknown, PortalBlocked, PortalRejected, PortalUnavailable
from b24flow.ids import derived_id
from b24flow.portal import calls
from b24flow.portal.bbcode import escape
from b24flow.portal.calls import TaskFields
from b24flow.portal.classify import Answer
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import METHODS, Call, rows
from b24flow.portal.reader import BulkReader
from b24flow.portal.wire import Reference, chunk, travels_alone
from b24flow.sandbox.server import SandboxServer

TOKEN = "bot-token-of-the-test"


@pytest.fixture(scope="module")
def running():
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(running):
    httpx.post(f"{running.url}/_sandbox/reset", json={}, trust_env=False).raise_for_status()
    return running


@pytest.fixture
def client(sandbox):
    with PortalClient(sandbox.webhook_url, read_timeout=20) as made:
        yield made


@pytest.fixture
def fault(sandbox):
    def order(**wanted):
        answer = httpx.post(f"{sandbox.url}/_sandbox/faults", json=wanted, trust_env=False)
        answer.raise_for_status()

    return order


@pytest.fixture
def type_id(client) -> int:
    """The entityTypeId of a registry made for the test."""
    fields = {"title": "Входящие", "isStagesEnabled": "Y", "isSetOpenPermissions": "N"}
    made = client.call(Call("crm.type.add", {"fields": fields}))
    return int(made.result["type"]["entityTypeId"])


@pytest.fixture
def bot_id(client) -> int:
    fields = {"code": "b24flow", "botToken": TOKEN, "properties": {"name": "Документооборот"}}
    made = client.call(Call("imbot.v2.Bot.register", {"fields": fields}))
    return int(made.result["bot"]["id"])


def task(key: str, title: str = "Исполнить") -> Call:
    return calls.task_add(TaskFields(title=title, responsible=6, creator=1, xml_id=key))


def found(client, key: str) -> list[str]:
    answer = client.call(calls.task_find(key, select=["STATUS"]))
    return [row["id"] for row in rows("tasks.task.list", answer.result) if row["xmlId"] == key]


def test_every_method_of_the_product_exists(client):
    names = [name for name in METHODS if name != "batch"]
    for part in range(0, len(names), 50):
        asked = {
            f"m{i}": Call("method.get", {"name": name})
            for i, name in enumerate(names[part : part + 50])
        }
        for key, outcome in client.batch(asked).items():
            assert isinstance(outcome, Answer), asked[key]
            assert outcome.result["isExisting"] is True, asked[key]


def test_an_item_is_added_found_and_changed(client, type_id):
    item = client.call(
        calls.crm_item_add(type_id, xml_id="b24flow:t:1", fields={"title": "Письмо № 1"})
    ).result["item"]
    assert item["title"] == "Письмо № 1"
    client.call(calls.crm_item_update(type_id, item["id"], {"title": "Письмо № 2"}))
    seen = client.call(calls.crm_item_find(type_id, "b24flow:t:1", select=["id", "title"]))
    assert [(row["id"], row["title"], row["xmlId"]) for row in seen.result["items"]] == [
        (item["id"], "Письмо № 2", "b24flow:t:1")
    ]
    assert seen.total is None, "counting is switched off"


def test_a_task_goes_through_its_life(client):
    task_id = int(client.call(task("k1")).result["task"]["id"])
    assert found(client, "k1") == [str(task_id)]
    client.call(calls.task_update(task_id, TaskFields(title="Исполнить срочно")))
    client.call(calls.task_complete(task_id))
    done = client.call(Call("tasks.task.get", {"taskId": task_id, "select": ["ID", "STATUS"]}))
    assert done.result["task"]["status"] == "5"
    client.call(calls.task_renew(task_id))
    again = client.call(Call("tasks.task.get", {"taskId": task_id, "select": ["ID", "STATUS"]}))
    assert again.result["task"]["status"] == "2"


def test_a_batch_carries_text_through_phps_notation_unchanged(client):
    title = "Иванов & сын = 50% + [скидка] «№ 7» #1 ?\n\"'\\ é"
    seen = client.batch({"a": task("k1", title), "b": task("k2", "x")})
    assert seen["a"].result["task"]["title"] == title
    assert found(client, "k2") == [seen["b"].result["task"]["id"]]


def test_text_that_would_be_substituted_arrives_as_typed(client):
    title = "Верните $result[a][task][id]"
    wanted = {"a": task("k1"), "b": task("k2", title), "c": task("k3")}
    groups = list(chunk(wanted))
    assert [list(group) for group in groups] == [["a"], ["b"], ["c"]]
    task_id = client.call(groups[1]["b"]).result["task"]["id"]
    got = client.call(Call("tasks.task.get", {"taskId": task_id, "select": ["ID", "TITLE"]}))
    assert got.result["task"]["title"] == title


def test_a_reference_of_ours_is_filled_in(client, type_id):
    seen = client.batch(
        {
            "item": calls.crm_item_add(type_id, xml_id="r1", fields={"title": "т"}),
            "note": Call(
                "crm.item.get",
                {"entityTypeId": type_id, "id": Reference.to("item", "item", "id")},
            ),
        }
    )
    assert seen["note"].result["item"]["xmlId"] == "r1"


def test_one_bad_command_does_not_hide_the_others(client):
    bad = Call("tasks.task.add", {"fields": {"TITLE": "без исполнителя"}})
    seen = client.batch({"a": task("k1"), "bad": bad, "c": task("k3")})
    assert isinstance(seen["bad"], PortalRejected)
    assert isinstance(seen["c"], Answer)
    halted = client.batch({"bad": bad, "d": task("k4")}, halt=True)
    assert isinstance(halted["bad"], PortalRejected)
    assert isinstance(halted["d"], PortalUnavailable)
    assert found(client, "k4") == []


@pytest.mark.parametrize(
    ("order", "kind", "executed"),
    [
        ({"action": "exec_then_lose"}, OutcomeUnknown, 1),
        ({"action": "drop"}, OutcomeUnknown, 0),
        ({"action": "status", "status": 502, "body": "html"}, OutcomeUnknown, 0),
        ({"action": "status", "status": 503, "body": "html"}, OutcomeUnknown, 0),
    ],
)
def test_a_lost_write_is_unknown_and_sent_once(client, fault, order, kind, executed):
    fault(method="tasks.task.add", count=0, **order)
    with pytest.raises(kind):
        client.call(task("k1"))
    with pytest.raises(kind):
        client.batch({"a": task("k2"), "b": Call("profile", {})})
    assert client.requests == 2
    assert len(found(client, "k1")) == executed
    assert len(found(client, "k2")) == executed


def test_a_lost_read_is_only_unavailable(client, fault):
    fault(method="tasks.task.list", action="drop")
    with pytest.raises(PortalUnavailable):
        found(client, "k1")
    assert found(client, "k1") == []


def test_a_wrong_webhook_blocks(sandbox):
    with PortalClient(f"{sandbox.url}/rest/1/nosuchcode/") as client:
        with pytest.raises(PortalBlocked):
            client.call(Call("profile", {}))
        with pytest.raises(PortalBlocked):
            client.batch({"a": Call("profile", {})})


def test_a_message_with_the_same_key_is_sent_once(client, bot_id):
    key = derived_id("document", 1)
    send = calls.message_send(
        bot_id,
        TOKEN,
        "6",
        text=escape("[SEND=/x]Письмо[/SEND]"),
        template_id=key,
        keyboard=[calls.command_button("Согласовать", "b24approve", "n1")],
    )
    first = client.call(send).result["id"]
    assert client.call(send).result["id"] == first
    client.call(calls.message_update(bot_id, TOKEN, first, text="готово"))


def test_events_of_the_bot_are_read(client, bot_id):
    answer = client.call(calls.bot_events(bot_id, TOKEN, offset=None))
    assert rows("imbot.v2.Event.get", answer.result) == []


def test_a_comment_is_found_by_its_mark(client, type_id):
    item = client.call(calls.crm_item_add(type_id, xml_id="c", fields={"title": "т"})).result
    client.call(calls.comment_add(type_id, item["item"]["id"], "Текст ⟦b24f:7k3q⟧"))
    listed = client.call(calls.comment_list(type_id, item["item"]["id"]))
    comments = rows("crm.timeline.comment.list", listed.result)
    assert [row["COMMENT"] for row in comments] == ["Текст ⟦b24f:7k3q⟧"]


def test_a_file_is_put_found_refused_twice_and_read_back(client):
    common = {"filter": {"ENTITY_TYPE": "common"}}
    (storage,) = client.call(Call("disk.storage.getList", common)).result
    folder = client.call(calls.root_folder_add(int(storage["ID"]), "Входящие 2026")).result
    folder_id = int(folder["ID"])
    content = bytes(range(256)) * 100
    client.upload(folder_id, "01-12 [v1].docx", content)
    with pytest.raises(PortalRejected) as taken:
        client.upload(folder_id, "01-12 [v1].docx", content)
    assert taken.value.error == "DISK_OBJ_22000"
    with pytest.raises(PortalRejected) as again:
        client.call(calls.root_folder_add(int(storage["ID"]), "Входящие 2026"))
    assert again.value.error == "DISK_OBJ_22000"
    listed = client.call(calls.folder_children(folder_id, name="01-12 [v1].docx"))
    (file,) = rows("disk.folder.getChildren", listed.result)
    link = client.call(Call("disk.file.get", {"id": int(file["ID"])})).result["DOWNLOAD_URL"]
    assert client.download(link, size=len(content)) == content


def test_the_whole_registry_is_read(sandbox, client, type_id):
    wanted = [f"b24flow:t:{i}" for i in range(130)]
    for number in range(0, 130, 50):
        group = {
            f"c{i}": calls.crm_item_add(type_id, xml_id=key, fields={"title": "т"})
            for i, key in enumerate(wanted[number : number + 50])
        }
        assert all(isinstance(outcome, Answer) for outcome in client.batch(group).values())
    reader = BulkReader(sandbox.webhook_url)
    pages = list(reader.items(type_id, select=["xmlId"]))
    assert [row["xmlId"] for page in pages for row in page] == wanted
    narrow = reader.items(type_id, select=["id"], filters={"=xmlId": wanted[77]})
    assert len(list(narrow)) == 1
    with pytest.raises(PortalRejected):
        list(reader.items(type_id, select=["id"], filters={"=noSuchField": 1}))


def test_people_and_departments_are_read(sandbox):
    reader = BulkReader(sandbox.webhook_url)
    users = reader.small("user.get")
    assert len({row["ID"] for row in users}) == len(users) > 10
    assert len(reader.small("department.get")) == 8


def test_a_builder_never_makes_what_cannot_travel(type_id):
    made = [
        task("k"),
        calls.crm_item_add(type_id, xml_id="k", fields={"title": "т"}),
        calls.crm_item_find(type_id, "k", select=["id"]),
        calls.comment_add(type_id, 1, "т"),
        calls.comment_list(type_id, 1),
        calls.message_send(1, TOKEN, "6", text="т", template_id="x"),
        calls.bot_events(1, TOKEN, offset=5),
        calls.folder_add(1, "т"),
        calls.folder_children(1, name="т"),
    ]
    assert not any(travels_alone(call) for call in made)
    assert travels_alone(calls.file_upload(1, "т", b""))
