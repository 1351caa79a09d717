"""`config/calendar/*.yaml` → `core.calendar.Calendar`, with everything that is wrong told at once.

One file is one year. It states its days off in full, by law and by decree, together with its source
and a control figure: the number of working days that every published calendar of the year repeats.
A slip in a single date changes that number, so the file is refused instead of moving deadlines.

A file's `version` is the edition of the whole calendar in which the file last changed; the
calendar's version is the newest of them. Whoever changes a file raises its `version` above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from b24flow.core.calendar import HOLIDAY, Calendar, transfer_reason
from b24flow.core.russian import date_short, parse_date
from b24flow.errors import DefinitionError, Finding

_TRANSFER_KEYS = ("from", "to")
_VERSION = re.compile(r"(?P<region>[a-z]{2,}(?:-[a-z]+)*)-(?P<year>[0-9]{4})\.(?P<edition>[0-9]+)")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")
_SATURDAY = 5


@dataclass(slots=True, kw_only=True)
class _Year:
    """What one file says, as far as it could be read."""

    file: str
    version: str = ""
    year: int = 0
    provisional: bool = True
    holidays: dict[date, int] = field(default_factory=dict)
    transfers: list[tuple[date, date, int]] = field(default_factory=list)
    working_days: int = -1
    lines: dict[str, int] = field(default_factory=dict)

    def is_off(self, day: date) -> bool:
        """Tell whether `day` is off before any transfer."""
        return day in self.holidays or day.weekday() >= _SATURDAY

    def calendar(self) -> Calendar:
        """Return the calendar of this year alone."""
        names = dict.fromkeys(self.holidays, HOLIDAY)
        names |= {to: transfer_reason(from_day) for from_day, to, _ in self.transfers}
        worked = {from_day for from_day, _, _ in self.transfers} - self.holidays.keys()
        return Calendar(
            version=self.version,
            days_off=frozenset(names),
            working=frozenset(worked),
            names=names,
            years=frozenset({self.year}),
            provisional=frozenset({self.year}) if self.provisional else frozenset(),
        )


def load_calendar(folder: Path) -> Calendar:
    """Read every `*.yaml` and `*.yml` of `folder` as a year and join them into one calendar.

    Raises DefinitionError with all findings of all files; a folder without files is one.
    """
    files = sorted(path for path in folder.glob("*.y*ml") if path.suffix in {".yaml", ".yml"})
    if not files:
        raise DefinitionError([Finding(str(folder), 0, "", "нет ни одного файла календаря")])
    readers = [_Reader(str(path)) for path in files]
    years = [reader.read(path) for reader, path in zip(readers, files, strict=True)]
    findings = [finding for reader in readers for finding in reader.findings]
    if not findings:
        findings = [*_together(years)]
    if findings:
        raise DefinitionError(findings)
    return _join(years)


def _join(years: list[_Year]) -> Calendar:
    parts = [year.calendar() for year in years]
    return Calendar(
        version=max((year.version for year in years), key=_edition),
        days_off=frozenset().union(*(part.days_off for part in parts)),
        working=frozenset().union(*(part.working for part in parts)),
        names={day: name for part in parts for day, name in part.names.items()},
        years=frozenset().union(*(part.years for part in parts)),
        provisional=frozenset().union(*(part.provisional for part in parts)),
    )


def _edition(version: str) -> tuple[int, int]:
    match = _VERSION.fullmatch(version)
    assert match is not None
    return int(match["year"]), int(match["edition"])


def _together(years: list[_Year]) -> Iterator[Finding]:
    """Find what is wrong between files that are right one by one."""
    seen: dict[int, str] = {}
    region = _VERSION.fullmatch(years[0].version)
    for year in years:
        if year.year in seen:
            text = f"{year.year} год уже описан в файле {seen[year.year]}"
            yield Finding(year.file, year.lines["year"], "year", text)
        seen.setdefault(year.year, year.file)
        own = _VERSION.fullmatch(year.version)
        if region and own and region["region"] != own["region"]:
            text = f"другой регион, чем в файле {years[0].file}: {years[0].version}"
            yield Finding(year.file, year.lines["version"], "version", text)


class _Reader:
    """Reads one file by its YAML nodes: a node knows its line, a loaded value does not."""

    def __init__(self, file: str) -> None:
        self.findings: list[Finding] = []
        self._file = file

    def read(self, path: Path) -> _Year:
        """Return what the file says; what it says wrongly is in `findings`."""
        year = _Year(file=self._file)
        root = self._compose(path)
        if root is None:
            return year
        readers: dict[str, Callable[[_Year, Node], None]] = {
            "version": self._read_version,
            "year": self._read_year,
            "provisional": self._read_provisional,
            "source": self._read_source,
            "holidays": self._read_holidays,
            "transfers": self._read_transfers,
            "working_days": self._read_working_days,
        }
        for key, node in self._mapping(root, "", tuple(readers)).items():
            year.lines[key] = _line(node)
            readers[key](year, node)
        if not self.findings:
            self._check(year)
        return year

    def _wrong(self, line: int, path: str, text: str) -> None:
        self.findings.append(Finding(self._file, line, path, text))

    def _compose(self, path: Path) -> Node | None:
        try:
            root: Node | None = YAML(typ="safe", pure=True).compose(path.read_text("utf-8"))
        except OSError as error:
            self._wrong(0, "", f"файл не читается: {error.strerror}")
        except UnicodeDecodeError:
            self._wrong(0, "", "файл не в кодировке UTF-8")
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            self._wrong(line, "", f"это не YAML: {error.problem}")
        except YAMLError as error:
            self._wrong(0, "", f"это не YAML: {error}")
        else:
            if root is None:
                self._wrong(1, "", "файл пуст")
            return root
        return None

    def _mapping(self, node: Node, path: str, keys: tuple[str, ...]) -> dict[str, Node]:
        """Return the values by key; unknown, repeated and missing keys are findings."""
        if not isinstance(node, MappingNode):
            self._wrong(_line(node), path, f"нужны поля: {', '.join(keys)}")
            return {}
        found: dict[str, Node] = {}
        seen: dict[str, int] = {}
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else ""
            if key not in keys:
                text = f"неизвестное поле «{key}»; есть: {', '.join(keys)}"
                self._wrong(_line(key_node), path, text)
            elif key in seen:
                self._wrong(_line(key_node), _dotted(path, key), "поле указано дважды")
            else:
                seen[key] = _line(key_node)
                if not _is_blank(value):
                    found[key] = value
        for key in keys:
            if key not in found:
                # A blank value has no place of its own; its key has.
                line = seen.get(key, _line(node))
                self._wrong(line, _dotted(path, key), "поле не заполнено")
        return found

    def _list(self, node: Node, path: str) -> list[Node]:
        if isinstance(node, SequenceNode):
            return list(node.value)
        self._wrong(_line(node), path, "нужен список (пустой — [])")
        return []

    def _text(self, node: Node, path: str) -> str:
        if isinstance(node, ScalarNode):
            return str(node.value).strip()
        self._wrong(_line(node), path, "нужен текст")
        return ""

    def _day(self, node: Node, path: str) -> date | None:
        text = node.value if isinstance(node, ScalarNode) else ""
        day = parse_date(text)
        if day is None:
            self._wrong(_line(node), path, f"«{text}» — не дата; пишите 2026-01-31")
        return day

    def _number(self, node: Node, path: str) -> int:
        text = node.value if isinstance(node, ScalarNode) else ""
        if _NUMBER.fullmatch(text):
            return int(text)
        self._wrong(_line(node), path, f"«{text}» — не число")
        return 0

    def _read_version(self, year: _Year, node: Node) -> None:
        year.version = self._text(node, "version")
        if year.version and not _VERSION.fullmatch(year.version):
            text = f"«{year.version}» — не версия; пишите регион, год и выпуск: ru-2026.1"
            self._wrong(_line(node), "version", text)

    def _read_year(self, year: _Year, node: Node) -> None:
        year.year = self._number(node, "year")

    def _read_provisional(self, year: _Year, node: Node) -> None:
        text = node.value if isinstance(node, ScalarNode) else ""
        if text not in {"true", "false"}:
            self._wrong(_line(node), "provisional", f"«{text}» — нужно true или false")
        year.provisional = text != "false"

    def _read_source(self, _year: _Year, node: Node) -> None:
        self._text(node, "source")

    def _read_working_days(self, year: _Year, node: Node) -> None:
        year.working_days = self._number(node, "working_days")

    def _read_holidays(self, year: _Year, node: Node) -> None:
        for index, item in enumerate(self._list(node, "holidays")):
            path = f"holidays.{index}"
            day = self._day(item, path)
            if day in year.holidays:
                self._wrong(_line(item), path, f"{date_short(day)} указан дважды")
            elif day:
                year.holidays[day] = _line(item)

    def _read_transfers(self, year: _Year, node: Node) -> None:
        for index, item in enumerate(self._list(node, "transfers")):
            path = f"transfers.{index}"
            parts = self._mapping(item, path, _TRANSFER_KEYS)
            days = [self._day(value, _dotted(path, key)) for key, value in sorted(parts.items())]
            if len(days) == len(_TRANSFER_KEYS) and days[0] and days[1]:
                year.transfers.append((days[0], days[1], _line(item)))

    def _check(self, year: _Year) -> None:
        """Check what only the whole file can tell; called when every field could be read."""
        for index, (day, line) in enumerate(year.holidays.items()):
            if day.year != year.year:
                self._wrong(line, f"holidays.{index}", f"{date_short(day)} — не {year.year} год")
        self._check_transfers(year)
        if self.findings:
            return
        first, last = date(year.year, 1, 1), date(year.year, 12, 31)
        calendar = year.calendar()
        count = calendar.working_days_between(first, last) + calendar.is_working(first)
        if count != year.working_days:
            text = (
                f"по праздникам и переносам файла рабочих дней {count}, а контрольное число"
                f" {year.working_days}: сверьте с постановлением"
            )
            self._wrong(year.lines["working_days"], "working_days", text)

    def _check_transfers(self, year: _Year) -> None:
        seen: set[date] = set()
        for index, (from_day, to, line) in enumerate(year.transfers):
            path = f"transfers.{index}"
            for key, day in (("from", from_day), ("to", to)):
                if day.year != year.year:
                    text = f"{date_short(day)} — не {year.year} год"
                    self._wrong(line, _dotted(path, key), text)
                if day in seen:
                    text = f"{date_short(day)} уже участвует в другом переносе"
                    self._wrong(line, _dotted(path, key), text)
                seen.add(day)
            if not year.is_off(from_day):
                text = f"{date_short(from_day)} — рабочий день, переносить нечего"
                self._wrong(line, _dotted(path, "from"), text)
            if year.is_off(to):
                text = f"{date_short(to)} — и без переноса нерабочий день"
                self._wrong(line, _dotted(path, "to"), text)


def _is_blank(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.value.strip()


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _dotted(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
