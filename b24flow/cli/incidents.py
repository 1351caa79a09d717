"""`b24flow incidents …`: what needs a person."""

from __future__ import annotations

from typing import Annotated

import typer

from b24flow.cli.output import Code, emit_json, say, table
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands

app = Commands("Происшествия: то, что без человека не решится.")


@app.verb(
    "list", "Показать открытые происшествия.", "b24flow incidents list --all",
    "Код завершения 3, если есть открытые.",
    "JSON: [{id, key, kind, document_id, text, details, opened_at, seen_at, times, closed_at,\n"
    "        closed_by, resolution}]",
)
def listing(
    with_closed: Annotated[bool, typer.Option("--all", help="Вместе с закрытыми.")] = False,
    as_json: AsJson = False,
) -> int:
    """Show incidents, the newest first."""
    with opened() as container:
        from b24flow.store import incidents

        with container.database.reading() as unit:
            rows = incidents.listing(unit, with_closed=with_closed)
        zone = container.office.zone
    if as_json:
        emit_json(rows)
    else:
        table(("№", "Открыто", "Раз", "Что случилось", "Закрыто"), (
            (row.id, row.opened_at.astimezone(zone), row.times, row.text,
             row.closed_at.astimezone(zone) if row.closed_at is not None else None) for row in rows))
    count = sum(1 for row in rows if row.closed_at is None)
    say(f"Открыто: {count}")
    return Code.FINDINGS if count else Code.DONE


@app.verb("close", "Закрыть происшествие.", "b24flow incidents close 7 --resolution 'задача возвращена'")
def close(
    number: Annotated[int, typer.Argument(metavar="НОМЕР", help="Номер из incidents list.")],
    resolution: Annotated[str, typer.Option(help="Что сделано.")],
) -> None:
    """Close an incident by its id."""
    with opened() as container:
        from b24flow.errors import NotFound
        from b24flow.store import incidents
        from b24flow.store.engine import Unit, retrying

        now = container.office.clock.now()

        def attempt(unit: Unit) -> bool:
            rows = incidents.listing(unit, limit=10_000)
            key = next((row.key for row in rows if row.id == number), None)
            return key is not None and incidents.close(unit, key, now, resolution=resolution[:500])

        if not retrying(container.database, attempt):
            raise NotFound(f"Открытого происшествия № {number} нет")
    say(f"Происшествие № {number} закрыто")
