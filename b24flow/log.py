"""One way of logging for the whole product, and the last line of defence for secrets.

structlog and the standard library write through one formatter, so a line of a library goes through
the same redaction as ours. A webhook's secret stands in the path of every URL of the portal, and
libraries put URLs into messages and exceptions: the redaction therefore works on rendered values
and on formatted tracebacks, right before the line is rendered. It must not know the domain.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "***"
NOISY = ("httpx", "httpcore", "fast_bitrix24", "aiohttp")
"""Loggers of HTTP libraries: they write whole URLs and whole bodies below WARNING."""

_WORDS = (
    "password|passwd|secret|token|bottoken|access_token|refresh_token|application_token"
    "|auth|auth_id|refresh_id|authorization|cookie|webhook|webhook_url|client_secret|api_key"
)
_SECRET_KEY = re.compile(rf"(?:.*_)?(?:{_WORDS})", re.IGNORECASE)
_VALUE = r"""[^\s&"'<>,;)}\]]+"""
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # an incoming webhook: /rest/<user>/<secret>/method, and the same of REST 3.0
    (re.compile(r"(/rest/(?:api/)?\d+/)[^/\s\"'?]+", re.IGNORECASE), rf"\g<1>{MASK}"),
    # scheme://user:password@host
    (re.compile(r"(://[^/\s:@]+:)[^/\s@]+(?=@)"), rf"\g<1>{MASK}"),
    (re.compile(r"(\bBearer\s+)[\w.~+/=-]+", re.IGNORECASE), rf"\g<1>{MASK}"),
    # auth[application_token]=..., also percent-encoded
    (
        re.compile(rf"(\bauth(?:\[|%5B)[^\]=&\s]*(?:\]|%5D)=){_VALUE}", re.IGNORECASE),
        rf"\g<1>{MASK}",
    ),
    # key=value, "key": "value", 'key': 'value'
    (
        re.compile(
            rf"""((?<![^\W_])(?:{_WORDS})["']?\s*[=:]\s*["']?)(?!\s){_VALUE}""",
            re.IGNORECASE,
        ),
        rf"\g<1>{MASK}",
    ),
)


def scrub(text: str) -> str:
    """Return the text with webhook secrets, tokens and passwords masked.

    >>> scrub("POST https://portal.example/rest/1/abc123/tasks.task.add")
    'POST https://portal.example/rest/1/***/tasks.task.add'
    """
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class _Redaction:
    """The processor that stands last before the renderer."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # the longest first: one secret may be a part of another
        self._literal = sorted({s for s in secrets if s}, key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        """Return the event with every value safe to print."""
        return cast(EventDict, self._clean(event))

    def _clean(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {
                str(key): MASK if _is_secret(key, item) else self._clean(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(item) for item in value]
        # an object is rendered here, not by the renderer: what it prints must pass the masks too
        text = scrub(value if isinstance(value, str) else repr(value))
        for secret in self._literal:
            text = text.replace(secret, MASK)
        return text


def _is_secret(key: object, value: object) -> bool:
    return value is not None and value != "" and _SECRET_KEY.fullmatch(str(key).strip()) is not None


class _Quiet(logging.Filter):
    """Keeps the noisy libraries at WARNING whatever level they set for themselves later."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record may be written."""
        return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in NOISY


def configure(
    *,
    json: bool,
    level: str = "INFO",
    stream: TextIO | None = None,
    secrets: Iterable[str] = (),
) -> None:
    """Send all log lines of the process to `stream` (standard error), one per line.

    `json` chooses between a line of JSON and a line for a person. `secrets` are exact strings that
    are masked wherever they occur, besides all that looks like a secret. May be called again.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _Redaction(secrets),
                _renderer(json=json),
            ],
        )
    )
    handler.addFilter(_Quiet())
    root = logging.getLogger()
    for old in [h for h in root.handlers if getattr(h, "b24flow", False)]:
        root.removeHandler(old)
    handler.b24flow = True  # type: ignore[attr-defined]  # marks ours, to be replaced on a repeat
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _renderer(*, json: bool) -> Processor:
    if json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )


def get_logger(name: str) -> Any:
    """Return the logger of a module; the event is a static snake_case name, data goes in keys."""
    return structlog.stdlib.get_logger(name)
