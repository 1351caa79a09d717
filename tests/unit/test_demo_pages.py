from __future__ import annotations

import pytest

from b24flow.demo.pages import PageError, read

PAGE = """
<h1>На исполнение</h1><p class="flash flash-ok" role="status">Выполнено</p>
<form action="/logout" method="post"><button>Выйти</button></form>
<a class="button" href="/documents/1?target=a&amp;b=2">Направить <b>выше</b></a>
<form action="/documents/1/actions/execute?target=a" method="post">
  <input type="hidden" name="form_ticket" value="&lt;t&gt;">
  <textarea name="text">
первая
вторая</textarea>
  <label class="check"><input type="checkbox" name="executors" value="3" checked>
    <span>Клёнова В. И.</span></label>
  <label class="check"><input type="checkbox" name="executors" value="8"> <span>Липатова И. Т.</span></label>
  <select name="lead"><option value="">— не выбран —</option>
    <optgroup label="Отдел"><option value="8" selected>Липатова И. Т.</option></optgroup></select>
  <label><input type="checkbox" name="control" value="1"> <span>Поставить на контроль</span></label>
  <input type="file" multiple name="files">
  <p class="field-error" id="e-term">Укажите срок</p>
</form>
"""


def test_a_page_is_read_as_a_person_sees_it() -> None:
    page = read("/documents/1", 200, PAGE)
    assert (page.heading, page.flash, page.errors) == ("На исполнение", "Выполнено", ["Укажите срок"])
    assert page.link("Направить выше") == "/documents/1?target=a&b=2"
    with pytest.raises(PageError, match="нет кнопки «Отозвать»"):
        page.link("Отозвать")


ROWS = """
<h1>Постановление</h1>
<table><tr><th>Адресат</th></tr><tr><td>Министерство</td><td><a href="/one">Отправлено</a></td></tr>
<tr><td>Станция</td><td><a href="/two">Отправлено</a></td></tr></table>
<a href="/all">Отправлено</a> <a href="/release?target=1">Снять с контроля — Дубравин М. Я.</a>
<form action="/documents/1/actions/submit" method="post">
  <textarea name="points.text">Утвердить</textarea>
  <select name="points.executor"><option value="">— не выбран —</option>
    <option value="11">Дубравин М. Я.</option><option value="12" selected>Ольхова Н. С.</option></select>
  <textarea name="points.text"></textarea>
  <select name="points.executor"><option value="">— не выбран —</option>
    <option value="11">Дубравин М. Я.</option></select>
  <select name="outcome">
    <option value="a">Принято с поправками</option><option value="b">Принято</option></select>
</form>
"""


def test_rows_of_a_form_are_filled_in_order_and_the_rest_stays() -> None:
    form = read("/x", 200, ROWS).form("/documents/1/actions/submit")
    assert form.filled({}) == {
        "points.text": ["Утвердить", ""], "points.executor": ["12", ""], "outcome": ["a"],
    }
    sent = form.filled({"points.text": ["Разослать", "Доложить"], "points.executor": ["", "Дубравин"],
                        "outcome": "Принято"})
    assert sent == {
        "points.text": ["Разослать", "Доложить"], "points.executor": ["", "11"], "outcome": ["b"],
    }
    assert form.filled({"points.text": ["Разослать"]})["points.text"] == ["Разослать", ""]
    with pytest.raises(PageError, match="строк 2, а нужно 3"):
        form.filled({"points.text": ["1", "2", "3"]})
    with pytest.raises(PageError, match="не выбирается «Ольхова»"):
        form.filled({"points.executor": ["Ольхова", "Ольхова"]})


def test_one_of_several_buttons_alike_is_told_by_its_row_or_its_words() -> None:
    page = read("/x", 200, ROWS)
    assert page.link("Отправлено") == "/one"
    assert page.link("Отправлено", "Станция") == "/two"
    assert page.link("Снять с контроля", "Дубравин") == "/release?target=1"
    with pytest.raises(PageError, match="у «Федерация»"):
        page.link("Отправлено", "Федерация")


def test_an_untouched_form_sends_what_it_holds() -> None:
    form = read("/x", 200, PAGE).form("/documents/1/actions/execute")
    assert form.filled({}) == {
        "form_ticket": ["<t>"], "text": ["первая\nвторая"], "executors": ["3"], "lead": ["8"],
    }


def test_people_are_picked_by_the_name_beside_the_box() -> None:
    form = read("/x", 200, PAGE).form("/documents/1/actions/execute")
    sent = form.filled({"executors": ["Липатова", "Клёнова"], "control": True, "text": "да"})
    assert (sent["executors"], sent["control"], sent["text"]) == (["8", "3"], ["1"], ["да"])
    assert form.filled({"control": False}).get("control") is None
    with pytest.raises(PageError, match="не выбирается «Орлов»"):
        form.filled({"executors": ["Орлов"]})
    with pytest.raises(PageError, match="нет полей: term"):
        form.filled({"term": "2026-11-23"})
