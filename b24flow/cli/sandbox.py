"""`b24flow sandbox …`: a Bitrix24 box to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from b24flow.cli.output import emit, emit_json, say, table
from b24flow.cli.session import AsJson
from b24flow.cli.words import Commands

app = Commands("Песочница: учебный портал Битрикс24 для разработки и показа.")


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

    def ready(url: str, webhook: str) -> None:
        say(_greeting(url, webhook, data))

    try:
        serve("127.0.0.1", port, given, data=data, ready=ready)
    except DataFileError as error:
        raise SettingsError(f"Файл {data} не подходит для песочницы: {error}") from None
    except OSError as error:
        raise SettingsError(f"Порт {port} не открывается: {error.strerror}") from None


def _greeting(url: str, webhook: str, data: Path | None) -> str:
    kept = f"хранится в файле {data}" if data is not None else "исчезнет; сохранить его: --data ФАЙЛ"
    hook = f"""\
Вебхук:      {webhook}
             администратор, все права; попробуйте: curl {webhook}profile
             для b24flow: export B24FLOW_WEBHOOK_URL={webhook}
""" if webhook else ""  # fmt: skip
    return f"""\
Портал:      {url}/
             страницы сотрудников без пароля; кто вы, выбирается на месте
{hook}Приложения:  {url}/devops/list/
             зарегистрируйте локальное приложение или свой вебхук; OAuth: {url}/oauth/authorize/
             и {url}/oauth/token/, адрес методов: {url}/rest/
Управление:  {url}/_sandbox/
             часы, поломки, снимки, очередь событий, журнал вызовов; только с этой машины
Чего нет:    b24flow sandbox coverage
Остановить:  Ctrl+C; портал {kept}"""


_STATUS = {"done": "готов", "partial": "частично", "missing": "нет"}


@app.verb(
    "coverage", "Чего в песочнице нет и какие методы REST есть.", "b24flow sandbox coverage --family crm"
)
def coverage(
    family: Annotated[
        str | None,
        typer.Option(help="Только одно семейство методов: crm, tasks, disk, im…", metavar="СЕМЕЙСТВО"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the limits, then every documented method of the emulated families with its state and page."""
    from b24flow.sandbox import coverage as honesty

    if family is not None and family not in honesty.FAMILIES:
        raise typer.BadParameter(f"есть {', '.join(honesty.FAMILIES)}", param_hint="--family")
    rows = [row for row in honesty.table() if family in (None, row["family"])]
    if as_json:
        emit_json({"limits": list(honesty.LIMITS), "totals": honesty.totals(rows),
                   "families": honesty.by_family(rows), "methods": rows})  # fmt: skip
        return
    emit("Чего здесь нет\n")
    for limit in honesty.LIMITS:
        emit(f"— {limit}")
    for key, counts in honesty.by_family(rows).items():
        emit(f"\n{honesty.FAMILIES[key][0]} ({key}): {_counted(counts)}\n")
        mine = [row for row in rows if row["family"] == key]
        table(("Метод", "Версия", "Состояние", "Страница документации", "Что ограничено"), map(_shown, mine))
    say(f"\nМетодов {len(rows)}: {_counted(honesty.totals(rows))}")


def _shown(row: dict[str, str]) -> tuple[str, ...]:
    version = "" if row["api"] == "v2" else "REST 3.0"
    return row["method"], version, _STATUS[row["status"]], row["doc"], row["comment"]


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{_STATUS[status]} — {number}" for status, number in counts.items() if number)
