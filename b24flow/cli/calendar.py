"""`b24flow calendar …`: what a changed working calendar means for running terms, and moving them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from b24flow.cli.output import emit_json, say, table
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from b24flow.services.calendar_change import Affected

app = Commands("Рабочий календарь: сроки, которых коснулось его изменение.")


@app.verb(
    "propose", "Показать сроки, которых коснулось изменение календаря; ничего не меняется.",
    "b24flow calendar propose",
    "Кроме поручений — согласование, ознакомление, запросы и задачи, пункты.",
    "JSON: [{uuid, number, title, part, what, target, people: [name], before, after, why, calendar,\n"
    "        moves}]",
)
def propose(as_json: AsJson = False) -> None:
    """Show the proposal."""
    with opened() as container:
        from b24flow.services.calendar_change import propose as proposal

        rows = proposal(container.office)
    _show(rows, as_json)
    moving = sum(one.moves for one in rows)
    say(f"Предлагается перенести сроков: {moving}, остаются: {len(rows) - moving}")


@app.verb(
    "apply", "Перенести предложенные сроки с причиной «изменение календаря»; задачи сдвинутся следом.",
    "b24flow calendar apply",
    "Каждый, чьи сроки перенесены, получит одно сообщение; повторный запуск ничего не повторяет.",
    "JSON — как у propose, только перенесённые.",
)
def apply(as_json: AsJson = False) -> None:
    """Accept the proposal."""
    with opened() as container:
        from b24flow.services.calendar_change import apply as accepted

        rows = accepted(container.office)
    _show(rows, as_json)
    say(f"Перенесено сроков: {len(rows)}")


def _show(rows: Sequence[Affected], as_json: bool) -> None:
    if as_json:
        emit_json([asdict(one) for one in rows])
        return
    table(("Номер", "Что", "У кого", "Срок", "Новый срок", "Почему"), (
        (one.number, one.what, ", ".join(one.people), one.before,
         one.after if one.moves else "остаётся", one.why)
        for one in rows))
