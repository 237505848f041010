"""Declaration of current residence (khai báo thông tin về cư trú): Law on Residence 68/2020 Art. 11, 19."""

from typing import Final

from clients.portal_kit.procedure import Guide
from clients.portal_kit.questions.described import described
from clients.residence_portal.procedures import asking

PROCEDURE: Final = described(
    code="residence.declare-current",
    path="/declare-residence",
    purpose="Tiếp nhận và kiểm tra khai báo thông tin về cư trú nộp trực tuyến",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=asking.WITH_HOUSEHOLD,
    guide=Guide(
        lead="current.lead",
        office="office.current",
        conditions=("current.condition_none", "current.condition_visit"),
        half_days=10,
        fee=0,
    ),
    sections=(asking.PLACE, asking.people()),
)
