"""Alembic's environment for the payment gateway's database."""

from clients.payment_gateway.storage.tables import metadata
from web.migrations import run_migrations

run_migrations(metadata)
