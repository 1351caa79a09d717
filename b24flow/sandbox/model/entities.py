"""The rows the portal keeps. Plain mutable records: rules live in the modules beside this one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(slots=True, kw_only=True)
class Employee:
    """A user of the portal; a bot is a user too, and so is a `system` one that keeps webhooks.

    `profile` keeps the fields that have no meaning here under their REST names. `invited` is true
    from the invitation until the first entrance; `registered`, `changed` and `last_login` are moments.
    """

    id: int
    name: str
    last_name: str
    second_name: str = ""
    email: str = ""
    position: str = ""
    gender: str = ""
    phone: str = ""
    departments: list[int] = field(default_factory=list)
    active: bool = True
    admin: bool = False
    is_bot: bool = False
    system: bool = False
    extranet: bool = False
    invited: bool = False
    registered: datetime | None = None
    changed: datetime | None = None
    last_login: datetime | None = None
    profile: dict[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """Given name and surname, as the portal shows a user."""
        return f"{self.name} {self.last_name}".strip()


@dataclass(slots=True, kw_only=True)
class Department:
    """A node of the company structure."""

    id: int
    name: str
    parent: int | None
    head: int | None = None
    sort: int = 500


@dataclass(slots=True, kw_only=True)
class Webhook:
    """An incoming webhook: acts with its owner's rights inside its scopes.

    The address has its owner's id; after his dismissal `system_user` may act in his place.
    """

    user_id: int
    code: str
    scopes: tuple[str, ...]
    id: int = 0
    title: str = ""
    system_user: int = 0


@dataclass(slots=True, kw_only=True)
class App:
    """A local application: registered by an administrator, installed by its installation page.

    `installed` turns true when `installFinish` is called (at once for `api_only`); until then its
    placements are hidden and its events are not sent. `users` is who may open it; empty means all.
    """

    id: int
    client_id: str
    client_secret: str
    title: str
    scopes: tuple[str, ...]
    handler_url: str = ""
    install_url: str = ""
    api_only: bool = False
    installed: bool = False
    application_token: str = ""
    created_by: int = 0
    users: list[int] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    user_options: dict[int, dict[str, Any]] = field(default_factory=dict)
    version: int = 1


@dataclass(slots=True, kw_only=True)
class Token:
    """A pair of OAuth tokens of one user in one application."""

    access: str
    refresh: str
    app_id: int
    user_id: int
    scopes: tuple[str, ...]
    expires: datetime
    refresh_expires: datetime
    hops: int = 0  # handlers called one out of another before this token was given out


@dataclass(slots=True, kw_only=True)
class AuthCode:
    """A one-time authorisation code on its way from the portal to the application."""

    code: str
    app_id: int
    user_id: int
    expires: datetime


@dataclass(slots=True, kw_only=True)
class EventBinding:
    """A handler of an event: online (`handler` is an address) or offline (`connector`)."""

    id: int
    app_id: int
    event: str
    handler: str = ""
    user_id: int = 0
    offline: bool = False
    connector: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    pinged: datetime | None = None  # when ONOFFLINEEVENT was sent last


@dataclass(slots=True, kw_only=True)
class OfflineEvent:
    """A row of the offline queue; a repeated event with the same data moves `moment` only."""

    id: int
    app_id: int
    connector: str
    event: str
    data: Any
    additional: Any
    message_id: str
    moment: datetime
    process_id: str = ""
    error: bool = False


@dataclass(slots=True, kw_only=True)
class PlacementBinding:
    """A handler of a place in the portal's pages; `user_id` 0 means everybody."""

    id: int
    app_id: int
    placement: str
    handler: str
    user_id: int = 0
    title: str = ""
    description: str = ""
    group_name: str = ""
    langs: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class SpaType:
    """A smart process."""

    id: int
    entity_type_id: int
    title: str
    flags: dict[str, bool]
    linked: dict[str, bool]
    relations: dict[str, Any]
    created_by: int
    created: datetime
    updated_by: int
    updated: datetime
    solution_id: int = 0


@dataclass(slots=True, kw_only=True)
class Category:
    """A pipeline of a smart process, of deals, contacts or companies."""

    id: int
    entity_type_id: int
    name: str
    sort: int
    is_default: bool
    origin_id: str = ""
    originator_id: str = ""


@dataclass(slots=True, kw_only=True)
class Status:
    """A row of a directory; a stage when the directory is `DYNAMIC_…_STAGE_…`."""

    id: int
    entity_id: str
    status_id: str
    name: str
    name_init: str
    sort: int
    system: bool
    color: str
    semantics: str
    category_id: int | None


@dataclass(slots=True, kw_only=True)
class UserField:
    """A user field of a smart process; `name` is `UF_CRM_{type id}_{CODE}`."""

    id: int
    entity_id: str
    name: str
    kind: str
    multiple: bool
    mandatory: bool
    sort: int
    xml_id: str | None
    labels: dict[str, str]
    help: dict[str, str]
    settings: dict[str, Any]
    flags: dict[str, str]
    enum: list[EnumValue] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class EnumValue:
    """A value of a list field."""

    id: int
    value: str
    default: bool
    sort: int
    xml_id: str


@dataclass(slots=True, kw_only=True)
class Item:
    """An element of a smart process. `values` is keyed by camelCase name or upper UF name."""

    id: int
    entity_type_id: int
    values: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class StageMove:
    """A row of the stage history."""

    id: int
    kind: int
    entity_type_id: int
    item_id: int
    created: datetime
    category_id: int
    semantics: str
    stage_id: str
    user_id: int


@dataclass(slots=True, kw_only=True)
class TimelineRecord:
    """A comment (`comment`), a log message (`log`) or a change of a field (`change`)."""

    id: int
    kind: str
    entity_type: str
    entity_id: int
    author_id: int
    created: datetime
    text: str
    title: str = ""
    icon: str = ""
    files: list[int] = field(default_factory=list)
    app_id: int = 0


@dataclass(slots=True, kw_only=True)
class Task:
    """A task; `extra` holds the documented fields that have no behaviour here.

    `favorite`, `pinned` and `muted` are the users who marked the task so for themselves.
    """

    id: int
    title: str
    description: str
    created_by: int
    responsible_id: int
    created: datetime
    changed: datetime
    changed_by: int
    activity: datetime
    status: int = 2
    status_changed: datetime | None = None
    status_changed_by: int | None = None
    deadline: datetime | None = None
    start: datetime | None = None
    closed: datetime | None = None
    closed_by: int | None = None
    control: bool = False
    allow_deadline: bool = False
    priority: int = 1
    xml_id: str | None = None
    guid: str = ""
    parent_id: int | None = None
    group_id: int = 0
    accomplices: list[int] = field(default_factory=list)
    auditors: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    crm: list[str] = field(default_factory=list)
    attachments: list[int] = field(default_factory=list)
    parameters: dict[int, str] = field(default_factory=dict)
    chat_id: int = 0
    deleted: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    favorite: list[int] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    muted: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class ChecklistItem:
    """A step of a task's checklist; a checklist itself is an item without a parent (0).

    `members` maps a user to a role: `A` takes part, `U` watches.
    """

    id: int
    task_id: int
    parent_id: int
    created_by: int
    title: str
    sort: int = 0
    complete: bool = False
    important: bool = False
    toggled_by: int | None = None
    toggled: datetime | None = None
    members: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class TaskChange:
    """A line of a task's history."""

    id: int
    task_id: int
    created: datetime
    field: str
    old: str | None
    new: str | None
    user_id: int


@dataclass(slots=True, kw_only=True)
class TaskResult:
    """A result of a task; closed when the task is completed.

    `message_id` is the message of the task's chat it was made of.
    """

    id: int
    task_id: int
    text: str
    author_id: int
    created: datetime
    updated: datetime | None = None
    closed: bool = False
    files: list[int] = field(default_factory=list)
    message_id: int | None = None


@dataclass(slots=True, kw_only=True)
class Chat:
    """A conversation: `private` of two users, `tasks`, `chat`, `open` or `lines`.

    `read` is the last message each member read, `since` the first one he may see, `marked` who
    marked the chat unread by hand, `pinned` and `hidden` how it stands in members' recent lists.
    """

    id: int
    kind: str
    title: str
    members: list[int]
    entity_type: str = ""
    entity_id: str = ""
    entity_data: list[str] = field(default_factory=lambda: ["", "", ""])
    description: str = ""
    color: str = "#ab7761"
    avatar: str = ""
    owner_id: int = 0
    created: datetime | None = None
    managers: list[int] = field(default_factory=list)
    muted: list[int] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=dict)
    read_at: dict[int, datetime] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    marked: list[int] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    text_field: bool = True
    folder_id: int = 0


@dataclass(slots=True, kw_only=True)
class Message:
    """A message of a chat; author 0 is the system. `reactions` is who set which."""

    id: int
    chat_id: int
    author_id: int
    created: datetime
    text: str
    uuid: str = ""
    system: bool = False
    attach: Any = None
    keyboard: Any = None
    menu: Any = None
    reply_to: int = 0
    forward: dict[str, Any] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    reactions: dict[str, list[int]] = field(default_factory=dict)
    files: list[int] = field(default_factory=list)
    updated: datetime | None = None
    deleted: bool = False
    pressed_by: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Notice:
    """A notification of the bell; `tag` and `sub_tag` are kept for applications only."""

    id: int
    to: int
    author_id: int
    created: datetime
    text: str
    tag: str = ""
    sub_tag: str = ""
    attach: Any = None
    module: str = "rest"
    event: str = "rest_notify"
    read: bool = False


@dataclass(slots=True, kw_only=True)
class Bot:
    """A chat bot; `id` is the id of its user. An application's bot has no token."""

    id: int
    code: str
    token: str
    kind: str
    event_mode: str
    flags: dict[str, bool]
    background_id: Any = None
    webhook_url: str = ""
    owner_id: int = 0
    app_id: int = 0


@dataclass(slots=True, kw_only=True)
class BotCommand:
    """A registered slash command; `name` is without the slash."""

    id: int
    bot_id: int
    name: str
    title: Any
    params: Any
    common: bool
    hidden: bool
    extranet: bool


@dataclass(slots=True, kw_only=True)
class BotEvent:
    """An event waiting for `imbot.v2.Event.get`."""

    id: int
    bot_id: int
    kind: str
    created: datetime
    data: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Storage:
    """A drive: of the company (`common`), of one user (`user`) or of an application (`restapp`)."""

    id: int
    name: str
    entity_type: str
    entity_id: str
    root_id: int


@dataclass(slots=True, kw_only=True)
class DiskObject:
    """A folder or a file of a drive; `versions` is newest last and empty for a folder.

    `with_parent` says that it went to the recycle bin inside a folder; `rights` are levels granted
    on this very object by access code (`U9`, `D2`, `DR2`, `*`); `link` is the code of its public link.
    """

    id: int
    storage_id: int
    parent_id: int | None
    name: str
    kind: str
    created: datetime
    updated: datetime
    created_by: int
    updated_by: int
    deleted: bool = False
    content_version: int = 1
    versions: list[FileVersion] = field(default_factory=list)
    with_parent: bool = False
    deleted_at: datetime | None = None
    deleted_by: int | None = None
    rights: dict[str, str] = field(default_factory=dict)
    link: str = ""


@dataclass(slots=True, kw_only=True)
class FileVersion:
    """One stored content of a file; `file_id` is the id in the portal's file table."""

    id: int
    file_id: int
    name: str
    content: bytes
    created: datetime
    created_by: int
    number: int


@dataclass(slots=True, kw_only=True)
class AttachedObject:
    """A disk file attached to a task."""

    id: int
    object_id: int
    module: str
    entity_type: str
    entity_id: int
    created: datetime
    created_by: int


@dataclass(slots=True, kw_only=True)
class StoredFile:
    """A file that is not on a drive (file fields and timeline comments of CRM)."""

    id: int
    name: str
    content: bytes


@dataclass(slots=True, kw_only=True)
class Absence:
    """A row of the absence chart."""

    id: int
    user_id: int
    first: date
    last: date
    name: str = "Отпуск"
