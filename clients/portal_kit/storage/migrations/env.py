"""Alembic's environment for a portal's database."""

from clients.portal_kit.storage.tables import metadata
from web.migrations import run_migrations

run_migrations(metadata)
