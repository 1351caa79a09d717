"""Reading what changed in the portal: one batch per tick, whatever the number of documents.

Windows overlap, because change stamps have a resolution of one second and the portal's clock is not ours;
what comes twice is recognised by its state, not by having been seen (reference
bitrix24-rest-crm-events-auth.md, pitfall 24).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from b24flow.core.projection import Seen, SeenItem, SeenTask, TaskHistory
from b24flow.errors import PortalError, PortalRejected, PortalUnavailable
from b24flow.portal import calls
from b24flow.portal.classify import Answer
from b24flow.portal.client import PortalClient
from b24flow.portal.desired import normal_read
from b24flow.portal.methods import Call
from b24flow.portal.planning import TASK_SELECT
from b24flow.portal.portal_map import PortalMap, ProcessMap
from b24flow.portal.reading import task_fields
from b24flow.portal.wire import chunk

OVERLAP = timedelta(minutes=2)
PAGE = 50
EVENTS = 100


def poll(client: PortalClient, portal: PortalMap, since: str | None, offset: int | None) -> Seen:
    """Return everything that changed since the watermark `since` (portal time, ISO).

    Raises PortalError when the portal cannot be read; the next tick begins at the same place then.
    """
    batch: dict[str, Call] = {
        "events": calls.bot_events(portal.bot_id, portal.bot_token, offset=offset, limit=EVENTS),
        "tasks": _tasks(since, 0),
    }
    for index, process in enumerate(portal.processes.values()):
        batch[f"items{index}"] = _items(process, since, 0)
    answers = _all(client.batch(batch))
    items: list[SeenItem] = []
    for index, (code, process) in enumerate(portal.processes.items()):
        rows = _rows(answers[f"items{index}"].result, "items")
        while True:
            items += [_item(row, code, process) for row in rows]
            if len(rows) < PAGE:
                break
            rows = _rows(client.call(_items(process, since, int(rows[-1]["id"]))).result, "items")
    tasks = _more_tasks(client, _rows(answers["tasks"].result, "tasks"), since)
    events = answers["events"].result
    read = events if isinstance(events, Mapping) else {}
    return Seen(
        items=items, tasks=[_task(row) for row in tasks],
        bot_events=_rows(read, "events"), since=_watermark(answers["tasks"], since),
        offset=int(read["nextOffset"]) if read.get("nextOffset") else offset,
        now=_portal_time(answers["tasks"]),
    )


def _items(process: ProcessMap, since: str | None, after: int) -> Call:
    filters: dict[str, Any] = {} if since is None else {">=updatedTime": since}
    select = ["id", "xmlId", "title", "stageId", "assignedById", "updatedTime",
              *process.fields.values()]
    return calls.crm_item_list(process.entity_type_id, select=select, filters=filters,
                               after_id=after)


def _tasks(since: str | None, after: int) -> Call:
    filters: dict[str, Any] = {} if since is None else {">=CHANGED_DATE": since}
    if after:
        filters[">ID"] = after
    select = [*TASK_SELECT, "XML_ID", "CHANGED_DATE", "CLOSED_BY"]
    return calls.task_list(filters=filters, select=select, order={"ID": "asc"})


def _more_tasks(
    client: PortalClient, rows: list[Mapping[str, Any]], since: str | None
) -> list[Mapping[str, Any]]:
    found = list(rows)
    while len(rows) == PAGE:
        last = int(rows[-1]["id"])
        rows = _rows(client.call(_tasks(since, last)).result, "tasks")
        if rows and int(rows[0]["id"]) <= last:
            # The filter was ignored: reading on would never end.
            break
        found += rows
    return found


def _watermark(answer: Answer, since: str | None) -> str | None:
    """Return where the next window begins: the portal's own time, less the overlap."""
    now = _portal_time(answer)
    if not now:
        return since
    return (datetime.fromisoformat(now) - OVERLAP).isoformat(timespec="seconds")


def _portal_time(answer: Answer) -> str:
    started = (answer.time or {}).get("date_start")
    return datetime.fromisoformat(str(started)).isoformat(timespec="seconds") if started else ""


def _item(row: Mapping[str, Any], code: str, process: ProcessMap) -> SeenItem:
    names = ["title", "stageId", "assignedById", *process.fields.values()]
    return SeenItem(
        process=code, xml_id=str(row.get("xmlId") or ""), portal_id=str(row["id"]),
        fields={name: normal_read(row.get(name)) for name in names},
        stamp=str(row.get("updatedTime") or ""),
    )


def _task(row: Mapping[str, Any]) -> SeenTask:
    return SeenTask(
        xml_id=str(row.get("xmlId") or ""), portal_id=str(row["id"]), fields=task_fields(row),
        closed_by=int(row.get("closedBy") or 0), stamp=str(row.get("changedDate") or ""),
    )


def histories(client: PortalClient, tasks: Sequence[str]) -> dict[str, TaskHistory]:
    """Return for every task who last moved its deadline or responsible person, and its results.

    A task the portal refuses to tell about (deleted meanwhile) is absent; it must not stop the others.
    """
    batch: dict[str, Call] = {}
    for task in tasks:
        batch[f"h{task}"] = Call("tasks.task.history.list", {"taskId": int(task)})
        batch[f"r{task}"] = Call("tasks.task.result.list", {"taskId": int(task)})
    answers: dict[str, Answer | PortalError] = {}
    for group in chunk(batch):
        answers |= client.batch(group)
    told = {key: one for key, one in answers.items() if not isinstance(one, PortalRejected)}
    read = _all(told) if told else {}
    return {
        task: _history(read[f"h{task}"].result, read[f"r{task}"].result)
        for task in tasks if f"h{task}" in read and f"r{task}" in read
    }


def _history(history: Any, results: Any) -> TaskHistory:
    lines = sorted(_rows(history, "list"), key=lambda row: int(row.get("id") or 0))
    deadline_by = responsible_by = None
    for line in lines:
        user = line.get("user")
        by = int(user.get("id") or 0) if isinstance(user, Mapping) else 0
        if line.get("field") == "DEADLINE":
            deadline_by = by
        elif line.get("field") == "RESPONSIBLE_ID":
            responsible_by = by
    found = results if isinstance(results, list) else []
    return TaskHistory(
        deadline_by=deadline_by, responsible_by=responsible_by,
        results=tuple(
            (str(row.get("id")), int(row.get("createdBy") or 0), str(row.get("text") or ""))
            for row in found if isinstance(row, Mapping)
        ),
    )


def _all(answers: Mapping[str, Answer | PortalError]) -> dict[str, Answer]:
    good: dict[str, Answer] = {}
    for key, answer in answers.items():
        if isinstance(answer, PortalError):
            raise answer
        good[key] = answer
    if not good:
        raise PortalUnavailable("Портал ничего не ответил")
    return good


def _rows(result: Any, name: str) -> list[Mapping[str, Any]]:
    rows = result.get(name) if isinstance(result, Mapping) else result
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
