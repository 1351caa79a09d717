"""`batch` as the box executes it."""

from __future__ import annotations

from urllib.parse import quote

from tests.sandbox.conftest import SPA, Box, add_item


def _add(title: str) -> str:
    return f"crm.item.add?entityTypeId={SPA}&fields[title]={quote(title)}"


def test_maps_keep_the_keys_and_the_order(box: Box, spa: int) -> None:
    answer = box.batch({"b": _add("Б"), "bad": "crm.item.get?entityTypeId=1046&id=77",
                        "a": f"crm.item.list?entityTypeId={SPA}"})  # fmt: skip
    assert list(answer["result"]) == ["b", "a"]
    assert answer["result"]["b"]["item"]["title"] == "Б"
    assert answer["result_error"]["bad"]["error"] == "NOT_FOUND"
    assert answer["result_total"] == {"a": 1}
    assert answer["result_next"] == []
    assert set(answer["result_time"]) == {"b", "a"}


def test_numeric_keys_turn_maps_into_lists(box: Box) -> None:
    answer = box.batch(["server.time", "profile"])
    assert isinstance(answer["result"], list)
    assert answer["result_error"] == []


def test_halt_stops_at_the_first_error(box: Box, spa: int) -> None:
    commands = {"one": _add("1"), "two": "no.such.method", "three": _add("3")}
    answer = box.batch(commands, halt=1)
    assert list(answer["result"]) == ["one"]
    assert list(answer["result_error"]) == ["two"]
    assert len(box.look("state/items")) == 1


def test_references_are_resolved_between_commands(box: Box, spa: int) -> None:
    answer = box.batch({
        "new": _add("Письмо"),
        "same": f"crm.item.get?entityTypeId={SPA}&id=$result[new][item][id]",
        "list": f"crm.item.list?entityTypeId={SPA}",
        "first": f"crm.item.get?entityTypeId={SPA}&id=$result[list][items][0][id]",
    })  # fmt: skip
    assert answer["result"]["same"]["item"]["title"] == "Письмо"
    assert answer["result"]["first"]["item"]["id"] == answer["result"]["new"]["item"]["id"]


def test_references_inside_lists_are_resolved(box: Box) -> None:
    answer = box.batch({
        "a": "tasks.task.add?fields[TITLE]=a&fields[RESPONSIBLE_ID]=9",
        "b": "tasks.task.add?fields[TITLE]=b&fields[RESPONSIBLE_ID]=9",
        "found": "tasks.task.list?filter[ID][0]=$result[b][task][id]&select[]=TITLE",
    })  # fmt: skip
    assert [row["title"] for row in answer["result"]["found"]["tasks"]] == ["b"]


def test_user_text_with_a_reference_is_substituted_too(box: Box, spa: int) -> None:
    answer = box.batch({"a": _add("Первый"), "b": _add("см. $result[a][item][title] и далее"),
                        "c": _add("весь $result[a]")})  # fmt: skip
    assert answer["result"]["b"]["item"]["title"] == "см. Первый и далее"
    assert answer["result"]["c"]["item"]["title"] == "весь Array"


def test_an_unresolved_reference_gives_the_deepest_parent(box: Box, spa: int) -> None:
    item = add_item(box, title="Один")
    answer = box.batch({"a": f"crm.item.get?entityTypeId={SPA}&id={item['id']}",
                        "b": "tasks.task.list?filter[ID]=$result[a][item][nothing]"})  # fmt: skip
    assert answer["result"]["b"]["tasks"] == []


def test_commands_that_are_not_text_vanish(box: Box) -> None:
    answer = box.batch({"a": {"method": "server.time"}, "b": "profile"})
    assert list(answer["result"]) == ["b"]
    assert answer["result_error"] == []


def test_the_fifty_first_command_and_forbidden_methods_are_refused(box: Box) -> None:
    answer = box.batch({f"c{n}": "server.time" for n in range(51)})
    assert len(answer["result"]) == 50
    assert answer["result_error"]["c50"]["error"] == "ERROR_BATCH_LENGTH_EXCEEDED"
    answer = box.batch({"inner": "batch?cmd[a]=profile", "up": "upload?token=1"})
    assert {row["error"] for row in answer["result_error"].values()} == {"ERROR_BATCH_METHOD_NOT_ALLOWED"}


def test_the_journal_lists_inner_commands_with_their_batch(box: Box, spa: int) -> None:
    box.http.delete("/_sandbox/calls")
    box.batch({"a": "profile", "b": "no.such.method"})
    rows = box.look("calls")
    assert [row["method"] for row in rows] == ["batch", "profile", "no.such.method"]
    outer = rows[0]["seq"]
    assert [row["batch"] for row in rows] == [None, outer, outer]
    assert [row["error"] for row in rows] == [None, None, "ERROR_METHOD_NOT_FOUND"]
    assert len({row["http_seq"] for row in rows}) == 1
    assert box.look(f"calls?since={outer}") == rows[1:]


def test_references_cannot_pile_up(box: Box) -> None:
    app = box.install_app()
    deep, wide = {"s": "app.option.set?options[a]=1"}, {"s": "app.option.set?options[a]=1"}
    for number in range(24):
        deep |= wide_or_deep(number, "options[a]" + "[x]" * 60 + f"=$result[r{number}]")
        wide |= wide_or_deep(number, "&".join(f"options[k{n}]=$result[r{number}]" for n in range(9)))
    for commands in (deep, wide):
        answer = app.raw("batch", {"halt": 0, "cmd": commands})
        assert answer.status_code == 200
        assert len(answer.content) < 20_000_000


def wide_or_deep(number: int, query: str) -> dict[str, str]:
    return {f"r{number}": "app.option.get", f"s{number}": f"app.option.set?{query}"}
