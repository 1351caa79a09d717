"""What the service costs, measured on this machine: prints figures, judges nothing.

    make bench ARGS="--documents 200"

Every timed figure is taken with N and with 10·N documents in the same run, so that the ratio tells how the
cost grows whatever machine it is. The sandbox runs in this process: times of exchanges include its work.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from b24flow import log
from b24flow.core.document import FileRef
from b24flow.core.holding import work_items
from b24flow.sandbox.server import SandboxServer
from b24flow.services.views import my_work
from b24flow.store import migrations
from b24flow.store.engine import Database
from b24flow.store.queries import Filter, find, registry
from tests import databases
from tests.desk import to_be_read_by
from tests.scenario.plays import REASON
from tests.town import CHAIR, CLERK, DEPUTY, HEAD, LAWYER, SPECIALIST, Town, town

REPEATS = 15
THREADS = 8


class Statements:
    """Counts the statements of the whole process; transaction control is not counted."""

    def __init__(self) -> None:
        self.count = 0
        event.listen(Engine, "before_cursor_execute", self._one)

    def _one(self, *arguments: Any) -> None:
        if not str(arguments[2]).upper().startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT")):
            self.count += 1

    def during(self, act: Callable[[], Any]) -> tuple[Any, int]:
        before = self.count
        return act(), self.count - before


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--documents", type=int, default=200, help="N (default 200)")
    parser.add_argument("--registrations", type=int, default=400, help="for the throughput (default 400)")
    options = parser.parse_args()
    log.configure(json=False, level="ERROR")
    logging.getLogger("alembic").setLevel(logging.ERROR)
    counter = Statements()
    _readers()
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="b24flow-bench-")))
        sandbox = opened.enter_context(SandboxServer())
        urls = {"SQLite": f"sqlite:///{folder / 'bench.db'}",
                "PostgreSQL": opened.enter_context(_postgres())}
        for engine, url in urls.items():
            print(f"\n== {engine}")
            with _database(url) as database, town(sandbox, database, folder / engine) as place:
                print(f"memory at rest: {_memory():.0f} MB")
                _actions(place, counter)
                _throughput(place, options.registrations)
                _growth(place, counter, options.documents)


def _readers() -> None:
    """Print what it costs to say who must act on a sheet of acknowledgement, short and ten times as long."""
    spent = []
    for count in (20, 200):
        desk = to_be_read_by(count)
        times = []
        for _ in range(REPEATS):
            begun = time.perf_counter()
            work_items(desk.definition, desk.doc, desk.context())
            times.append(time.perf_counter() - begun)
        spent.append(statistics.median(times) * 1000)
    print(f"work items: {spent[0]:.1f} ms for 20 readers, {spent[1]:.1f} ms for 200,"
          f" {spent[1] / spent[0]:.1f} times")


def _actions(place: Town, counter: Statements) -> None:
    """Play the golden trace and print what each action costs the database and the portal."""
    print(f"\n{'action':<20}{'statements':>11}{'ms':>8}"
          f"{'HTTP':>6}{'files':>6}{'statements to project':>23}{'ms':>8}")
    made = _cost(place, counter, "register", lambda: place.register(CHAIR))
    steps: list[tuple[int, str, dict[str, Any]]] = [
        (CHAIR, "execute", {"executors": (str(DEPUTY),), "term": place.day(10), "control": "1"}),
        (DEPUTY, "execute", {"executors": (str(DEPUTY), str(HEAD)), "lead": str(HEAD), "term": place.day(8)}),
        (HEAD, "execute", {"executors": (str(HEAD),), "term": place.day(8)}),
        (HEAD, "request_extension", {"desired_term": place.day(13), "reason": REASON}),
        (DEPUTY, "escalate", {}),
        (CHAIR, "set_term", {"new_term": place.day(15)}),
        (HEAD, "report", {"summary": "Ответ подготовлен"}),
        (HEAD, "prepare_reply", {"release_others": "1"}),
    ]
    for user, action, form in steps:
        _press(place, counter, made.uuid, user, action, **form)
    reply = place.document(made.uuid).reply
    assert reply is not None
    _sheet(place, counter, reply.document, HEAD)
    _press(place, counter, made.uuid, CHAIR, "release")
    print("a letter that answers nothing; a directive with a point and a reader")
    _sheet(place, counter, "", SPECIALIST)
    _directive(place, counter)


def _press(
    place: Town, counter: Statements, uuid: str, user: int, action: str, *files: FileRef, **form: Any
) -> None:
    target = place.target(uuid, user, action)
    _cost(place, counter, action, lambda: place.press(uuid, user, action, *files, target=target, **form))


def _sheet(place: Town, counter: Statements, uuid: str, author: int) -> None:
    """Take an outgoing draft through a visa, the signature, the number and the dispatch."""
    form: dict[str, Any] = {"addressees": "Министерство", "title": "О мерах", "signer": str(CHAIR),
            "route": (f"1:{LAWYER}",)}
    if uuid:
        _press(place, counter, uuid, author, "submit", place.draft(author), **form)
    else:
        draft = place.draft(author)
        uuid = _cost(place, counter, "submit", lambda: place.begin(
            "outgoing", author, "submit", draft, **form)).uuid
    _press(place, counter, uuid, LAWYER, "approve")
    _press(place, counter, uuid, CHAIR, "sign")
    _press(place, counter, uuid, CLERK, "register", case_file="01-05")
    _press(place, counter, uuid, CLERK, "dispatch", method="email", sent_on=place.today())


def _directive(place: Town, counter: Statements) -> None:
    draft = place.draft(SPECIALIST)
    point = json.dumps({"text": "Составить график", "executor": str(HEAD), "term": place.day(5)})
    uuid = _cost(place, counter, "straight_to_sign", lambda: place.begin(
        "directive", SPECIALIST, "straight_to_sign", draft, kind="admin", title="О графике",
        signer=str(CHAIR), readers=(str(LAWYER),), controller=str(DEPUTY), points=(point,))).uuid
    _press(place, counter, uuid, CHAIR, "sign")
    _press(place, counter, uuid, CLERK, "register")
    _press(place, counter, uuid, LAWYER, "acknowledged")
    _press(place, counter, uuid, HEAD, "report", summary="График составлен")
    _press(place, counter, uuid, DEPUTY, "release_point", comment="Проверено")


def _cost(place: Town, counter: Statements, name: str, act: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    made, statements = counter.during(act)
    spent = time.perf_counter() - begun
    place.forget_calls()
    begun = time.perf_counter()
    _, projecting = counter.during(place.drain)
    sending = time.perf_counter() - begun
    files = sum(one["method"].lower() == "disk.folder.uploadfile" for one in place.calls())
    print(f"{name:<20}{statements:>11}{spent * 1000:>8.1f}{place.requests():>6}{files:>6}"
          f"{projecting:>23}{sending * 1000:>8.1f}")
    return made


def _throughput(place: Town, number: int) -> None:
    """Register from several threads at once; the numbers must come out consecutive."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(lambda _: place.register(CHAIR), range(number)))
    spent = time.perf_counter() - begun
    values = sorted(document.number.value for one in made
                    if (document := place.document(one.uuid)).number is not None)
    assert values == list(range(values[0], values[0] + number))
    print(f"\nregistration, {THREADS} threads: {number / spent:.0f} documents a second, numbers consecutive")
    begun = time.perf_counter()
    place.settle()
    spent = time.perf_counter() - begun
    print(f"projection of {number} documents with a file each: {number / spent:.0f} a second")


def _growth(place: Town, counter: Statements, number: int) -> None:
    """Measure the same things with N and with 10·N documents."""
    _fill(place, number)
    small = _figures(place, counter)
    _fill(place, 10 * number)
    large = _figures(place, counter)
    print(f"\n{'':<34}{number:>10}{10 * number:>10}{'ratio':>8}")
    for name, value in small.items():
        print(f"{name:<34}{value:>10.2f}{large[name]:>10.2f}{large[name] / value if value else 1:>8.2f}")


def _fill(place: Town, number: int) -> None:
    with place.office.database.reading() as unit:
        rows = registry(unit, Filter(), limit=1)
    present = rows[0].id if rows else 0
    for _ in range(number - present):
        place.register(CHAIR)
    place.settle()
    place.clock.offset += timedelta(minutes=5)
    place.poll()
    place.poll()


def _figures(place: Town, counter: Statements) -> dict[str, float]:
    office = place.office
    # The portal's clock goes on with ours: what was just written is out of the window of the next poll.
    place.http.post("/_sandbox/clock", json={"advance": 300}).raise_for_status()
    place.poll()
    place.forget_calls()
    _, statements = counter.during(place.poll)
    found = {"idle poll, HTTP requests": float(place.requests()), "idle poll, statements": float(statements)}
    found["idle poll, ms"] = _median(place.poll)
    found["register, ms"] = _median(lambda: place.register(CHAIR))
    place.settle()
    made = place.register(CHAIR)
    place.settle()
    target = place.target(made.uuid, CHAIR, "acknowledge")
    _, found["acknowledge, statements"] = counter.during(
        lambda: place.press(made.uuid, CHAIR, "acknowledge", target=target))
    found["its projection, ms"] = _once(place.drain)
    found["my documents of a busy chair, ms"] = _median(lambda: my_work(office, CHAIR))
    found["my documents of a clerk, ms"] = _median(lambda: my_work(office, CLERK))

    def page() -> None:
        with office.database.reading() as unit:
            registry(unit, Filter(open_only=True), limit=51)

    def number() -> None:
        with office.database.reading() as unit:
            find(unit, "Вх-7/26", 10)

    def words() -> None:
        with office.database.reading() as unit:
            registry(unit, Filter(text="поддержки"), limit=51)

    found["registry page, ms"], found["by number, ms"] = _median(page), _median(number)
    found["by a word, ms"] = _median(words)
    found["memory, MB (sandbox included)"] = _memory()
    return found


def _median(act: Callable[[], Any]) -> float:
    return statistics.median(_once(act) for _ in range(REPEATS))


def _once(act: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _memory() -> float:
    """Return the resident memory of this process in MB (Linux)."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(one.split()[1]) for one in lines if one.startswith("VmRSS")) / 1024


@contextmanager
def _database(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        migrations.upgrade(database)
        yield database
    finally:
        database.close()


@contextmanager
def _postgres() -> Iterator[str]:
    """A server of the tests' own kind, without fsync like theirs; see `databases.postgres_server`."""
    folder = Path(tempfile.mkdtemp(prefix="b24flow-bench-pg-"))
    runtime, data = folder / "runtime", folder / "data"
    (runtime / "python_PostgresServer").mkdir(parents=True)
    runtime.chmod(0o700)
    data.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        served = contextmanager(databases._served)
        with served(data) as server, databases._created(server) as url:
            yield url
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
