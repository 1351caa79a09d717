"""The demonstration organisation: the apparatus of an invented trade union of health workers.

Every person, address and code here is invented. Ids are stable: documents of the demonstration
and tests refer to them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from b24flow.sandbox.model.portal import Portal

WEBHOOK_CODE = "sandbox0demo0webhook"
ADMINISTRATOR = 1
_DOMAIN = "profsoyuz.example"

_DEPARTMENTS: tuple[tuple[int, str, int | None, int | None], ...] = (
    (1, "Профсоюз работников здравоохранения «Забота»", None, 2),
    (2, "Общий отдел", 1, 5),
    (3, "Организационный отдел", 1, 8),
    (4, "Отдел социально-экономической защиты и оплаты труда", 1, 9),
    (5, "Правовой отдел", 1, 10),
    (6, "Отдел охраны труда", 1, 11),
    (7, "Финансовый отдел (бухгалтерия)", 1, 12),
    (8, "Информационный отдел", 1, 13),
)

_PEOPLE: tuple[tuple[int, str, str, str, str, str, int, str], ...] = (
    # id, surname, name, second name, position, gender, department, mailbox
    (2, "Берёзов", "Аркадий", "Львович", "Председатель", "M", 1, "berezov"),
    (3, "Клёнова", "Вера", "Игоревна", "Заместитель Председателя", "F", 1, "klenova"),
    (4, "Ясенев", "Глеб", "Олегович", "Заместитель Председателя", "M", 1, "yasenev"),
    (5, "Рябинина", "Дарья", "Павловна", "Управляющий делами", "F", 2, "ryabinina"),
    (6, "Осокина", "Елена", "Романовна", "Делопроизводитель", "F", 2, "osokina"),
    (7, "Камышов", "Захар", "Степанович", "Делопроизводитель", "M", 2, "kamyshov"),
    (8, "Липатова", "Инна", "Тимуровна", "Заведующий организационным отделом", "F", 3, "lipatova"),
    (9, "Тополев", "Кирилл", "Фёдорович", "Заведующий отделом социально-экономической защиты", "M",
     4, "topolev"),
    (10, "Вербина", "Лариса", "Юрьевна", "Заведующий правовым отделом", "F", 5, "verbina"),
    (11, "Дубравин", "Максим", "Яковлевич", "Заведующий отделом охраны труда", "M", 6, "dubravin"),
    (12, "Ольхова", "Нина", "Борисовна", "Главный бухгалтер", "F", 7, "olkhova"),
    (13, "Кедров", "Павел", "Викторович", "Заведующий информационным отделом", "M", 8, "kedrov"),
    (14, "Полынина", "Раиса", "Глебовна", "Специалист организационного отдела", "F", 3, "polynina"),
    (15, "Хвощёв", "Семён", "Денисович", "Специалист по оплате труда", "M", 4, "khvoschev"),
    (16, "Мятина", "Татьяна", "Егоровна", "Юрист", "F", 5, "myatina"),
    (17, "Шалфеев", "Юрий", "Захарович", "Технический инспектор труда", "M", 6, "shalfeev"),
)  # fmt: skip


class SeedError(Exception):
    """A file that describes no portal; the text says why."""


def read_seed(path: Path) -> dict[str, Any]:
    """Return the seed written in a JSON file; keys it lacks are the demonstration's."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(given, dict):
            raise SeedError("нужен объект JSON")
        seed = demo_organisation() | given
        Portal(seed)
    except OSError as error:
        raise SeedError(str(error.strerror)) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SeedError(f"{type(error).__name__}: {error}") from error
    return seed


def demo_organisation() -> dict[str, Any]:
    """Return the seed of the demonstration.

    Keys: `timezone`, `departments`, `users`, `webhooks` (`user_id`, `code`, `scopes`), `apps` (local
    applications: `title`, `scopes`, `handler_url`, `install_url`, `api_only`, `users`, and if they
    must be known beforehand `client_id`, `client_secret`, `application_token`), `absences`,
    `crm_rights` (who may `read`, `add`, `edit`, `delete` and `import` items of the CRM: `all`, `own`
    or a list of user ids, and by `types` the same for one entity type; administrators always may).
    """
    departments = [
        {"id": number, "name": name, "parent": parent, "head": head, "sort": number * 100}
        for number, name, parent, head in _DEPARTMENTS
    ]
    administrator = {
        "id": ADMINISTRATOR,
        "name": "Технический",
        "last_name": "Администратор",
        "email": f"portal@{_DOMAIN}",
        "position": "Технический администратор портала",
        "departments": [1],
        "admin": True,
    }
    people = [
        {
            "id": number,
            "name": name,
            "last_name": surname,
            "second_name": second,
            "email": f"{mailbox}@{_DOMAIN}",
            "position": position,
            "gender": gender,
            "departments": [department],
        }
        for number, surname, name, second, position, gender, department, mailbox in _PEOPLE
    ]
    return {
        "timezone": "Europe/Moscow",
        "departments": departments,
        "users": [administrator, *people],
        "webhooks": [{"user_id": ADMINISTRATOR, "code": WEBHOOK_CODE}],
        "absences": [],
        "crm_rights": {"edit": "all", "delete": "all"},
    }
