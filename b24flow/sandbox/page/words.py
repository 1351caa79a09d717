"""Russian for people: numbers with words, sizes, refusals of the model in plain language."""

from __future__ import annotations

import re

from b24flow.sandbox.wire import RestError

_HUMAN = {
    "Access denied": "У вас нет прав на это действие",
    "Доступ запрещен": "У вас нет прав на это действие",
    "Could not find entity": "Папка или файл не найдены: возможно, их уже удалили",
    "Действие над задачей не разрешено": "Сейчас это действие с задачей недоступно",
}


def count(number: int, one: str, few: str, many: str) -> str:
    """Return a number with the right form of its noun: 1 задача, 3 задачи, 11 задач."""
    tail, teens = number % 10, number % 100
    if tail == 1 and teens != 11:
        return f"{number} {one}"
    if 2 <= tail <= 4 and not 12 <= teens <= 14:
        return f"{number} {few}"
    return f"{number} {many}"


def size(number: int) -> str:
    """Return a size of a file."""
    if number < 1024:
        return f"{number} Б"
    unit, amount = ("КБ", number / 1024) if number < 1024**2 else ("МБ", number / 1024**2)
    return f"{amount:.1f} {unit}".replace(".0 ", " ").replace(".", ",")


def color(value: str) -> str:
    """Return a colour as it may stand in a style, grey for anything that is not one."""
    return value if re.fullmatch(r"#[0-9a-fA-F]{6}", value or "") else "#a8adb4"


def human(error: RestError) -> str:
    """Return a refusal of the model as a person shall read it."""
    text = error.text.replace("<br>", "").strip()
    for part, words in _HUMAN.items():
        if part in text:
            return words
    return text or "Портал не выполнил действие"
