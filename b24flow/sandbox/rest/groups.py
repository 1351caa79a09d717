"""Workgroups and their members (api-reference/sonet-group/**).

Texts of refusals differ from method to method on the box too, so each names its own.
"""

from __future__ import annotations

from dataclasses import replace

from b24flow.sandbox.model import groups as model
from b24flow.sandbox.model.groups import refuse
from b24flow.sandbox.model.groups_rows import Group
from b24flow.sandbox.registry import Call, Page, method, paginate
from b24flow.sandbox.rest.groups_fields import (
    FILTERED,
    fits,
    image_url,
    order,
    put_fields,
    read_fields,
    show_group,
)
from b24flow.sandbox.wire import Json, Params, as_int, is_yes

_DOC = "api-reference/sonet-group/"
_FIELDS = (
    "NAME DESCRIPTION VISIBLE OPENED CLOSED KEYWORDS INITIATE_PERMS PROJECT PROJECT_DATE_START "
    "PROJECT_DATE_FINISH SCRUM_MASTER_ID OWNER_ID IMAGE IMAGE_FILE_ID SITE_ID SUBJECT_ID"
)
_NOT_FOUND = "Socialnetwork group not found"
_PLACES = "без экстранета и чата группы"


def _group(call: Call, name: str = "GROUP_ID", wrong: str = "Wrong group ID") -> Group:
    number = call.number(name)
    if number <= 0:
        raise refuse(wrong)
    group = call.state.groups.get(number)
    if group is None:
        raise refuse(_NOT_FOUND)
    return group


def _users(call: Call) -> list[int]:
    ids = [as_int(one) for one in call.values("USER_ID")]
    if not ids or any(one <= 0 for one in ids):
        raise refuse("Wrong user IDs")
    return list(dict.fromkeys(ids))


def _strings(ids: list[int]) -> Json:
    return [str(one) for one in ids]


@method("sonet_group.create", scope="sonet_group", doc=_DOC + "sonet-group-create.md", params=_FIELDS,
        partial=_PLACES)  # fmt: skip
def create(call: Call) -> Json:
    """Create a group; the caller owns it unless an administrator names somebody else."""
    changes = read_fields(call)
    group = model.create(call.portal, call.user, call.text("NAME"), call.number("OWNER_ID"))
    put_fields(group, changes)
    group.project = is_yes(call.params.get("PROJECT"))
    return group.id


@method("sonet_group.update", scope="sonet_group", doc=_DOC + "sonet-group-update.md",
        params="GROUP_ID " + _FIELDS, partial=_PLACES)  # fmt: skip
def update(call: Call) -> Json:
    """Change a group as its owner or an administrator."""
    group = _group(call)
    if not model.may_manage(group, call.user):
        raise refuse("User has no permissions to update group")
    if "NAME" in call.params and not call.text("NAME").strip():
        raise refuse("Cannot update group")
    owner = call.number("OWNER_ID")
    if owner and call.portal.active_user(owner) is None:
        raise refuse("Cannot update group")
    put_fields(group, read_fields(call))
    if owner:
        model.set_owner(call.portal, group, owner)
    model.touched(call.portal, group, call.user)
    return group.id


@method("sonet_group.delete", scope="sonet_group", doc=_DOC + "sonet-group-delete.md", params="GROUP_ID")
def delete(call: Call) -> Json:
    """Delete a group as its owner or an administrator."""
    model.delete(call.portal, call.user, _group(call))
    return True


@method("sonet_group.setowner", scope="sonet_group", doc=_DOC + "sonet-group-setowner.md",
        params="GROUP_ID USER_ID")  # fmt: skip
def setowner(call: Call) -> Json:
    """Hand a group over."""
    group = call.state.groups.get(call.number("GROUP_ID"))
    if group is None:
        raise refuse("Invalid workgroup/project ID")
    model.hand_over(call.portal, call.user, group, call.number("USER_ID"))
    return True


@method("sonet_group.get", scope="sonet_group", doc=_DOC + "sonet-group-get.md",
        params="ORDER FILTER GROUP_ID IS_ADMIN", partial="без экстранета: IS_EXTRANET всегда N")  # fmt: skip
def get(call: Call) -> Page:
    """List the groups the caller sees; an administrator sees all of them with `IS_ADMIN=Y`."""
    everything = call.user.admin and is_yes(call.params.get("IS_ADMIN"))
    conditions = call.optional_map("FILTER")
    call.note_unknown("unknown_filter", {key.lstrip("!<>=%?"): one for key, one in conditions.items()},
                      FILTERED)  # fmt: skip
    if call.number("GROUP_ID"):
        conditions = conditions | {"=ID": call.number("GROUP_ID")}
    seen = (row for row in call.state.groups.values() if everything or model.may_see(row, call.user))
    rows = order(call, [row for row in seen if fits(call, row, conditions)])
    page = paginate(call, rows)
    return replace(page, result=[show_group(call, row) for row in page.result])


@method("sonet_group.feature.access", scope="sonet_group", doc=_DOC + "sonet-group-feature-access.md",
        params="GROUP_ID FEATURE OPERATION", reads=True,
        partial="права инструментов не настраиваются: чтение и создание — участникам, остальное — "
                "модераторам")  # fmt: skip
def feature_access(call: Call) -> Json:
    """Say whether the caller may do an operation in a group; in an unknown one he may nothing."""
    if call.number("GROUP_ID") <= 0:
        raise refuse("Wrong socialnetwork group ID")
    feature, operation = call.text("FEATURE").lower(), call.text("OPERATION").lower()
    if feature not in model.OPERATIONS:
        raise refuse("Wrong feature")
    if operation not in model.OPERATIONS[feature]:
        raise refuse("Wrong operation")
    group = call.state.groups.get(call.number("GROUP_ID"))
    return group is not None and model.may_do(group, call.user, feature, operation)


@method("sonet_group.user.groups", scope="sonet_group", doc=_DOC + "sonet-group-user-groups.md", reads=True)
def user_groups(call: Call) -> Json:
    """List the caller's own groups with his role in each."""
    return [_membership(call, group) for group in model.groups_of(call.portal, call.user)]


def _membership(call: Call, group: Group) -> Params:
    return {
        "GROUP_ID": str(group.id),
        "GROUP_NAME": group.name,
        "ROLE": model.role_of(group, call.user.id),
        "GROUP_IMAGE_ID": str(group.image) if group.image else None,
        "GROUP_IMAGE": image_url(call, group),
    }


@method("sonet_group.user.get", scope="sonet_group", doc=_DOC + "members/sonet-group-user-get.md",
        params="ID")  # fmt: skip
def user_get(call: Call) -> Json:
    """List the active members of a group the caller sees."""
    group = _group(call, "ID", "Wrong socialnetwork group ID")
    if not (call.user.admin or model.may_see(group, call.user)):
        raise refuse(_NOT_FOUND)
    people = ((one, role) for one, role in group.members.items() if call.portal.active_user(one))
    return [{"USER_ID": str(one), "ROLE": role} for one, role in people]


@method("sonet_group.user.add", scope="sonet_group", doc=_DOC + "members/sonet-group-user-add.md",
        params="GROUP_ID USER_ID")  # fmt: skip
def user_add(call: Call) -> Json:
    """Put people into a group without an invitation, as an administrator."""
    group, ids = _group(call), _users(call)
    if not call.user.admin:
        raise refuse("No permissions to add users")
    return _strings(model.add_members(call.portal, group, ids))


@method("sonet_group.user.delete", scope="sonet_group", doc=_DOC + "members/sonet-group-user-delete.md",
        params="GROUP_ID USER_ID")  # fmt: skip
def user_delete(call: Call) -> Json:
    """Take people out of a group, as an administrator."""
    group, ids = _group(call), _users(call)
    if not call.user.admin:
        raise refuse("No permissions to update users role")
    return _strings(model.remove_members(group, ids))


@method("sonet_group.user.update", scope="sonet_group", doc=_DOC + "members/sonet-group-user-update.md",
        params="GROUP_ID USER_ID ROLE")  # fmt: skip
def user_update(call: Call) -> Json:
    """Make people moderators or participants, as an administrator."""
    group = _group(call)
    if call.text("ROLE") not in (model.MODERATOR, model.PARTICIPANT):
        raise refuse("Incorrect role code")
    ids = _users(call)
    if not call.user.admin:
        raise refuse("No permissions to update users role")
    return _strings(model.set_role(group, ids, call.text("ROLE")))


@method("sonet_group.user.invite", scope="sonet_group", doc=_DOC + "members/sonet-group-user-invite.md",
        params="GROUP_ID USER_ID MESSAGE")  # fmt: skip
def user_invite(call: Call) -> Json:
    """Invite people; whoever may not invite invites nobody."""
    group, ids = _group(call), _users(call)
    if not (call.user.admin or model.may_see(group, call.user)):
        raise refuse(_NOT_FOUND)
    return _strings(model.invite(call.portal, call.user, group, ids, call.text("MESSAGE")))


@method("sonet_group.user.request", scope="sonet_group", doc=_DOC + "members/sonet-group-user-request.md",
        params="GROUP_ID MESSAGE")  # fmt: skip
def user_request(call: Call) -> Json:
    """Ask to join a group; an open one lets the caller in at once."""
    group = _group(call)
    if not model.may_see(group, call.user):
        raise refuse(_NOT_FOUND)
    model.ask_to_join(call.portal, group, call.user, call.text("MESSAGE"))
    return True
