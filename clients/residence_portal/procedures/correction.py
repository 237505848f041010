"""Correction of residence data (điều chỉnh thông tin về cư trú): Law on Residence 68/2020 Art. 10, 26."""

from typing import Final

from clients.portal_kit.procedure import Guide
from clients.portal_kit.question import RELATIONS, Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.residence_portal.procedures import asking

OF_RELATIONS: Final = tuple((each, f"relation.{each}") for each in RELATIONS)
SECTIONS: Final = (
    Section(
        "correct.what_title",
        (
            Question(
                "what",
                Kind.CHOICE,
                "correct.what",
                missing="form.choice_missing",
                options=tuple((each, f"correct.what_{each}") for each in ("head", "relation", "address")),
                steers=True,
            ),
            Question(
                "kind",
                Kind.CHOICE,
                "correct.kind",
                missing="form.choice_missing",
                options=(("permanent", "correct.kind_permanent"), ("temporary", "correct.kind_temporary")),
            ),
            Question(
                "person",
                Kind.MEMBER,
                "correct.new_head",
                hint="correct.person_hint",
                missing="form.choice_missing",
                when=("what", frozenset({"head"})),
            ),
            Question(
                "former_head_relation",
                Kind.SELECT,
                "correct.former_head",
                missing="form.relation_wrong",
                options=OF_RELATIONS,
                when=("what", frozenset({"head"})),
            ),
            Question(
                "person",
                Kind.MEMBER,
                "correct.person",
                missing="form.choice_missing",
                when=("what", frozenset({"relation"})),
            ),
            Question(
                "relation",
                Kind.SELECT,
                "correct.relation",
                missing="form.relation_wrong",
                options=OF_RELATIONS,
                when=("what", frozenset({"relation"})),
            ),
            Question(
                "address",
                Kind.TEXT,
                "correct.address",
                hint="correct.address_hint",
                missing="form.address_missing",
                when=("what", frozenset({"address"})),
            ),
        ),
    ),
)
PROCEDURE: Final = described(
    code="residence.correct",
    path="/correct-residence",
    purpose="Tiếp nhận và kiểm tra hồ sơ điều chỉnh thông tin về cư trú nộp trực tuyến",
    agency_code=asking.AGENCY,
    system_code=asking.SYSTEM,
    releases=asking.WITH_HOUSEHOLD,
    guide=Guide(
        lead="correct.lead",
        office="office.registered",
        conditions=("correct.condition_head", "correct.condition_proof", "correct.condition_civil"),
        half_days=6,
        fee=0,
    ),
    sections=SECTIONS,
)
