"""Numbers kept for somebody until a day, given back to the series, or explained as skipped.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

from b24flow.store.types import BigId, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_reserve",
        sa.Column("id", BigId, nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("holder", sa.Integer(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("returns", sa.Boolean(), nullable=False),
        sa.Column("author", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("state IN ('held', 'free', 'used', 'annulled', 'skipped')",
                           name=op.f("ck_number_reserve_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_reserve")),
        sa.UniqueConstraint("series", "period", "scope", "value",
                            name=op.f("uq_number_reserve_series_period_scope_value")),
    )


def downgrade() -> None:
    op.drop_table("number_reserve")
