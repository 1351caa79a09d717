"""`b24flow outbox …`: what still waits for the portal."""

from __future__ import annotations

from typing import Annotated

import typer

from b24flow.cli.output import emit_json, say, table
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands

app = Commands("Очередь отправки в портал.")
_STATES = ("available", "running", "in_doubt", "completed", "discarded", "cancelled")
_LIVE = "available,running,in_doubt"
Row = Annotated[int, typer.Argument(metavar="НОМЕР", help="Номер строки из outbox list.")]


@app.verb(
    "list", "Показать, что ждёт отправки.", "b24flow outbox list --state discarded",
    f"Состояния: {', '.join(_STATES)}.",
    "JSON: [{id, key, kind, document_id, recipient, state, attempts, available_at, leased_until,\n"
    "        created_at, settled_at, error}]",
)
def listing(
    state: Annotated[str, typer.Option(help="Состояния через запятую.")] = _LIVE,
    after: Annotated[int, typer.Option(help="Строки с номером больше этого.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Сколько строк.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show rows of the outbox, oldest first."""
    states = tuple(one.strip() for one in state.split(","))
    if not set(states) <= set(_STATES):
        raise typer.BadParameter(f"есть {', '.join(_STATES)}", param_hint="--state")
    with opened() as container:
        from b24flow.store import outbox

        with container.database.reading() as unit:
            rows = outbox.listing(unit, states=states, after=after, limit=limit)
        zone = container.office.zone
    if as_json:
        names = ("id", "key", "kind", "document_id", "recipient", "state", "attempts", "available_at",
                 "leased_until", "created_at", "settled_at", "error")
        emit_json([{name: getattr(row, name) for name in names} for row in rows])
        return
    table(("№", "Что", "Ключ", "Состояние", "Попыток", "Не раньше", "Ошибка"), (
        (row.id, row.kind, row.key, row.state, row.attempts, row.available_at.astimezone(zone), row.error)
        for row in rows))
    say(f"Строк: {len(rows)}")


@app.verb("retry", "Отправить строку сейчас, не дожидаясь её времени.", "b24flow outbox retry 42")
def retry(row: Row) -> None:
    """Make a row due now."""
    with opened() as container:
        from b24flow.errors import NotFound
        from b24flow.store import outbox
        from b24flow.store.engine import retrying

        now = container.office.clock.now()
        if not retrying(container.database, lambda unit: outbox.retry(unit, row, now)):
            raise NotFound(f"Строки № {row}, которую можно отправить снова, нет")
    say(f"Строка № {row} будет отправлена при ближайшем обмене")


@app.verb("discard", "Отказаться от отправки строки.", "b24flow outbox discard 42 --reason 'дубль'")
def discard(row: Row, reason: Annotated[str, typer.Option(help="Почему.")]) -> None:
    """Give a row up for good."""
    with opened() as container:
        from b24flow.errors import NotFound
        from b24flow.services.post import give_up

        if not give_up(container.office, row, reason[:500]):
            raise NotFound(f"Строки № {row}, от которой можно отказаться, нет")
    say(f"Строка № {row} снята с отправки")
