"""PostgreSQL of the registry: tables, migrations, one-round-trip loading, the append-only access log."""

from population_registry.storage.connections import Connection, Pool, open_pool
from population_registry.storage.history import read_access_history
from population_registry.storage.loading import load_facts
from population_registry.storage.migrating import migrate
from population_registry.storage.recording import record_access

__all__ = [
    "Connection",
    "Pool",
    "load_facts",
    "migrate",
    "open_pool",
    "read_access_history",
    "record_access",
]
