"""Posts of the live feed (api-reference/log/log-blogpost-*.md)."""

from __future__ import annotations

from dataclasses import replace

from b24flow.sandbox.clock import parse_moment
from b24flow.sandbox.model import feed as model
from b24flow.sandbox.model.crm_fields import decode_base64
from b24flow.sandbox.model.disk import require_object
from b24flow.sandbox.model.entities import Employee
from b24flow.sandbox.model.feed_rows import FeedPost
from b24flow.sandbox.registry import PAGE_SIZE, Call, Page, method, paginate
from b24flow.sandbox.rest.log_show import show_post
from b24flow.sandbox.wire import Json, RestError, as_int, as_list, is_yes

_DOC = "api-reference/log/log-blogpost-"
_ADD_ERROR = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_ADD_ERROR"
_UPDATE_ERROR = "SONET_CONTROLLER_LIVEFEED_BLOGPOST_UPDATE_ERROR"
_UF = (
    "UF_BLOG_POST_FILE UF_BLOG_POST_IMPRTNT UF_IMPRTANT_DATE_END UF_BLOG_POST_URL_PRV UF_GRATITUDE "
    "UF_BLOG_POST_VOTE"
)
_FIELDS = (
    "POST_MESSAGE POST_TITLE DEST SPERM FILES IMPORTANT IMPORTANT_DATE_END SITE_ID USER_ID TAGS "
    "BACKGROUND_CODE PARSE_PREVIEW " + _UF
)
_EXTRAS = "без опросов, благодарностей и предпросмотра ссылок"
_MOST_READERS = 500
_MOST_ROWS = 200


def _plain(text: str) -> RestError:
    return RestError("", text)


def _author(call: Call) -> Employee:
    """The user a call writes for: another one only when an administrator names him."""
    other = call.portal.active_user(call.number("USER_ID")) if call.user.admin else None
    return other or call.user


def _recipients(call: Call, default: list[str]) -> list[str]:
    given = call.values("DEST") or call.values("SPERM")
    return model.known_codes(call.portal, [str(one) for one in given] if given else default)


@method("log.blogpost.add", scope="log", doc=_DOC + "add.md", params=_FIELDS, partial=_EXTRAS)
def add(call: Call) -> Json:
    """Publish a post, by default for everybody."""
    author, text = _author(call), call.text("POST_MESSAGE")
    if not text.strip():
        raise RestError(_ADD_ERROR, "Blog post hasn't been added")
    dest = _recipients(call, ["UA"])
    if not dest or not model.may_address(call.portal, author, dest):
        raise RestError(_ADD_ERROR, "No destination specified")
    post = model.add_post(call.portal, author, text, call.text("POST_TITLE"), dest)
    post.tags = model.tag_ids(call.portal, ",".join(str(one) for one in call.values("TAGS")))
    post.background = call.text("BACKGROUND_CODE")
    _put_importance(call, post)
    _put_files(call, author, post)
    return post.id


def _put_importance(call: Call, post: FeedPost) -> None:
    given = {"IMPORTANT", "UF_BLOG_POST_IMPRTNT", "IMPORTANT_DATE_END", "UF_IMPRTANT_DATE_END"}
    if not given & set(call.params):
        return
    flag = call.params.get("IMPORTANT", call.params.get("UF_BLOG_POST_IMPRTNT", post.important))
    written = call.text("IMPORTANT_DATE_END") or call.text("UF_IMPRTANT_DATE_END")
    until = parse_moment(written, call.portal.clock.zone) if written else post.important_until
    model.mark_important(post, important=is_yes(flag), until=until)


def _put_files(call: Call, user: Employee, post: FeedPost) -> None:
    given = call.params.get("FILES")
    if isinstance(given, dict):
        _drop(call, post, {as_int(key) for key, word in given.items() if word == "del"})
    for pair in as_list(given):
        words = as_list(pair) if isinstance(pair, list | dict) else []
        content = decode_base64(words[1]) if len(words) == 2 else None
        if content is not None:
            model.upload(call.portal, user, post, str(words[0]), content)
    if not given and "UF_BLOG_POST_FILE" in call.params:
        _keep_files(call, user, post, [str(one) for one in call.values("UF_BLOG_POST_FILE")])


def _keep_files(call: Call, user: Employee, post: FeedPost, wanted: list[str]) -> None:
    """The list is whole: attachments not named in it are taken off, `n12` attaches a file of a drive."""
    kept = {as_int(one) for one in wanted if one.isdigit()}
    _drop(call, post, set(post.attached) - kept)
    for one in wanted:
        if one.startswith("n"):
            row = require_object(call.portal, user, as_int(one[1:]), "file")
            model.attach_row(call.portal, user, post, row)


def _drop(call: Call, post: FeedPost, gone: set[int]) -> None:
    for number in gone & set(post.attached):
        post.attached.remove(number)
        call.state.attached.pop(number, None)


@method("log.blogpost.update", scope="log", doc=_DOC + "update.md", params="POST_ID " + _FIELDS,
        partial=_EXTRAS)  # fmt: skip
def update(call: Call) -> Json:
    """Change a post as its author or an administrator."""
    if call.number("POST_ID") <= 0:
        raise RestError(_UPDATE_ERROR, "Wrong post ID")
    post, user = call.state.posts.get(call.number("POST_ID")), _author(call)
    if post is None:
        raise RestError(_UPDATE_ERROR, "No post found")
    if not model.may_edit(user, post):
        raise RestError(_UPDATE_ERROR, "No write perms")
    if not call.text("POST_TITLE") and not call.text("POST_MESSAGE"):
        raise RestError("EMPTY_TITLE", "Message title is not specified.")
    post.text = call.text("POST_MESSAGE") or post.text
    model.put_title(post, call.text("POST_TITLE"))
    post.dest = _recipients(call, post.dest) or post.dest
    if "TAGS" in call.params:
        post.tags = model.tag_ids(call.portal, ",".join(str(one) for one in call.values("TAGS")))
    _put_importance(call, post)
    _put_files(call, user, post)
    model.changed(call.portal, user, post)
    return post.id


@method("log.blogpost.share", scope="log", doc=_DOC + "share.md", params="POST_ID DEST USER_ID")
def share(call: Call) -> Json:
    """Add recipients to a post."""
    post, user = call.state.posts.get(call.number("POST_ID")), _author(call)
    if post is None:
        raise _plain("Wrong post ID")
    dest = _recipients(call, [])
    if not dest:
        raise _plain("Wrong destinations")
    if not model.sees(call.portal, user, post) and not user.admin:
        raise _plain("No read perms")
    if not model.may_edit(user, post) or not model.may_address(call.portal, user, dest):
        raise _plain("No access to one or more message recipients")
    post.dest = list(dict.fromkeys([*post.dest, *dest]))
    model.changed(call.portal, user, post)
    return True


@method("log.blogpost.delete", scope="log", doc=_DOC + "delete.md", params="POST_ID")
def delete(call: Call) -> Json:
    """Delete a post as its author or an administrator."""
    post = call.state.posts.get(call.number("POST_ID"))
    if post is None:
        raise RestError("100", "Wrong post ID")
    if not model.may_edit(call.user, post):
        raise RestError("403", "You do not have permission to delete this message")
    model.delete_post(call.portal, call.user, post)
    return True


@method("log.blogpost.get", scope="log", doc=_DOC + "get.md", reads=True,
        params="POST_ID LOG_RIGHTS LOG_DATE_FROM LOG_DATE_TO FIRST_ID LAST_ID LIMIT",
        partial="курсор FIRST_ID и LAST_ID идёт по ID сообщения; поля опросов и писем пусты")  # fmt: skip
def get(call: Call) -> Page:
    """List the caller's feed, the newest first; by a cursor in the order of ids."""
    rows = [post for post in model.feed_of(call.portal, call.user) if _fits(call, post)]
    first, last = call.number("FIRST_ID"), call.number("LAST_ID")
    if not (first or last or call.number("LIMIT")):
        page = paginate(call, rows)
        return replace(page, result=[show_post(call, post) for post in page.result])
    limit = call.number("LIMIT")
    size = min(limit, _MOST_ROWS) if limit > 0 else PAGE_SIZE
    rows = [post for post in rows if (post.id > first if first else not last or post.id < last)]
    rows.sort(key=lambda post: post.id, reverse=not first)
    return Page(result=[show_post(call, post) for post in rows[:size]])


def _fits(call: Call, post: FeedPost) -> bool:
    if call.number("POST_ID"):
        return post.id == call.number("POST_ID")
    rights = {str(one) for one in call.values("LOG_RIGHTS")}
    zone = call.portal.clock.zone
    since = parse_moment(call.text("LOG_DATE_FROM"), zone)
    until = parse_moment(call.text("LOG_DATE_TO"), zone)
    in_time = (since is None or post.created >= since) and (until is None or post.created <= until)
    return in_time and (not rights or bool(rights & set(post.dest)))


@method("log.blogpost.getusers.important", scope="log", doc=_DOC + "getusers-important.md",
        params="POST_ID", reads=True)  # fmt: skip
def getusers_important(call: Call) -> Json:
    """List who has read an important post; nobody for a post the caller may not see."""
    post = call.state.posts.get(call.number("POST_ID"))
    if post is None:
        raise _plain("Wrong post ID")
    if not model.sees(call.portal, call.user, post):
        return []
    return [str(one) for one in list(post.read_by)[:_MOST_READERS]]
