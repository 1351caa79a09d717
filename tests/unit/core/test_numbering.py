"""Number templates, counter periods and the form by which numbers are searched."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24flow.core import codec
from b24flow.core.numbering import VARIABLES, NumberFormat, normalise, period_key

ON = date(2026, 5, 13)


@pytest.mark.parametrize(
    ("template", "n", "values", "number"),
    [
        ("Вх-{n}/{yy}", 1204, {}, "Вх-1204/26"),
        ("{delo}/{n}", 1204, {"delo": "02-15"}, "02-15/1204"),
        ("{letter}-{n}/{yy}", 87, {"letter": "И"}, "И-87/26"),
        ("{letter}-{n}/{yy}", 4, {"letter": "Кол"}, "Кол-4/26"),
        ("{parent}/{n}", 2, {"parent": "Вх-1204/26"}, "Вх-1204/26/2"),
        ("{sess}-{item}", 1, {"sess": "12", "item": "5"}, "12-5"),
        ("{sess}-{item}", 1, {"sess": "VII", "item": "3"}, "VII-3"),
        ("{n}-р", 45, {}, "45-р"),
        ("{dep}.{org}-{n:04}/{yyyy}", 7, {"dep": "ОМО", "org": "77"}, "ОМО.77-0007/2026"),
        ("{n:03}", 1000, {}, "1000"),
        ("{delo}/{n}", 3, {"delo": "{n}", "dep": "не нужен"}, "{n}/3"),
    ],
)
def test_a_number_is_rendered(template: str, n: int, values: dict[str, str], number: str) -> None:
    assert NumberFormat(template).render(n, ON, **values) == number


def test_a_year_is_two_digits_even_with_a_zero() -> None:
    assert NumberFormat("{n}/{yy}").render(1, date(2105, 1, 1)) == "1/05"


def test_variables_are_told() -> None:
    assert NumberFormat("{delo}/{n:04}-{yy}").variables == {"delo", "n", "yy"}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", "пуст"),
        ("  ", "пуст"),
        ("Вх-{number}", "«number»"),
        ("Вх-{}", "неизвестная переменная"),
        ("{n!r}", "«n!r»"),
        ("{n.real}", "«n.real»"),
        ("{ n }", "неизвестная переменная"),
        ("{n", "непарная скобка «{»"),
        ("n}-{n}", "непарная скобка «}»"),
        ("{{n}}", "непарная скобка"),
        ("{n:4}", "ширина «n:4»"),
        ("{n:}", "ширина «n:»"),
        ("{n:00}", "ширина"),
        ("{n:012}", "ширина"),
        ("{yy:02}", "ширина «yy:02»"),
        ("Вх-{yy}", "будут повторяться"),
        ("Вх\n{n}", "одна строка"),
        ("Вх\u202e{n}", "направление письма"),
    ],
)
def test_a_wrong_template_is_refused_by_name(template: str, text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is checked below
        NumberFormat(template)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("n", "values", "text"),
    [
        (0, {"delo": "02-15"}, "не меньше 1"),
        (1, {}, "«delo»"),
        (1, {"delo": " "}, "«delo»"),
        (1, {"delo": "02\n15"}, "одна строка"),
        (1, {"delo": "02\x0015"}, "нулевой символ"),
        (1, {"delo": "02-15", "case": "x"}, "«case»"),
        (1, {"delo": "02-15", "yy": "99"}, "«yy»"),
    ],
)
def test_a_number_that_would_be_wrong_is_refused(n: int, values: dict[str, str], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        NumberFormat("{delo}/{n}").render(n, ON, **values)


def test_a_format_survives_storing() -> None:
    template = NumberFormat("Вх-{n}/{yy}")
    assert codec.load(NumberFormat, codec.dump(template)) == template


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_different_counts_give_different_numbers(a: int, b: int) -> None:
    template = NumberFormat("Вх-{n:04}/{yy}")
    assert (template.render(a, ON) == template.render(b, ON)) == (a == b)


@given(st.lists(st.sampled_from([*sorted(VARIABLES), "n:05"]), min_size=1, max_size=6))
def test_every_known_variable_is_rendered(names: list[str]) -> None:
    template = NumberFormat("-".join(f"{{{name}}}" for name in [*names, "n"]))
    values = dict.fromkeys(VARIABLES - {"n", "yy", "yyyy"}, "х")
    shown = {"n": "12", "n:05": "00012", "yy": "26", "yyyy": "2026"}
    expected = "-".join(shown.get(name, "х") for name in [*names, "n"])
    assert template.render(12, ON, **values) == expected


def test_the_counter_begins_anew_with_the_year_of_the_portal() -> None:
    # E13: two registrations around midnight in Moscow, both on 31 December by UTC.
    zone = ZoneInfo("Europe/Moscow")
    before = datetime(2026, 12, 31, 20, 59, 59, tzinfo=UTC).astimezone(zone).date()
    after = datetime(2026, 12, 31, 21, 0, 0, tzinfo=UTC).astimezone(zone).date()
    template = NumberFormat("{n}/{yy}")
    assert (period_key("year", before), template.render(1204, before)) == ("2026", "1204/26")
    assert (period_key("year", after), template.render(1, after)) == ("2027", "1/27")


def test_other_periods() -> None:
    assert period_key("none", ON) == period_key("none", date(2031, 1, 1)) == ""
    assert period_key("convocation", ON, " 7 ") == "convocation:7"
    assert period_key("convocation", ON, "2026") != period_key("year", ON)
    with pytest.raises(ValueError, match="созыв"):
        period_key("convocation", ON)
    with pytest.raises(ValueError, match="«month»"):
        period_key("month", ON)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "same",
    [
        ("Вх-1204/26", "№ Вх-1204/26", "вх 1204/26", "ВХ‑1204 / 26", "Bx–1204/26", "вх1204/26"),
        ("01-05", "01-О5", "01-O5", "01 — 05", "№01-05", "N 01-05", "No. 01-05", "nº 01-05"),
        ("45-р", "45-p", "45р", "45 Р", "N45-р"),
        ("СЗ-31", "CЗ-31", "сз 31", "С\u00adЗ-31", "СЗ\u00a031"),
        ("А-12", "A-12", "a 12", "А\u200b-12"),
        ("Ёл-3", "Ел-3", "ЁЛ-3", "Е\u0308л-3"),
        ("О-87/26", "O-87/26", "о 87/26"),
        ("№ 15", "N15", "N 15", "n. 15", "15"),
        ("вх. 15", "вх. N 15", "вх. № 15"),
    ],
)
def test_what_looks_the_same_is_found_as_the_same(same: tuple[str, ...]) -> None:
    assert {normalise(text) for text in same} == {normalise(same[0])}


@pytest.mark.parametrize(
    ("one", "other"),
    [("12-5", "125"), ("12-5", "12/5"), ("1204/26", "1204/27"), ("45-р", "45-к"), ("45-р", "45")],
)
def test_different_numbers_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_a_letter_n_inside_a_word_is_not_a_number_sign() -> None:
    assert normalise("ABN-5") != normalise("AB-5")


@given(st.integers(1, 10**6), st.sampled_from(["№", "№ ", "N ", "n", "No ", ""]))
def test_a_number_is_found_however_it_is_typed(n: int, sign: str) -> None:
    number = NumberFormat("Вх-{n}/{yy}").render(n, ON)
    assert normalise(sign.replace("n", "n ") + number.upper()) == normalise(number)
