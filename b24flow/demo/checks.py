"""What must hold after every play: nothing twice, terms equal, the journal whole, everybody known."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from b24flow.demo.box import day_of
from b24flow.demo.play import Play
from b24flow.settings import Settings

_NUMBER = re.compile(r"Вх-(\d+)/\d\d")
_VERIFY_S = 120


def check_all(play: Play) -> None:
    """Write down every invariant that can be seen from outside."""
    with play.playing("итог"):
        _once(play)
        _numbers(play)
        _terms(play)
        _journal(play)
        box, stage = play.stage.box, play.stage
        open_ones = [one for one in _registry(play) if not one["closed"]]
        play.equal("у каждого открытого документа есть исполнитель",
                   [one["number"] for one in open_ones if not one["holders"]], [])
        play.equal("вызовы портала известны документации", box.unhandled(), [])
        play.equal("инцидентов нет", stage.incidents(), 0)
        play.equal("повторный portal apply ничего не пишет", stage.applied_again(), 0)
        over = [f"{one.action}: {one.requests}" for one in play.costs if one.requests > one.budget]
        play.equal("запросов на действие не больше бюджета", over, [])


def _once(play: Play) -> None:
    box = play.stage.box
    for what, name, rows in (
        ("карточка реестра", "xmlId", box.state("items")),
        ("задача", "xml_id", box.state("tasks")),
        ("сообщение бота", "uuid", box.state("messages")),
    ):
        again = [key for key, count in Counter(_keys(rows, name)).items() if count > 1]
        play.equal(f"{what}: ровно одна на ключ", again, [])


def _keys(rows: Iterable[Mapping[str, Any]], name: str) -> list[str]:
    return [str(one[name]) for one in rows if one.get(name)]


def _numbers(play: Play) -> None:
    found = [_NUMBER.fullmatch(one["number"]) for one in _registry(play)]
    values = sorted(int(one[1]) for one in found if one is not None)
    play.equal("номера идут подряд", values, list(range(1, len(values) + 1)))


def _terms(play: Play) -> None:
    """The registry has the terms of the document; every task has the term of its assignment."""
    different: list[str] = []
    for uuid, item in play.stage.box.items().items():
        document = play.see(uuid)
        for label, name in (("Срок исполнения", "term"), ("Измененный срок исполнения", "changed_term")):
            if label in item and day_of(item.get(label)) != (document[name] or ""):
                different.append(f"{document['number']}: {label} — {item.get(label)}, а не {document[name]}")
        for task in play.tasks(uuid):
            person = next(one for one in play.people.values() if one.id == task["responsible_id"])
            terms = {one["current_term"] for one in document["branches"]
                     if one["executor"].startswith(person.surname)}
            terms |= {one["term"] for one in document["steps"]["requests"]
                      if one["to"].startswith(person.surname)}
            if day_of(task["deadline"]) not in terms:
                different.append(f"{document['number']}: срок задачи {task['id']}")
    play.equal("сроки документа, реестра и задач равны", different, [])


def _journal(play: Play) -> None:
    done, broken = journal_of(play.stage.settings)
    play.check("b24flow journal verify: журнал цел", done == 0 and broken == [], broken)


def journal_of(settings: Settings) -> tuple[int, Any]:
    """Run `b24flow journal verify` on the same database, as an auditor would: its code, what it found."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("B24FLOW_")}
    environment["B24FLOW_DATABASE_URL"] = settings.database_address
    environment["B24FLOW_DATA_DIR"] = str(settings.data_dir)
    done = subprocess.run(
        [sys.executable, "-m", "b24flow", "journal", "verify", "--json"], env=environment,
        capture_output=True, text=True, timeout=_VERIFY_S, check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout.strip() else done.stderr


def _registry(play: Play) -> list[dict[str, Any]]:
    return play.people["Осокина"].registry()
