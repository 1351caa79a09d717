"""Files of conversations: each chat has a folder on the messenger's own drive.

Facts: api-reference/chats/files/**, chat-bots-v2/imbot.v2/files/**. Members of the chat may read
and add; the folder appears when it is first asked for.
"""

from __future__ import annotations

from b24flow.sandbox.model import disk
from b24flow.sandbox.model.entities import Chat, DiskObject, Employee, Storage
from b24flow.sandbox.model.portal import Portal, add_storage

LIMIT = 100 * 1024 * 1024
_KIND = "im"


def folder_of(portal: Portal, chat: Chat) -> DiskObject:
    """Return the folder of a chat; its rights are those of the present members."""
    if not chat.folder_id:
        root = portal.state.objects[_storage(portal).root_id]
        folder = disk.add_folder(portal, _owner(portal, chat), root, f"Чат {chat.id}")
        chat.folder_id = folder.id
    folder = portal.state.objects[chat.folder_id]
    folder.rights = {f"U{one}": "disk_access_edit" for one in chat.members}
    return folder


def add_file(portal: Portal, chat: Chat, user: Employee, name: str, content: bytes) -> DiskObject:
    """Put a file into a chat's folder; a taken name gets a number."""
    return disk.add_file(portal, user, folder_of(portal, chat), name, content, unique_name=True)


def chat_of(portal: Portal, row: DiskObject) -> Chat | None:
    """Return the chat in whose folder a file lies."""
    for chat in portal.state.chats.values():
        if chat.folder_id and chat.folder_id == row.parent_id:
            return chat
    return None


def find_file(portal: Portal, file_id: int) -> DiskObject | None:
    """Return a live file."""
    row = portal.state.objects.get(file_id)
    return row if row is not None and row.kind == "file" and not row.deleted else None


def _storage(portal: Portal) -> Storage:
    for row in portal.state.storages.values():
        if row.entity_type == _KIND:
            return row
    return add_storage(portal.state, portal.clock, "Файлы мессенджера", _KIND, _KIND)


def _owner(portal: Portal, chat: Chat) -> Employee:
    users = portal.state.users
    return users[chat.owner_id] if chat.owner_id in users else users[chat.members[0]]
