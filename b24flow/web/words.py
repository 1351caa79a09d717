"""How long and how late, in words: numbers that a person reads at a glance."""

from __future__ import annotations

from datetime import date, datetime

from b24flow.core.russian import plural

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_KILO = 1024


def overdue(due: date | None, today: date) -> str:
    """Return «просрочено на 2 дня», «сегодня», «завтра», «осталось 5 дней»; empty without a term."""
    if due is None:
        return ""
    days = (due - today).days
    if days < 0:
        return f"просрочено на {-days} {plural(days, 'день', 'дня', 'дней')}"
    if days <= 1:
        return ("сегодня", "завтра")[days]
    return f"{plural(days, 'остался', 'осталось', 'осталось')} {days} {plural(days, 'день', 'дня', 'дней')}"


def held(since: datetime, now: datetime) -> str:
    """Return how long something has lasted: «3 дня», «5 часов», «12 минут», «только что»."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds >= _DAY:
        days, hours = divmod(seconds // _HOUR, 24)
        text = f"{days} {plural(days, 'день', 'дня', 'дней')}"
        if hours and days < 3:
            text += f" {hours} {plural(hours, 'час', 'часа', 'часов')}"
        return text
    if seconds >= _HOUR:
        hours = seconds // _HOUR
        return f"{hours} {plural(hours, 'час', 'часа', 'часов')}"
    if seconds >= _MINUTE:
        minutes = seconds // _MINUTE
        return f"{minutes} {plural(minutes, 'минуту', 'минуты', 'минут')}"
    return "только что"


def size(value: int) -> str:
    """Return a file's size: «412 Б», «38 КБ», «1,4 МБ»."""
    if value < _KILO:
        return f"{value} Б"
    if value < _KILO * _KILO:
        return f"{round(value / _KILO)} КБ"
    return f"{value / _KILO / _KILO:.1f} МБ".replace(".", ",")
