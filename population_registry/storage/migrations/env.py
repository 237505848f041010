"""Alembic's environment for the registry's database."""

from population_registry.storage.tables import metadata
from web.migrations import run_migrations

run_migrations(metadata)
