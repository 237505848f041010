"""Alembic migrations of a portal's database."""
