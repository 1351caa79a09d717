"""A substitution may be about one process, approval only, or everything but signing.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("substitution", sa.Column("process", sa.Text(), nullable=False, server_default=""))
    op.add_column("substitution", sa.Column("scope", sa.Text(), nullable=False, server_default="all"))


def downgrade() -> None:
    op.drop_column("substitution", "scope")
    op.drop_column("substitution", "process")
