"""How people see the messenger: the objects of `im.*` answers (api-reference/chats/**)."""

from __future__ import annotations

from typing import Any

from b24flow.sandbox.clock import iso
from b24flow.sandbox.model import chats
from b24flow.sandbox.model.bots_show import (
    RIGHTS,
    extension_of,
    file_type,
    letter_of,
    link_of,
    name_of,
    picture_size,
    type_of,
)
from b24flow.sandbox.model.entities import Chat, DiskObject, Employee, Message
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import Params


def user_for(portal: Portal, user: Employee) -> Params:
    """Return a user with the end of his present absence."""
    today = portal.clock.now().date()
    away = [
        row.last for row in portal.state.absences if row.user_id == user.id and row.first <= today <= row.last
    ]
    bot, outer = portal.state.bots.get(user.id), user.id in portal.state.line_clients
    return {
        "id": user.id,
        "active": user.active,
        "name": user.full_name,
        "first_name": user.name,
        "last_name": user.last_name,
        "work_position": user.position,
        "color": "#048bd0",
        "avatar": "",
        "avatar_hr": "",
        "gender": user.gender or "M",
        "birthday": "",
        "extranet": False,
        "network": False,
        "bot": user.is_bot,
        "connector": outer,
        "external_auth_id": "imconnector" if outer else "bot" if user.is_bot else "default",
        "status": portal.state.user_statuses.get(user.id, "online"),
        "idle": iso(portal.state.user_idle.get(user.id)) or False,
        "last_activity_date": iso(portal.state.user_active.get(user.id)) or False,
        "mobile_last_date": False,
        "desktop_last_date": False,
        "absent": f"{max(away).isoformat()}T23:59:59+03:00" if away else False,
        "departments": list(user.departments),
        "phones": _phones(user) or False,
        "bot_data": {"code": bot.code, "type": bot.kind} if bot else None,
        "type": "bot" if user.is_bot else "user",
        "website": "",
        "email": user.email,
    }


def _phones(user: Employee) -> Params:
    numbers = {
        "work_phone": user.profile.get("WORK_PHONE"),
        "personal_mobile": user.phone,
        "personal_phone": user.profile.get("PERSONAL_PHONE"),
        "inner_phone": user.profile.get("UF_PHONE_INNER"),
    }
    return {name: str(number) for name, number in numbers.items() if number}


def message_for(portal: Portal, row: Message, viewer: int) -> Params:
    """Return a message as `im.dialog.messages.get` does."""
    chat = portal.state.chats[row.chat_id]
    fresh = row.id > chat.read.get(viewer, 0) and row.author_id != viewer
    return {
        "id": row.id,
        "chat_id": row.chat_id,
        "author_id": 0 if row.system else row.author_id,
        "date": iso(row.created),
        "text": row.text,
        "unread": fresh,
        "uuid": row.uuid or None,
        "replaces": [],
        "params": params_of(row),
        "disappearing_date": None,
    }


def params_of(row: Message) -> Params:
    """Return the further parts of a message under their names of the messenger."""
    params: Params = dict(row.params)
    optional = {
        "KEYBOARD": row.keyboard,
        "MENU": row.menu,
        "ATTACH": row.attach,
        "FILE_ID": list(row.files),
        "LIKE": [user for users in row.reactions.values() for user in users],
        "REPLY_ID": row.reply_to,
    }
    params |= {name: value for name, value in optional.items() if value}
    if row.updated is not None:
        params["IS_EDITED"] = "Y"
    return params


def file_for(portal: Portal, chat: Chat, row: DiskObject, url: str) -> Params:
    """Return a file of a chat; `url` is where it is downloaded."""
    kind = file_type(row.name)
    return {
        "id": row.id,
        "chatId": chat.id,
        "date": iso(row.created),
        "type": kind,
        "name": row.name,
        "extension": extension_of(row.name),
        "size": len(row.versions[-1].content),
        "image": picture_size(row),
        "status": "done",
        "progress": 100,
        "authorId": row.created_by,
        "authorName": portal.person_name(row.created_by),
        "urlPreview": url if kind == "image" else "",
        "urlShow": url,
        "urlDownload": url,
        "viewerAttrs": {
            "viewer": "",
            "viewerType": kind,
            "src": url,
            "viewerResized": "",
            "objectId": str(row.id),
            "viewerGroupBy": str(chat.id),
            "imChatId": chat.id,
            "title": row.name,
            "actions": '[{"type":"download"}]',
        },
        "mediaUrl": {"preview": {"250": url}} if kind == "image" else {},
        "isTranscribable": False,
        "isVideoNote": False,
        "isVoiceNote": False,
    }


def _restrictions(chat: Chat) -> dict[str, Any]:
    group = chat.kind in chats.GROUP_KINDS
    crm = chat.entity_type == "CRM"
    return {
        "avatar": group and not crm,
        "rename": group and not crm,
        "extend": group,
        "call": True,
        "mute": True,
        "leave": group,
        "leave_owner": group and not crm,
        "send": True,
        "user_list": True,
    }


def _core(portal: Portal, chat: Chat, viewer: int) -> Params:
    return {
        "id": chat.id,
        "parent_chat_id": 0,
        "parent_message_id": 0,
        "name": name_of(portal, chat, viewer),
        "owner": chat.owner_id,
        "extranet": False,
        "avatar": chat.avatar,
        "color": chat.color,
        "type": type_of(chat),
        "entity_type": chat.entity_type,
        "entity_id": chat.entity_id,
        "entity_data_1": chat.entity_data[0],
        "entity_data_2": chat.entity_data[1],
        "entity_data_3": chat.entity_data[2],
        "mute_list": list(chat.muted),
        "manager_list": list(dict.fromkeys([chat.owner_id, *chat.managers])) if chat.owner_id else [],
        "date_create": iso(chat.created),
        "message_type": letter_of(chat),
        "user_counter": len(chat.members),
        "role": chats.role_of(chat, viewer),
        "text_field_enabled": chat.text_field,
        "background_id": None,
        "entity_link": link_of(chat),
        "permissions": dict(RIGHTS),
        "public": "",
    }


def dialog_for(portal: Portal, chat: Chat, viewer: int) -> Params:
    """Return a chat as `im.dialog.get` does."""
    rows = chats.messages_of(portal, chat, viewer)
    unread = chats.unread_of(portal, chat, viewer)
    last = rows[-1].id if rows else 0
    others = [one for one in chat.members if one != viewer]
    place = {} if chat.kind == "lines" else {"path": "", "path_title": ""}
    seen = [one for one in others if last and chat.read.get(one, 0) >= last]
    return _core(portal, chat, viewer) | {
        "description": chat.description,
        "counter": len(unread),
        "message_count": len(rows),
        "unread_id": unread[0].id if unread else 0,
        "restrictions": _restrictions(chat) | place,
        "last_message_id": last,
        "last_id": chat.read.get(viewer, 0),
        "marked_id": 0,
        "disk_folder_id": chat.folder_id,
        "is_new": False,
        "readed_list": [
            {
                "user_id": one,
                "user_name": portal.person_name(one),
                "message_id": chat.read.get(one, 0),
                "date": None,
            }
            for one in others
        ],
        "last_message_views": {
            "message_id": last,
            "first_viewers": [
                {"user_id": one, "user_name": portal.person_name(one), "date": iso(chat.read_at.get(one))}
                for one in seen[:1]
            ],
            "count_of_viewers": len(seen),
        },
        "dialog_id": chats.dialog_of(chat, viewer),
    }


def recent_for(portal: Portal, chat: Chat, viewer: int) -> Params:
    """Return a chat as a line of the recent list."""
    rows = chats.messages_of(portal, chat, viewer)
    last = rows[-1] if rows else None
    private = chat.kind == "private"
    dialog = chats.dialog_of(chat, viewer)
    moment = iso(last.created if last else chat.created)
    return {
        "id": int(dialog) if private else dialog,
        "chat_id": chat.id,
        "type": "user" if private else "chat",
        "avatar": {"url": "", "color": chat.color},
        "title": name_of(portal, chat, viewer),
        "message": _last(last),
        "counter": len(chats.unread_of(portal, chat, viewer)),
        "last_id": chat.read.get(viewer, 0),
        "pinned": viewer in chat.pinned,
        "unread": viewer in chat.marked,
        "has_reminder": False,
        "date_update": moment,
        "date_last_activity": moment,
        **_subject(portal, chat, viewer),
        "options": [],
    }


def _last(row: Message | None) -> Params:
    if row is None:
        return {"id": 0, "text": "", "file": False, "author_id": 0, "attach": False, "sticker": None,
                "date": None, "status": "", "uuid": None}  # fmt: skip
    return {
        "id": row.id,
        "text": row.text.replace("\n", " "),
        "file": bool(row.files),
        "author_id": 0 if row.system else row.author_id,
        "attach": row.attach is not None,
        "sticker": None,
        "date": iso(row.created),
        "status": "received",
        "uuid": row.uuid or None,
    }


def _subject(portal: Portal, chat: Chat, viewer: int) -> Params:
    if chat.kind == "private":
        person = portal.state.users[int(chats.dialog_of(chat, viewer))]
        small = {"text_field_enabled": chat.text_field, "background_id": None, "mute_list": list(chat.muted)}
        return {"user": user_for(portal, person), "chat": small}
    shown = _core(portal, chat, viewer)
    shown |= {"contains_collaber": False, "restrictions": _restrictions(chat), "role": shown["role"].upper()}
    return {"chat": shown, "user": {"id": 0}}
