"""`b24flow people …`: the directory and substitutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from b24flow.cli.output import cell, emit, emit_json, say, table
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands

if TYPE_CHECKING:
    from datetime import date

    from b24flow.core.people import Directory, Employee

app = Commands("Сотрудники: справочник портала, роли и замещения.")
Person = Annotated[str, typer.Argument(metavar="СОТРУДНИК", help="Номер, почта или фамилия с именем.")]


@app.verb("sync", "Прочитать сотрудников и подразделения из портала.", "b24flow people sync")
def sync() -> None:
    """Make the directory equal to the portal's staff."""
    with opened() as container:
        report = container.sync_people()
    say(f"Сотрудников: {report.employees}, подразделений: {report.departments}, "
        f"уволено: {len(report.dismissed)}, документов передано: {len(report.released)}")
    if report.stuck:
        say(f"Некому передать документов: {len(report.stuck)} — см. b24flow incidents list")


@app.verb(
    "list", "Показать сотрудников и их роли.", "b24flow people list --json",
    "JSON: {people: [{id, name, post, department, email, active, roles}], empty_roles: [code]}",
)
def listing(
    everybody: Annotated[bool, typer.Option("--all", help="Вместе с уволенными.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the directory."""
    with opened() as container:
        office = container.office
        with container.database.reading() as unit:
            directory = office.people.directory(unit)
        wanted = {code for one in office.definitions.processes().values() for code in one.roles}
    empty = sorted(code for code in wanted if not directory.role(code))
    rows = [_row(directory, one) for one in sorted(directory.employees.values(), key=lambda one: one.id)
            if everybody or one.active]
    if as_json:
        emit_json({"people": rows, "empty_roles": empty})
    else:
        table(("№", "Сотрудник", "Должность", "Подразделение", "Роли"),
              ((one["id"], one["name"], one["post"], one["department"],
                ", ".join(one["roles"])) for one in rows))
    if empty:
        say(f"В ролях никого нет: {', '.join(empty)} ({container.settings.roles_path})")


@app.verb(
    "substitute", "Назначить замещение: один действует за другого с даты по дату включительно.",
    "b24flow people substitute 2 3 --since 01.07.2026 --until 14.07.2026",
)
def substitute(
    principal: Annotated[str, typer.Argument(metavar="КОГО", help="Номер, почта или полное имя.")],
    acting: Annotated[str, typer.Argument(metavar="КТО", help="Номер, почта или полное имя.")],
    since: Annotated[str, typer.Option(help="Первый день, ДД.ММ.ГГГГ.")],
    until: Annotated[str, typer.Option(help="Последний день, ДД.ММ.ГГГГ.")],
    process: Annotated[str, typer.Option(help="Только этот процесс, например outgoing.")] = "",
    scope: Annotated[str, typer.Option(
        help="Что можно: all — всё, approval — только согласование, no_signing — всё, кроме подписания.",
    )] = "all",
) -> None:
    """Add a substitution."""
    first, last = day_of(since, "--since"), day_of(until, "--until")
    with opened() as container:
        from b24flow.core.people import SCOPE_WORDS, Scope
        from b24flow.services.people import add_substitution

        if scope not in list(Scope):
            raise typer.BadParameter("all, approval или no_signing", param_hint="--scope")

        with container.database.reading() as unit:
            directory = container.office.people.directory(unit)
        one, other = find_person(directory, principal), find_person(directory, acting)
        added = add_substitution(container.office, one.id, other.id, first, last, author=0,
                                 process=process, scope=Scope(scope))
        about = SCOPE_WORDS[Scope(scope)]
    say(f"Замещение № {added}: {other.name} за {one.name} с {cell(first)} по {cell(last)} включительно; "
        f"{about}{f', процесс {process}' if process else ''}")


@app.verb(
    "substitutes", "Показать действующие и будущие замещения или отменить одно из них.",
    "b24flow people substitutes --remove 3",
    "JSON: [{id, principal, substitute, since, until, process, scope}] — номера сотрудников",
)
def substitutes(
    remove: Annotated[int | None, typer.Option(help="Номер замещения, которое отменить.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show substitutions, or end one."""
    from b24flow.core.people import SCOPE_WORDS
    from b24flow.services.people import remove_substitution, substitutions

    with opened() as container:
        if remove is not None:
            remove_substitution(container.office, remove)
            say(f"Замещение № {remove} отменено")
            return
        rows = substitutions(container.office)
        with container.database.reading() as unit:
            directory = container.office.people.directory(unit)
    if as_json:
        emit_json([{"id": row.id, "principal": row.substitution.principal,
                    "substitute": row.substitution.substitute, "since": row.substitution.since,
                    "until": row.substitution.until, "process": row.substitution.process,
                    "scope": row.substitution.scope.value} for row in rows])
        return
    table(("№", "Кто", "За кого", "С", "По", "Процесс", "Что"), (
        (row.id, directory.get(row.substitution.substitute).name,
         directory.get(row.substitution.principal).name, row.substitution.since, row.substitution.until,
         row.substitution.process or "все", SCOPE_WORDS[row.substitution.scope])
        for row in rows))
    if not rows:
        emit("Замещений нет.")


def _row(directory: Directory, one: Employee) -> dict[str, Any]:
    unit = directory.departments.get(one.department or 0)
    roles = [code for code in directory.roles if one.id in directory.role(code)]
    return {"id": one.id, "name": one.full_name, "post": one.post,
            "department": unit.name if unit is not None else "", "email": one.email,
            "active": one.active, "roles": roles}


def find_person(directory: Directory, who: str) -> Employee:
    """Return the person meant by a number, a mail address or a name; raises NotFound."""
    from b24flow.errors import NotFound

    wanted = " ".join(who.split()).casefold()
    found = [one for one in directory.employees.values() if wanted in {
        str(one.id), one.email.casefold(), one.full_name.casefold(),
        f"{one.last_name} {one.first_name}".casefold(), one.last_name.casefold()}]
    if len(found) != 1:
        reason = "такого сотрудника нет" if not found else "таких сотрудников несколько, укажите номер"
        raise NotFound(f"{cell(who)[:100]}: {reason}")
    return found[0]


def day_of(text: str, option: str) -> date:
    """Return the day that an option names."""
    from b24flow.core.russian import parse_date

    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise typer.BadParameter("нужна дата вида 14.07.2026", param_hint=option)
    return found
