"""No secret and no URL of the portal leaves through the log, whoever writes the line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from b24flow.log import NOISY, configure, get_logger, scrub

MARK = "mark3r-s3cr3t"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield io.StringIO()
    root.setLevel(level)
    root.handlers[:] = handlers
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def boom() -> None:
    raise RuntimeError(f"POST https://portal.example/rest/1/{MARK}/tasks.task.add")


def write_everywhere() -> None:
    log = get_logger("b24flow.test")
    log.info("sent", url=f"https://p.example/rest/1/{MARK}/batch", bot_token=MARK, password=MARK)
    log.info("nested", params={"auth": {"access_token": MARK}, "list": [f"token={MARK}"]})
    log.info("odd", thing=ValueError(f"/rest/api/1/{MARK}/x"), pair=("a", f"Bearer {MARK}"))
    log.info("form", body=f"event=X&auth[application_token]={MARK}&auth%5Bx%5D={MARK}")
    log.info("dsn", dsn=f"postgresql://b24flow:{MARK}@db.example/b24flow")
    log.info("known", text=f"a bare {MARK} without any sign around it")
    log.info(f"in_the_event /rest/1/{MARK}/profile")  # noqa: G004 - a bad habit must not leak either
    try:
        boom()
    except RuntimeError:
        log.exception("failed")
        logging.getLogger("foreign").exception("failed with %s", f"refresh_token={MARK}")
    logging.getLogger("foreign").warning("GET %s", f"https://p.example/rest/1/{MARK}/x")
    structlog.contextvars.bind_contextvars(webhook_url=f"https://p.example/rest/1/{MARK}/")
    log.warning("bound")


@pytest.mark.parametrize("as_json", [True, False])
def test_no_line_shows_a_secret(lines: io.StringIO, as_json: bool):
    configure(json=as_json, level="DEBUG", stream=lines, secrets=[MARK])
    write_everywhere()
    written = lines.getvalue()
    assert MARK not in written
    assert "Traceback" in written
    assert "tasks.task.add" in written, "what is not a secret stays"
    for event in ("sent", "nested", "odd", "form", "dsn", "known", "failed", "bound"):
        assert event in written
    assert "ValueError" in written, "an object is shown as its text"


def test_secrets_are_found_by_their_form_alone(lines: io.StringIO):
    configure(json=True, level="DEBUG", stream=lines)
    write_everywhere()
    leaking = [line for line in lines.getvalue().splitlines() if MARK in line]
    assert [json.loads(line)["event"] for line in leaking] == ["known"]


def test_a_line_of_json_has_what_is_needed(lines: io.StringIO):
    configure(json=True, stream=lines)
    structlog.contextvars.bind_contextvars(request_id="r1")
    get_logger("b24flow.worker").info("outbox_message_settled", outbox_id=5, заметка="привет")
    line = json.loads(lines.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "outbox_message_settled",
        "level": "info",
        "logger": "b24flow.worker",
        "outbox_id": 5,
        "request_id": "r1",
        "заметка": "привет",
    }
    assert "привет" in lines.getvalue()


@pytest.mark.parametrize("name", NOISY)
def test_libraries_speak_from_warning_on_whatever_they_set(lines: io.StringIO, name: str):
    configure(json=True, level="DEBUG", stream=lines)
    logger = logging.getLogger(f"{name}.part")
    logger.setLevel(logging.DEBUG)
    logger.info("HTTP Request: POST somewhere")
    assert lines.getvalue() == ""
    logger.warning("slow")
    assert "slow" in lines.getvalue()
    logger.setLevel(logging.NOTSET)


def test_the_level_holds(lines: io.StringIO):
    configure(json=True, level="warning", stream=lines)
    get_logger("b24flow").info("quiet")
    assert lines.getvalue() == ""


def test_configuring_again_does_not_double_lines(lines: io.StringIO):
    configure(json=True, stream=lines)
    configure(json=True, stream=lines)
    get_logger("b24flow").info("once")
    assert len(lines.getvalue().splitlines()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "token 5 дней, авторизация: нет",
        "https://portal.example/company/personal/user/1/tasks/",
        "author=Иванов; authorised=5",
        "секретарь: Петрова",
        "crm.item.add entityTypeId=177",
    ],
)
def test_ordinary_text_stays(text: str):
    assert scrub(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f"https://p.example/rest/1/{MARK}/tasks.task.add.json?x=1",
        f"https://p.example/rest/1/{MARK}",
        f"/rest/api/12/{MARK}/tasks.task.get",
        f'{{"AUTH_ID":"{MARK}","x":1}}',
        f"{{'botToken': '{MARK}'}}",
        f"https://p.example/download/?auth={MARK}&x=1",
        f"Authorization: Bearer {MARK}",
        f"REFRESH_ID={MARK}",
        f"client_secret = {MARK}",
    ],
)
def test_secrets_of_every_form_are_masked(text: str):
    assert MARK not in scrub(text)
