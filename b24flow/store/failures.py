"""What a database error means for the caller: repeat, give up, or look whether it happened.

Driver errors stop here, because their texts may quote the row and with it personal data.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError

from b24flow.errors import CommitUnknown, Conflict, StoreError

# Primary result codes: https://www.sqlite.org/rescode.html
_SQLITE_BUSY = frozenset({5, 6})
_SQLITE_DUPLICATE = frozenset({1555, 2067, 2579})
_SQLITE_TEXTS = {
    8: "База данных доступна только для чтения",
    10: "Ошибка чтения или записи файла базы данных",
    11: "Файл базы данных повреждён",
    13: "Нет места на диске",
    14: "Файл базы данных не открывается",
    26: "Файл не является базой данных",
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_PG_REPEAT = frozenset({"40001", "40P01", "55P03", "23505"})
_PG_LOST = frozenset({"57P01", "57P02", "57P03"})
_PG_TEXTS = {
    "53100": "Нет места на диске сервера базы данных",
    "53300": "Сервер базы данных не принимает новых соединений",
    "57014": "База данных не ответила за отведённое время",
    "25006": "База данных доступна только для чтения",
}

CHANGED = "Данные только что изменил кто-то другой, повторите действие"
LOST = "Связь с базой данных прервалась, повторите действие"


def translated(error: DBAPIError, *, committing: bool = False) -> Exception:
    """Return the error of ours that says what is certain, or `error` itself when it is a defect.

    Conflict: nothing was changed and a repeat may succeed. CommitUnknown: the connection went during
    COMMIT. StoreError: a repeat would not help. The text never quotes stored values.
    """
    original = error.orig
    known = (
        _sqlite(original) if isinstance(original, sqlite3.Error) else _postgres(error, committing)
    )
    if known is None and isinstance(error, (IntegrityError, DataError)):
        return StoreError("База данных не приняла запись", hint=_place(original))
    return known or error


def _sqlite(original: sqlite3.Error) -> Exception | None:
    code = getattr(original, "sqlite_errorcode", 0)
    if code & 0xFF in _SQLITE_BUSY or code in _SQLITE_DUPLICATE:
        return Conflict(CHANGED, hint=str(original))
    text = _SQLITE_TEXTS.get(code & 0xFF)
    return None if text is None else StoreError(text, hint=f"sqlite {code}")


def _postgres(error: DBAPIError, committing: bool) -> Exception | None:
    state = getattr(error.orig, "sqlstate", None) or ""
    if state in _PG_REPEAT:
        return Conflict(CHANGED, hint=_place(error.orig))
    # Without a state it is the driver that speaks: no connection, or not any more.
    silent = isinstance(error, OperationalError) and not state
    if silent or error.connection_invalidated or state in _PG_LOST or state.startswith("08"):
        if committing:
            return CommitUnknown(LOST, hint=_place(error.orig))
        return Conflict(LOST, hint=_place(error.orig))
    text = _PG_TEXTS.get(state)
    return None if text is None else StoreError(text, hint=_place(error.orig))


def _place(original: object) -> str:
    """Name state, table and constraint: what a developer needs and no stored value."""
    if isinstance(original, sqlite3.Error):
        return str(original)
    diag = getattr(original, "diag", None)
    parts = (
        getattr(original, "sqlstate", None),
        getattr(diag, "table_name", None),
        getattr(diag, "constraint_name", None),
    )
    return " ".join(part for part in parts if part)
