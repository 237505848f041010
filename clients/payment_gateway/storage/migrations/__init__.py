"""Alembic migrations of the payment gateway's database."""
