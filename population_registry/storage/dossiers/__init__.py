"""Dossiers in PostgreSQL: reading them, writing an act, applying its changes, the outbox."""

from population_registry.storage.dossiers.applying import ChangeConflict, apply_changes
from population_registry.storage.dossiers.clearing import clearings_due, end_clearing, hold_clearing
from population_registry.storage.dossiers.loading import (
    held_persons,
    is_held,
    load_around,
    lock_persons,
    occupants_of,
    payments_around,
    set_hold,
)
from population_registry.storage.dossiers.reading import (
    Opened,
    consents_asked_of,
    dossiers_of,
    hold_umbrella,
    linked_dossiers,
    open_umbrellas,
    read_dossier,
    read_queue,
)
from population_registry.storage.dossiers.writing import (
    insert_dossier,
    next_number,
    same_open_dossier,
    update_dossier,
    write_notices,
)

__all__ = [
    "ChangeConflict",
    "Opened",
    "apply_changes",
    "clearings_due",
    "consents_asked_of",
    "dossiers_of",
    "end_clearing",
    "held_persons",
    "hold_clearing",
    "hold_umbrella",
    "insert_dossier",
    "is_held",
    "linked_dossiers",
    "load_around",
    "lock_persons",
    "next_number",
    "occupants_of",
    "open_umbrellas",
    "payments_around",
    "read_dossier",
    "read_queue",
    "same_open_dossier",
    "set_hold",
    "update_dossier",
    "write_notices",
]
