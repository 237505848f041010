"""Alembic's environment for a portal's database."""

from clients.portal_kit.storage.migrating import run_for
from clients.portal_kit.storage.tables import metadata

run_for(metadata)
