"""The command line in Russian: headings of the help, and what is wrong with a command.

Typer writes both in English and has no place for translations, so they are replaced in what it made.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

F = TypeVar("F", bound=Callable[..., Any])

_HELP = (
    (r"^Usage: ", "Вызов: "), (r"^Options:", "Параметры:"), (r"^Arguments:", "Аргументы:"),
    (r"^Commands:", "Команды:"), (r"\[OPTIONS\]", "[ПАРАМЕТРЫ]"),
    (r"COMMAND \[ARGS\]\.\.\.", "КОМАНДА…"), (r"Show this message and exit\.", "Показать эту справку."),
    (r"\brequired\]", "обязательно]"),
    (r"\bdefault:", "по умолчанию:"),
)
_REASONS = (
    (r"greater than or equal to ([\d.]+)", "не меньше {}"),
    (r"less than or equal to ([\d.]+)", "не больше {}"),
    (r"integer", "нужно целое число"),
)
_UNEXPECTED = re.compile(r"Got unexpected extra argument\(s\) \((.*)\)", re.DOTALL)
_NO_COMMAND = re.compile(r"No such command '(.*?)'\.?(?: Did you mean (.*)\?)?", re.DOTALL)


def _russian(text: str) -> str:
    for pattern, replacement in _HELP:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text


class Verb(TyperCommand):
    """A command whose help is Russian throughout."""

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return _russian(super().get_help(ctx))


class Noun(TyperGroup):
    """A group of commands whose help is Russian throughout."""

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return _russian(super().get_help(ctx))


class Commands(typer.Typer):
    """A group of commands with our conventions: `help` is Russian and ends with an example."""

    def __init__(self, text: str) -> None:
        super().__init__(
            cls=Noun, help=text, no_args_is_help=True, rich_markup_mode=None, add_completion=False,
            pretty_exceptions_enable=False,
        )

    def verb(self, name: str, text: str, example: str, *more: str) -> Callable[[F], F]:
        """Register a command; `more` are further paragraphs of its help, kept line by line."""
        kept = "\n\n".join(f"\b\n{one}" for one in (*more, f"Пример:\n  {example}"))
        return self.command(name, cls=Verb, help=f"{text}\n\n{kept}", short_help=text)


def usage_problem(error: TyperException) -> str:
    """Say in Russian what is wrong with a command."""
    kind = type(error).__name__
    param = getattr(error, "param", None)
    hint = getattr(error, "param_hint", None) or (param.get_error_hint() if param is not None else "")
    named = str(hint).replace("'", "")
    if kind == "MissingParameter":
        word = "аргумент" if getattr(param, "param_type_name", "") == "argument" else "параметр"
        return f"Не указан обязательный {word} {named}"
    if kind == "NoSuchOption":
        return f"Нет такого параметра: {getattr(error, 'option_name', '')}"
    if kind == "BadParameter":
        reason = _reason(error.message)
        return f"Неверное значение {named}" + (f": {reason}" if reason else "")
    if kind in {"BadOptionUsage", "BadArgumentUsage"}:
        return f"Параметр {getattr(error, 'option_name', '')} задан неверно: проверьте, нужно ли ему значение"
    if found := _NO_COMMAND.fullmatch(error.message):
        meant = f"; возможно, {found[2]}".replace("'", "") if found[2] else ""
        return f"Нет такой команды: {found[1]}{meant}"
    if found := _UNEXPECTED.fullmatch(error.message):
        return f"Лишние аргументы: {found[1]}"
    return "Укажите команду" if error.message == "Missing command." else error.message


def _reason(message: str) -> str:
    """Return why a value is wrong: our own sentence, or the translation of a known one."""
    if re.search("[а-яё]", message, re.IGNORECASE):
        return message
    found = [text.format(*match.groups()) for pattern, text in _REASONS
             if (match := re.search(pattern, message, re.IGNORECASE))]
    return found[0] if found else ""
