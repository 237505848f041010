"""1.004222, permanent residence registration (đăng ký thường trú): Law on Residence 68/2020 Art. 20 to 23."""

from collections.abc import Mapping
from typing import Any, Final

from clients.portal_kit.procedure import Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.residence_portal.procedures import asking

WITH_KIN: Final = frozenset({"family", "dependant", "minor"})
WITH_OWNER: Final = frozenset({"rented", "vehicle"})
LED: Final = frozenset({"site", "facility"})
GROUNDS: Final = ("own", "family", "dependant", "minor", "rented", "site", "facility", "vehicle")
EXEMPT: Final = ("disabled", "merit", "poor_household", "hard_area", "island", "orphan")
SECTIONS: Final = (
    Section(
        "permanent.ground_title",
        (
            Question(
                "ground",
                Kind.CHOICE,
                "permanent.ground",
                missing="form.choice_missing",
                options=tuple((each, f"permanent.ground_{each}") for each in GROUNDS),
                steers=True,
            ),
            Question(
                "kin",
                Kind.HOLDER,
                "permanent.kin_number",
                hint="permanent.kin_hint",
                missing="form.people_name_missing",
                when=("ground", WITH_KIN),
            ),
            Question(
                "leader",
                Kind.HOLDER,
                "permanent.leader_number",
                missing="form.people_name_missing",
                when=("ground", LED),
            ),
        ),
    ),
    asking.PLACE,
    Section(
        "form.owner",
        (
            asking.owner(("ground", WITH_OWNER)),
            asking.owner(("ground", WITH_KIN), optional=True),
            Question(
                "floor_area_m2",
                Kind.AREA,
                "permanent.area",
                hint="permanent.area_hint",
                missing="permanent.area_wrong",
                when=("ground", frozenset({"rented"})),
            ),
            Question(
                "household",
                Kind.HOLDER,
                "form.household_number",
                hint="form.household_hint",
                missing="form.people_name_missing",
                when=("ground", WITH_KIN | {"rented"}),
                optional=True,
            ),
        ),
        text="permanent.owner_text",
    ),
    asking.people(relations=True),
    Section(
        "form.fee",
        (
            Question(
                "fee_exempt",
                Kind.SELECT,
                "form.fee_ground",
                hint="form.fee_exempt_hint",
                options=tuple((each, f"exemption.{each}") for each in EXEMPT),
                optional=True,
            ),
        ),
    ),
)


def finish(inputs: dict[str, Any]) -> Mapping[str, Any]:
    """The registry's inputs: the floor area is the dwelling's."""
    asking.head_of(inputs)
    area = inputs.pop("floor_area_m2", None)
    if area is not None:
        inputs["dwelling"] = {**inputs["dwelling"], "floor_area_m2": area}
    return inputs


PROCEDURE: Final = described(
    code="1.004222",
    path="/permanent-residence",
    purpose="Tiếp nhận và kiểm tra hồ sơ đăng ký thường trú nộp trực tuyến",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=asking.WITH_HOUSEHOLD,
    guide=Guide(
        lead="permanent.lead",
        office="office.permanent",
        conditions=(
            "permanent.condition_dwelling",
            "permanent.condition_consent",
            "permanent.condition_rented",
            "permanent.condition_minor",
        ),
        half_days=14,
        fee=10_000,
    ),
    sections=SECTIONS,
    finish=finish,
)
