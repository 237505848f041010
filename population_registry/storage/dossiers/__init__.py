"""Dossiers in PostgreSQL: reading them, writing an act, applying its changes, the outbox."""

from population_registry.storage.dossiers.applying import ChangeConflict, apply_changes
from population_registry.storage.dossiers.loading import (
    held_persons,
    load_around,
    lock_persons,
    occupants_of,
    payments_around,
)
from population_registry.storage.dossiers.reading import (
    consents_asked_of,
    dossiers_of,
    read_dossier,
    read_queue,
)
from population_registry.storage.dossiers.writing import (
    insert_dossier,
    next_number,
    same_open_dossier,
    update_dossier,
)

__all__ = [
    "ChangeConflict",
    "apply_changes",
    "consents_asked_of",
    "dossiers_of",
    "held_persons",
    "insert_dossier",
    "load_around",
    "lock_persons",
    "next_number",
    "occupants_of",
    "payments_around",
    "read_dossier",
    "read_queue",
    "same_open_dossier",
    "update_dossier",
]
