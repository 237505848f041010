"""The first page of the residence portal: what people come for, and the procedures behind it."""

from typing import Final

from clients.portal_kit.fronts import RECEIPT, Tool, front_router, groups_of
from clients.residence_portal.procedures import PROCEDURES

GROUPS: Final = (
    ("residence.group_register", ("1.004222", "1.004194", "1.002755")),
    ("residence.group_tell", ("2.001159", "1.003677", "residence.declare-current")),
    (
        "residence.group_change",
        ("residence.split", "residence.correct", "residence.delete-permanent", "1.010028"),
    ),
    ("residence.group_paper", ("1.010041",)),
)
"""What people come for, and the procedures behind it."""
router = front_router(
    "residence.front_title",
    "residence.front_lead",
    groups_of(PROCEDURES, GROUPS),
    (Tool("/consents", "nav.consents", "residence.card_consents"), RECEIPT),
)
