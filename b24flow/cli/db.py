"""`b24flow db …`: the schema of the database."""

from __future__ import annotations

from b24flow.cli.output import Code, emit, emit_json, say
from b24flow.cli.session import AsJson, settings_with_log
from b24flow.cli.words import Commands

app = Commands("База данных: схема.")


@app.verb("upgrade", "Привести схему к версии программы.", "b24flow db upgrade")
def upgrade() -> None:
    """Bring the schema to the newest version."""
    settings = settings_with_log()
    from b24flow.bootstrap import open_database
    from b24flow.store import migrations

    database = open_database(settings)
    try:
        before = migrations.current(database)
        migrations.upgrade(database)
        say(f"Схема: {before or 'пусто'} → {migrations.current(database)}")
    finally:
        database.close()


@app.verb(
    "check", "Сверить схему базы с программой.", "b24flow db check",
    "Код завершения 3, если схема другая.", "JSON: [text]",
)
def check(as_json: AsJson = False) -> int:
    """Name every difference between the schema and the program."""
    settings = settings_with_log()
    from b24flow.bootstrap import open_database
    from b24flow.store import migrations

    database = open_database(settings)
    try:
        found = migrations.check(database)
    finally:
        database.close()
    if as_json:
        emit_json(found)
    else:
        for one in found:
            emit(one)
    say(f"Различий: {len(found)}" if found else "Схема соответствует программе.")
    return Code.FINDINGS if found else Code.DONE
