"""Workgroups: who sees them, who joins them and who rules them.

Facts: api-reference/sonet-group/**. A group's owner leaves it only by handing it over. Refusals of
this part of the box have no code, only a text.
"""

from __future__ import annotations

from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.groups_rows import Group
from b24flow.sandbox.model.notices import notify
from b24flow.sandbox.model.portal import Portal
from b24flow.sandbox.wire import RestError

OWNER, MODERATOR, PARTICIPANT = "A", "E", "K"
BY_USER, BY_GROUP = "U", "G"
_RANK = {OWNER: 3, MODERATOR: 2, PARTICIPANT: 1, "": 0}
_ALL, _STAFF = PARTICIPANT, MODERATOR
OPERATIONS: dict[str, dict[str, str]] = {
    "photo": {"view": _ALL, "write": _STAFF},
    "calendar": {"view": _ALL, "write": _ALL},
    "tasks": {
        "view": _ALL,
        "view_all": _ALL,
        "sort": _STAFF,
        "create_tasks": _ALL,
        "edit_tasks": _STAFF,
        "delete_tasks": _STAFF,
    },
    "files": {"view": _ALL, "write": _ALL},
    "blog": {
        "view_post": _ALL,
        "premoderate_post": _ALL,
        "write_post": _ALL,
        "moderate_post": _STAFF,
        "full_post": _STAFF,
        "view_comment": _ALL,
        "premoderate_comment": _ALL,
        "write_comment": _ALL,
        "moderate_comment": _STAFF,
        "full_comment": _STAFF,
    },
}


def refuse(text: str) -> RestError:
    """Build a refusal of the social network: an empty code and a text."""
    return RestError("", text)


def role_of(group: Group, user_id: int) -> str:
    """Return a user's role, empty for a stranger."""
    return group.members.get(user_id, "")


def may_see(group: Group, user: Employee) -> bool:
    """Say whether a user finds a group in lists: it is visible or he belongs to it."""
    return group.visible or user.id in group.members or user.id in group.pending


def may_manage(group: Group, user: Employee) -> bool:
    """Say whether a user may change or delete a group."""
    return user.admin or group.owner_id == user.id


def may_invite(group: Group, user: Employee) -> bool:
    """Say whether a user may invite others, by the group's own setting."""
    enough = _RANK[role_of(group, user.id)] >= _RANK[group.initiate_perms]
    return user.admin or enough


def may_do(group: Group, user: Employee, feature: str, operation: str) -> bool:
    """Say whether a user may do an operation of a feature by the usual settings of a group."""
    if group.closed and not operation.startswith("view"):
        return False
    needed = OPERATIONS[feature][operation]
    return user.admin or _RANK[role_of(group, user.id)] >= _RANK[needed]


def groups_of(portal: Portal, user: Employee) -> list[Group]:
    """Return the groups a user is a member of."""
    return [group for group in portal.state.groups.values() if user.id in group.members]


def visible_groups(portal: Portal, user: Employee) -> list[Group]:
    """Return the groups a user sees on the portal, administrators all of them."""
    return [group for group in portal.state.groups.values() if user.admin or may_see(group, user)]


def create(portal: Portal, user: Employee, name: str, owner_id: int = 0) -> Group:
    """Create a group; only an administrator may name another owner."""
    owner = owner_id if owner_id and user.admin else user.id
    if not name.strip() or portal.active_user(owner) is None:
        raise refuse("Cannot create group")
    now = portal.clock.now()
    group = Group(
        id=portal.state.next_id("group"),
        name=name,
        created=now,
        updated=now,
        activity=now,
        members={owner: OWNER},
    )
    portal.state.groups[group.id] = group
    _tell(portal, "ONSONETGROUPADD", group, user)
    return group


def touched(portal: Portal, group: Group, user: Employee) -> None:
    """Note that a group was edited."""
    group.updated = group.activity = portal.clock.now()
    _tell(portal, "ONSONETGROUPUPDATE", group, user)


def delete(portal: Portal, user: Employee, group: Group) -> None:
    """Delete a group for good."""
    if not may_manage(group, user):
        raise refuse("User has no permissions to delete group")
    del portal.state.groups[group.id]
    _tell(portal, "ONSONETGROUPDELETE", group, user)


def _tell(portal: Portal, event: str, group: Group, user: Employee) -> None:
    raise_event(portal, event, {"FIELDS": {"ID": str(group.id)}}, user_id=user.id)


def hand_over(portal: Portal, user: Employee, group: Group, new_owner: int) -> None:
    """Make somebody else the owner; the former owner stays a participant."""
    if portal.active_user(new_owner) is None:
        raise refuse("Invalid user ID")
    if not may_manage(group, user):
        raise refuse("Insufficient permissions to complete the operation.")
    set_owner(portal, group, new_owner)


def set_owner(portal: Portal, group: Group, new_owner: int) -> None:
    """Put another owner into a group, a stranger too."""
    if new_owner == group.owner_id:
        return
    group.members[group.owner_id] = PARTICIPANT
    group.members[new_owner] = OWNER
    group.pending.pop(new_owner, None)
    group.activity = portal.clock.now()


def add_members(portal: Portal, group: Group, user_ids: list[int]) -> list[int]:
    """Put employees into a group without asking them; return those who were not in it."""
    added = [one for one in user_ids if portal.active_user(one) and one not in group.members]
    for one in added:
        group.members[one] = PARTICIPANT
        group.pending.pop(one, None)
    return added


def remove_members(group: Group, user_ids: list[int]) -> list[int]:
    """Take people out of a group, except its owner and its scrum master; return whom."""
    kept = {group.owner_id, group.scrum_master_id}
    removed = [one for one in user_ids if one in group.members and one not in kept]
    for one in removed:
        del group.members[one]
    return removed


def set_role(group: Group, user_ids: list[int], role: str) -> list[int]:
    """Give members a role, except the owner; return whom."""
    changed = [one for one in user_ids if one in group.members and one != group.owner_id]
    for one in changed:
        group.members[one] = role
    return changed


def invite(portal: Portal, user: Employee, group: Group, user_ids: list[int], message: str = "") -> list[int]:
    """Invite employees who are not in a group yet; return whom, nobody if the user may not."""
    if not may_invite(group, user):
        return []
    new = [one for one in user_ids if portal.active_user(one)]
    new = [one for one in new if one not in group.members and one not in group.pending]
    for one in new:
        group.pending[one] = BY_GROUP
        notify(portal, one, user.id, f"Вас приглашают в группу «{group.name}». {message}".strip())
    return new


def ask_to_join(portal: Portal, group: Group, user: Employee, message: str = "") -> None:
    """Join an open group at once, or ask the owner and the moderators of a closed one."""
    if user.id in group.members or group.pending.get(user.id) == BY_USER:
        raise refuse("Cannot request to join group")
    if group.opened or group.pending.get(user.id) == BY_GROUP:
        group.pending.pop(user.id, None)
        group.members[user.id] = PARTICIPANT
    else:
        group.pending[user.id] = BY_USER
        text = f"{user.full_name} просит принять в группу «{group.name}». {message}".strip()
        for one in [one for one, role in group.members.items() if role in (OWNER, MODERATOR)]:
            notify(portal, one, user.id, text)


def answer_invitation(group: Group, user: Employee, *, agrees: bool) -> bool:
    """Accept or decline an invitation as the invited one; False when there is none."""
    if group.pending.get(user.id) != BY_GROUP:
        return False
    del group.pending[user.id]
    if agrees:
        group.members[user.id] = PARTICIPANT
    return True


def answer_request(group: Group, user: Employee, asking: int, *, agrees: bool) -> bool:
    """Let somebody who asked into a group, or not; False when the user may not or nobody asked."""
    may = user.admin or role_of(group, user.id) in (OWNER, MODERATOR)
    if not may or group.pending.get(asking) != BY_USER:
        return False
    del group.pending[asking]
    if agrees:
        group.members[asking] = PARTICIPANT
    return True
