"""Alembic's environment for the provider's database."""

from idp.storage.postgres.tables import METADATA
from web.migrations import run_migrations

run_migrations(METADATA)
