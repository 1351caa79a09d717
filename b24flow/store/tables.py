"""All tables. Enumerations are stored as text, JSON as canonical text, instants in UTC.

Full-text indexes differ by engine and stand in `fulltext.py`.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from b24flow.store.types import BigId, JsonText, UtcDateTime

metadata = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
})


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _document(*, nullable: bool = False) -> Column[int]:
    return Column("document_id", BigId, ForeignKey("document.id"), nullable=nullable)


document = Table(
    "document", metadata,
    Column("id", BigId, primary_key=True),
    Column("uuid", Text, nullable=False, unique=True),
    Column("process", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("journal_hash", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("snapshot", JsonText, nullable=False),
    Column("state", Text, nullable=False),
    Column("number", Text),
    Column("number_key", Text),
    Column("title", Text, nullable=False),
    Column("correspondent", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("registered_on", Date),
    Column("term", Date),
    Column("changed_term", Date),
    Column("due", Date),
    Column("closed_at", UtcDateTime),
    Column("search", Text, nullable=False),
)
Index("ix_document_number_key", document.c.number_key)
Index("ix_document_process_id", document.c.process, document.c.id)
Index("ix_document_process_state_id", document.c.process, document.c.state, document.c.id)
Index("ix_document_open_due", document.c.due,
      postgresql_where=text("closed_at IS NULL"), sqlite_where=text("closed_at IS NULL"))

journal = Table(
    "journal", metadata,
    Column("id", BigId, primary_key=True),
    _document(),
    Column("seq", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Integer, nullable=False),
    Column("acting_for", Integer),
    Column("command_id", Text),
    Column("command_part", Integer),
    Column("action", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    UniqueConstraint("document_id", "seq"),
    UniqueConstraint("command_id", "command_part"),
)

work_item = Table(
    "work_item", metadata,
    Column("id", BigId, primary_key=True),
    _document(),
    Column("key", Text, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("target", Text),
    Column("acting_for", Integer),
    Column("actions", JsonText, nullable=False),
    Column("due", Date),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
)
Index("uq_work_item_live", work_item.c.document_id, work_item.c.key, unique=True,
      postgresql_where=text("closed_at IS NULL"), sqlite_where=text("closed_at IS NULL"))
Index("ix_work_item_user_id_closed_at_document_id",
      work_item.c.user_id, work_item.c.closed_at, work_item.c.document_id)
Index("ix_work_item_document_id", work_item.c.document_id)

number_series = Table(
    "number_series", metadata,
    Column("series", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)

number = Table(
    "number", metadata,
    Column("id", BigId, primary_key=True),
    Column("series", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("value", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("dated", Date, nullable=False),
    Column("state", Text, nullable=False),
    _document(nullable=True),
    Column("reason", Text, nullable=False),
    Column("author", Integer),
    Column("changed_at", UtcDateTime),
    UniqueConstraint("series", "period", "scope", "value"),
    UniqueConstraint("series", "period", "text"),
    _one_of("state", "issued", "annulled"),
)

number_reserve = Table(
    "number_reserve", metadata,
    Column("id", BigId, primary_key=True),
    Column("series", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("value", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("holder", Integer),
    Column("until", Date, nullable=False),
    Column("returns", Boolean, nullable=False),
    Column("author", Integer, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed_at", UtcDateTime),
    UniqueConstraint("series", "period", "scope", "value"),
    _one_of("state", "held", "free", "used", "annulled", "skipped"),
)

outbox = Table(
    "outbox", metadata,
    Column("id", BigId, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    _document(nullable=True),
    Column("recipient", Integer),
    Column("payload", JsonText, nullable=False),
    Column("state", Text, nullable=False),
    Column("wanted_version", Integer, nullable=False),
    Column("done_version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("recovered", Boolean, nullable=False),
    Column("leased_by", Text),
    Column("leased_until", UtcDateTime),
    Column("available_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("error", Text, nullable=False),
    _one_of("state", "available", "running", "in_doubt", "completed", "discarded", "cancelled"),
)
_LIVE = text("state IN ('available', 'running', 'in_doubt')")
Index("ix_outbox_live", outbox.c.id, postgresql_where=_LIVE, sqlite_where=_LIVE)
Index("ix_outbox_live_document_id", outbox.c.document_id, outbox.c.id,
      postgresql_where=_LIVE, sqlite_where=_LIVE)

portal_object = Table(
    "portal_object", metadata,
    Column("id", BigId, primary_key=True),
    _document(),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("portal_id", Text),
    Column("state", Text, nullable=False),
    Column("fields", JsonText, nullable=False),
    Column("wanted", JsonText),
    Column("epoch", Integer, nullable=False),
    Column("intent_at", UtcDateTime),
    Column("confirmed_at", UtcDateTime),
    UniqueConstraint("document_id", "key"),
    _one_of("state", "intent", "confirmed", "in_doubt", "lost"),
    _one_of("kind", "item", "folder", "file", "task", "card", "comment"),
)
Index("ix_portal_object_kind_portal_id", portal_object.c.kind, portal_object.c.portal_id)

inbox = Table(
    "inbox", metadata,
    Column("id", BigId, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("result", Text),
)
Index("ix_inbox_pending", inbox.c.id,
      postgresql_where=text("finished_at IS NULL"), sqlite_where=text("finished_at IS NULL"))

cursor = Table(
    "cursor", metadata,
    Column("key", Text, primary_key=True),
    Column("value", JsonText, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

department = Table(
    "department", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("parent", Integer),
    Column("head", Integer),
)

employee = Table(
    "employee", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last_name", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("middle_name", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("department", Integer),
    Column("email", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

substitution = Table(
    "substitution", metadata,
    Column("id", BigId, primary_key=True),
    Column("principal", Integer, nullable=False),
    Column("substitute", Integer, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("author", Integer, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("removed_at", UtcDateTime),
    Column("process", Text, nullable=False, server_default=""),
    Column("scope", Text, nullable=False, server_default="all"),
)

definition = Table(
    "definition", metadata,
    Column("digest", Text, primary_key=True),
    Column("process", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("archived_at", UtcDateTime, nullable=False),
)

current_definition = Table(
    "current_definition", metadata,
    Column("process", Text, primary_key=True),
    Column("digest", Text, ForeignKey("definition.digest"), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

incident = Table(
    "incident", metadata,
    Column("id", BigId, primary_key=True),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    _document(nullable=True),
    Column("text", Text, nullable=False),
    Column("details", JsonText, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("closed_by", Integer),
    Column("resolution", Text, nullable=False),
)
Index("uq_incident_open", incident.c.key, unique=True,
      postgresql_where=text("closed_at IS NULL"), sqlite_where=text("closed_at IS NULL"))

login_request = Table(
    "login_request", metadata,
    Column("id", BigId, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("user_id", Integer, nullable=False),
    Column("details", JsonText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("used_at", UtcDateTime),
)
Index("ix_login_request_user_id_created_at", login_request.c.user_id, login_request.c.created_at)

used_nonce = Table(
    "used_nonce", metadata,
    Column("nonce", Text, primary_key=True),
    Column("used_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

lease = Table(
    "lease", metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
