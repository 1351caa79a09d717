"""`b24flow portal …`: the set-up of the portal, declared, compared, applied."""

from __future__ import annotations

from b24flow.cli.output import Code, emit, emit_json, say
from b24flow.cli.session import AsJson, opened
from b24flow.cli.words import Commands

app = Commands("Портал: что в нём должно быть для наших процессов.")


@app.verb(
    "plan", "Показать, что будет создано или изменено в портале; ничего не менять.",
    "b24flow portal plan", "Код завершения 3, если есть что менять.",
    "JSON: {steps: [text], problems: [{text, hint}]}",
)
def plan(as_json: AsJson = False) -> int:
    """Show what `apply` would do."""
    from b24flow.ops.portal_setup import plan as plan_of

    with opened() as container:
        found = plan_of(container.client(), container.office.definitions.processes(),
                        container.settings.bot_key())
    problems = [{"text": one.text, "hint": one.hint} for one in found.problems]
    if as_json:
        emit_json({"steps": [one.what for one in found.steps], "problems": problems})
    else:
        for one in found.steps:
            emit(f"+ {one.what}")
        for problem in problems:
            emit(f"! {problem['text']}" + (f" — {problem['hint']}" if problem["hint"] else ""))
    say(f"Изменений: {len(found.steps)}, препятствий: {len(problems)}")
    return Code.FINDINGS if found.steps or problems else Code.DONE


@app.verb(
    "apply", "Подготовить портал и прочитать справочник сотрудников; повтор ничего не меняет.",
    "b24flow portal apply",
)
def apply() -> None:
    """Bring the portal to the desired state and read its people."""
    with opened() as container:
        writes = container.apply_portal(say)
        say(f"Портал подготовлен, изменений: {writes}")
        people = container.sync_people()
        say(f"Сотрудников: {people.employees}, подразделений: {people.departments}")


@app.verb(
    "check", "Сверить портал с тем, что нам нужно: права вебхука и настройки; проверить почтовый сервер.",
    "b24flow portal check --json", "Код завершения 3, если есть расхождения.",
    "JSON: [{kind, text, repairable}]",
)
def check(as_json: AsJson = False) -> int:
    """Name everything that keeps the product from working, and every drift of the set-up."""
    from b24flow.ops.portal_setup import Drift, probe
    from b24flow.ops.portal_setup import check as check_of

    with opened() as container:
        client = container.client()
        found = [Drift(kind=one.kind, text=one.text, repairable=False) for one in probe(client)]
        if not found:
            found += check_of(client, container.office.definitions.processes(),
                              container.settings.bot_key())
        mailer = container.office.mailer
        if mailer is None:
            say("Почта не настроена (B24FLOW_SMTP_URL, B24FLOW_MAIL_FROM): «Отправить письмо» недоступно")
        elif trouble := mailer.check():
            found.append(Drift(kind="mail", text=f"Письма не уйдут: {trouble}", repairable=False))
    if as_json:
        emit_json(found)
    else:
        for one in found:
            emit(f"{one.text}" + (" (исправит portal apply)" if one.repairable else ""))
    say(f"Расхождений: {len(found)}")
    return Code.FINDINGS if found else Code.DONE
