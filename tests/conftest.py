"""Fixtures for all tests."""

from __future__ import annotations

from tests.databases import (
    database,
    database_url,
    empty_database,
    postgres_migrated,
    postgres_server,
    postgres_url,
    sqlite_database,
    sqlite_template,
    sqlite_url,
)

__all__ = [
    "database",
    "database_url",
    "empty_database",
    "postgres_migrated",
    "postgres_server",
    "postgres_url",
    "sqlite_database",
    "sqlite_template",
    "sqlite_url",
]
