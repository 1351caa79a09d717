"""Files of people in chats (api-reference/chats/files/**, chat-bots-v2/im.v2/files/**)."""

from __future__ import annotations

import base64
import binascii
import hashlib

from b24flow.sandbox.links import download
from b24flow.sandbox.model import bots, chats, chats_files, disk
from b24flow.sandbox.model import disk_rights as rights
from b24flow.sandbox.model.chats_show import file_for
from b24flow.sandbox.model.entities import Chat, DiskObject
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.rest.im import DOC, dialog_chat
from b24flow.sandbox.rest.im_chats import chat_id_empty
from b24flow.sandbox.wire import Json, Params, RestError, as_int, missing

_V2 = "api-reference/chat-bots/chat-bots-v2/im.v2/files/"
_FILES = DOC + "files/"
_FIELDS = frozenset(["name", "content", "message"])
_SAVED = "Сохраненные файлы"


def read_upload(call: Call, fields: Params) -> tuple[str, bytes]:
    """Return the name and the content of an uploaded file, or refuse."""
    name, text = str(fields.get("name") or ""), str(fields.get("content") or "")
    if not name or not text:
        raise RestError("FILE_EMPTY", "File name or content is empty")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RestError("FILE_INVALID_CONTENT", "Invalid base64 content") from error
    if len(content) > chats_files.LIMIT:
        raise RestError("FILE_TOO_LARGE", "File is too large")
    return name, content


def _v2_chat(call: Call) -> Chat:
    dialog = call.text("dialogId")
    if not dialog:
        raise missing("dialogId")
    chat = chats.find_chat(call.portal, dialog, call.user.id)
    if chat is None:
        raise RestError("CHAT_NOT_FOUND", "CHAT_NOT_FOUND")
    if not chats.may_write(call.portal, chat, call.user):
        raise RestError("ACCESS_DENIED", "Access denied")
    return chat


def _show(call: Call, chat: Chat, row: DiskObject) -> Params:
    return file_for(call.portal, chat, row, download(call, "im", {"object": row.id}))


@method("im.v2.File.upload", scope="im", doc=_V2 + "file-upload.md", params="dialogId* fields*")
def v2_upload(call: Call) -> Json:
    """Put a file into a chat with a message of the caller."""
    chat, fields = _v2_chat(call), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _FIELDS)
    row = chats_files.add_file(call.portal, chat, call.user, *read_upload(call, fields))
    text = str(fields.get("message") or "")
    message = chats.send(call.portal, chat, call.user.id, text, files=[row.id])
    bots.announce(call.portal, call.user, chat, message)
    file = _show(call, chat, row)
    del file["viewerAttrs"]["viewerResized"]
    file["viewerAttrs"]["unifiedLink"] = f"{call.base_url}/docs/{row.id}/download/"
    file["mediaUrl"] = {"preview": {"250": file["urlPreview"]}}
    return {
        "file": file,
        "messageId": message.id,
        "chatId": chat.id,
        "dialogId": call.text("dialogId"),
    }


@method("im.v2.File.download", scope="im", doc=_V2 + "file-download.md", params="dialogId* fileId*",
        reads=True)  # fmt: skip
def v2_download(call: Call) -> Json:
    """Return a signed address of a file of a chat."""
    chat = _v2_chat(call)
    row = chats_files.find_file(call.portal, call.required_number("fileId"))
    if row is None or row.parent_id != chat.folder_id:
        raise RestError("FILE_NOT_FOUND", "File not found")
    return {"downloadUrl": download(call, "im", {"object": row.id})}


def _named_chat(call: Call) -> Chat:
    """Return the chat of CHAT_ID or DIALOG_ID."""
    if call.text("DIALOG_ID") and not call.number("CHAT_ID"):
        return dialog_chat(call)
    if call.number("CHAT_ID") <= 0:
        raise chat_id_empty()
    chat = call.state.chats.get(call.number("CHAT_ID"))
    if chat is None or not chats.may_write(call.portal, chat, call.user):
        raise RestError("ACCESS_ERROR", "You do not have access to the specified dialog", 403)
    return chat


@method("im.disk.folder.get", scope="im", doc=_FILES + "im-disk-folder-get.md", upper=True,
        params="CHAT_ID DIALOG_ID")  # fmt: skip
def folder_get(call: Call) -> Json:
    """Return the folder of a chat, making it when needed."""
    return {"ID": chats_files.folder_of(call.portal, _named_chat(call)).id}


@method("im.disk.file.commit", scope="im", doc=_FILES + "im-disk-file-commit.md", upper=True,
        params="CHAT_ID DIALOG_ID FILE_ID UPLOAD_ID MESSAGE SILENT_MODE AS_FILE", reads=False)  # fmt: skip
def file_commit(call: Call) -> Json:
    """Send files of a drive into a chat; a file from elsewhere is copied into the chat's folder."""
    chat = _named_chat(call)
    name = next((one for one in ("FILE_ID", "UPLOAD_ID") if one in call.params), "")
    if not name:
        raise RestError("FILES_ERROR", "List of files is not specified")
    folder = chats_files.folder_of(call.portal, chat)
    found = [chats_files.find_file(call.portal, as_int(one)) for one in call.values(name)]
    sources = [
        row for row in found if row is not None and rights.level(call.portal, call.user, row) >= rights.READ
    ]
    if not sources:
        raise RestError("SAVE_ERROR", "Error during saving file to chat")
    rows = [row if row.parent_id == folder.id else _copied(call, chat, row) for row in sources]
    text = call.text("MESSAGE")
    message = chats.send(call.portal, chat, call.user.id, text, files=[row.id for row in rows])
    bots.announce(call.portal, call.user, chat, message)
    return {
        "FILES": {f"upload{row.id}": _show(call, chat, row) | {"date": {}} for row in rows},
        "DISK_ID": [str(row.id) for row in rows],
        "FILE_MODELS": {f"upload{row.id}": _model(row) for row in rows},
        "MESSAGE_ID": message.id,
    }


def _copied(call: Call, chat: Chat, row: DiskObject) -> DiskObject:
    return chats_files.add_file(call.portal, chat, call.user, row.name, row.versions[-1].content)


def _model(row: DiskObject) -> Params:
    version = row.versions[-1]
    mark = hashlib.sha256(f"{row.id}:{version.id}".encode()).hexdigest()
    return {
        "id": row.id,
        "name": row.name,
        "createTime": {},
        "updateTime": {},
        "deleteTime": None,
        "code": None,
        "xmlId": None,
        "storageId": row.storage_id,
        "realObjectId": row.id,
        "parentId": row.parent_id,
        "deletedType": 0,
        "createdBy": str(row.created_by),
        "updatedBy": str(row.updated_by),
        "deletedBy": "0",
        "uniqueCode": mark[:20],
        "typeFile": 2,
        "globalContentVersion": row.content_version,
        "fileId": version.file_id,
        "size": len(version.content),
        "etag": mark[-32:],
        "links": {
            "download": f"/docs/{row.id}/download/",
            "showInGrid": f"/docs/{row.parent_id}/",
            "preview": f"/docs/{row.id}/download/",
        },
    }


@method("im.disk.file.delete", scope="im", doc=_FILES + "im-disk-file-delete.md", upper=True,
        params="CHAT_ID FILE_ID")  # fmt: skip
def file_delete(call: Call) -> Json:
    """Delete one's own file from a chat; another's stays, and that is no error."""
    if call.number("CHAT_ID") <= 0:
        raise chat_id_empty()
    if call.number("FILE_ID") <= 0:
        raise RestError("FILE_ID_EMPTY", "File ID can't be empty")
    chat = call.state.chats.get(call.number("CHAT_ID"))
    row = chats_files.find_file(call.portal, call.number("FILE_ID"))
    if chat is None or row is None or not chats.may_write(call.portal, chat, call.user):
        return False
    if row.parent_id != chat.folder_id:
        return False
    if row.created_by == call.user.id:
        row.deleted, row.deleted_at, row.deleted_by = True, call.portal.clock.now(), call.user.id
    return True


@method("im.disk.file.save", scope="im", doc=_FILES + "im-disk-file-save.md", upper=True,
        params="FILE_ID", reads=False)  # fmt: skip
def file_save(call: Call) -> Json:
    """Copy a file of a chat to the caller's own drive."""
    if call.number("FILE_ID") <= 0:
        raise RestError("FILE_ID_EMPTY", "File ID can't be empty")
    row = chats_files.find_file(call.portal, call.number("FILE_ID"))
    chat = chats_files.chat_of(call.portal, row) if row else None
    if row is None or chat is None or not chats.may_read(call.portal, chat, call.user):
        raise RestError("FILE_SAVE_ERROR", "File ID can't be saved")
    folder = _saved_folder(call)
    content = row.versions[-1].content
    made = disk.add_file(call.portal, call.user, folder, row.name, content, unique_name=True)
    return {
        "folder": {"id": folder.id, "name": folder.name},
        "file": {"id": made.id, "name": made.name},
    }


def _saved_folder(call: Call) -> DiskObject:
    rows = call.state.storages.values()
    own = next(row for row in rows if (row.entity_type, row.entity_id) == ("user", str(call.user.id)))
    root = call.state.objects[own.root_id]
    for row in disk.children_of(call.portal, root):
        if (row.kind, row.name) == ("folder", _SAVED):
            return row
    return disk.add_folder(call.portal, call.user, root, _SAVED)
