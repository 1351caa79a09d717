"""Calendar files: what is shipped is right, and every slip is told with its file and line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from b24flow.definitions.calendar import load_calendar
from b24flow.errors import DefinitionError

# A year with one holiday on a weekday and one worked Saturday, small enough to count by hand:
# 2026 has 261 weekdays, less the holiday; a transfer keeps the sum.
GOOD = """\
version: xx-2026.1
year: 2026
provisional: false
source: проверочный приказ
holidays:
  - 2026-04-21
transfers:
  - {from: 2026-04-25, to: 2026-04-22}
working_days: 260
"""


def write(folder: Path, text: str, name: str = "2026.yaml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


def findings(folder: Path) -> list[tuple[str, int, str, str]]:
    with pytest.raises(DefinitionError) as caught:
        load_calendar(folder)
    return [(Path(one.file).name, one.line, one.path, one.text) for one in caught.value.findings]


def test_a_file_becomes_a_calendar(tmp_path: Path) -> None:
    calendar = load_calendar(write(tmp_path, GOOD))
    assert calendar.version == "xx-2026.1"
    assert calendar.days_off == {date(2026, 4, 21), date(2026, 4, 22)}
    assert calendar.working == {date(2026, 4, 25)}
    assert calendar.names == {date(2026, 4, 21): "праздник", date(2026, 4, 22): "перенос с 25.04"}
    assert calendar.years == {2026}
    assert calendar.provisional == frozenset()


def test_a_transferred_holiday_stays_a_day_off(tmp_path: Path) -> None:
    text = GOOD.replace("- 2026-04-21", "- 2026-04-25")
    calendar = load_calendar(write(tmp_path, text))
    assert calendar.working == frozenset()
    assert not calendar.is_working(date(2026, 4, 25))
    assert not calendar.is_working(date(2026, 4, 22))


def test_years_are_joined_under_the_newest_version(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("2026.1", "2026.9"))
    write(
        tmp_path,
        "version: xx-2026.10\nyear: 2027\nprovisional: true\nsource: закон\n"
        "holidays: []\ntransfers: []\nworking_days: 261\n",
        "2027.yml",
    )
    calendar = load_calendar(tmp_path)
    assert calendar.version == "xx-2026.10"
    assert calendar.years == {2026, 2027}
    assert calendar.provisional == {2027}


def test_shipped_calendars_are_right() -> None:
    calendar = load_calendar(Path(__file__).parents[3] / "config" / "calendar")
    assert calendar.version == "ru-2026.1"
    assert calendar.years == {2025, 2026, 2027}
    assert calendar.provisional == {2027}
    assert calendar.working == {date(2025, 11, 1)}


def test_no_files(tmp_path: Path) -> None:
    assert findings(tmp_path)[0][3] == "нет ни одного файла календаря"
    assert findings(tmp_path / "absent")[0][3] == "нет ни одного файла календаря"


@pytest.mark.parametrize(
    ("old", "new", "place", "text"),
    [
        ("xx-2026.1", "2026", (1, "version"), "«2026» — не версия"),
        ("year: 2026", "year: этот", (2, "year"), "«этот» — не число"),
        ("year: 2026", "year: 0", (2, "year"), "«0» — не число"),
        ("provisional: false", "provisional: нет", (3, "provisional"), "«нет» — нужно true"),
        ("проверочный приказ", "", (4, "source"), "поле не заполнено"),
        ("проверочный приказ", '" "', (4, "source"), "поле не заполнено"),
        ("проверочный приказ", "[приказ]", (4, "source"), "нужен текст"),
        ("- 2026-04-21", "- 2026-04-31", (6, "holidays.0"), "«2026-04-31» — не дата"),
        ("- 2026-04-21", "- [2026-04-21]", (6, "holidays.0"), "не дата"),
        ("- 2026-04-21", "- 2025-04-21", (6, "holidays.0"), "21.04.2025 — не 2026 год"),
        ("- 2026-04-21", "- 2026-04-21\n  - 21.04.2026", (7, "holidays.1"), "указан дважды"),
        ("\n  - 2026-04-21", " 2026-04-21", (5, "holidays"), "нужен список"),
        ("to: 2026-04-22", "to: 2026-04-26", (8, "transfers.0.to"), "и без переноса нерабочий"),
        ("to: 2026-04-22", "to: 2026-04-21", (8, "transfers.0.to"), "и без переноса нерабочий"),
        ("from: 2026-04-25", "from: 2026-04-24", (8, "transfers.0.from"), "переносить нечего"),
        ("to: 2026-04-22", "to: 2027-04-22", (8, "transfers.0.to"), "22.04.2027 — не 2026 год"),
        ("to: 2026-04-22", "till: 2026-04-22", (8, "transfers.0"), "неизвестное поле «till»"),
        ("{from: 2026-04-25, to: 2026-04-22}", "2026-04-25", (8, "transfers.0"), "нужны поля"),
        (
            "to: 2026-04-22}",
            "to: 2026-04-22}\n  - {from: 2026-04-25, to: 2026-04-23}",
            (9, "transfers.1.from"),
            "25.04.2026 уже участвует",
        ),
        ("working_days: 260", "working_days: 247", (9, "working_days"), "рабочих дней 260"),
        ("working_days: 260", "working_days: 0x104", (9, "working_days"), "не число"),
        ("working_days: 260", "year: 2027", (9, "year"), "поле указано дважды"),
        ("source: проверочный приказ", "author: я", (4, ""), "неизвестное поле «author»"),
        ("source: проверочный приказ", "? [a]\n: b", (4, ""), "неизвестное поле «»"),
        ("version: xx-2026.1\n", "", (1, "version"), "поле не заполнено"),
    ],
)
def test_a_slip_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, place: tuple[int, str], text: str
) -> None:
    assert old in GOOD
    found = findings(write(tmp_path, GOOD.replace(old, new, 1)))
    assert any(one[:3] == ("2026.yaml", *place) and text in one[3] for one in found), found


@pytest.mark.parametrize(
    ("content", "line", "text"),
    [
        (b"year: [2026", 1, "это не YAML"),
        (b"year: 2026\n---\nyear: 2027\n", 2, "это не YAML"),
        (b"year: *other\n", 1, "это не YAML"),
        (b"year: \x07\n", 0, "это не YAML"),
        ("year: год\n".encode("cp1251"), 0, "не в кодировке UTF-8"),
        (b"", 1, "файл пуст"),
        (b"- 2026\n", 1, "нужны поля: version, year"),
    ],
)
def test_what_is_not_a_calendar_at_all(
    tmp_path: Path, content: bytes, line: int, text: str
) -> None:
    (tmp_path / "2026.yaml").write_bytes(content)
    found = findings(tmp_path)
    assert len(found) == 1
    assert found[0][:3] == ("2026.yaml", line, "")
    assert text in found[0][3]


def test_an_unreadable_file_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "2026.yaml").mkdir()
    assert "файл не читается" in findings(tmp_path)[0][3]


def test_everything_wrong_in_every_file_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("2026-04-21", "вчера").replace("false", "да"))
    write(tmp_path, GOOD.replace("xx-2026.1", "новая"), "2027.yaml")
    found = [one[:3] for one in findings(tmp_path)]
    assert found == [
        ("2026.yaml", 3, "provisional"),
        ("2026.yaml", 6, "holidays.0"),
        ("2027.yaml", 1, "version"),
    ]


def test_files_must_agree(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("xx-2026.1", "yy-2026.1"), "again.yaml")
    found = [(one[0], one[1], one[2]) for one in findings(tmp_path)]
    assert found == [("again.yaml", 2, "year"), ("again.yaml", 1, "version")]
