"""`b24flow sandbox …`: a Bitrix24 box to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from b24flow.cli.output import emit_json, say, table
from b24flow.cli.session import AsJson
from b24flow.cli.words import Commands

app = Commands("Песочница: учебный портал для разработки и показа.")


@app.verb("run", "Запустить учебный портал с выдуманной организацией.", "b24flow sandbox run --port 8090")
def run(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Порт на этой машине.")] = 8090,
    data: Annotated[
        Path | None,
        typer.Option(help="Файл, в котором портал хранится между запусками.", metavar="ФАЙЛ"),
    ] = None,
    seed: Annotated[
        Path | None,
        typer.Option(
            help="Файл JSON с людьми, отделами, вебхуками и приложениями нового портала.", metavar="ФАЙЛ"
        ),
    ] = None,
) -> None:
    """Serve the sandbox until it is interrupted; without `data` its state lives as long as the process."""
    from b24flow.errors import SettingsError
    from b24flow.sandbox.datafile import DataFileError
    from b24flow.sandbox.seed import SeedError, demo_organisation, read_seed
    from b24flow.sandbox.server import serve

    try:
        given = read_seed(seed) if seed is not None else demo_organisation()
    except SeedError as error:
        raise SettingsError(f"Файл {seed} не описывает портал: {error}") from None
    url = f"http://127.0.0.1:{port}"
    say(f"Портал: {url}/")
    for hook in given["webhooks"][:1]:
        say(f"Вебхук: export B24FLOW_WEBHOOK_URL={url}/rest/{hook['user_id']}/{hook['code']}/")
    try:
        serve("127.0.0.1", port, given, data=data)
    except DataFileError as error:
        raise SettingsError(f"Файл {data} не подходит для песочницы: {error}") from None
    except OSError as error:
        raise SettingsError(f"Порт {port} не открывается: {error.strerror}") from None


_STATUS = {"done": "готов", "partial": "частично", "missing": "нет"}


@app.verb("coverage", "Какие методы REST песочница умеет.", "b24flow sandbox coverage --json")
def coverage(as_json: AsJson = False) -> None:
    """Write every documented method of the emulated families with its state and its page."""
    from b24flow.sandbox.coverage import table as methods
    from b24flow.sandbox.coverage import totals

    rows = methods()
    counts = totals(rows)
    if as_json:
        emit_json({"totals": counts, "methods": rows})
        return
    shown = [(row["method"], row["api"], _STATUS[row["status"]], row["comment"], row["doc"]) for row in rows]
    table(("Метод", "REST", "Состояние", "Что ограничено", "Страница документации"), shown)
    said = ", ".join(f"{_STATUS[status]} — {number}" for status, number in counts.items())
    say(f"Методов {len(rows)}: {said}")
