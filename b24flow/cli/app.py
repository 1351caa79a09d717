"""The tree of commands, and how any of them ends: a code and, if it failed, a Russian sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from typer.exceptions import Abort, TyperException

from b24flow.cli import (
    calendar,
    db,
    demo,
    documents,
    documents_print,
    incidents,
    journal,
    numbers,
    outbox,
    people,
    portal,
    process,
    process_life,
    running,
    sandbox,
    template,
)
from b24flow.cli.output import Code, say
from b24flow.cli.words import Commands, usage_problem
from b24flow.errors import B24FlowError, DefinitionError

_INTERRUPTED = 130

app = Commands(
    "b24flow — документооборот поверх портала Битрикс24.\n\n"
    "Данные выводятся в stdout, сообщения — в stderr. Коды завершения: 0 — сделано, 1 — не удалось, "
    "2 — ошибка в команде, 3 — есть замечания."
)
running.register(app)
process_life.register(process.app)
documents_print.register(documents.app)
demo.register(app)
for _name, _noun in (
    ("sandbox", sandbox.app), ("process", process.app), ("portal", portal.app), ("people", people.app),
    ("documents", documents.app), ("template", template.app),
    ("outbox", outbox.app), ("incidents", incidents.app),
    ("journal", journal.app), ("numbers", numbers.app), ("calendar", calendar.app), ("db", db.app),
):
    app.add_typer(_noun, name=_name)


def execute(args: Sequence[str]) -> int:
    """Run a command and return its exit code; nothing is ever raised."""
    try:
        code = app(args=list(args), prog_name="b24flow", standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        return _usage(error)
    except (Abort, KeyboardInterrupt):
        code = _INTERRUPTED
    except BrokenPipeError:
        # The reader went away; Python must not fail once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Code.FAILED
    except DefinitionError as error:
        for finding in error.findings:
            say(str(finding))
        return Code.FAILED
    except B24FlowError as error:
        say(f"Ошибка: {error.text}")
        if error.hint:
            say(error.hint)
        return Code.FAILED
    except OSError as error:
        say(f"Ошибка: {error.strerror or 'сбой ввода-вывода'}"
            + (f": {error.filename}" if error.filename else ""))
        return Code.FAILED
    except Exception as error:  # noqa: BLE001 - the last door: a person gets a sentence, not a traceback
        say(f"Внутренняя ошибка программы: {type(error).__name__} ({_place(error)})")
        return Code.FAILED
    if code == _INTERRUPTED:
        say("Прервано.")
    return code if isinstance(code, int) else Code.DONE


def _usage(error: TyperException) -> int:
    ctx = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and ctx is not None:
        say(ctx.get_help())
        return Code.USAGE
    say(f"Ошибка: {usage_problem(error)}")
    if ctx is not None:
        say(f"Справка: {ctx.command_path} --help")
    return error.exit_code


def _place(error: Exception) -> str:
    """Return where an error was raised; its text may hold anything and is not shown."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "место неизвестно"
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"  # noqa: PTH119
