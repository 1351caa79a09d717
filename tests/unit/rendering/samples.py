"""Documents that are hard on a layout: 1 and 60 addressees, long names, empty blocks, «ё», markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from b24flow.core.commands import Context
from b24flow.core.document import Assignment, BranchState, Document, FileRef, Number, Part, Report, TermChange
from b24flow.core.parts import Delivery, Meeting, Point, Reader, Round, Signature, Visa, VisaState
from b24flow.core.people import Department, Directory, Employee
from b24flow.core.rendition_values import common, values_of
from b24flow.definitions.wording import load_organisation, load_overrides
from b24flow.rendering.engine import Templates
from b24flow.rendering.words import Words
from tests.desk import ROOT, ZONE, calendar, process

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
NASTY = "О заключении договора с R&D <Alpha> {{ 7 }} и «ёлочках» № 5"
LONG_POST = ("Заместитель Председателя – заведующий отделом охраны труда, правовой и социальной защиты"
             " работников здравоохранения")
PROCESS = {"letter": "outgoing", "reply": "outgoing", "decree": "decree", "extract": "decree",
           "directive": "directive", "memo": "internal", "registration_card": "incoming"}
STAFF = (
    Employee(id=1, last_name="Орлов", first_name="Пётр", middle_name="Ильич", post="Председатель",
             department=1),
    Employee(id=2, last_name="Константинопольская-Рождественская", first_name="Александра",
             middle_name="Вячеславовна", post=LONG_POST, department=1),
    Employee(id=3, last_name="Журавлёв", first_name="Семён", middle_name="Фёдорович",
             post="Заведующий отделом", department=1),
    Employee(id=4, last_name="Ким", first_name="Вера", post="Главный правовой инспектор", department=1),
)


def templates() -> Templates:
    words = Words(load_overrides(ROOT / "config" / "declension.yaml"))
    return Templates(ROOT / "templates", words)


def organisation() -> dict[str, Any]:
    return dict(load_organisation(ROOT / "config" / "organisation.yaml"))


def context() -> Context:
    return Context(now=NOW, zone=ZONE, calendar=calendar(), directory=Directory(
        employees={one.id: one for one in STAFF},
        departments={1: Department(id=1, name="Отдел охраны труда")}))


def bare(code: str, **card: Any) -> Document:
    """A draft with nothing but a title."""
    definition = process(code)
    return Document(uuid="00000000-0000-4000-8000-000000000001", process=code, digest=definition.digest,
                    opened_by=3, opened_at=AT, card={"title": "О мерах поддержки", **card})


def full(code: str, size: int = 1) -> Document:
    """A registered, signed document in which every block has `size` rows, long and nasty."""
    words = "Министерство здравоохранения области, отдел по работе с обращениями граждан и организаций"
    signed = "ab" * 32
    files = tuple(FileRef(id=f"f{n}", name=f"Приложение с длинным именем {n}, R&D <Alpha>.pdf", sha256=signed,
                          size=10, mime="application/pdf", part="files", added_by=3, added_at=AT)
                  for n in range(1, 3))
    made = bare(
        code, title=NASTY, addressees="\n".join(f"{words} № {n}" for n in range(1, size + 1)), signer=2,
        basis="на № 15-07/3312 от 21.09.2026", body="presidium", speaker=3, kind="memo", correspondent=words,
        preamble="Заслушав и обсудив информацию о положении дел,\nв соответствии с Уставом Профсоюза",
        summary_text="Прошу согласовать командировку.\nСмета прилагается.", controller=2, summary=words * 3,
        foreign_number="15-07/3312", foreign_date="2026-09-21")
    return replace(
        made, number=Number(series="s", period="2026", value=7, text="01-09/356", dated=date(2026, 11, 22)),
        files=files, signatures=(Signature(by=2, acting_for=1, at=AT, sha256=signed),),
        rounds=tuple(_round(n, size) for n in (1, 2)), readers=tuple(_reader(n) for n in range(size)),
        points=tuple(_point(n) for n in range(1, size + 1)), term=date(2026, 12, 1),
        assignments=tuple(_assignment(n) for n in range(1, size + 1)),
        meetings=(Meeting(body="presidium", session="12", item="5", day=date(2026, 11, 20), elected=21,
                          present=15, votes_for=13, votes_against=1, abstained=1, outcome="accepted"),),
        deliveries=tuple(Delivery(id=f"d{n}", addressee=f"{words} № {n}", state="sent", method="post",
                                  sent_on=date(2026, 11, 22), tracking="10100090123456")
                         for n in range(size)),
    )


def _round(number: int, size: int) -> Round:
    states = (VisaState.APPROVED, VisaState.OBJECTED, VisaState.WAITING)
    visas = tuple(
        Visa(id=f"{number}:{n}", group=1, user=None if n % 3 == 2 else 2, role="lawyer", state=states[n % 3],
             by=None if n % 3 == 2 else 2, asked_at=AT, at=AT, sha256="ab" * 32,
             acting_for=1 if n == 0 else None,
             remark="Уточнить срок & сумму <5%>" if n % 3 == 1 else "")
        for n in range(size + 2))
    return Round(number=number, visas=visas, opened_at=AT, opened_by=3, outcome="objected", closed_at=AT,
                 note="Замечания учтены" if number == 2 else "")


def _reader(number: int) -> Reader:
    states = ("read", "refused", "asked")
    return Reader(id=f"r{number}", user=2 + number % 3, asked_by=3, asked_at=AT, state=states[number % 3],
                  at=AT,
                  reason="акт от 20.11.2026" if number % 3 == 1 else "")


def _point(number: int) -> Point:
    return Point(id=str(number), text=f"Обеспечить выполнение мероприятий по плану «{NASTY}», этап {number}",
                 executor=2 + number % 3, term=date(2026, 12, 1), assignment=f"a{number}")


def _assignment(number: int) -> Assignment:
    change = TermChange(at=AT, by=1, acting_for=None, before=date(2026, 12, 1), after=date(2026, 12, 15),
                        reason="ждём ответа министерства")
    return Assignment(
        id=f"a{number}", parent=None, author=1, executor=2 + number % 3, setter=1, part=Part.LEAD,
        state=BranchState.REPORTED, text="Подготовить ответ", term=date(2026, 12, 1),
        current_term=date(2026, 12, 15), changes=(change,), opened_at=AT,
        report=Report(summary="Проведены все мероприятия, отчёт приложен", at=AT, by=3))


def values(template: str, document: Document | None = None, size: int = 1) -> dict[str, Any]:
    """Return the values for a template about a hard document, or about the given one."""
    if template in {"registration_journal", "control_list"}:
        return journal(size)
    code = PROCESS.get(template, "directive")
    shown = document if document is not None else full(code, size)
    text = "" if document is not None else "Первый абзац письма с R&D <Alpha>.\nВторой абзац, ёмкий." * 3
    return values_of(process(code), shown, context(), organisation=organisation(),
                     link="https://docs.union.example/documents/" + shown.uuid, text=text)


def journal(size: int) -> dict[str, Any]:
    rows = [{
        "place": str(n), "number": f"Вх-{n}/26", "date": "2026-11-22",
        "correspondent": "Министерство здравоохранения области и R&D <Alpha>", "title": NASTY,
        "kind": "Письмо",
        "state": "На исполнении", "holders": "Константинопольская-Рождественская А. В.",
        "executors": "Журавлёв С. Ф., Ким В.", "term": "2026-12-01",
        "changed_term": "2026-12-15" if n % 2 else "", "overdue": n % 2 == 0,
        "foreign": "15-07/3312 от 21.09.2026", "annulled": "Аннулирован: ошибка" if n == 1 else "",
    } for n in range(1, size + 1)]
    return {**common(context(), organisation()), "process": "Входящие документы", "since": "2026-01-01",
            "until": "2026-11-23", "rows": rows}


def write_all(folder: Path) -> list[Path]:
    """Write every template filled in three ways, to be looked at."""
    made = []
    for code in templates().codes():
        kinds = {"1": values(code), "60": values(code, size=60)}
        if code not in {"registration_journal", "control_list", "extract"}:
            kinds["empty"] = values(code, bare(PROCESS.get(code, "directive")))
        for name, given in kinds.items():
            place = folder / f"{code}-{name}.docx"
            place.write_bytes(templates().make(code, given).content)
            made.append(place)
    return made
