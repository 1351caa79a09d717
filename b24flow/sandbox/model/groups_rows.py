"""Rows of workgroups: apart from their rules so that the portal's memory may know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Group:
    """A workgroup or a project.

    `members` maps a user to a role: `A` owner, `E` moderator, `K` participant. `pending` maps a user
    who is not a member yet to whoever began it: `U` he asked to join, `G` the group invited him.
    `image` is an id in the portal's file table, 0 for none.
    """

    id: int
    name: str
    created: datetime
    updated: datetime
    activity: datetime
    members: dict[int, str]
    description: str | None = None
    keywords: str | None = None
    active: bool = True
    visible: bool = True
    opened: bool = False
    closed: bool = False
    initiate_perms: str = "K"
    project: bool = False
    project_start: datetime | None = None
    project_finish: datetime | None = None
    scrum_master_id: int = 0
    subject_id: int = 1
    site_ids: list[str] = field(default_factory=lambda: ["s1"])
    image: int = 0
    pending: dict[int, str] = field(default_factory=dict)

    @property
    def owner_id(self) -> int:
        """The user whose role is the owner's."""
        return next(user for user, role in self.members.items() if role == "A")
