"""How alembic runs: always inside the transaction that `migrations.upgrade` has opened."""

from __future__ import annotations

from alembic import context

from b24flow.store.migrations import options

context.configure(
    connection=context.config.attributes["connection"], transactional_ddl=True, **options()
)
with context.begin_transaction():
    context.run_migrations()
