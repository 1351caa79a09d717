"""Chat bots of the second version: the bots themselves (chat-bots-v2/imbot.v2/bots/**)."""

from __future__ import annotations

import base64
import binascii
import hmac
from urllib.parse import urlsplit

from b24flow.sandbox.model import bots, chats
from b24flow.sandbox.model.bots_removal import forget
from b24flow.sandbox.model.bots_show import show_bot, show_bot_briefly, user_for
from b24flow.sandbox.model.entities import Bot, Chat, Employee
from b24flow.sandbox.registry import Call, method
from b24flow.sandbox.wire import Json, Params, RestError, as_map, is_yes, missing

DOC = "api-reference/chat-bots/chat-bots-v2/imbot.v2/"
BOT = "botId botToken"
_FIELDS = frozenset(
    [
        "code",
        "botToken",
        "properties",
        "type",
        "eventMode",
        "webhookUrl",
        "isHidden",
        "isReactionsEnabled",
        "isSupportOpenline",
        "backgroundId",
    ]
)
_PROPERTIES = frozenset(["name", "lastName", "workPosition", "color", "gender", "avatar"])
_FLAGS = ("isHidden", "isReactionsEnabled", "isSupportOpenline")
_TYPES = ("bot", "network", "openline", "supervisor", "personal")
_MODES = ("fetch", "webhook")
_BACKGROUNDS = frozenset(["azure", "mint", "steel", "slate", "teal", "cornflower", "sky", "peach", "frost"])
_MOST = 100
_TOKEN_LIMIT = 40
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
_PARTIAL = (
    "цвет и картинка бота принимаются, но нигде не показываются; события бота, созданного вебхуком, "
    "приходят на адрес без токенов: приложения за ним нет"
)


@method("imbot.v2.Revision.get", scope="imbot", doc=DOC + "revision-get.md")
def revision_get(call: Call) -> Json:
    """Return the interface revisions of the box this emulator follows."""
    return {"rest": 33, "web": 130, "mobile": 20, "desktop": 6}


def owner_token(call: Call) -> str:
    """Return the token by which a webhook owns its bots; an application needs none."""
    if call.caller.app is not None:
        return ""
    return _token(call.params.get("botToken"))


def _token(given: Json) -> str:
    token = str(given or "")
    if not token:
        raise RestError("BOT_TOKEN_NOT_SPECIFIED", "Bot token is not specified")
    if len(token) > _TOKEN_LIMIT:
        raise RestError("BOT_TOKEN_INVALID_LENGTH", "Bot token is too long")
    return token


def owns(call: Call, bot: Bot, token: str) -> bool:
    """Say whether the caller registered a bot: the same application, or the same token."""
    if call.caller.app is not None:
        return bot.app_id == call.caller.app.id
    return not bot.app_id and hmac.compare_digest(bot.token.encode(), token.encode())


def own_bot(call: Call) -> Bot:
    """Return the caller's bot named by `botId`, or refuse."""
    token = owner_token(call)
    if not call.number("botId"):
        raise RestError("BOT_ID_REQUIRED", "Bot ID is required")
    bot = call.state.bots.get(call.number("botId"))
    if bot is None:
        raise RestError("BOT_NOT_FOUND", "Bot not found")
    if not owns(call, bot, token):
        raise RestError("BOT_OWNERSHIP_ERROR", "Bot is registered by another application")
    return bot


def bot_user(call: Call, bot: Bot) -> Employee:
    """Return the user behind a bot."""
    return call.state.users[bot.id]


def own_chat(call: Call, bot: Bot) -> Chat:
    """Return the chat named by `dialogId`, which the bot must be in."""
    dialog = call.text("dialogId")
    if not dialog:
        raise missing("dialogId")
    chat = chats.find_chat(call.portal, dialog, bot.id)
    if chat is None or bot.id not in chat.members:
        raise RestError("ACCESS_DENIED", "Access denied")
    return chat


def _described(call: Call, bot: Bot) -> Params:
    return {"bot": show_bot(call.portal, bot), "users": [user_for(call.portal, bot_user(call, bot))]}


@method("imbot.v2.Bot.register", scope="imbot", doc=DOC + "bots/bot-register.md", params="fields*",
        partial=_PARTIAL)  # fmt: skip
def bot_register(call: Call) -> Json:
    """Register a bot; a repeat by the same owner returns the same bot unchanged."""
    fields = call.mapping("fields")
    call.note_unknown("unknown_field", fields, _FIELDS)
    app = call.caller.app
    token = "" if app is not None else _token(fields.get("botToken"))
    code = str(fields.get("code") or "")
    if not code:
        raise RestError("BOT_CODE_REQUIRED", "Bot code is required")
    for bot in call.state.bots.values():
        if bot.code == code:
            if not owns(call, bot, token):
                raise RestError("BOT_CODE_ALREADY_TAKEN", "Bot code is already taken")
            return _described(call, bot)
    _check_new(call, fields, token)
    user = Employee(id=call.state.next_id("user"), name="", last_name="", is_bot=True, departments=[1])
    bot = Bot(
        id=user.id,
        code=code,
        token=token,
        kind=str(fields.get("type") or "bot"),
        event_mode="fetch",
        flags={"isHidden": False, "isReactionsEnabled": True, "isSupportOpenline": False},
        owner_id=call.user.id,
        app_id=app.id if app is not None else 0,
    )
    _apply(call, bot, user, fields)
    call.state.user_active[bot.id] = call.portal.clock.now()
    call.state.users[user.id], call.state.bots[bot.id] = user, bot
    return _described(call, bot)


def _check_new(call: Call, fields: Params, token: str) -> None:
    if not as_map(fields.get("properties")).get("name"):
        raise RestError("BOT_PROPERTIES_REQUIRED", "Bot properties are required")
    if str(fields.get("type") or "bot") not in _TYPES:
        raise RestError("BOT_INVALID_TYPE", "Invalid bot type")
    _check_mode(fields, "")
    if sum(owns(call, bot, token) for bot in call.state.bots.values()) >= _MOST:
        raise RestError("BOT_LIMIT_EXCEEDED", "Bot limit exceeded")
    _check_avatar(fields)


def _check_mode(fields: Params, known_url: str) -> None:
    mode = str(fields.get("eventMode") or "fetch")
    if mode not in _MODES:
        raise RestError("BOT_INVALID_EVENT_MODE", "Invalid event mode")
    url = str(fields.get("webhookUrl") or known_url)
    if mode == "webhook" and not url:
        raise RestError("BOT_WEBHOOK_URL_REQUIRED", "Webhook URL is required")
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise RestError("BOT_INVALID_CALLBACK", "Invalid callback URL")


def _check_avatar(fields: Params) -> None:
    avatar = as_map(fields.get("properties")).get("avatar")
    if avatar in (None, ""):
        return
    try:
        content = base64.b64decode(str(avatar), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content.startswith(_PICTURES):
        raise RestError("BOT_AVATAR_INCORRECT_TYPE", "Avatar must be an image")


def _apply(call: Call, bot: Bot, user: Employee, fields: Params) -> None:
    properties = as_map(fields.get("properties"))
    call.note_unknown("unknown_field", properties, _PROPERTIES)
    user.name = str(properties.get("name", user.name))
    user.last_name = str(properties.get("lastName", user.last_name))
    user.position = str(properties.get("workPosition", user.position))
    if properties.get("gender") in ("M", "F"):
        user.gender = str(properties["gender"])
    bot.flags |= {name: is_yes(fields[name]) for name in _FLAGS if name in fields}
    bot.event_mode = str(fields.get("eventMode") or bot.event_mode)
    bot.webhook_url = str(fields.get("webhookUrl") or bot.webhook_url)
    if "backgroundId" in fields:
        given = fields["backgroundId"]
        bot.background_id = given if given in _BACKGROUNDS else None


@method("imbot.v2.Bot.list", scope="imbot", doc=DOC + "bots/bot-list.md",
        params="botToken filter limit offset")  # fmt: skip
def bot_list(call: Call) -> Json:
    """List the bots of this owner."""
    token = owner_token(call)
    kind = call.optional_map("filter").get("type")
    found = [
        bot
        for bot in call.state.bots.values()
        if owns(call, bot, token) and (not kind or bot.kind == str(kind))
    ]
    limit, offset = call.number("limit", 50) or 50, call.number("offset")
    shown = found[offset : offset + limit]
    return {
        "bots": [show_bot(call.portal, bot) for bot in shown],
        "users": [user_for(call.portal, bot_user(call, bot)) for bot in shown],
        "hasNextPage": offset + limit < len(found),
    }


@method("imbot.v2.Bot.get", scope="imbot", doc=DOC + "bots/bot-get.md",
        params="botId code botToken")  # fmt: skip
def bot_get(call: Call) -> Json:
    """Return a bot by id or by code: in full to its owner, in brief to others."""
    token = owner_token(call)
    number, code = call.number("botId"), call.text("code")
    if not number and not code:
        raise RestError("PARAMS_REQUIRED", "Required parameters are missing")
    found = [bot for bot in call.state.bots.values() if (bot.id == number if number else bot.code == code)]
    if not found:
        raise RestError("BOT_NOT_FOUND", "Bot not found")
    bot = found[0]
    shown = show_bot(call.portal, bot) if owns(call, bot, token) else show_bot_briefly(bot)
    return {"bot": shown, "users": [user_for(call.portal, bot_user(call, bot))]}


@method("imbot.v2.Bot.update", scope="imbot", doc=DOC + "bots/bot-update.md",
        params=BOT + " fields*", partial=_PARTIAL)  # fmt: skip
def bot_update(call: Call) -> Json:
    """Change a bot; a new token takes the old one's place at once."""
    bot, fields = own_bot(call), call.mapping("fields")
    call.note_unknown("unknown_field", fields, _FIELDS)
    _check_mode({"eventMode": bot.event_mode} | fields, bot.webhook_url)
    _check_avatar(fields)
    fresh = str(fields.get("botToken") or "").strip()
    if fresh and not bot.app_id:
        _token(fresh)
        if any(one.token == fresh for one in call.state.bots.values() if one.id != bot.id):
            raise RestError("BOT_TOKEN_ROTATION_FAILED", "Bot token rotation failed")
        bot.token = fresh
    _apply(call, bot, bot_user(call, bot), fields)
    return _described(call, bot)


@method("imbot.v2.Bot.unregister", scope="imbot", doc=DOC + "bots/bot-unregister.md", params=BOT)
def bot_unregister(call: Call) -> Json:
    """Remove a bot with its commands and waiting events; it leaves its chats."""
    bot = own_bot(call)
    if bot.event_mode == "webhook":  # in fetch mode nobody could fetch it any more
        bots.tell(call.portal, bot, "ONIMBOTV2DELETE", {"bot": show_bot(call.portal, bot)})
    forget(call.state, bot)
    return {"result": True}
