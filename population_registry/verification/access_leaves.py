"""The leaf of one access-log row: a text that says everything of the row, and whom it is about only to us."""

from collections.abc import Callable

import orjson

from keys import merkle
from population_registry.domain import AccessEntry

Pseudonym = Callable[[str], bytes]
"""A keyed hash of ours: the same for the same text, unknown to everybody else."""


def leaf_text(entry: AccessEntry, pseudonym: Pseudonym) -> bytes:
    """Compact JSON with sorted members: what the leaf hash is taken of, and what its person may be shown.

    `subject` is another value in every row, so that two services that are shown rows cannot find out that both
    are about the same person.
    """
    whose = None if entry.subject_id is None else pseudonym(f"{entry.entry_id} {entry.subject_id}").hex()
    return orjson.dumps(
        {
            "entry_id": str(entry.entry_id),
            "at": entry.at.isoformat(),
            "subject": whose,
            "client": entry.client_id,
            "agency": entry.agency,
            "officer": entry.officer,
            "purpose": entry.purpose,
            "procedure_code": entry.procedure_code,
            "dossier_code": entry.dossier_code,
            "fields": {name: use.value for name, use in entry.fields.items()},
            "outcome": entry.outcome,
            "receipt_id": None if entry.receipt_id is None else str(entry.receipt_id),
            "correlation_id": entry.correlation_id,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def leaf_of(entry: AccessEntry, pseudonym: Pseudonym) -> bytes:
    """The leaf hash of a row (RFC 9162 section 2.1.1)."""
    return merkle.leaf_hash(leaf_text(entry, pseudonym))
