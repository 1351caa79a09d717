from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from b24flow.core.definition import ProcessDefinition
from b24flow.definitions.graph import mermaid, svg, table
from b24flow.definitions.layout import WIDTH, place, route_of
from b24flow.definitions.loader import load_processes

LOADED = load_processes(Path(__file__).parents[3] / "processes")
INCOMING = LOADED["incoming"]
NS = {"s": "http://www.w3.org/2000/svg"}


def drawn(
    definition: ProcessDefinition, current: str | None = None, visited: tuple[str, ...] = ()
) -> ET.Element:
    return ET.fromstring(svg(definition, current, visited))  # noqa: S314 - our own text


def words(picture: ET.Element) -> str:
    return " ".join(one.text or "" for one in picture.iterfind(".//s:text", NS))


@pytest.mark.parametrize("code", sorted(LOADED))
def test_every_step_and_every_leading_button_is_in_the_picture(code: str) -> None:
    definition = LOADED[code]
    said = words(drawn(definition))
    for state in definition.states:
        assert state.label in said
    for action in definition.actions:
        if action.next or action.closes_as:
            assert action.label in said


def test_the_current_step_is_lit_and_told() -> None:
    picture = drawn(INCOMING, "exec", ("draft", "review"))
    lit = [one for one in picture.iterfind(".//s:g", NS)
           if any(box.get("fill") == "#0B66C3" for box in one.iterfind("s:rect", NS))]
    assert [words(one) for one in lit] == ["На исполнении"]
    description = picture.findtext("s:desc", "", NS)
    assert "Сейчас: На исполнении." in description
    assert "Пройдено: Черновик, На рассмотрении." in description


@pytest.mark.parametrize("current", [None, "nothing", ""])
def test_an_unknown_step_lights_nothing(current: str | None) -> None:
    text = svg(INCOMING, current)
    assert "#0B66C3" not in text
    assert "Сейчас" not in text


def test_the_picture_scales_and_speaks() -> None:
    picture = drawn(INCOMING, "draft")
    assert re.fullmatch(r"0 0 360 \d+", picture.get("viewBox", ""))
    assert picture.get("width") == "100%"
    assert picture.get("role") == "img"
    title, description = picture.get("aria-labelledby", "").split()
    assert picture.findtext(f"s:title[@id='{title}']", "", NS) == "Маршрут: Входящие документы"
    assert picture.find(f"s:desc[@id='{description}']", NS) is not None
    assert not list(picture.iterfind(".//s:style", NS))
    assert all("style" not in one.attrib for one in picture.iter())


@pytest.mark.parametrize("code", sorted(LOADED))
def test_nothing_overlaps_or_leaves_the_picture(code: str) -> None:
    layout = place(LOADED[code])
    boxes = [*layout.main, *layout.side]
    for number, one in enumerate(boxes):
        assert one.x >= 0
        assert one.right <= WIDTH
        assert one.bottom <= layout.height
        for other in boxes[:number]:
            apart = (one.right <= other.x or other.right <= one.x
                     or one.bottom <= other.y or other.bottom <= one.y)
            assert apart, (one.state.code, other.state.code)


def test_text_is_escaped() -> None:
    evil = '<script>alert("x")</script> & "'
    definition = replace(
        INCOMING, label=evil, states=tuple(replace(one, label=evil, hint=evil)
                                           for one in INCOMING.states),
        actions=tuple(replace(one, label=evil) for one in INCOMING.actions))
    picture = drawn(definition, "exec")
    assert "script" not in {one.tag.rpartition("}")[2] for one in picture.iter()}
    assert picture.findtext("s:title", "", NS) == f"Маршрут: {evil}"
    assert "<script" not in mermaid(definition)
    assert mermaid(definition).count('"') % 2 == 0


def test_a_route_is_found_where_none_is_declared() -> None:
    bare = replace(INCOMING, route=())
    assert route_of(bare)[0] == "draft"
    assert route_of(bare)[-1] in {one.code for one in INCOMING.states if one.final}
    drawn(bare, "exec")


def test_mermaid_names_steps_buttons_and_the_current_step() -> None:
    text = mermaid(INCOMING, "review")
    assert text.startswith("flowchart TD\n")
    assert 'review_ -->|"На исполнение"| exec_' in text
    assert 'done_(["Завершён (исполнен)"])' in text
    assert "class review_ now" in text
    assert "now" not in mermaid(INCOMING, "nothing")


def test_the_table_tells_each_action_in_russian() -> None:
    rows = {one.label: one for one in table(INCOMING)}
    assert len(rows) == len(INCOMING.actions)
    extension = rows["Запросить продление срока исполнения"]
    assert extension.who == "исполнитель поручения"
    assert extension.form == "Желаемый срок*, Причина продления*, Файлы"
    assert rows["Завершить"].next == "Ожидает снятия с контроля, Завершён (исполнен)"
    assert rows["Зарегистрировать и направить"].who == "Делопроизводитель"
    assert rows["Зарегистрировать и направить"].steps == "Черновик"
