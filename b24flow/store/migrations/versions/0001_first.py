"""The first schema: documents, their journal, work items, numbers, outbox, inbox, people.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from b24flow.store.types import BigId, JsonText, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The engines keep these themselves, so that saving a document stays one statement.
SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE document_search USING fts5("
    "search, content='document', content_rowid='id',"
    " tokenize='unicode61 remove_diacritics 0', prefix='2 3 4')",
    """
    CREATE TRIGGER document_search_added AFTER INSERT ON document BEGIN
        INSERT INTO document_search(rowid, search) VALUES (new.id, new.search);
    END
    """,
    """
    CREATE TRIGGER document_search_changed AFTER UPDATE OF search ON document
    WHEN old.search <> new.search BEGIN
        INSERT INTO document_search(document_search, rowid, search)
        VALUES ('delete', old.id, old.search);
        INSERT INTO document_search(rowid, search) VALUES (new.id, new.search);
    END
    """,
    """
    CREATE TRIGGER document_search_removed AFTER DELETE ON document BEGIN
        INSERT INTO document_search(document_search, rowid, search)
        VALUES ('delete', old.id, old.search);
    END
    """,
)
POSTGRES_SEARCH = (
    "CREATE INDEX document_search_words ON document USING gin (to_tsvector('simple'::regconfig, search))",
)


def upgrade() -> None:
    op.create_table(
        "cursor",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", JsonText(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cursor")),
    )
    op.create_table(
        "definition",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("archived_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_definition")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("head", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
    )
    op.create_table(
        "document",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("journal_hash", sa.Text(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("snapshot", JsonText(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("number_key", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("correspondent", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("term", sa.Date(), nullable=True),
        sa.Column("changed_term", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("search", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("uuid", name=op.f("uq_document_uuid")),
    )
    op.create_index("ix_document_number_key", "document", ["number_key"], unique=False)
    op.create_index(
        "ix_document_open_due",
        "document",
        ["due"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_document_process_id", "document", ["process", "id"], unique=False)
    op.create_index("ix_document_process_state_id", "document", ["process", "state", "id"], unique=False)
    op.create_table(
        "employee",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("middle_name", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("department", sa.Integer(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employee")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("payload", JsonText(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("key", name=op.f("uq_inbox_key")),
    )
    op.create_index(
        "ix_inbox_pending",
        "inbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "login_request",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("details", JsonText(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_request")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_request_token_hash")),
    )
    op.create_index(
        "ix_login_request_user_id_created_at", "login_request", ["user_id", "created_at"], unique=False
    )
    op.create_table(
        "number_series",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "period", "scope", name=op.f("pk_number_series")),
    )
    op.create_table(
        "substitution",
        sa.Column("id", BigId, nullable=False),
        sa.Column("principal", sa.Integer(), nullable=False),
        sa.Column("substitute", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("author", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
    )
    op.create_table(
        "used_nonce",
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_used_nonce")),
    )
    op.create_table(
        "current_definition",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["definition.digest"], name=op.f("fk_current_definition_digest")),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_current_definition")),
    )
    op.create_table(
        "incident",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", BigId, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", JsonText(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_incident_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(
        "uq_incident_open",
        "incident",
        ["key"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "journal",
        sa.Column("id", BigId, nullable=False),
        sa.Column("document_id", BigId, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.Integer(), nullable=False),
        sa.Column("acting_for", sa.Integer(), nullable=True),
        sa.Column("command_id", sa.Text(), nullable=True),
        sa.Column("command_part", sa.Integer(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_journal_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("command_id", "command_part", name=op.f("uq_journal_command_id_command_part")),
        sa.UniqueConstraint("document_id", "seq", name=op.f("uq_journal_document_id_seq")),
    )
    op.create_table(
        "number",
        sa.Column("id", BigId, nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document_id", BigId, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Integer(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('issued', 'annulled')", name=op.f("ck_number_state")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_number_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number")),
        sa.UniqueConstraint(
            "series", "period", "scope", "value", name=op.f("uq_number_series_period_scope_value")
        ),
        sa.UniqueConstraint("series", "period", "text", name=op.f("uq_number_series_period_text")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", BigId, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", BigId, nullable=True),
        sa.Column("recipient", sa.Integer(), nullable=True),
        sa.Column("payload", JsonText(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wanted_version", sa.Integer(), nullable=False),
        sa.Column("done_version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("available_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('available', 'running', 'in_doubt', 'completed', 'discarded', 'cancelled')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_outbox_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(
        "ix_outbox_live",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('available', 'running', 'in_doubt')"),
        sqlite_where=sa.text("state IN ('available', 'running', 'in_doubt')"),
    )
    op.create_index(
        "ix_outbox_live_document_id",
        "outbox",
        ["document_id", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('available', 'running', 'in_doubt')"),
        sqlite_where=sa.text("state IN ('available', 'running', 'in_doubt')"),
    )
    op.create_table(
        "portal_object",
        sa.Column("id", BigId, nullable=False),
        sa.Column("document_id", BigId, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("portal_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fields", JsonText(), nullable=False),
        sa.Column("wanted", JsonText(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("intent_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('item', 'folder', 'file', 'task', 'card', 'comment')",
            name=op.f("ck_portal_object_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('intent', 'confirmed', 'in_doubt', 'lost')", name=op.f("ck_portal_object_state")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_portal_object_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_object")),
        sa.UniqueConstraint("document_id", "key", name=op.f("uq_portal_object_document_id_key")),
    )
    op.create_index("ix_portal_object_kind_portal_id", "portal_object", ["kind", "portal_id"], unique=False)
    op.create_table(
        "work_item",
        sa.Column("id", BigId, nullable=False),
        sa.Column("document_id", BigId, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("acting_for", sa.Integer(), nullable=True),
        sa.Column("actions", JsonText(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_work_item_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
    )
    op.create_index("ix_work_item_document_id", "work_item", ["document_id"], unique=False)
    op.create_index(
        "ix_work_item_user_id_closed_at_document_id",
        "work_item",
        ["user_id", "closed_at", "document_id"],
        unique=False,
    )
    op.create_index(
        "uq_work_item_live",
        "work_item",
        ["document_id", "key"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_SEARCH if sqlite else POSTGRES_SEARCH:
        op.execute(statement)
