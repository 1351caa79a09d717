"""`b24flow numbers …`: reserved and literal numbers, skipped ones, the closing report of a year."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from b24flow.cli.output import Code, cell, emit, emit_json, say, table
from b24flow.cli.people import day_of, find_person
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24flow.bootstrap import Container
    from b24flow.services.numbers import Wish
    from b24flow.store.reserves import Reserve

app = Commands("Номера: резерв, литерные, пропуски, закрытие года, переходящие документы.")
Series = Annotated[str, typer.Argument(metavar="ЖУРНАЛ", help="Код журнала, например directive.")]
Purpose = Annotated[str, typer.Option(help="Для чего: войдёт в отчёт за год.")]
Until = Annotated[str, typer.Option(help="До какого дня включительно, ДД.ММ.ГГГГ.")]
Whom = Annotated[str, typer.Option("--for", help="Кому: номер, почта или фамилия; без него — любому.")]
Scope = Annotated[str, typer.Option(help="Дело или подразделение, если номера считаются внутри него.")]
Period = Annotated[str, typer.Option(help="Созыв, например convocation:7; год — всегда текущий.")]
_WORDS = {"held": "в резерве", "free": "возвращён", "used": "использован", "annulled": "аннулирован",
          "skipped": "пропущен"}


@app.verb(
    "reserve", "Зарезервировать следующие номера журнала.",
    "b24flow numbers reserve directive --count 5 --purpose командировки --until 30.12.2026 --for 6",
    "При регистрации номер указывают в поле «Номер из резерва».",
)
def reserve(
    which: Series, purpose: Purpose, until: Until,
    count: Annotated[int, typer.Option(min=1, max=100, help="Сколько номеров.")] = 1,
    whom: Whom = "", scope: Scope = "", period: Period = "",
    returns: Annotated[bool, typer.Option(
        "--return", help="Неиспользованные вернуть в журнал; без этого они аннулируются.")] = False,
) -> None:
    """Reserve numbers."""
    with opened() as container:
        from b24flow.services.numbers import counter_of, name_of
        from b24flow.services.numbers import reserve as held

        counter = counter_of(container.office, which, period=period, scope=scope)
        found = held(container.office, counter, count, _wish(container, purpose, until, whom, returns))
    say("Зарезервировано: " + ", ".join(name_of(one) for one in found) + f" до {cell(found[0].until)}")


@app.verb(
    "literal", "Разрешить литерный номер рядом с выданным: для регистрации вне очереди.",
    "b24flow numbers literal directive 15 --purpose «забытое распоряжение» --until 30.12.2026 --for 6",
    "Номер будет дробным (15/1) или буквенным (15а, с --letter); указывают его в поле «Номер из резерва».",
)
def literal(
    which: Series,
    base: Annotated[int, typer.Argument(metavar="НОМЕР", min=1, help="Порядковый номер, рядом с которым.")],
    purpose: Purpose, until: Until, whom: Whom = "", scope: Scope = "", period: Period = "",
    letter: Annotated[bool, typer.Option("--letter", help="Буква (15а) вместо дроби (15/1).")] = False,
) -> None:
    """Set a literal number aside."""
    with opened() as container:
        from b24flow.services.numbers import counter_of, name_of, reserve_literal

        counter = counter_of(container.office, which, period=period, scope=scope)
        wish = _wish(container, purpose, until, whom, returns=False)
        found = reserve_literal(container.office, counter, base, wish, letter=letter)
    say(f"Литерный номер {name_of(found)} до {cell(found.until)}")


@app.verb(
    "list", "Показать резерв: номера, для чего, кому, до какого дня, что с ними стало.",
    "b24flow numbers list",
    "JSON: [{id, series, period, scope, value, number, state, purpose, holder, until, returns, reason}]",
)
def listing(
    which: Annotated[str | None, typer.Option("--series", help="Только этот журнал.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what was set aside."""
    with opened() as container:
        from b24flow.services.numbers import listing as every

        rows = every(container.office, which)
        with container.database.reading() as unit:
            directory = container.office.people.directory(unit)
    if as_json:
        emit_json([_plain(one) for one in rows])
        return
    _table(rows, {one.holder: directory.get(one.holder).name for one in rows if one.holder is not None})


@app.verb(
    "release", "Снять номер с резерва до срока: вернуть в журнал или аннулировать, как задано при резерве.",
    "b24flow numbers release directive 46 --reason «поездка отменена»",
    "Использованный номер снять нельзя. Причина войдёт в отчёт за год.",
)
def release(
    which: Series,
    number: Annotated[str, typer.Argument(metavar="НОМЕР", help="Номер в резерве, например 46 или 15/1.")],
    reason: Annotated[str, typer.Option(help="Почему: войдёт в отчёт за год.")],
    scope: Scope = "", period: Period = "",
) -> None:
    """Release a held number."""
    with opened() as container:
        from b24flow.services.numbers import counter_of, name_of
        from b24flow.services.reserved import RELEASED, release_named

        counter = counter_of(container.office, which, period=period, scope=scope)
        found = release_named(container.office, counter, number, reason)
    say(f"Номер {name_of(found)} {RELEASED[found.state]}.")


@app.verb(
    "expire", "Разобрать резерв с истёкшим сроком: вернуть в журнал или аннулировать.",
    "b24flow numbers expire",
    "Служба делает это сама каждую ночь.",
)
def expire() -> None:
    """Settle expired reserves."""
    with opened() as container:
        from b24flow.services.numbers import expire as settled
        from b24flow.services.numbers import name_of

        rows = settled(container.office)
    for one in rows:
        emit(f"{one.series} {name_of(one)}: {_WORDS[one.state]}")
    say(f"Разобрано номеров: {len(rows)}")


@app.verb(
    "explain", "Объяснить пропущенные номера: они не присваивались.",
    "b24flow numbers explain incoming 101 --reason «пропущен по технической ошибке»",
)
def explain(
    which: Series,
    first: Annotated[int, typer.Argument(metavar="НОМЕР", min=1, help="Пропущенный номер.")],
    reason: Annotated[str, typer.Option(help="Почему: войдёт в отчёт за год.")],
    to: Annotated[int | None, typer.Option("--to", min=1, help="Последний из пропущенных подряд.")] = None,
    scope: Scope = "", period: Period = "",
) -> None:
    """Enter skipped numbers with their reason."""
    with opened() as container:
        from b24flow.services.numbers import counter_of
        from b24flow.services.numbers import explain as entered

        counter = counter_of(container.office, which, period=period, scope=scope)
        count = entered(container.office, counter, first, to or first, reason)
    say(f"Записано пропусков: {count}")


@app.verb(
    "close", "Заверительная запись за год: первый и последний номер, аннулированные, пропущенные, подписи.",
    "b24flow numbers close 2026 --series directive",
    "Код завершения 3, если есть необъяснённые пропуски или номера ещё в резерве.",
    "JSON: [{process, series, scope, template, year, first, last, given, in_force, annulled, literal,\n"
    "       reserved_used, reserved_unused, still_held, skipped, unexplained}]",
)
def close(
    year: Annotated[int, typer.Argument(metavar="ГОД", min=1990, max=2100, help="Год нумерации.")],
    which: Annotated[str | None, typer.Option("--series", help="Только этот журнал.")] = None,
    as_json: AsJson = False,
) -> int:
    """Print the closing report."""
    with opened() as container:
        from b24flow.errors import NotFound
        from b24flow.services.numbers import series_of
        from b24flow.services.year_end import certificate, closing

        if which is not None and which not in series_of(container.office):
            raise NotFound(f"Журнала «{cell(which)[:60]}» нет.")
        found = closing(container.office, year, which)
        running = container.office.clock.now().astimezone(container.office.zone).year <= year
    if as_json:
        emit_json([asdict(one) for one in found])
    else:
        emit("\n\n\n".join(certificate(one) for one in found) or f"За {year} год номера не присваивались.")
    if running:
        say("Год ещё идёт: запись предварительная.")
    return Code.DONE if all(one.complete for one in found) else Code.FINDINGS


@app.verb(
    "carryover", "Переходящие документы: не завершены к концу года, номер остаётся прежним.",
    "b24flow numbers carryover 2026",
    "Сначала с номерами этого года, затем ещё не зарегистрированные (number пуст, dated — когда начат).",
    "JSON: [{uuid, number, dated, process, title, state, term, holders}]",
)
def carryover(
    year: Annotated[int, typer.Argument(metavar="ГОД", min=1990, max=2100, help="Год нумерации.")],
    as_json: AsJson = False,
) -> None:
    """List the documents that go on into the next year."""
    with opened() as container:
        from b24flow.services.year_end import carried_over

        rows = carried_over(container.office, year)
    if as_json:
        emit_json([asdict(one) for one in rows])
        return
    table(("Номер", "Дата", "Процесс", "Состояние", "Срок", "У кого", "Заголовок"), (
        (one.number or "без номера", one.dated, one.process, one.state, one.term, ", ".join(one.holders),
         one.title[:60])
        for one in rows))
    say(f"Переходящих документов: {len(rows)}")


def _wish(container: Container, purpose: str, until: str, whom: str, returns: bool) -> Wish:
    from b24flow.services.numbers import Wish

    holder = None
    if whom:
        with container.database.reading() as unit:
            holder = find_person(container.office.people.directory(unit), whom).id
    return Wish(purpose=purpose, until=day_of(until, "--until"), holder=holder, returns=returns)


def _plain(one: Reserve) -> dict[str, object]:
    from b24flow.services.numbers import name_of

    return {"id": one.id, "series": one.series, "period": one.period, "scope": one.scope, "value": one.value,
            "number": name_of(one), "state": one.state, "purpose": one.purpose, "holder": one.holder,
            "until": one.until, "returns": one.returns, "reason": one.reason}


def _table(rows: Sequence[Reserve], names: dict[int | None, str]) -> None:
    from b24flow.services.numbers import name_of

    table(("Журнал", "Период", "Номер", "Состояние", "Для чего", "Кому", "До"), (
        (one.series, one.period, name_of(one), _WORDS[one.state], one.purpose or one.reason,
         names.get(one.holder, "любому"), one.until) for one in rows))
    say(f"Номеров: {len(rows)}")
