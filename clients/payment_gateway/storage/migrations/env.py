"""Alembic's environment for the payment gateway's database."""

from clients.payment_gateway.storage.tables import metadata
from clients.portal_kit.storage.migrating import run_for

run_for(metadata)
