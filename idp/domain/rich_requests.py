"""What an authorization detail of the type ``vn_identity_verification`` may name (RFC 9396).

Its words are those of the registry's catalogue: a procedure, a dossier, and claims to be checked or received.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

IDENTITY_VERIFICATION: Final = "vn_identity_verification"
DETAIL_TYPES: Final = (IDENTITY_VERIFICATION,)
"""Every type that the provider knows; which of them a client may use is its registration's."""

IDENTITY_CLAIMS: Final = (
    *("number", "name", "birth_date", "sex", "old_number", "old_numbers", "cancelled_numbers"),
    *("alive", "adult", "status", "nationality", "nationality_vn", "marital_status", "card"),
    *("permanent_address", "temporary_address", "current_address"),
    *("permanent_commune", "temporary_commune", "outside_commune", "dwelling_owner"),
    *("household", "household_members", "head_of_household", "child_of", "parent_of"),
    *("social_insurance_number", "health_insurance"),
)
"""What the registry can check or release, in the order in which people are shown it."""

PROCEDURE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,63}", re.ASCII)
DOSSIER: Final = re.compile(r"[A-Z]?\d{2,3}(\.[A-Z]?\d{2,3}){0,4}-\d{6}(\d{2})?-\d{4,8}", re.ASCII)
PURPOSE_LENGTH: Final = range(5, 501)

PROCEDURE_ITEM: Final = "procedure:"
DOSSIER_ITEM: Final = "dossier:"


def items_of(details: Collection[Mapping[str, object]]) -> tuple[str, ...]:
    """What the audit log keeps of details: procedure and dossier, and the names of claims; never the purpose."""
    if not details:
        return ()
    items: list[str] = []
    for detail in details:
        items.append(f"{PROCEDURE_ITEM}{detail.get('procedure')}")
        if "dossier" in detail:
            items.append(f"{DOSSIER_ITEM}{detail['dossier']}")
    return tuple(dict.fromkeys(items))
