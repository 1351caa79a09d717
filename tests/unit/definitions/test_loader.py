from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from b24flow.core.check import REGISTRY_SOURCES, check
from b24flow.core.definition import ActionKind, FieldType
from b24flow.core.document import BranchState
from b24flow.core.registry import SOURCES
from b24flow.definitions.loader import load_process, load_processes, parse_process
from b24flow.errors import DefinitionError, Finding

PROCESSES = Path(__file__).parents[3] / "processes"
INCOMING = "\n".join(
    line for line in (PROCESSES / "incoming.yaml").read_text(encoding="utf-8").split("\n")
    if not line.startswith("uses:")
)
"""The shipped process without the parts it shares: one text that can be broken anywhere."""


def findings(text: str) -> tuple[Finding, ...]:
    with pytest.raises(DefinitionError) as caught:
        parse_process(text, "x.yaml")
    return caught.value.findings


def edited(old: str, new: str) -> str:
    assert INCOMING.count(old) >= 1, old
    return INCOMING.replace(old, new, 1)


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


def test_real_processes_load_without_findings() -> None:
    loaded = load_processes(PROCESSES)
    assert {"incoming", "outgoing"} <= set(loaded)
    assert all(check(one) == () for one in loaded.values())


def test_incoming_has_the_labels_of_the_domain() -> None:
    incoming = load_process(PROCESSES / "incoming.yaml")
    assert {one.code: one.label for one in incoming.states} == {
        "draft": "Черновик", "review": "На рассмотрении", "exec": "На исполнении",
        "choice": "Исполнен: выбор завершения", "reply": "Готовится исходящий",
        "control": "Ожидает снятия с контроля", "returned": "Возвращён делопроизводителю",
        "done": "Завершён (исполнен)", "ack": "Завершён (ознакомление)",
        "annulled": "Регистрация аннулирована", "forwarded": "Переслан по принадлежности",
    }
    assert {one.code: one.label for one in incoming.actions} == {
        "register": "Зарегистрировать и направить", "forward": "Переслать по принадлежности",
        "execute": "На исполнение", "acknowledge": "Ознакомиться и завершить",
        "return_author": "Вернуть автору", "return_clerk": "Вернуть делопроизводителю",
        "resend": "Направить повторно", "report": "Документ исполнен",
        "request_extension": "Запросить продление срока исполнения",
        "set_term": "Установить другой срок", "escalate": "Направить вышестоящему",
        "refuse_extension": "Отказать в продлении", "delegate": "Передать другому",
        "replace": "Заменить исполнителя", "recall": "Отозвать поручение",
        "finish": "Завершить", "prepare_reply": "Подготовить исходящий документ",
        "release": "Снять с контроля", "rework": "Вернуть на доработку",
        "reopen": "Вернуть в работу", "annul": "Аннулировать регистрацию",
        "confirm_annul": "Подтвердить аннулирование", "deny_annul": "Отклонить аннулирование",
        "correct": "Исправить карточку", "add_files": "Добавить файл/версию",
        "acknowledged": "Ознакомлен", "ask_readers": "Ознакомить",
        "refuse_reading": "Отказ от ознакомления (акт)", "answer": "Ответить на запрос",
        "ask": "Запросить информацию", "set_task": "Поставить задачу",
        "send_letter": "Отправить письмо", "letter_sent": "Считать отправленным",
        "letter_again": "Отправить ещё раз",
        "withdraw_request": "Отозвать запрос", "link": "Связать с документом",
        "follow": "Подписаться на изменения", "unfollow": "Отписаться от изменений",
    }
    assert set(incoming.branch_states) == {one.value for one in BranchState}
    assert all(one.hint.endswith(".") for one in incoming.states)


def test_the_shipped_processes_cover_every_kind_of_action_of_the_core() -> None:
    used = {one.kind for process in load_processes(PROCESSES).values() for one in process.actions}
    assert used == set(ActionKind)


def test_incoming_terms_numbers_and_policies() -> None:
    incoming = load_process(PROCESSES / "incoming.yaml")
    terms = {
        one.code: (one.term.count, one.term.unit, one.term.end_on_dayoff) if one.term else None
        for one in incoming.kinds
    }
    assert terms == {
        "for_information": (3, "working", "next"), "ministry": (10, "working", "next"),
        "official_request": None, "organisation": (15, "calendar", "next"),
        "appeal": (30, "calendar", "previous"), "opinion_act": (5, "working", "next"),
        "opinion_dismissal": (7, "working", "next"),
    }
    assert [one.code for one in incoming.kinds if one.typed_term] == ["official_request"]
    assert incoming.numbering is not None
    assert incoming.numbering.format.template == "Вх-{n}/{yy}"
    assert incoming.policies.term_authority == "chair"
    assert incoming.registry is not None
    assert incoming.registry.entity_type_id == 1046
    assert "Измененный срок исполнения" in {one.label for one in incoming.registry.fields}


def test_forms_keep_their_order_requirement_and_narrowing() -> None:
    incoming = load_process(PROCESSES / "incoming.yaml")
    asked = incoming.action("request_extension")
    returned = incoming.action("return_author")
    register = incoming.action("register")
    assert asked is not None
    assert returned is not None
    assert register is not None
    assert [(one.field.code, one.required) for one in asked.form] == [
        ("desired_term", True), ("reason", True), ("files", False)]
    assert asked.form[1].field.min_length == 10
    assert returned.form[0].field.min_length == 3
    kind = next(one.field for one in register.form if one.field.code == "kind")
    assert kind.type is FieldType.CHOICE
    assert kind.label_of("appeal") == "Обращение"
    assert register.needs_form


def test_registry_sources_are_those_the_core_computes() -> None:
    assert set(REGISTRY_SOURCES) == set(SOURCES)


def test_comments_and_formatting_do_not_change_the_digest() -> None:
    digest = parse_process(INCOMING, "a").digest
    bare = "\n".join(
        line.rstrip() + " " for line in INCOMING.splitlines() if not line.lstrip().startswith("#"))
    assert parse_process(bare, "b").digest == digest
    assert parse_process(edited("process: incoming", "process:   'incoming'"), "c").digest == digest
    assert parse_process("\ufeff" + INCOMING.replace("\n", "\r\n"), "d").digest == digest
    assert parse_process(edited("form: [to*, reason*]", "form:\n      - to*\n      - reason*"),
                         "e").digest == digest


@pytest.mark.parametrize(("old", "new"), [
    ("label: На исполнение\n", "label: К исполнению\n"),
    ("reopen_days: 30", "reopen_days: 31"),
    ("form: [release_others]", "form: [release_others*]"),
    ("reply, control, done]", "control, done]"),
    ("    who: [author, head]", "    who: [head, author]"),
])
def test_a_change_of_content_changes_the_digest(old: str, new: str) -> None:
    assert parse_process(edited(old, new), "b").digest != parse_process(INCOMING, "a").digest


@pytest.mark.parametrize(("old", "new", "path", "said"), [
    ("kind: assign\n", "kind: asign\n", "actions.execute.kind",
     "неизвестное значение «asign» (возможно, вы имели в виду «assign»)"),
    ("who: [holder]", "who: [holdr]", "actions.execute.who",
     "неизвестная роль «holdr» (возможно, вы имели в виду «holder»)"),
    ("next: [exec]\n  acknow", "next: [exek]\n  acknow", "actions.execute.next",
     "неизвестный шаг «exek» (возможно, вы имели в виду «exec»)"),
    ("form: [executors*, lead,", "form: [executors*, leed,", "actions.execute.form.2",
     "неизвестное поле «leed» (возможно, вы имели в виду «lead»)"),
    ("    on: [given]", "    on: [givn]", "actions.execute.on",
     "неизвестное состояние поручения «givn»"),
    ("    style: primary\n    hint: Документ п", "    stile: primary\n    hint: Документ п",
     "actions.register.stile", "неизвестный ключ «stile» (возможно, вы имели в виду «style»)"),
    ("template: \"Вх-{n}/{yy}\"", "template: \"Вх-{yy}\"", "numbering.template",
     "номера будут повторяться"),
    ("term: 10 working", "term: 10 workdays", "kinds.ministry.term", "срок «10 workdays»"),
    ("reopen_days: 30", "reopen_days: тридцать", "policies.reopen_days", "нужно целое число"),
    ("term_authority: chair", "term_authority: boss", "policies.term_authority",
     "неизвестная роль «boss»"),
    ("entity_type_id: 1046", "entity_type_id: 1047", "registry.entity_type_id", "чётным"),
    ("{code: TERM, ", "{code: TERM2, ", "registry.fields.16.code", "код поля реестра «TERM2»"),
    ("source: changed_term}", "source: changed_date}", "registry.fields.17.source",
     "неизвестный источник «changed_date»"),
    ("source: card.summary}", "source: card.sumary}", "registry.fields.10.source",
     "неизвестное поле карточки «sumary»"),
    ("\"Поручение по документу {number} «{title}» исполнено", "\"{nomer} «{title}» исполнено",
     "actions.report.notify.1.text", "неизвестное слово «{nomer}»"),
    ("max_length: 300", "max_length: 0", "fields.correspondent.max_length", "от 1 до"),
    ("    type: date\n    past_only: true", "    type: dat\n    past_only: true",
     "fields.foreign_date.type", "возможно, вы имели в виду «date»"),
    ("colour: \"#A8ADB4\"", "colour: grey", "states.draft.colour", "цвет «grey»"),
    ("final: true", "final: да", "states.done.final", "нужно true или false"),
    ("label: Передать другому", "label: " + "Передать другому " * 5, "actions.delegate.label",
     "текст длиннее 60 знаков"),
    ("label: Передать другому", "label: 12", "actions.delegate.label", "в кавычки"),
    ("label: Передать другому", "label: [а]", "actions.delegate.label", "здесь список"),
    ("    kind: delegate\n", "", "actions.delegate.kind", "не хватает ключа «kind»"),
    ("title_field: title ", "", "title_field", "не хватает ключа «title_field»"),
    ("choices: kinds", "choices: {}", "fields.kind.choices", "непустой набор"),
    ("roles:\n", "roles:\n  holder: Хозяин\n", "roles.holder", "роль «holder» занята"),
])
def test_each_slip_is_told_with_its_line_and_path(
    old: str, new: str, path: str, said: str
) -> None:
    text = edited(old, new)
    found = [one for one in findings(text) if one.path == path and said in one.text]
    assert len(found) == 1, findings(text)
    changed = next(number for number, (one, other) in enumerate(
        zip(text.splitlines(), INCOMING.splitlines(), strict=False), 1) if one != other)
    # A missing key is told at the block it should be in, a line or two above.
    assert -40 < found[0].line - changed <= 3
    if "не хватает" not in said and "занята" not in said:
        assert found[0].line in range(changed, changed + 2)
    assert str(found[0]).startswith(f"x.yaml:{found[0].line}: {path}: ")


def test_all_errors_are_told_at_once_from_top_to_bottom() -> None:
    text = INCOMING.replace("kind: assign\n", "kind: asign\n").replace(
        "who: [lead]", "who: [leader]").replace("term: 10 working", "term: soon")
    found = findings(text)
    assert [one.path for one in found] == [
        "kinds.ministry.term", "actions.execute.kind", "actions.finish.who",
        "actions.prepare_reply.who"]
    assert [one.line for one in found] == sorted(one.line for one in found)


def test_duplicate_keys_are_told_with_both_lines() -> None:
    text = edited("  forward:\n", "  register: {label: Ещё раз}\n  forward:\n")
    first = line_of(text, "  register:\n")
    assert any(f"ключ «register» повторяется (строка {first})" in one.text
               for one in findings(text))


@pytest.mark.parametrize(("text", "said"), [
    ("", "файл пуст"),
    ("# только комментарий\n", "из пар «ключ: значение»"),
    ("[]", "из пар «ключ: значение»"),
    ("просто текст", "из пар «ключ: значение»"),
    ("a: b: c", "лишнее двоеточие"),
    ("a:\n\tb: c", "табуляц"),
    ("a: 'b", "не закрыта кавычка"),
    ("a: [b, c", "не закрыта скобка"),
    ("a: &x [1]\nb: *x\n", "якоря YAML"),
    ("a: *x\n", "не поддерживаются"),
    ("a: !!python/object:os.system ls", "метки типов"),
    ("a: 1\n---\nb: 2", "больше одного документа"),
    ("%YAML 1.1\n---\na: 1", "директивы"),
    ("? [1, 2]\n: 3\n", "ключ должен быть словом"),
    ("a: " + "[" * 50_000, "вложенность больше"),
    ("{" * 50_000, "вложенность больше"),
    ("a: b\u202ec", "меняющий направление"),
    ("a: \"b\\u202ec\"", "меняющий направление"),
    ("a: \"b\\x07c\"", "управляющий символ"),
    ("a: b\x00c", "нулевой символ"),
    ("a: \ud800", "суррогат"),
    ("a: \"\\UFFFFFFFF\"", "YAML"),
    ("a: [" + "1," * 501 + "]", "больше 500 строк"),
    ("".join(f"k{n}: 1\n" for n in range(600)), "больше 500 строк"),
    ("x" * (512 * 1024 + 1), "больше 512 КБ"),
])
def test_what_is_no_process_file_is_told_in_russian(text: str, said: str) -> None:
    assert said in " ".join(one.text for one in findings(text))


def test_a_bomb_of_anchors_is_refused_at_once() -> None:
    names = "abcdefghijklmnopqrst"
    bomb = "a: &a [x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in pairwise(names))
    assert any("якоря" in one.text for one in findings(bomb))


def test_unreadable_files_are_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_bytes("process: incoming\nlabel: Вход".encode() + b"\xff\xfe")
    for path, line, said in [
        (tmp_path / "absent.yaml", 1, "не читается"), (tmp_path, 1, "не читается"),
        (Path("a\0b"), 1, "не читается"), (broken, 2, "не в кодировке UTF-8"),
    ]:
        with pytest.raises(DefinitionError) as caught:
            load_process(path)
        assert caught.value.findings[0].line == line
        assert said in caught.value.findings[0].text
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * (512 * 1024 + 1))
    with pytest.raises(DefinitionError, match="больше 512 КБ"):
        load_process(huge)


def test_a_misspelt_shared_part_is_told_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "approval.yaml").write_text("fragment: approval\n", "utf-8")
    file = tmp_path / "leave.yaml"
    file.write_text("process: leave\nlabel: Отпуска\nuses: [aproval]\n", "utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_process(file)
    (found,) = [one for one in caught.value.findings if one.path == "uses"]
    assert (found.file, found.line) == (str(file), 3)
    assert "нет общей части «aproval» (возможно, вы имели в виду «approval»)" in found.text


def test_a_process_repeals_only_documents_of_processes_that_exist_and_can_be_repealed(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        edited("policies:\n", "policies:\n  supersedes: [incoming, decree]\n"), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_processes(tmp_path)
    said = {one.text for one in caught.value.findings if one.path == "policies.supersedes"}
    assert said == {"нет процесса «decree»",
                    "в процессе «incoming» нет шага repealed: его документы нельзя отменить"}


def test_a_folder_is_checked_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="нет ни одного файла"):
        load_processes(tmp_path)
    with pytest.raises(DefinitionError, match="не читается"):
        load_processes(tmp_path / "absent")
    (tmp_path / "a.yaml").write_text(INCOMING, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(INCOMING, encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_processes(tmp_path)
    said = str(caught.value)
    assert "процесс «incoming» уже есть в a.yaml" in said
    assert "номер 1046 уже занят реестром из a.yaml" in said
    assert "нет процесса «outgoing»" in said
    (tmp_path / "b.yaml").write_text("a: [", encoding="utf-8")
    (tmp_path / "a.yaml").write_text(edited("kind: assign\n", "kind: asign\n"), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_processes(tmp_path)
    assert {Path(one.file).name for one in caught.value.findings} == {"a.yaml", "b.yaml"}


LINES = INCOMING.splitlines(keepends=True)
PIECES = ["", ":", "- ", "[", "}", "\t", "'", "\"", "*", "&a ", "true", "0", "draft", "{x}",
          "e\u0301", "? ", "!", "%", "|", ">", "\n", "    ", "null", "10 working"]


@st.composite
def mutations(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        how = draw(st.sampled_from(["drop", "double", "swap", "insert", "cut"]))
        if how == "drop":
            del lines[at]
        elif how == "double":
            lines.insert(at, lines[at])
        elif how == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif how == "insert":
            column = draw(st.integers(0, len(lines[at])))
            piece = draw(st.sampled_from(PIECES) | st.text(max_size=4))
            lines[at] = lines[at][:column] + piece + lines[at][column:]
        else:
            lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
    return "".join(lines)


@settings(max_examples=60, deadline=None)
@given(mutations())
def test_a_damaged_file_loads_or_is_explained(text: str) -> None:
    told: tuple[Finding, ...] = ()
    try:
        loaded = parse_process(text, "x.yaml")
    except DefinitionError as error:
        told = error.findings
    else:
        assert check(loaded) == ()
        return
    assert told
    last = text.count("\n") + 1
    assert all(1 <= one.line <= last and one.text and one.path for one in told)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters() | st.sampled_from(list("[]{}:,-?&*!|>'\"%#@`\n \\")),
               max_size=60))
def test_no_text_at_all_makes_a_traceback(text: str) -> None:
    assert findings(text)
