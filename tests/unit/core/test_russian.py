"""Russian forms of dates, names and counted words; cleaning of text."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24flow.core.russian import (
    clean_text,
    date_short,
    date_words,
    datetime_short,
    forbidden_characters,
    initials,
    initials_first,
    parse_date,
    plural,
)


def test_dates_are_written_as_office_work_writes_them() -> None:
    assert date_words(date(2026, 11, 22)) == "22 ноября 2026 г."
    assert date_words(date(2026, 5, 1)) == "1 мая 2026 г."
    assert date_short(date(2026, 11, 22)) == "22.11.2026"
    assert date_short(date(2026, 1, 2)) == "02.01.2026"


def test_every_month_is_in_the_genitive() -> None:
    words = [date_words(date(2026, month, 1)).split()[1] for month in range(1, 13)]
    assert " ".join(words) == (
        "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
    )


def test_a_moment_is_shown_on_the_clock_of_the_zone() -> None:
    moment = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
    assert datetime_short(moment, ZoneInfo("Europe/Moscow")) == "22.11.2026 00:30"
    assert datetime_short(moment, ZoneInfo("Asia/Vladivostok")) == "22.11.2026 07:30"
    with pytest.raises(ValueError, match="time zone"):
        datetime_short(moment.replace(tzinfo=None), UTC)


@pytest.mark.parametrize(
    ("n", "word"),
    [
        (0, "дней"), (1, "день"), (2, "дня"), (4, "дня"), (5, "дней"), (10, "дней"), (11, "дней"),
        (12, "дней"), (14, "дней"), (19, "дней"), (20, "дней"), (21, "день"), (22, "дня"),
        (101, "день"), (111, "дней"), (112, "дней"), (1_000_003, "дня"), (-1, "день"),
    ],
)  # fmt: skip
def test_a_counted_word_agrees_with_the_number(n: int, word: str) -> None:
    assert plural(n, "день", "дня", "дней") == word


@pytest.mark.parametrize(
    ("last", "first", "middle", "after", "before"),
    [
        ("Иванов", "Иван", "Иванович", "Иванов И. И.", "И. И. Иванов"),
        ("Сидорова-Белая", "Анна", "Петровна", "Сидорова-Белая А. П.", "А. П. Сидорова-Белая"),
        ("Белая", "Анна-Мария", "", "Белая А.-М.", "А.-М. Белая"),
        ("Ли", "Вера", "", "Ли В.", "В. Ли"),
        ("Иванов", "", "", "Иванов", "Иванов"),
        ("Иванов", "", "Иванович", "Иванов И.", "И. Иванов"),
        ("", "Иван", "Иванович", "И. И.", "И. И."),
        ("", "", "", "", ""),
        (" де  ла Роса ", " ёлка ", " - ", "де ла Роса Ё.", "Ё. де ла Роса"),
        ("Иванов", "И.", "И.", "Иванов И. И.", "И. И. Иванов"),
        ("Мамедов", "Али", "Вели оглы", "Мамедов А. В.", "А. В. Мамедов"),
        ("Йода", "И\u0306ова", "", "Йода Й.", "Й. Йода"),
    ],
)
def test_initials(last: str, first: str, middle: str, after: str, before: str) -> None:
    assert initials(last, first, middle) == after
    assert initials_first(last, first, middle) == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("22.11.2026", date(2026, 11, 22)),
        ("22.11.26", date(2026, 11, 22)),
        (" 2.1.2026\n", date(2026, 1, 2)),
        ("01.01.69", date(2069, 1, 1)),
        ("01.01.70", date(1970, 1, 1)),
        ("29.02.2024", date(2024, 2, 29)),
        ("29.02.2026", None),
        ("31.11.2026", None),
        ("00.11.2026", None),
        ("11/22/2026", None),
        ("2026-1-2", None),
        ("0000-01-01", None),
        ("22.11.202", None),
        ("22.11", None),
        ("٢٢.١١.٢٠٢٦", None),
        ("завтра", None),
        ("", None),
    ],
)
def test_a_typed_date_is_read(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


@given(st.dates())
def test_a_written_date_is_read_back(day: date) -> None:
    assert parse_date(date_short(day)) == day
    assert parse_date(day.isoformat()) == day


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_a_short_year_is_read_within_its_century(day: date) -> None:
    assert parse_date(f"{day:%d.%m.%y}") == day


def test_text_is_cleaned() -> None:
    assert clean_text("  Прошу \t\r\nрассмотреть\u00a0 \r\r\n  срочно \n") == (
        "Прошу\nрассмотреть\n\n  срочно"
    )
    assert clean_text("И\u0306 е\u0308") == "Й ё"


@given(st.text())
def test_cleaning_is_done_once(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert "\r" not in cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert all(line == line.rstrip() for line in cleaned.split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Обычный текст, «кавычки» — № 5\n\tс отступом",
        "перенос\r\nиз формы",
        "שלום עולם",
        "مرحبا",
        "👩‍⚕️ 🏳️‍🌈 ❤️",
        "неразрывный\u00a0пробел, мягкий\u00adперенос",
    ],
)
def test_ordinary_text_is_allowed(text: str) -> None:
    assert forbidden_characters(text) is None


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("а\x00", "нулевой символ U+0000 (строка 1, знак 2)"),
        ("\x07", "управляющий символ U+0007 (строка 1, знак 1)"),
        ("один\nдва\x1b[0m", "управляющий символ U+001B (строка 2, знак 4)"),
        ("а\rб", "управляющий символ U+000D (строка 1, знак 2)"),
        ("\x85", "управляющий символ U+0085 (строка 1, знак 1)"),
        ("\x7f", "управляющий символ U+007F (строка 1, знак 1)"),
        ("а\ud83d", "половина суррогатной пары U+D83D (строка 1, знак 2)"),
        ("а\uffff", "недопустимый символ U+FFFF (строка 1, знак 2)"),
    ],
)
def test_a_character_that_must_not_be_stored_is_named(text: str, description: str) -> None:
    assert forbidden_characters(text) == description


@pytest.mark.parametrize(
    "code", [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
def test_every_override_of_direction_is_forbidden(code: int) -> None:
    described = forbidden_characters(f"отчёт{chr(code)}fdp.exe")
    assert described == f"знак, меняющий направление письма, U+{code:04X} (строка 1, знак 6)"


@given(st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"])))
def test_letters_marks_and_signs_of_every_script_are_allowed(text: str) -> None:
    assert forbidden_characters(text) is None
