"""The portal's memory and its identifiers; one copy of it is a snapshot.

Ids are counters kept inside the state, so a restored snapshot hands the same numbers out again,
as a real box does after its backup is restored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from b24flow.sandbox.model import entities as e
from b24flow.sandbox.model import landing_rows as sites
from b24flow.sandbox.model.crm_rows import Activity, AutomatedSolution, Mail
from b24flow.sandbox.model.feed_rows import FeedPost
from b24flow.sandbox.model.groups_rows import Group
from b24flow.sandbox.model.indexes import RowIndex
from b24flow.sandbox.model.openlines_rows import Line, LineClient, LineSession, QuickAnswer


@dataclass(slots=True, kw_only=True)
class State:
    """Everything that survives in the portal's database."""

    counters: dict[str, int] = field(default_factory=dict)
    salt: str = ""
    users: dict[int, e.Employee] = field(default_factory=dict)
    departments: dict[int, e.Department] = field(default_factory=dict)
    webhooks: list[e.Webhook] = field(default_factory=list)
    apps: dict[int, e.App] = field(default_factory=dict)
    tokens: dict[str, e.Token] = field(default_factory=dict)
    auth_codes: dict[str, e.AuthCode] = field(default_factory=dict)
    event_tokens: dict[str, str] = field(default_factory=dict)
    event_bindings: dict[int, e.EventBinding] = field(default_factory=dict)
    offline_events: dict[int, e.OfflineEvent] = field(default_factory=dict)
    offline_open: dict[str, int] = field(default_factory=dict)
    placements: dict[int, e.PlacementBinding] = field(default_factory=dict)
    absences: list[e.Absence] = field(default_factory=list)
    groups: dict[int, Group] = field(default_factory=dict)
    posts: dict[int, FeedPost] = field(default_factory=dict)
    feed_tags: dict[str, int] = field(default_factory=dict)
    landing_sites: dict[int, sites.LandingSite] = field(default_factory=dict)
    landing_folders: dict[int, sites.LandingFolder] = field(default_factory=dict)
    landing_pages: dict[int, sites.LandingPage] = field(default_factory=dict)
    landing_blocks: dict[int, sites.LandingBlock] = field(default_factory=dict)
    landing_bindings: dict[int, sites.LandingBinding] = field(default_factory=dict)
    landing_rights: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    types: dict[int, e.SpaType] = field(default_factory=dict)
    categories: dict[int, e.Category] = field(default_factory=dict)
    statuses: dict[int, e.Status] = field(default_factory=dict)
    user_fields: dict[int, e.UserField] = field(default_factory=dict)
    items: dict[int, dict[int, e.Item]] = field(default_factory=dict)
    item_index: dict[int, RowIndex] = field(default_factory=dict)
    stage_moves: list[e.StageMove] = field(default_factory=list)
    timeline: dict[int, e.TimelineRecord] = field(default_factory=dict)
    timeline_index: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    automated_solutions: dict[int, AutomatedSolution] = field(default_factory=dict)
    activities: dict[int, Activity] = field(default_factory=dict)
    mail: dict[int, Mail] = field(default_factory=dict)
    crm_cache: dict[Any, Any] = field(default_factory=dict)
    card_layouts: dict[str, Any] = field(default_factory=dict)
    tasks: dict[int, e.Task] = field(default_factory=dict)
    task_index: RowIndex = field(default_factory=RowIndex)
    task_changes: list[e.TaskChange] = field(default_factory=list)
    task_results: dict[int, e.TaskResult] = field(default_factory=dict)
    checklist: dict[int, e.ChecklistItem] = field(default_factory=dict)
    chats: dict[int, e.Chat] = field(default_factory=dict)
    messages: dict[int, e.Message] = field(default_factory=dict)
    message_uuids: dict[str, int] = field(default_factory=dict)
    notices: dict[int, e.Notice] = field(default_factory=dict)
    notice_chats: dict[int, int] = field(default_factory=dict)
    user_statuses: dict[int, str] = field(default_factory=dict)
    user_idle: dict[int, datetime] = field(default_factory=dict)
    im_subscribers: list[int] = field(default_factory=list)
    im_searched: dict[int, list[str]] = field(default_factory=dict)
    user_active: dict[int, datetime] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    line_clients: dict[int, LineClient] = field(default_factory=dict)
    line_sessions: dict[int, LineSession] = field(default_factory=dict)
    quick_answers: dict[int, QuickAnswer] = field(default_factory=dict)
    bots: dict[int, e.Bot] = field(default_factory=dict)
    commands: dict[int, e.BotCommand] = field(default_factory=dict)
    bot_events: list[e.BotEvent] = field(default_factory=list)
    storages: dict[int, e.Storage] = field(default_factory=dict)
    objects: dict[int, e.DiskObject] = field(default_factory=dict)
    attached: dict[int, e.AttachedObject] = field(default_factory=dict)
    files: dict[int, e.StoredFile] = field(default_factory=dict)
    crm_rights: dict[str, Any] = field(default_factory=dict)

    def next_id(self, table: str, first: int = 1) -> int:
        """Return the next id of a table; `first` is the number the table starts with."""
        value = self.counters.get(table, first - 1) + 1
        self.counters[table] = value
        return value
