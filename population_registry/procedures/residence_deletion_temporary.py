"""1.010028, deletion of temporary residence (`xóa đăng ký tạm trú`), Law on Residence 68/2020 Art. 29.

Deadline: 3 working days; ex officio on what databases report, 1. No fee.
"""

from population_registry.domain import EndReason, ResidenceKind
from population_registry.procedures.residence_deletion import Kind, deletion

RULES = Kind(
    ResidenceKind.TEMPORARY,
    waits={EndReason.ABSENT: 6},  # point c
    grounds=frozenset(
        {
            EndReason.DEATH,
            EndReason.ANNULLED,
            EndReason.ABSENT,
            EndReason.NATIONALITY_LOST,
            EndReason.MOVED,
            EndReason.LEASE_ENDED,
            EndReason.OWNER_CHANGED,
            EndReason.DWELLING_GONE,
        }
    ),
)
PROCEDURE = deletion(
    RULES,
    code="1.010028",
    name_vi="Xóa đăng ký tạm trú",
    name_en="Deletion of temporary residence",
    legal_basis="Luật Cư trú 68/2020/QH14, Điều 29; Nghị định 154/2024/NĐ-CP, Nghị định 58/2026/NĐ-CP, Điều 4",
    days=3,
)
