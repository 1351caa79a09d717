"""The frame of a scenario: who acts, what every action cost the portal, what must hold afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from b24flow.demo.box import present_day
from b24flow.demo.pages import PageError
from b24flow.demo.person import Person
from b24flow.demo.stage import Stage, requests_of

_READS = (".list", ".get", ".fields")
_SATURDAY = 5
BATCH = 20
"""How many writes the service sends in one request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one action of a person cost: HTTP requests that write, uploads among them, and that only read.

    `attached`: the action made tasks that carry files, which must be in the portal before them.
    """

    scenario: str
    person: str
    action: str
    where: str
    requests: int
    files: int
    attached: bool
    reads: int
    calls: int
    seconds: float

    @property
    def budget(self) -> int:
        """One request for up to twenty writes, one more per file, and one after the files for their tasks."""
        full = max(1, -(-(self.calls - self.files) // BATCH))
        return full + self.files + (self.attached and self.files > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something that must hold; `found` says what is there instead when it does not."""

    scenario: str
    text: str
    held: bool
    found: str = ""


@dataclass(slots=True)
class Play:
    """A stage with its people, and the book of costs and checks."""

    stage: Stage
    people: dict[str, Person]
    costs: list[Cost] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    scenario: str = ""

    def person(self, surname: str) -> Person:
        """Return an employee by surname."""
        return self.people[surname]

    def web(self, surname: str, label: str, act: Callable[[], Any]) -> Any:
        """Let a person do something on our pages, and write down what it cost."""
        return self._measured(surname, label, "страница", act)

    def chat(self, surname: str, label: str, uuid: str) -> None:
        """Let a person press a button in the chat and wait until it took effect."""
        person = self.person(surname)
        seen = self.see(uuid)
        name, before = str(seen["number"] or seen["title"]), int(seen["version"])

        def press() -> None:
            self.stage.box.press(person.id, label, name)
            self.stage.until(lambda: self._version(uuid) > before, f"кнопка «{label}» не подействовала")

        self._measured(surname, label, "чат", press)

    def result(self, surname: str, uuid: str, text: str) -> None:
        """Let a person add a result to his task; the portal tells nobody before the task itself changes."""
        number = self.task_of(uuid, surname)["id"]
        self.stage.box.act(self.person(surname).id, "task/result", task_id=number, text=text)

    def complete(self, surname: str, uuid: str) -> None:
        """Let a person complete his task on the portal page and wait until that is noticed."""
        person, number, before = self.person(surname), self.task_of(uuid, surname)["id"], self._version(uuid)

        def do() -> None:
            self.stage.box.act(person.id, "task/complete", task_id=number)
            self.stage.until(lambda: self._version(uuid) > before, "завершение задачи не замечено")

        self._measured(surname, "Завершить задачу", "задача", do)

    def task_of(self, uuid: str, surname: str) -> dict[str, Any]:
        """Return a person's one task of a document."""
        person = self.person(surname)
        mine = [one for one in self.tasks(uuid) if one["responsible_id"] == person.id]
        if len(mine) != 1:
            raise PageError(f"{surname}: задач по документу {len(mine)}, а не одна")
        return mine[0]

    def tasks(self, uuid: str) -> list[dict[str, Any]]:
        """Return the tasks of a document."""
        return self.stage.box.tasks(self.item(uuid))

    def item(self, uuid: str) -> dict[str, Any]:
        """Return a document's row of the registry."""
        found = self.stage.box.items().get(uuid)
        if found is None:
            raise PageError("Документа нет в реестре портала")
        return found

    def see(self, uuid: str) -> dict[str, Any]:
        """Return a document as the clerk sees it."""
        return self.people["Осокина"].document(uuid)

    def check(self, text: str, held: bool, found: object = "") -> None:
        """Write down whether something holds."""
        shown = "" if held else str(found)
        self.checks.append(Check(scenario=self.scenario, text=text, held=held, found=shown))

    def equal(self, text: str, found: object, expected: object) -> None:
        """Write down whether something is as expected."""
        self.check(text, found == expected, f"есть {found!r}, должно быть {expected!r}")

    @contextmanager
    def playing(self, scenario: str) -> Iterator[None]:
        """Name and time what happens inside."""
        self.scenario, begun = scenario, time.monotonic()
        yield
        self.seconds[scenario] = time.monotonic() - begun

    def _measured(self, surname: str, label: str, where: str, act: Callable[[], Any]) -> Any:
        self.stage.settle()
        since, begun = self.stage.mark(), time.monotonic()
        result = act()
        spent = time.monotonic() - begun
        self.stage.settle(touched=True)
        requests = requests_of(self.stage.box.calls(since))
        reading = [one for one in requests if all(_reads(row) for row in one)]
        uploads = [one for one in requests if len(one) == 1 and "upload" in one[0]["method"].lower()]
        self.costs.append(Cost(
            scenario=self.scenario, person=surname, action=label, where=where,
            requests=len(requests) - len(reading), files=len(uploads), reads=len(reading),
            attached=any(_attaches(row) for one in requests for row in one),
            calls=sum(1 for one in requests for row in one if row["method"] != "batch"), seconds=spent,
        ))
        return result

    def _version(self, uuid: str) -> int:
        return int(self.see(uuid)["version"])


def _reads(row: dict[str, Any]) -> bool:
    return row["method"] == "batch" or str(row["method"]).endswith(_READS)


def _attaches(row: dict[str, Any]) -> bool:
    if row["method"] != "tasks.task.add":
        return False
    return bool(row["params"].get("fields", {}).get("UF_TASK_WEBDAV_FILES"))


def later(days: int) -> str:
    """Return a day so many days from now, moved from a week-end to Monday, as a form has it."""
    day = present_day() + timedelta(days=days)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day.isoformat()


def today() -> str:
    """Return this day as a form has it."""
    return present_day().isoformat()
