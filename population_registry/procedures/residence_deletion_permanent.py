"""Deletion of permanent residence (`xóa đăng ký thường trú`), Law on Residence 68/2020 Art. 24.

Deadline: 5 working days; ex officio on what databases report, 1. No fee. `residence.delete-permanent` is this
registry's own code: the sources name none.
"""

from population_registry.domain import EndReason, ResidenceKind
from population_registry.procedures.residence_deletion import Kind, deletion

RULES = Kind(
    ResidenceKind.PERMANENT,
    # Points d, e, g: twelve months; point h (the owner does not agree to keep the registration) waits for nothing.
    waits={EndReason.ABSENT: 12, EndReason.LEASE_ENDED: 12, EndReason.OWNER_CHANGED: 12},
    grounds=frozenset(
        {
            EndReason.DEATH,
            EndReason.SETTLED_ABROAD,
            EndReason.ANNULLED,
            EndReason.ABSENT,
            EndReason.NATIONALITY_LOST,
            EndReason.LEASE_ENDED,
            EndReason.OWNER_CHANGED,
            EndReason.OWNER_REFUSED,
            EndReason.DWELLING_GONE,
        }
    ),
)
PROCEDURE = deletion(
    RULES,
    code="residence.delete-permanent",
    name_vi="Xóa đăng ký thường trú",
    name_en="Deletion of permanent residence",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 24; Nghị định 154/2024/NĐ-CP, Nghị định 58/2026/NĐ-CP, Điều 4",
    days=5,
)
