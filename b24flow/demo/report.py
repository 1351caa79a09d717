"""What a headless run found, as one value and as the rows of one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from b24flow.demo.play import Check, Cost, Play

HEADINGS = (
    "Сценарий", "Документ", "Состояние", "Срок", "Изм. срок", "Задачи", "Действие", "Кто", "Где",
    "HTTP", "Бюджет", "Файлы", "Чтений", "Вызовов", "с",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """A document as it ended."""

    scenario: str
    number: str
    title: str
    state: str
    term: date | None
    changed_term: date | None
    tasks: int
    open_tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole run; `seconds` by scenario, `polls` are the rounds of reading that are not counted."""

    ok: bool
    documents: tuple[DocumentLine, ...]
    actions: tuple[Cost, ...]
    checks: tuple[Check, ...]
    failed: str
    seconds: dict[str, float]
    setup_writes: int


def report_of(play: Play, failed: str = "") -> Report:
    """Return what a play found; `failed` is why it could not go on."""
    documents = tuple(_line(play, name, uuid) for name, uuid in play.documents.items())
    return Report(
        ok=not failed and all(one.held for one in play.checks), documents=documents,
        actions=tuple(play.costs), checks=tuple(play.checks), failed=failed,
        seconds={name: round(spent, 2) for name, spent in play.seconds.items()},
        setup_writes=play.stage.setup_writes,
    )


def _line(play: Play, name: str, uuid: str) -> DocumentLine:
    document = play.see(uuid)
    tasks = play.tasks(uuid) if uuid in play.stage.box.items() else []
    number = document["number"] or document["card"].get("Исходящий номер", "")
    return DocumentLine(
        scenario=name, number=number, title=document["title"], state=document["state"]["label"],
        term=_day(document["term"]), changed_term=_day(document["changed_term"]), tasks=len(tasks),
        open_tasks=sum(1 for one in tasks if one["closed"] is None),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def rows(report: Report) -> list[tuple[object, ...]]:
    """Return the rows of the table: a document on its own line, what was done with it below."""
    found: list[tuple[object, ...]] = []
    for line in report.documents:
        tasks = f"{line.tasks}, открыто {line.open_tasks}" if line.tasks else "нет"
        found.append((line.scenario, line.number, line.state, line.term, line.changed_term, tasks,
                      *[""] * (len(HEADINGS) - 6)))
        found += [_action(one) for one in report.actions if one.scenario == line.scenario]
    return found


def _action(one: Cost) -> tuple[object, ...]:
    budget = f"{one.budget}" if one.requests <= one.budget else f"{one.budget} превышен"
    return (*[""] * 6, one.action, one.person, one.where, one.requests, budget, one.files, one.reads,
            one.calls, f"{one.seconds:.2f}")


def calls_of(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the REST calls as they came over the wire: a batch once, with its commands inside."""
    return [{"method": one["method"], "params": one["params"]} for one in calls if one["batch"] is None]
