"""The papers of a process, made from its definition alone: scheme, technical task, crib sheets (R4, R20).

Nothing here is written by hand, so the text cannot say anything else than the version that runs. The same
outline (`handbook`) is set as Markdown, for a knowledge base, and as HTML, for printing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from b24flow.core.check import leads
from b24flow.core.definition import Action, FieldType, ProcessDefinition, State
from b24flow.definitions.diff import term_words, type_words, who_words
from b24flow.definitions.graph import mermaid, svg


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its caption and headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with text, or a table below it; `scheme` marks the place of the picture."""

    title: str
    level: int = 2
    text: str = ""
    table: Table | None = None
    scheme: bool = False


def handbook(definition: ProcessDefinition) -> tuple[Section, ...]:
    """Return the outline: scheme, technical task step by step, fields, registry, a crib sheet per role."""
    return (
        Section(title=definition.label, level=1,
                text=f"Процесс {definition.code}, версия {definition.digest[:12]}. Составлено по описанию "
                     "процесса; * — обязательное поле."),
        Section(title="Схема", scheme=True),
        Section(title="Техническое задание"),
        *(_step(definition, one) for one in definition.states if not one.final),
        _finals(definition), _card(definition), _numbers(definition), *_registry(definition),
        Section(title="Памятки по ролям"), *_cribs(definition),
    )


def markdown(definition: ProcessDefinition) -> str:
    """Return the papers as Markdown, the scheme as a Mermaid block."""
    parts: list[str] = []
    for one in handbook(definition):
        parts.append(f"{'#' * one.level} {_plain(one.title)}\n")
        if one.text:
            parts.append(f"{_plain(one.text)}\n")
        if one.scheme:
            parts.append(f"```mermaid\n{mermaid(definition)}```\n")
        if one.table is not None:
            lines = [one.table.headings, tuple("---" for _ in one.table.headings), *one.table.rows]
            parts.append("\n".join(f"| {' | '.join(_plain(cell) for cell in row)} |" for row in lines) + "\n")
    return "\n".join(parts)


def html(definition: ProcessDefinition) -> str:
    """Return the papers as one HTML page with the scheme inside; it needs nothing beside itself."""
    body = "\n".join(piece for one in handbook(definition) for piece in _html(definition, one))
    title = escape(definition.label)
    return (f'<!DOCTYPE html>\n<html lang="ru"><head><meta charset="utf-8"><title>{title}</title>\n'
            f"<style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n")


_STYLE = (
    "body{font:15px/1.45 Arial,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;color:#1f2933}"
    "table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em}"
    "th,td{border:1px solid #b8c2cc;padding:.35em .5em;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}th{background:#eef2f5}tr{break-inside:avoid}.scheme{max-width:560px}"
    "@media print{body{font-size:11px;margin:0}}"
)


def _html(definition: ProcessDefinition, one: Section) -> Iterator[str]:
    yield f"<h{one.level}>{escape(one.title)}</h{one.level}>"
    if one.text:
        yield f"<p>{escape(one.text)}</p>"
    if one.scheme:
        yield f'<div class="scheme">{svg(definition, None)}</div>'
    if one.table is not None:
        head = "".join(f"<th>{escape(cell)}</th>" for cell in one.table.headings)
        yield f"<table><thead><tr>{head}</tr></thead><tbody>"
        for row in one.table.rows:
            yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        yield "</tbody></table>"


def _plain(text: str) -> str:
    """Return text that a Markdown table cannot take for anything else."""
    joined = " ".join(text.split())
    for char in "\\`*_<>|":
        joined = joined.replace(char, f"\\{char}")
    return joined


def _step(definition: ProcessDefinition, state: State) -> Section:
    """What may be done in one step: button, who, what is asked, what is written and said, where it leads."""
    actions = [one for one in definition.actions if state.code in one.states]
    rows = tuple(
        (one.label, _who(definition, one), _form(one), _effects(definition, one),
         _next(definition, state, one))
        for one in actions
    )
    by_itself = "; ".join(
        f"{one.label} → {definition.state(one.target).label}" for one in leads(definition)
        if one.action is None and one.source == state.code
    )
    text = state.hint + (f" Само: {by_itself}." if by_itself else "")
    table = Table(headings=("Кнопка", "Кто", "Какие данные вводит", "Что произойдёт", "Дальше"), rows=rows)
    return Section(title=f"Шаг «{state.label}»", level=3, text=text.strip(), table=table if rows else None)


def _who(definition: ProcessDefinition, action: Action) -> str:
    return ", ".join(who_words(definition, role) for role in action.who)


def _form(action: Action) -> str:
    return ", ".join(f"{one.field.label}{'*' if one.required else ''}" for one in action.form)


def _effects(definition: ProcessDefinition, action: Action) -> str:
    """Return what an action writes, makes and says besides moving the document."""
    found: list[str] = []
    if action.takes_number:
        found.append("присваивается номер")
    kept = [one.field for one in action.form if one.field.code in definition.card]
    if kept:
        found.append("в карточку: " + ", ".join(one.label for one in kept))
        columns = _columns_of(definition, [one.code for one in kept])
        if columns:
            found.append("в реестр: " + ", ".join(columns))
    if any(one.field.type is FieldType.FILES for one in action.form):
        found.append("файлы сохраняются в документе")
    if action.starts:
        found.append(f"начинается документ процесса {action.starts}")
    found += [f"извещается {who_words(definition, one.to)}: «{one.text}»" for one in action.notify]
    return "; ".join(found)


def _columns_of(definition: ProcessDefinition, codes: Sequence[str]) -> list[str]:
    columns = definition.registry.fields if definition.registry is not None else ()
    return [one.label for one in columns if one.source.removeprefix("card.") in codes
            and one.source.startswith("card.")]


def _next(definition: ProcessDefinition, state: State, action: Action) -> str:
    targets = dict.fromkeys(
        one.target for one in leads(definition) if one.action is action and one.source == state.code
    )
    return ", ".join(definition.state(code).label for code in targets) or "шаг не меняется"


def _finals(definition: ProcessDefinition) -> Section:
    rows = tuple((one.label, "успех" if one.success else "—", one.hint)
                 for one in definition.states if one.final)
    return Section(title="Чем заканчивается", level=3,
                   table=Table(headings=("Состояние", "Итог", "Пояснение"), rows=rows))


def _card(definition: ProcessDefinition) -> Section:
    """Every field of the card: its type, where it is asked, where it is shown."""
    rows = []
    for code in definition.card:
        one = definition.fields[code]
        asked = ", ".join(dict.fromkeys(
            action.label for action in definition.actions
            if any(each.field.code == code for each in action.form)))
        columns = ", ".join(_columns_of(definition, [code]))
        rows.append((one.label, type_words(one.type), asked or "—", columns or "—"))
    headings = ("Поле", "Тип", "Где вводится", "Колонка реестра")
    return Section(title="Карточка", level=3, table=Table(headings=headings, rows=tuple(rows)))


def _numbers(definition: ProcessDefinition) -> Section:
    """Kinds with their terms, and how the numbers look."""
    numbering = definition.numbering
    rows: list[tuple[str, ...]] = []
    for one in definition.kinds:
        used = numbering.variants.get(one.code, numbering) if numbering is not None else None
        term = "указывается в документе" if one.typed_term else term_words(one.term)
        rows.append((one.label, term, used.format.template if used is not None else "—"))
    if not definition.kinds and numbering is not None:
        rows.append(("все", "—", numbering.format.template))
    return Section(title="Виды, сроки, номера", level=3,
                   table=Table(headings=("Вид", "Срок", "Номер"), rows=tuple(rows)))


def _registry(definition: ProcessDefinition) -> Iterator[Section]:
    if definition.registry is not None:
        rows = tuple((one.label, one.type, one.source) for one in definition.registry.fields)
        yield Section(title=f"Реестр «{definition.registry.title}»", level=3,
                      table=Table(headings=("Колонка", "Тип", "Откуда"), rows=rows))


def _cribs(definition: ProcessDefinition) -> Iterator[Section]:
    """One page per role: on which step which button, what it asks and where it leads."""
    roles = dict.fromkeys(role for action in definition.actions for role in action.who)
    for role in roles:
        rows = tuple(
            (", ".join(definition.state(code).label for code in action.states), action.label,
             _form(action) or "—", action.hint or "—")
            for action in definition.actions if role in action.who
        )
        name = who_words(definition, role)
        yield Section(title=name[:1].upper() + name[1:], level=3,
                      table=Table(headings=("Когда", "Кнопка", "Что заполнить", "Подсказка"), rows=rows))
