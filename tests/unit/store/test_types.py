"""Instants are stored in UTC or not at all; JSON has one text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from b24flow.store.fulltext import searchable
from b24flow.store.types import JsonText, UtcDateTime, canonical

MOSCOW = timezone(timedelta(hours=3))
NOON = datetime(2026, 11, 22, 12, tzinfo=MOSCOW)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_an_instant_survives(dialect: object) -> None:
    kind = UtcDateTime()
    stored = kind.process_bind_param(NOON, dialect)  # type: ignore[arg-type]
    assert stored is not None
    assert (stored.hour, stored.utcoffset() or timedelta(0)) == (9, timedelta(0))
    back = kind.process_result_value(stored, dialect)  # type: ignore[arg-type]
    assert back == NOON
    assert back is not None
    assert back.tzinfo is UTC
    assert kind.process_bind_param(None, dialect) is None  # type: ignore[arg-type]


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(datetime(2026, 11, 22), sqlite.dialect())  # noqa: DTZ001


def test_json_has_one_text() -> None:
    assert canonical({"б": [1, None], "а": "ё\n"}) == '{"а":"ё\\n","б":[1,null]}'
    assert JsonText().process_bind_param(None, sqlite.dialect()) is None
    assert JsonText().process_result_value("[1]", sqlite.dialect()) == [1]


@pytest.mark.parametrize(("text", "words"), [
    ("№ 02-15/1204 Ёлка_и «Дом»", "02 15 1204 елка и дом"), ("", ""), ("—", ""),
])
def test_search_text_holds_only_words(text: str, words: str) -> None:
    assert searchable(text) == words
