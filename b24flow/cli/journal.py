"""`b24flow journal …`: proof that nothing was changed behind our back."""

from __future__ import annotations

from typing import Annotated

import typer

from b24flow.cli.output import Code, emit, emit_json, say
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands

app = Commands("Журнал событий документов.")


@app.callback()
def _noun() -> None:
    """Keep `journal` a group although it has one verb."""


@app.verb(
    "verify", "Проверить цепочку записей журнала.", "b24flow journal verify",
    "Код завершения 3, если цепочка нарушена.", "JSON: [{uuid, number, seq, at, reason}]",
)
def verify(
    document: Annotated[str, typer.Argument(
        metavar="[ДОКУМЕНТ]", help="Номер или uuid; без него — все.")] = "",
    as_json: AsJson = False,
) -> int:
    """Verify the chains of all documents or of one."""
    with opened() as container:
        from b24flow.errors import NotFound
        from b24flow.store import journal
        from b24flow.store.queries import find

        with container.database.reading() as unit:
            found = find(unit, document) if document else []
            if document and not found:
                raise NotFound("Такого документа нет.")
            uuids: list[str | None] = [one.uuid for one in found] if document else [None]
            broken = [one for uuid in uuids for one in journal.verify(unit, uuid)]
    if as_json:
        emit_json(broken)
    else:
        for one in broken:
            emit(f"{one.number or one.uuid}, запись {one.seq}: {one.reason}")
    say(f"Нарушений: {len(broken)}" if broken else "Журнал цел.")
    return Code.FINDINGS if broken else Code.DONE
