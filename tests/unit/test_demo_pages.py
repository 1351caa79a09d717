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
