"""The live feed: posts, who sees them, and who has read the important ones.

Facts: api-reference/log/**. A post is seen by its author and by those whom its recipients' codes
name; rights of an administrator do not fill his feed.
"""

from __future__ import annotations

import re
from datetime import datetime

from b24flow.sandbox.model.disk import add_file
from b24flow.sandbox.model.entities import AttachedObject, DiskObject, Employee
from b24flow.sandbox.model.events import raise_event
from b24flow.sandbox.model.feed_rows import FeedPost
from b24flow.sandbox.model.landing_sites import codes_of
from b24flow.sandbox.model.portal import Portal

_CODE = re.compile(r"UA|(U|DR|SG)([1-9]\d{0,17})")
_TITLE = 100


def known_codes(portal: Portal, codes: list[str]) -> list[str]:
    """Keep the recipients that exist: everybody, users, departments and groups."""
    tables: dict[str, dict[int, object]] = {
        "U": dict(portal.state.users),
        "DR": dict(portal.state.departments),
        "SG": dict(portal.state.groups),
    }
    found = []
    for code in codes:
        match = _CODE.fullmatch(code)
        if match and (code == "UA" or int(match[2]) in tables[match[1]]):
            found.append(code)
    return list(dict.fromkeys(found))


def may_address(portal: Portal, user: Employee, codes: list[str]) -> bool:
    """Say whether a user may write to all these recipients: to groups as a member only."""
    groups = portal.state.groups
    return user.admin or all(user.id in groups[int(one[2:])].members for one in codes if one.startswith("SG"))


def sees(portal: Portal, user: Employee, post: FeedPost) -> bool:
    """Say whether a post is in a user's feed."""
    return _addressed(post, user, codes_of(portal, user))


def _addressed(post: FeedPost, user: Employee, codes: set[str]) -> bool:
    return post.author_id == user.id or not codes.isdisjoint(post.dest)


def feed_of(portal: Portal, user: Employee) -> list[FeedPost]:
    """Return the posts a user sees, the newest first."""
    codes = codes_of(portal, user)
    rows = [post for post in portal.state.posts.values() if _addressed(post, user, codes)]
    return sorted(rows, key=lambda post: (post.created, post.id), reverse=True)


def add_post(portal: Portal, author: Employee, text: str, title: str, dest: list[str]) -> FeedPost:
    """Put a post into the feeds of its recipients."""
    post = FeedPost(
        id=portal.state.next_id("blog_post"),
        author_id=author.id,
        text=text,
        title="",
        created=portal.clock.now(),
        dest=dest,
    )
    put_title(post, title)
    portal.state.posts[post.id] = post
    _tell(portal, "ONLIVEFEEDPOSTADD", post, author)
    return post


def put_title(post: FeedPost, title: str) -> None:
    """Give a post a title; without one it is named by the beginning of its text."""
    post.micro = not title.strip()
    post.title = post.text[:_TITLE] if post.micro else title


def changed(portal: Portal, user: Employee, post: FeedPost) -> None:
    """Tell that a post was changed."""
    _tell(portal, "ONLIVEFEEDPOSTUPDATE", post, user)


def delete_post(portal: Portal, user: Employee, post: FeedPost) -> None:
    """Delete a post; the files stay on their drives."""
    for number in post.attached:
        portal.state.attached.pop(number, None)
    del portal.state.posts[post.id]
    _tell(portal, "ONLIVEFEEDPOSTDELETE", post, user)


def _tell(portal: Portal, event: str, post: FeedPost, user: Employee) -> None:
    raise_event(portal, event, {"FIELDS": {"POST_ID": str(post.id)}}, user_id=user.id)


def may_edit(user: Employee, post: FeedPost) -> bool:
    """Say whether a user may change a post."""
    return user.admin or post.author_id == user.id


def mark_important(post: FeedPost, *, important: bool, until: datetime | None) -> None:
    """Make a post important until a moment, or ordinary; who has read it is remembered."""
    post.important = important
    post.important_until = until if important else None


def mark_read(portal: Portal, user: Employee, post: FeedPost) -> bool:
    """Note that a user has read an important post; False when it is not his, not important or read."""
    if not post.important or user.id in post.read_by or not sees(portal, user, post):
        return False
    post.read_by[user.id] = portal.clock.now()
    return True


def is_important_now(portal: Portal, post: FeedPost) -> bool:
    """Say whether a post is still shown as important."""
    until = post.important_until
    return post.important and (until is None or portal.clock.now() <= until)


def tag_ids(portal: Portal, words: str) -> list[int]:
    """Return the ids of comma-separated tags, new ones included."""
    found = []
    for word in dict.fromkeys(one.strip().lstrip("#") for one in words.split(",")):
        if word:
            known = portal.state.feed_tags.get(word)
            portal.state.feed_tags[word] = number = known or portal.state.next_id("feed_tag")
            found.append(number)
    return found


def attach_row(portal: Portal, user: Employee, post: FeedPost, row: DiskObject) -> None:
    """Attach a file of a drive to a post."""
    attached = AttachedObject(
        id=portal.state.next_id("attached", 1065),
        object_id=row.id,
        module="blog",
        entity_type="blog_post",
        entity_id=post.id,
        created=portal.clock.now(),
        created_by=user.id,
    )
    portal.state.attached[attached.id] = attached
    post.attached.append(attached.id)


def upload(portal: Portal, author: Employee, post: FeedPost, name: str, content: bytes) -> None:
    """Put a file on the author's drive and attach it."""
    own = ("user", str(author.id))
    for storage in portal.state.storages.values():
        if (storage.entity_type, storage.entity_id) == own:
            root = portal.state.objects[storage.root_id]
            attach_row(portal, author, post, add_file(portal, author, root, name, content, unique_name=True))
            return
