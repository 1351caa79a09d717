"""Builders of the calls of the set-up: the wire names of types, stages, user fields, folders, bots.

Beside `portal.calls`, which holds what the work with documents needs. The page of each method
stands in `portal.methods`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from b24flow.ops.portal_desired import (
    LINKED_TASKS,
    TYPE_FLAGS,
    BotSetup,
    CommandSetup,
    FieldSetup,
    RegistrySetup,
    StageSetup,
)
from b24flow.portal.methods import Call

_CRM = "crm"
LANGUAGE = "ru"


def stage_directory(entity_type_id: int, category_id: int) -> str:
    """Return the directory of the stages of a pipeline.

    >>> stage_directory(1046, 12)
    'DYNAMIC_1046_STAGE_12'
    """
    return f"DYNAMIC_{entity_type_id}_STAGE_{category_id}"


def type_fields(registry: RegistrySetup) -> dict[str, Any]:
    """Return everything we say about a smart process.

    The portal compares the values of `linkedUserFields` with the text "true".
    """
    return {"title": registry.title, **TYPE_FLAGS, "linkedUserFields": {LINKED_TASKS: "true"}}


def type_find(entity_type_id: int) -> Call:
    """Build the look-up of a smart process; compare `entityTypeId` of what comes once more."""
    return Call("crm.type.list", {"filter": {"entityTypeId": entity_type_id}})


def type_get(type_id: int) -> Call:
    """Build the reading of a smart process with what the list leaves out (`linkedUserFields`)."""
    return Call("crm.type.get", {"id": type_id})


def type_add(registry: RegistrySetup) -> Call:
    """Build the creation of a smart process; a taken number is refused: there is never a second."""
    fields = {**type_fields(registry), "entityTypeId": registry.entity_type_id}
    return Call("crm.type.add", {"fields": fields})


def type_update(type_id: int, fields: Mapping[str, Any]) -> Call:
    """Build a change of the given settings of a smart process."""
    return Call("crm.type.update", {"id": type_id, "fields": dict(fields)})


def category_list(entity_type_id: int) -> Call:
    """Build the reading of the pipelines of a smart process."""
    return Call("crm.category.list", {"entityTypeId": entity_type_id})


def stage_list(directory: str) -> Call:
    """Build the reading of the stages of a pipeline; they come whole, not in pages."""
    return Call("crm.status.list", {"filter": {"ENTITY_ID": directory}, "order": {"SORT": "ASC"}})


def stage_add(directory: str, stage: StageSetup) -> Call:
    """Build the creation of a stage; the portal puts the prefix of the pipeline before the code."""
    fields = {
        "ENTITY_ID": directory,
        "STATUS_ID": stage.code,
        "SEMANTICS": stage.semantics,
        **stage_fields(stage),
    }
    return Call("crm.status.add", {"fields": fields})


def stage_fields(stage: StageSetup) -> dict[str, Any]:
    """Return what can be changed of a stage."""
    colour = {"COLOR": stage.colour} if stage.colour else {}
    return {"NAME": stage.label, "SORT": stage.sort, **colour}


def stage_update(row_id: int, fields: Mapping[str, Any]) -> Call:
    """Build a change of name, order or colour of a stage."""
    return Call("crm.status.update", {"id": row_id, "fields": dict(fields)})


def stage_delete(row_id: int) -> Call:
    """Build the deletion of a stage that is not a system one."""
    return Call("crm.status.delete", {"id": row_id})


def field_list(type_id: int, start: int = 0) -> Call:
    """Build the reading of a page of user fields of a smart process, with their labels."""
    params: dict[str, Any] = {
        "moduleId": _CRM,
        "select": {"0": "*", "language": LANGUAGE},
        "filter": {"entityId": f"CRM_{type_id}"},
        "order": {"id": "ASC"},
        "start": start,
    }
    return Call("userfieldconfig.list", params)


def field_add(type_id: int, field: FieldSetup) -> Call:
    """Build the creation of a user field: slow (the portal alters a table), never in a batch."""
    given = {
        "entityId": f"CRM_{type_id}",
        "fieldName": field.name(type_id),
        "userTypeId": field.type,
        "xmlId": field.xml_id,
        "sort": field.sort,
        "multiple": "N",
        "mandatory": "N",
        "showFilter": "Y",
        "editInList": "N",
        "isSearchable": "Y" if field.type == "string" else "N",
        "editFormLabel": {LANGUAGE: field.label},
    }
    return Call("userfieldconfig.add", {"moduleId": _CRM, "field": given})


def field_update(field_id: int, field: FieldSetup, help_message: object) -> Call:
    """Build the return of a user field to our label and mark.

    The portal forgets the help text when it is not sent again.
    """
    given: dict[str, Any] = {"xmlId": field.xml_id, "editFormLabel": {LANGUAGE: field.label}}
    if help_message:
        given["helpMessage"] = help_message
    return Call("userfieldconfig.update", {"moduleId": _CRM, "id": field_id, "field": given})


def item_fields(entity_type_id: int) -> Call:
    """Build the reading of the names of all fields of a registry."""
    return Call("crm.item.fields", {"entityTypeId": entity_type_id})


def common_storages() -> Call:
    """Build the look-up of the storage of the whole organisation."""
    return Call("disk.storage.getList", {"filter": {"ENTITY_TYPE": "common"}})


def bot_list(bot_token: str) -> Call:
    """Build the reading of the bots registered with this token."""
    return Call("imbot.v2.Bot.list", {"botToken": bot_token})


def bot_register(bot: BotSetup, bot_token: str) -> Call:
    """Build the registration of the bot; a repeat with the same code returns the same bot."""
    fields = {
        "code": bot.code,
        "botToken": bot_token,
        "type": "bot",
        "eventMode": bot.event_mode,
        "properties": bot_properties(bot),
    }
    return Call("imbot.v2.Bot.register", {"fields": fields})


def bot_properties(bot: BotSetup) -> dict[str, str]:
    """Return what people see of the bot."""
    return {"name": bot.name, "workPosition": bot.post}


def bot_update(bot_id: int, bot_token: str, fields: Mapping[str, Any]) -> Call:
    """Build a change of the bot: registering it again would change nothing."""
    params = {"botId": bot_id, "botToken": bot_token, "fields": dict(fields)}
    return Call("imbot.v2.Bot.update", params)


def command_list(bot_id: int, bot_token: str) -> Call:
    """Build the reading of the commands of the bot."""
    return Call("imbot.v2.Command.list", {"botId": bot_id, "botToken": bot_token})


def command_fields(command: CommandSetup) -> dict[str, Any]:
    """Return everything we say about a command."""
    fields: dict[str, Any] = {"hidden": command.hidden, "common": False, "extranetSupport": False}
    if command.title:
        fields["title"] = {LANGUAGE: command.title}
    if command.params:
        fields["params"] = {LANGUAGE: command.params}
    return fields


def command_register(bot_id: int, bot_token: str, command: CommandSetup) -> Call:
    """Build the registration of a command; a repeat returns the same command."""
    fields = {"command": command.name, **command_fields(command)}
    return Call("imbot.v2.Command.register", {"botId": bot_id, "botToken": bot_token, "fields": fields})


def command_update(bot_id: int, bot_token: str, command_id: int, command: CommandSetup) -> Call:
    """Build a change of a command; this method takes Y and N (commands/command-update.md)."""
    fields = {
        name: ("Y" if value else "N") if isinstance(value, bool) else value
        for name, value in command_fields(command).items()
    }
    return Call(
        "imbot.v2.Command.update",
        {"botId": bot_id, "botToken": bot_token, "commandId": command_id, "fields": fields},
    )
