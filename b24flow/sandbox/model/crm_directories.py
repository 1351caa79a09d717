"""The CRM's directories: stages of each pipeline, sources, types, and the pipelines themselves.

Facts: api-reference/crm/status/*.md, universal/category/*.md. Rows are found through a cache in the
state; whoever changes a status, a pipeline, a type or a user field calls `forget`.
"""

from __future__ import annotations

from dataclasses import dataclass

from b24flow.sandbox.model.entities import Category, Status
from b24flow.sandbox.model.state import State

_DEFAULT_SORT, _FIRST_CATEGORY, _FIRST_STATUS = 300, 10, 101
Row = tuple[str, str, str, str, bool]  # code, name, colour, semantics, system

_SPA_STAGES: tuple[Row, ...] = (
    ("NEW", "Начало", "#22B9FF", "", True),
    ("PREPARATION", "Подготовка", "#88B9FF", "", False),
    ("CLIENT", "Согласование", "#10E5FC", "", False),
    ("SUCCESS", "Успех", "#00FF00", "S", True),
    ("FAIL", "Провал", "#FF0000", "F", True),
)
_DEAL_STAGES: tuple[Row, ...] = (
    ("NEW", "Новая", "#39A8EF", "", True),
    ("PREPARATION", "Подготовка документов", "#2FC6F6", "", False),
    ("PREPAYMENT_INVOICE", "Счёт на предоплату", "#55D0E0", "", False),
    ("EXECUTING", "В работе", "#47E4C2", "", False),
    ("FINAL_INVOICE", "Финальный счёт", "#FFA900", "", False),
    ("WON", "Сделка успешна", "#7BD500", "S", True),
    ("LOSE", "Сделка провалена", "#FF5752", "F", True),
    ("APOLOGY", "Анализ причины провала", "#FF5752", "F", False),
)
_LEAD_STAGES: tuple[Row, ...] = (
    ("NEW", "Не обработан", "#39A8EF", "", True),
    ("IN_PROCESS", "В работе", "#2FC6F6", "", False),
    ("PROCESSED", "Обработан", "#55D0E0", "", False),
    ("CONVERTED", "Качественный лид", "#7BD500", "S", True),
    ("JUNK", "Некачественный лид", "#FF5752", "F", True),
)
_QUOTE_STAGES: tuple[Row, ...] = (
    ("DRAFT", "Новое", "#39A8EF", "", True),
    ("SENT", "Отправлено клиенту", "#2FC6F6", "", False),
    ("APPROVED", "Принято", "#7BD500", "S", True),
    ("DECLAINED", "Отклонено", "#FF5752", "F", True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A directory every CRM has; `stages_of` is the entity whose stages it holds, 0 for none."""

    name: str
    rows: tuple[Row, ...]
    stages_of: int = 0
    final: tuple[str, str, str] = ("", "", "")


def _plain(*rows: tuple[str, str]) -> tuple[Row, ...]:
    return tuple((code, name, "", "", False) for code, name in rows)


DIRECTORIES = {
    "STATUS": Directory(name="Стадии лидов", rows=_LEAD_STAGES, stages_of=1,
                        final=("NEW", "CONVERTED", "JUNK")),
    "SOURCE": Directory(name="Источники", rows=_plain(
        ("CALL", "Звонок"), ("EMAIL", "Электронная почта"), ("WEB", "Веб-сайт"),
        ("ADVERTISING", "Реклама"), ("PARTNER", "Существующий клиент"),
        ("RECOMMENDATION", "По рекомендации"), ("TRADE_SHOW", "Выставка"),
        ("WEBFORM", "CRM-форма"), ("CALLBACK", "Обратный звонок"), ("OTHER", "Другое"))),
    "CONTACT_TYPE": Directory(name="Тип контакта", rows=_plain(
        ("CLIENT", "Клиенты"), ("SUPPLIER", "Поставщики"), ("PARTNER", "Партнёры"),
        ("OTHER", "Другое"))),
    "COMPANY_TYPE": Directory(name="Тип компании", rows=_plain(
        ("CUSTOMER", "Клиент"), ("SUPPLIER", "Поставщик"), ("COMPETITOR", "Конкурент"),
        ("PARTNER", "Партнёр"), ("OTHER", "Другое"))),
    "EMPLOYEES": Directory(name="Количество сотрудников", rows=_plain(
        ("EMPLOYEES_1", "менее 50"), ("EMPLOYEES_2", "50–250"), ("EMPLOYEES_3", "250–500"),
        ("EMPLOYEES_4", "более 500"))),
    "INDUSTRY": Directory(name="Сфера деятельности", rows=_plain(
        ("IT", "Информационные технологии"), ("TELECOM", "Связь"), ("MANUFACTURING", "Производство"),
        ("BANKING", "Банковские услуги"), ("CONSULTING", "Консалтинг"), ("FINANCE", "Финансы"),
        ("GOVERNMENT", "Правительство"), ("DELIVERY", "Доставка"), ("OTHER", "Другое"))),
    "DEAL_TYPE": Directory(name="Тип сделки", rows=_plain(
        ("SALE", "Продажа"), ("COMPLEX", "Комплексная продажа"), ("GOODS", "Продажа товара"),
        ("SERVICES", "Услуги"), ("SERVICE", "Сервисное обслуживание"))),
    "DEAL_STAGE": Directory(name="Стадии сделки", rows=_DEAL_STAGES, stages_of=2,
                            final=("NEW", "WON", "LOSE")),
    "QUOTE_STATUS": Directory(name="Стадии предложения", rows=_QUOTE_STAGES, stages_of=7,
                              final=("DRAFT", "APPROVED", "DECLAINED")),
    "HONORIFIC": Directory(name="Обращения", rows=_plain(
        ("HNR_RU_1", "г-н"), ("HNR_RU_2", "г-жа"))),
    "CALL_LIST": Directory(name="Статусы обзвона", rows=_plain(
        ("IN_WORK", "В работе"), ("SUCCESS", "Успешно"), ("FAILED", "Неуспешно"))),
}  # fmt: skip


def seed_directories(state: State) -> None:
    """Fill the directories and the default pipelines a new CRM begins with."""
    for code, directory in DIRECTORIES.items():
        for index, row in enumerate(directory.rows, start=1):
            _add_row(state, code, row[0], row, index * 10, None)
    for number, name in ((2, "Общая"), (3, "Контакты"), (4, "Компании")):
        # all three have the id 0, so the table knows them by another key
        state.categories[-number] = Category(
            id=0, entity_type_id=number, name=name, sort=_DEFAULT_SORT, is_default=True
        )


def forget(state: State) -> None:
    """Drop what was computed from types, pipelines, statuses and user fields."""
    state.crm_cache.clear()


def stage_directory(entity_type_id: int, category_id: int) -> str:
    """Return the directory code of a pipeline's stages."""
    if entity_type_id == 1:
        return "STATUS"
    if entity_type_id == 2:
        return f"DEAL_STAGE_{category_id}" if category_id else "DEAL_STAGE"
    return f"DYNAMIC_{entity_type_id}_STAGE_{category_id}"


def stage_prefix(entity_type_id: int, category_id: int) -> str:
    """Return what the codes of a pipeline's stages begin with."""
    if entity_type_id in (1, 2, 7):
        return f"C{category_id}:" if category_id else ""
    return f"DT{entity_type_id}_{category_id}:"


def rows_of(state: State, directory: str) -> list[Status]:
    """Return the rows of a directory in their order."""
    rows: list[Status] | None = state.crm_cache.get(directory)
    if rows is None:
        found = [row for row in state.statuses.values() if row.entity_id == directory]
        rows = state.crm_cache[directory] = sorted(found, key=lambda row: (row.sort, row.id))
    return rows


def stages(state: State, entity_type_id: int, category_id: int) -> list[Status]:
    """Return a pipeline's stages in their order."""
    return rows_of(state, stage_directory(entity_type_id, category_id))


def categories(state: State, entity_type_id: int) -> list[Category]:
    """Return the pipelines of an entity in their order."""
    key = ("categories", entity_type_id)
    rows: list[Category] | None = state.crm_cache.get(key)
    if rows is None:
        found = [row for row in state.categories.values() if row.entity_type_id == entity_type_id]
        rows = state.crm_cache[key] = sorted(found, key=lambda row: (row.sort, row.id))
    return rows


def find_category(state: State, entity_type_id: int, category_id: int) -> Category | None:
    """Return a pipeline of an entity."""
    return next((row for row in categories(state, entity_type_id) if row.id == category_id), None)


def add_category(state: State, entity_type_id: int, name: str, sort: int, is_default: bool) -> Category:
    """Create a pipeline with the default stages; a new default takes the mark from the old."""
    if is_default:
        for row in categories(state, entity_type_id):
            row.is_default = False
    number = state.next_id("category", _FIRST_CATEGORY)
    category = Category(id=number, entity_type_id=entity_type_id, name=name, sort=sort, is_default=is_default)
    state.categories[number] = category
    if entity_type_id not in (3, 4):
        directory, prefix = stage_directory(entity_type_id, number), stage_prefix(entity_type_id, number)
        for index, stage in enumerate(_DEAL_STAGES if entity_type_id == 2 else _SPA_STAGES, start=1):
            _add_row(state, directory, prefix + stage[0], stage, index * 10, number)
    forget(state)
    return category


def drop_category(state: State, category: Category) -> None:
    """Delete a pipeline together with its stages."""
    for row in stages(state, category.entity_type_id, category.id):
        del state.statuses[row.id]
    del state.categories[category.id]
    forget(state)


def _add_row(
    state: State, directory: str, status_id: str, row: Row, sort: int, category_id: int | None
) -> None:
    _, name, color, semantics, system = row
    add_status(state, directory, status_id, name=name, sort=sort, color=color, semantics=semantics,
               system=system, category_id=category_id)  # fmt: skip


def add_status(
    state: State,
    directory: str,
    status_id: str,
    *,
    name: str,
    sort: int,
    color: str,
    semantics: str,
    system: bool,
    category_id: int | None,
) -> Status:
    """Add a row to a directory."""
    row = Status(
        id=state.next_id("status", _FIRST_STATUS),
        entity_id=directory,
        status_id=status_id,
        name=name,
        name_init=name if system else "",
        sort=sort,
        system=system,
        color=color,
        semantics=semantics,
        category_id=category_id,
    )
    state.statuses[row.id] = row
    forget(state)
    return row


def semantics_of(stage: Status | None) -> str:
    """Return `P`, `S` or `F`."""
    return (stage.semantics or "P") if stage else "P"
