"""What is not the registry itself: folders on the common drive, the bot and its commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from b24flow.ops import portal_calls as calls
from b24flow.ops.portal_desired import BotSetup, CommandSetup, RegistrySetup
from b24flow.ops.portal_reading import (
    Differences,
    Found,
    Problem,
    Row,
    Step,
    first,
    inner_rows,
    read_map,
    read_rows,
    whole,
)
from b24flow.portal.calls import folder_add, folder_children, root_folder_add
from b24flow.portal.client import PortalClient
from b24flow.portal.methods import Call

_MAIN_DISK = "shared_files_s1"


def inspect_root_folder(client: PortalClient, known: Found, name: str) -> Differences:
    """Return what differs in the folder of all processes."""
    found = Differences()
    storages = [
        row for row in read_rows(client, calls.common_storages()) if row.get("ENTITY_TYPE") == "common"
    ]
    storages.sort(key=lambda row: (row.get("ENTITY_ID") != _MAIN_DISK, whole(row, "ID")))
    if not storages:
        found.problems.append(
            Problem(
                kind="folder",
                text="Общий диск портала не найден или закрыт для вебхука",
                hint="Включите «Общий диск» и дайте владельцу вебхука полный доступ к нему",
            )
        )
        return found
    storage = storages[0]
    known.root_folder = _look(client, whole(storage, "ROOT_OBJECT_ID"), name, found)
    if not known.root_folder and not found.problems:
        call = root_folder_add(whole(storage, "ID"), name)
        what = f"создать папку «{name}» на общем диске"
        found.steps.append(Step(kind="folder", key="folder:root:add", what=what, call=call))
    return found


def inspect_folder(client: PortalClient, known: Found, registry: RegistrySetup) -> Differences:
    """Return what differs in the folder of a process."""
    place, found = known.place(registry.process), Differences()
    if known.root_folder:
        place.folder_id = _look(client, known.root_folder, registry.folder, found)
    if not place.folder_id and not found.problems:
        call = folder_add(known.root_folder, registry.folder) if known.root_folder else None
        what = f"создать папку «{registry.folder}»"
        key = f"folder:{registry.process}:add"
        found.steps.append(Step(kind="folder", key=key, what=what, call=call))
    return found


def _look(client: PortalClient, parent: int, name: str, found: Differences) -> int:
    """Return the id of the folder of this name, or 0; names differ in more than case."""
    row = first(
        one
        for one in read_rows(client, folder_children(parent, name=name))
        if str(one.get("NAME", "")).casefold() == name.casefold()
    )
    if row is None:
        return 0
    if row.get("TYPE") == "folder":
        return whole(row, "ID")
    found.problems.append(
        Problem(
            kind="folder",
            text=f"На диске портала вместо папки «{name}» лежит файл с таким именем",
            hint="Переименуйте этот файл",
        )
    )
    return 0


def inspect_bot(client: PortalClient, known: Found, bot: BotSetup, token: str) -> Differences:
    """Return what differs in the bot."""
    found = Differences()
    result = read_map(client, calls.bot_list(token))
    row = first(one for one in inner_rows(result, "bots") if one.get("code") == bot.code)
    if row is None:
        what = f"зарегистрировать бота «{bot.name}»"
        call = calls.bot_register(bot, token)
        found.steps.append(Step(kind="bot", key="bot:add", what=what, call=call))
        return found
    known.bot = whole(row, "id")
    user = first(one for one in inner_rows(result, "users") if whole(one, "id") == known.bot) or {}
    properties = {
        name: value
        for name, value, shown in (
            ("name", bot.name, user.get("name", bot.name)),
            ("workPosition", bot.post, user.get("workPosition", bot.post)),
        )
        if shown != value
    }
    changed: dict[str, Any] = {"properties": properties} if properties else {}
    if row.get("eventMode") != bot.event_mode:
        changed["eventMode"] = bot.event_mode
    if changed:
        what = f"вернуть настройки бота «{bot.name}»"
        call = calls.bot_update(known.bot, token, changed)
        found.steps.append(Step(kind="bot", key="bot:set", what=what, call=call))
    return found


def inspect_commands(client: PortalClient, known: Found, bot: BotSetup, token: str) -> Differences:
    """Return what differs in the commands of the bot."""
    present: dict[str, Row] = {}
    if known.bot:
        listed = read_rows(client, calls.command_list(known.bot, token))
        present = {str(row.get("command", "")).lstrip("/"): row for row in listed}
    known.commands = {one.name: whole(present[one.name], "id") for one in bot.commands if one.name in present}
    found = Differences()
    for one in bot.commands:
        row = present.get(one.name)
        if row is None:
            call = calls.command_register(known.bot, token, one) if known.bot else None
            found.steps.append(_command_step(one, "add", call))
        elif _command_differs(one, row):
            call = calls.command_update(known.bot, token, known.commands[one.name], one)
            found.steps.append(_command_step(one, "set", call))
    return found


def _command_differs(command: CommandSetup, row: Row) -> bool:
    texts = (("title", command.title), ("params", command.params))
    return (
        bool(row.get("hidden")) != command.hidden
        or bool(row.get("common"))
        or any(wanted and _shown(row, name) not in ("", wanted) for name, wanted in texts)
    )


def _shown(row: Row, name: str) -> str:
    """Return a text of a command; a portal in another language may have none to show."""
    text = row.get(name)
    value = text.get(calls.LANGUAGE) if isinstance(text, Mapping) else text
    return str(value or "")


def _command_step(command: CommandSetup, action: str, call: Call | None) -> Step:
    words = {"add": "зарегистрировать команду бота", "set": "вернуть настройки команды бота"}
    title = f" «{command.title}»" if command.title else ""
    key = f"command:{command.name}:{action}"
    return Step(kind="command", key=key, what=f"{words[action]} /{command.name}{title}", call=call)
