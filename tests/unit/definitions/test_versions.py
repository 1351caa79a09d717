"""Two versions compared, and the papers of a process: both say what the definition says."""

from __future__ import annotations

import re
from html import unescape

import pytest

from b24flow.definitions.diff import ADDED, CHANGED, REMOVED, RENAMED, diff
from b24flow.definitions.handbook import html, markdown
from b24flow.definitions.loader import parse_process
from tests.desk import process

EVERY = ("incoming", "outgoing", "directive", "decree", "internal")


def changed(*pairs: tuple[str, str]) -> tuple[object, ...]:
    """Return the differences after replacing texts of the directive's file."""
    old = process("directive")
    text = old.source
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    found = diff(old, parse_process(text, "x"))
    return tuple((one.about, one.code, one.what, one.before, one.after) for one in found)


@pytest.mark.parametrize("code", EVERY)
def test_a_version_does_not_differ_from_itself(code: str) -> None:
    assert diff(process(code), process(code)) == ()


def test_another_label_and_another_code_are_renamings() -> None:
    assert changed(("label: На регистрации", "label: Регистрация")) == (
        ("шаг", "toreg", RENAMED, "На регистрации", "Регистрация"),
    )
    found = changed(("  toreg:\n", "  tobook:\n"), ("toreg]", "tobook]"), ("toreg,", "tobook,"))
    assert ("шаг", "toreg", RENAMED, "toreg", "tobook") in found
    assert not [one for one in found if one[2] in {ADDED, REMOVED}]


def test_roles_forms_terms_numbers_and_columns_are_compared() -> None:
    found = changed(
        ("form: [registered_on, case_file, ", "form: [registered_on, case_file*, "),
        ("  term: 2 working", "  term: 3 working"), ('"{n}-км"', '"{n}-ком"'),
        ("  accountant: Бухгалтер", "  accountant: Главный бухгалтер"),
        ("{code: DOC_KIND, label: Вид, type: string, source: card.kind}",
         "{code: BASIS, label: Основание, type: string, source: card.basis}"),
    )
    assert ("действие", "register", CHANGED, "форма: Дата регистрации, Дело, Номер из резерва",
            "форма: Дата регистрации, Дело*, Номер из резерва") in found
    assert ("правило", "visa_term", CHANGED, "значение: 2 раб. дн.", "значение: 3 раб. дн.") in found
    assert ("нумерация", "directive_trip", CHANGED, "шаблон: {n}-км", "шаблон: {n}-ком") in found
    assert ("роль", "accountant", RENAMED, "Бухгалтер", "Главный бухгалтер") in found
    assert ("колонка реестра", "DOC_KIND", REMOVED, "", "") in found
    assert ("колонка реестра", "BASIS", ADDED, "", "") in found


def test_what_a_difference_means_for_running_documents_is_said() -> None:
    old = process("directive")
    text = old.source.replace("  annul_draft:\n", "  take_back:\n")
    text = text.replace("label: Аннулировать\n", "label: Снять\n")
    said = {(one.about, one.what): one.running for one in diff(old, parse_process(text, "x"))}
    assert said["действие", REMOVED] == "после перевода кнопки не будет"
    assert said["действие", ADDED] == "кнопка появится после перевода"


@pytest.mark.parametrize("code", EVERY)
def test_the_papers_tell_every_button_step_and_role(code: str) -> None:
    definition = process(code)
    for text in (unescape(html(definition)), markdown(definition).replace("\\", "")):
        assert definition.digest[:12] in text
        missing = [one.label for one in (*definition.actions, *definition.states) if one.label not in text]
        missing += [one.label for one in definition.registry.fields if one.label not in text]
        missing += [label for role, label in definition.roles.items() if label not in text
                    and any(role in one.who for one in definition.actions)]
        assert missing == []


def test_the_technical_task_has_every_way_of_a_step() -> None:
    text = html(process("directive"))
    row = re.search(r"<tr><td>Зарегистрировать</td>(.*?)</tr>", text)
    assert row is not None
    for said in ("Делопроизводитель", "Дата регистрации", "присваивается номер", "<td>Ознакомление</td>"):
        assert said in row[1]


def test_foreign_texts_stay_texts() -> None:
    text = process("directive").source.replace("label: На регистрации", 'label: "R&D <b>|*x*"')
    definition = parse_process(text, "x")
    assert "<b>" not in html(definition)
    assert "R&amp;D &lt;b&gt;|*x*" in html(definition)
    assert "R&D \\<b\\>\\|\\*x\\*" in markdown(definition)
