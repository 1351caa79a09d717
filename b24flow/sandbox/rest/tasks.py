"""Tasks: reading, creating, changing (api-reference/tasks/tasks-task-*.md)."""

from __future__ import annotations

from b24flow.sandbox.model import tasks as model
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.task_show import more_about, show_task, task_number, task_of, whole
from b24flow.sandbox.wire import Json, Params, RestError, as_list

DOC = "api-reference/tasks/"
_IDLE = "учёт времени, шаблоны, повторение, потоки и Scrum: поля принимаются без действия"


def _note(call: Call, ignored: list[str]) -> None:
    for name in ignored:
        call.note("unknown_field", name)


@method("tasks.task.add", scope="task", doc=DOC + "tasks-task-add.md", params="fields* params", partial=_IDLE)
def task_add(call: Call) -> Json:
    """Create a task; field names are upper case, others are ignored."""
    ignored: list[str] = []
    task = model.create(call.portal, call.user, call.mapping("fields"), ignored)
    _note(call, ignored)
    return whole(call, task)


@method("tasks.task.get", scope="task", doc=DOC + "tasks-task-get.md",
        params="taskId* select params")  # fmt: skip
def task_get(call: Call) -> Json:
    """Return a task, or an empty list when it is absent or closed to the caller."""
    if "select" in call.params and not isinstance(call.params["select"], list | dict):
        raise RestError("100", "Invalid value {} to match with parameter {select}. Should be value of type "
                        "array. (internal error)")  # fmt: skip
    task = model.find(call.portal, call.user, task_number(call))
    if task is None:
        return []
    shown = show_task(call, task, _selected(call), with_action=True)
    return {"task": shown | more_about(call, task)}


def _selected(call: Call) -> list[str]:
    return [str(name) for name in as_list(call.params.get("select"))]


@method("tasks.task.update", scope="task", doc=DOC + "tasks-task-update.md",
        params="taskId* fields* params", partial=_IDLE)  # fmt: skip
def task_update(call: Call) -> Json:
    """Change a task."""
    task = task_of(call)
    ignored: list[str] = []
    model.update(call.portal, call.user, task, call.mapping("fields"), ignored)
    _note(call, ignored)
    return whole(call, task)


@method("tasks.task.delete", scope="task", doc=DOC + "tasks-task-delete.md", params="taskId*")
def task_delete(call: Call) -> Json:
    """Delete a task."""
    model.delete(call.portal, call.user, task_of(call))
    return {"task": True}


def _enum(title: str, values: dict[str, str], default: Json) -> Params:
    return {"title": title, "type": "enum", "values": values, "default": default}


def _flag(title: str | None, default: Json = "N") -> Params:
    return {"title": title, "type": "enum", "values": {"Y": "Да", "N": "Нет"}, "default": default}


_NO_DEFAULT = object()


def _plain(title: str | None, kind: str, default: Json = _NO_DEFAULT) -> Params:
    shown: Params = {"title": title, "type": kind}
    return shown if default is _NO_DEFAULT else shown | {"default": default}


_UNITS = ["secs", "mins", "hours", "days", "weeks", "months", "years"]
_STATUS_TITLES = {str(number): title for number, title in model.STATUS_NAMES.items()}
_FIELDS: dict[str, Params] = {
    "ID": {"title": "ID", "type": "integer", "primary": True},
    "PARENT_ID": _plain("ID базовой задачи", "integer", 0),
    "TITLE": {"title": "Название", "type": "string", "required": True},
    "DESCRIPTION": _plain("Описание", "string"),
    "MARK": _enum("Оценка", {"N": "Отрицательная", "P": "Положительная"}, None),
    "PRIORITY": _enum("Приоритет", {"2": "Высокий", "1": "Средний", "0": "Низкий"}, 1),
    "STATUS": _enum("Статус", _STATUS_TITLES, 2),
    "MULTITASK": _flag("Множественная задача"),
    "NOT_VIEWED": _flag(None),
    "REPLICATE": _flag("Повторяемая задача"),
    "GROUP_ID": _plain("Проект", "integer", 0),
    "STAGE_ID": _plain("Стадия", "integer", 0),
    "SPRINT_ID": _plain("Спринт", "integer", 0),
    "BACKLOG_ID": _plain("Бэклог", "integer", 0),
    "CREATED_BY": {"title": "Постановщик", "type": "integer", "required": True},
    "CREATED_DATE": _plain(None, "datetime"),
    "RESPONSIBLE_ID": {"title": "Исполнитель", "type": "integer", "required": True},
    "ACCOMPLICES": _plain(None, "array"),
    "AUDITORS": _plain(None, "array"),
    "CHANGED_BY": _plain("Изменил", "integer"),
    "CHANGED_DATE": _plain("Дата изменения", "datetime"),
    "STATUS_CHANGED_BY": _plain("Изменил статус", "integer"),
    "STATUS_CHANGED_DATE": _plain("Дата изменения статуса", "datetime"),
    "CLOSED_BY": _plain("Закрыл", "integer", None),
    "CLOSED_DATE": _plain("Дата закрытия", "datetime", None),
    "ACTIVITY_DATE": _plain(None, "datetime", None),
    "DATE_START": _plain("Дата начала", "datetime", None),
    "DEADLINE": _plain("Крайний срок", "datetime", None),
    "START_DATE_PLAN": _plain("Плановое начало", "datetime", None),
    "END_DATE_PLAN": _plain("Плановое завершение", "datetime", None),
    "GUID": _plain("GUID", "string", None),
    "XML_ID": _plain("XML_ID", "string", None),
    "COMMENTS_COUNT": _plain("Количество комментариев", "integer", 0),
    "SERVICE_COMMENTS_COUNT": _plain(None, "integer", 0),
    "NEW_COMMENTS_COUNT": _plain(None, "integer", 0),
    "ALLOW_CHANGE_DEADLINE": _flag(None),
    "ALLOW_TIME_TRACKING": _flag(None),
    "TASK_CONTROL": _flag("Принять работу"),
    "ADD_IN_REPORT": _flag("Добавить в отчёт"),
    "FORKED_BY_TEMPLATE_ID": _flag("Создано из шаблона"),
    "TIME_ESTIMATE": _plain("Запланировано времени", "integer"),
    "TIME_SPENT_IN_LOGS": _plain("Затрачено времени по истории", "integer"),
    "MATCH_WORK_TIME": _plain("Пропустить выходные дни", "integer"),
    "FORUM_TOPIC_ID": _plain("FORUM_TOPIC_ID", "integer"),
    "FORUM_ID": _plain("FORUM_ID", "integer"),
    "SITE_ID": _plain("SITE_ID", "string"),
    "SUBORDINATE": _flag("Задача подчинённого", None),
    "FAVORITE": _flag(None, None),
    "EXCHANGE_MODIFIED": _plain("EXCHANGE_MODIFIED", "datetime", None),
    "EXCHANGE_ID": _plain("EXCHANGE_ID", "integer", None),
    "OUTLOOK_VERSION": _plain("OUTLOOK_VERSION", "integer", None),
    "VIEWED_DATE": _plain("Дата последнего просмотра", "datetime"),
    "SORTING": _plain("Индекс сортировки", "double"),
    "DURATION_PLAN": _plain("Затрачено (план)", "integer"),
    "DURATION_FACT": _plain("Затрачено (факт)", "integer"),
    "CHECKLIST": _plain(None, "array"),
    "DURATION_TYPE": {"title": "DURATION_TYPE", "type": "enum", "values": _UNITS, "default": "days"},
    "IS_MUTED": _flag(None),
    "IS_PINNED": _flag(None),
    "IS_PINNED_IN_GROUP": _flag(None),
    "FLOW_ID": _plain("Поток", "integer", 0),
    "UF_CRM_TASK": _plain("Элементы CRM", "crm"),
    "UF_TASK_WEBDAV_FILES": _plain("Загрузить файлы", "disk_file"),
    "UF_MAIL_MESSAGE": _plain(None, "mail_message"),
}


@method("tasks.task.getFields", scope="task", doc=DOC + "tasks-task-get-fields.md",
        partial="без пользовательских полей задач")  # fmt: skip
def task_fields(_: Call) -> Json:
    """Describe the fields of a task."""
    return {"fields": _FIELDS}
