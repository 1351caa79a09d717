"""The honesty table: every method as done, partial or missing, with its documentation page.

Emulated methods come from the registry; `missing.txt` beside this module lists those documented
methods of the same families that are not emulated, each with its page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import b24flow.sandbox.dispatch  # noqa: F401 - registers the methods
from b24flow.sandbox.registry import coverage as emulated

DONE, PARTIAL, MISSING = "done", "partial", "missing"

LIMITS = (
    "Песочница написана по открытой документации REST, а не по коду коробки. Где страница молчит или "
    "противоречит себе, настоящий портал может ответить иначе.",
    "Методов других семейств нет вовсе: сделки и лиды старыми методами (crm.deal.*, crm.lead.*), "
    "бизнес-процессы и роботы, каталог и магазин, телефония, почта, списки, события календаря, "
    "документы по шаблонам, видеозвонки.",
    "Сами по себе не наступают ограничение частоты запросов, перегрузка и сбои сети: их заказывают "
    "через /_sandbox/faults.",
    "Письма, приглашения и push-уведомления никуда не уходят. Обработчикам событий, приложениям и ботам "
    "портал звонит по-настоящему.",
    "Всё исполняется по одному вызову в одном процессе: соперничества двух серверов и задержек очередей "
    "здесь нет.",
    "Страницы портала открыты без пароля, HTTPS нет: это портал для своей машины, не для сети.",
)
"""What the whole portal lacks, in Russian, for people; a method's own limits stand in its row."""

FAMILIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "basic": ("Основное и приложения", ("",)),
    "user": ("Сотрудники и отделы", ("user.", "department.")),
    "crm": ("CRM и смарт-процессы", ("crm.", "userfieldconfig.")),
    "tasks": ("Задачи", ("task.", "tasks.")),
    "disk": ("Диск", ("disk.",)),
    "im": ("Мессенджер и уведомления", ("im.",)),
    "bots": ("Боты", ("imbot.",)),
    "openlines": ("Открытые линии", ("imopenlines.",)),
    "landing": ("База знаний", ("landing.",)),
    "feed": ("Лента и группы", ("log.", "sonet_group.")),
    "calendar": ("Календарь", ("calendar.",)),
    "events": ("События и встраивание", ("event.", "events", "placement.", "userfieldtype.")),
}
"""Families by key: their name for people and how their methods begin."""


def family_of(method: str) -> str:
    """Return the key of a method's family."""
    name = method.lower()
    for key, (_, starts) in FAMILIES.items():
        if starts != ("",) and name.startswith(starts):
            return key
    return "basic"


def table() -> list[dict[str, Any]]:
    """Return a row per method, by name: method, api, family, status, comment, doc."""
    rows = []
    for row in emulated():
        status = PARTIAL if row["partial"] else DONE
        rows.append(_row(row["method"], row["api"], status, row["partial"], row["doc"]))
    for line in Path(__file__).with_name("missing.txt").read_text(encoding="utf-8").splitlines():
        name, doc = line.split()
        rows.append(_row(name, "v3" if "rest-v3" in doc else "v2", MISSING, "", doc))
    return sorted(rows, key=lambda row: (row["method"].lower(), row["api"]))


def _row(name: str, api: str, status: str, comment: str, doc: str) -> dict[str, Any]:
    return {"method": name, "api": api, "family": family_of(name), "status": status, "comment": comment,
            "doc": doc}  # fmt: skip


def totals(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return how many methods are done, partial and missing."""
    return {status: sum(row["status"] == status for row in rows) for status in (DONE, PARTIAL, MISSING)}


def by_family(rows: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Return the totals of every family that has a row, in the order of `FAMILIES`."""
    found = {key: [row for row in rows if row["family"] == key] for key in FAMILIES}
    return {key: totals(mine) for key, mine in found.items() if mine}
