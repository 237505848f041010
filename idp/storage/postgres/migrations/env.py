"""Runs the migrations on the connection that :mod:`idp.storage.postgres.migrating` opened."""

from alembic import context

from idp.storage.postgres.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
