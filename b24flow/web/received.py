"""Reading a posted body strictly and within limits, before anything of ours looks at it.

The usual form readers guess: they turn broken UTF-8 into other letters and keep what they can of a torn
body. A registration card must not be guessed, so here a body is read whole or refused whole, with a
Russian reason. Files go to temporary files as they arrive, never into memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from b24flow.core.russian import plural
from b24flow.errors import Refused

MEGABYTE = 1 << 20
MAX_BODY = 256 * MEGABYTE
MAX_FILE = 50 * MEGABYTE
MAX_FILES = 20
MAX_TEXT = MEGABYTE // 2
MAX_FIELDS = 500
MAX_NAME = 100
_IN_MEMORY = MEGABYTE // 4
_FORM, _PARTS, _JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class BadBody(Refused):
    """The body of a request cannot be accepted; nothing was done. `status` is the HTTP answer."""

    code = "refused.bad_body"

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it came: the field, the sender's name for it, its size; `content` is at its start.

    A file above the limit keeps its true `size` but not its content.
    """

    field: str
    name: str
    size: int
    content: IO[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What was posted: every value of every field in order, and the files; `data` is a JSON body."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    uploads: tuple[Upload, ...] = ()
    data: Mapping[str, object] | None = None

    def one(self, name: str) -> str:
        """Return the value of a service field, empty when absent; raises BadBody for a repeated one."""
        values = self.values.get(name, ())
        if len(values) > 1:
            raise BadBody(f"Служебное поле «{name}» прислано дважды: обновите страницу.")
        return values[0] if values else ""


async def posted(request: Request) -> AsyncIterator[Posted]:
    """Read the body of a POST and keep its files while it is answered; raises BadBody.

    The only asynchronous step of the web side: all the rest runs in threads.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    reader = _reader(kind.decode("latin-1"), options.get(b"boundary", b""))
    try:
        yield await _read(request, reader)
    finally:
        reader.close()


async def _read(request: Request, reader: _Text | _Parts) -> Posted:
    if _declared(request) > MAX_BODY:
        raise _too_large()
    total, trouble = 0, None
    try:
        async for chunk in request.stream():
            total += len(chunk)
            if total > MAX_BODY:
                raise _too_large()
            # A refused body is read to its end all the same: a browser that is cut off while it
            # sends shows its own error instead of our reason.
            if trouble is None:
                trouble = await run_in_threadpool(_trouble, reader, chunk)
    except ClientDisconnect:
        raise BadBody("Отправка прервалась: повторите.") from None
    if trouble is not None:
        raise trouble
    return await run_in_threadpool(reader.done)


Body = Annotated[Posted, Depends(posted)]


def _trouble(reader: _Text | _Parts, chunk: bytes) -> BadBody | None:
    try:
        reader.feed(chunk)
    except BadBody as error:
        return error
    return None


def _declared(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdigit() and len(length) < 16 else 0


def _too_large() -> BadBody:
    return BadBody(f"Слишком большая отправка: не больше {MAX_BODY // MEGABYTE} МБ за один раз.", 413)


def _reader(kind: str, boundary: bytes) -> _Text | _Parts:
    if kind in {_FORM, _JSON}:
        return _Text(kind)
    if kind == _PARTS and boundary:
        return _Parts(boundary)
    if kind == _PARTS:
        raise BadBody("Форма прислана без границы частей: обновите страницу и повторите.")
    raise BadBody("Так данные не принимаются: нужна форма или JSON.", 415)


class _Text:
    """A body that is small and kept in memory: a form without files, or JSON."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._body = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take the next piece."""
        self._body += chunk
        if len(self._body) > 3 * MAX_TEXT:  # a Russian letter takes six characters of a form
            raise BadBody("Слишком много текста в форме.", 413)

    def done(self) -> Posted:
        """Return what was posted."""
        text = _decoded(bytes(self._body))
        return _json(text) if self._kind == _JSON else Posted(values=_pairs(text))

    def close(self) -> None:
        """Forget the body."""
        self._body.clear()


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadBody("Текст прислан не в кодировке UTF-8.") from None


def _pairs(text: str) -> dict[str, tuple[str, ...]]:
    if text.count("&") >= MAX_FIELDS:
        raise BadBody("Слишком много полей в форме.", 413)
    if _BROKEN_ESCAPE.search(text):
        raise BadBody("Форма прислана повреждённой: обновите страницу и повторите.")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise BadBody("Текст прислан не в кодировке UTF-8.") from None
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        _check_name(name)
        found[name] = (*found.get(name, ()), value)
    return found


def _check_name(name: str) -> None:
    if not name or len(name) > MAX_NAME:
        raise BadBody("Форма прислана повреждённой: поле без имени или с очень длинным именем.")


def read_json(text: str) -> object:
    """Return what a JSON text says; raises BadBody for broken JSON and for what is no text in it."""
    try:
        data: object = json.loads(text, parse_constant=_refuse_constant)
        # An escaped half of a surrogate pair is JSON but no text: it could not even be answered.
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BadBody("Прислан неправильный JSON.") from None
    return data


def _json(text: str) -> Posted:
    data = read_json(text)
    if not isinstance(data, dict):
        raise BadBody("Нужен JSON-объект.")
    return Posted(data=data)


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


class _Parts:
    """A form with files, read as it arrives."""

    def __init__(self, boundary: bytes) -> None:
        self._values: dict[str, tuple[str, ...]] = {}
        self._uploads: list[Upload] = []
        self._count = self._text_size = 0
        self._headers: dict[bytes, bytes] = {}
        self._header = self._header_value = b""
        self._name = ""
        self._file_name: str | None = None
        self._contents: list[IO[bytes]] = []
        self._size = 0
        self._ended = False
        try:
            self._parser = MultipartParser(boundary, {
                "on_part_begin": self._part_begins, "on_part_data": self._part_data,
                "on_part_end": self._part_ends, "on_header_field": self._header_field,
                "on_header_value": self._header_data, "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_finished, "on_end": self._all_ended,
            })
        except FormParserError:
            raise self._torn() from None

    def feed(self, chunk: bytes) -> None:
        """Take the next piece."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise self._torn() from None

    def done(self) -> Posted:
        """Return what was posted; a body without its end is refused whole."""
        if not self._ended:
            raise self._torn()
        return Posted(values=self._values, uploads=tuple(self._uploads))

    def close(self) -> None:
        """Delete the temporary files."""
        for one in self._contents:
            one.close()

    @staticmethod
    def _torn() -> BadBody:
        return BadBody("Форма прислана повреждённой или не до конца: повторите отправку.")

    def _part_begins(self) -> None:
        self._count += 1
        if self._count > MAX_FIELDS:
            raise BadBody("Слишком много полей в форме.", 413)
        self._headers, self._size = {}, 0
        self._contents.append(SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - closed by close()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_data(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_ends(self) -> None:
        self._headers[self._header.lower()] = self._header_value
        self._header = self._header_value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(
            self._headers.get(b"content-disposition", b"").decode("latin-1")
        )
        self._name = _decoded(options.get(b"name", b""))
        _check_name(self._name)
        name = options.get(b"filename")
        self._file_name = None if name is None else _decoded(name)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file_name is None:
            self._text_size += end - start
            if self._text_size > MAX_TEXT:
                raise BadBody("Слишком много текста в форме.", 413)
        if self._size <= MAX_FILE:
            self._contents[-1].write(data[start:end])

    def _part_ends(self) -> None:
        content = self._contents[-1]
        content.seek(0)
        if self._file_name is None:
            value = _decoded(content.read())
            self._values[self._name] = (*self._values.get(self._name, ()), value)
        elif self._file_name or self._size:
            self._uploads.append(Upload(
                field=self._name, name=self._file_name, size=self._size, content=content,
            ))

    def _all_ended(self) -> None:
        self._ended = True


def visible(name: str) -> str:
    """Return a foreign field name fit to be shown in a refusal."""
    return "".join(char for char in name[:40] if char.isprintable())


def too_many(count: int) -> str:
    """Return the refusal of more files than one form may carry."""
    word = plural(MAX_FILES, "файла", "файлов", "файлов")
    return f"не больше {MAX_FILES} {word} за один раз, выбрано {count}"
