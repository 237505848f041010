"""linked.death, a death in the family (liên thông khai tử): one form of the kin for three bodies.

Decree 63/2024/NĐ-CP, Law on Civil Status 60/2014 Art. 32 to 34: the commune where the person lived last registers the
death; then residence is deleted, the health-insurance card stopped and the survivors' file (funeral support) opened
side by side. The household and its commune are filled in from the registry, so that nobody grieving types them.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from clients.portal_kit.portal import Portal
from clients.portal_kit.procedure import Answers, Guide
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.portal_kit.questions.offering import is_minor, place_answers
from clients.portal_kit.questions.people import members_of

MEMBER, OTHER = "member", "other"
SIGNED, PAPER = "signed", "paper"
SECTIONS: Final = (
    Section(
        "death.who",
        (
            Question(
                "whose",
                Kind.CHOICE,
                "death.whose",
                missing="death.whose_missing",
                options=((MEMBER, "death.whose_member"), (OTHER, "death.whose_other")),
                steers=True,
            ),
            Question(
                "deceased",
                Kind.MEMBER,
                "death.member",
                missing="death.member_missing",
                when=("whose", frozenset({MEMBER})),
                with_me=False,
            ),
            Question(
                "other",
                Kind.NUMBER,
                "death.other",
                hint="death.other_hint",
                when=("whose", frozenset({OTHER})),
            ),
        ),
        text="death.who_text",
    ),
    Section(
        "death.event",
        (
            Question("died", Kind.DAY, "death.died", hint="death.died_hint", missing="death.died_missing"),
            Question(
                "notice_kind",
                Kind.CHOICE,
                "death.notice",
                missing="death.notice_missing",
                options=((SIGNED, "death.notice_signed"), (PAPER, "death.notice_paper")),
            ),
            Question(
                "notice_number",
                Kind.TEXT,
                "death.notice_number",
                hint="death.notice_number_hint",
                missing="death.notice_number_missing",
                longest=40,
            ),
        ),
    ),
    Section(
        "death.home",
        (Question("commune", Kind.COMMUNE, "form.commune", hint="death.commune_hint"),),
        text="death.home_text",
    ),
    Section(
        "death.household",
        (
            Question(
                "new_head",
                Kind.MEMBER,
                "death.new_head",
                hint="death.new_head_hint",
                missing="death.new_head_wrong",
                when=("whose", frozenset({MEMBER})),
                optional=True,
            ),
        ),
    ),
)


async def prefill(portal: Portal, own: Mapping[str, Any]) -> Answers:
    """Most file for somebody of their household, who lived where they live."""
    home = await place_answers(portal, own.get("permanent_address") or own.get("temporary_address"))
    place = {name: home[name] for name in ("province", "commune") if name in home}
    return {"whose": [MEMBER if members_of(own) else OTHER], "notice_kind": [SIGNED], **place}


def judge(inputs: Mapping[str, Any], today: date) -> tuple[tuple[str, str], ...]:
    """A day that has not come; a new head who is the one who died, or is not of age (Law on Residence Art. 10)."""
    wrong = []
    if inputs.get("died", "") > today.isoformat():
        wrong.append(("died", "death.died_ahead"))
    head = inputs.get("new_head") or {}
    if head and head.get("number") == inputs.get("deceased", {}).get("number"):
        wrong.append(("new_head", "death.new_head_died"))
    elif head and is_minor(str(head["birth_date"]), today):
        wrong.append(("new_head", "death.new_head_minor"))
    return tuple(wrong)


def finish(inputs: dict[str, Any]) -> Mapping[str, Any]:
    """The registry's inputs: numbers alone, and the notice of death with whether its issuer signed it."""
    who = inputs["deceased"] if inputs["whose"] == MEMBER else inputs["other"]
    head = inputs.get("new_head")
    notice = {"number": inputs["notice_number"], "signed": inputs["notice_kind"] == SIGNED}
    filed = {
        "deceased": who["number"],
        "died": inputs["died"],
        "notice": notice,
        "commune": inputs["commune"],
    }
    return filed if head is None else filed | {"new_head": head["number"]}


PROCEDURE: Final = described(
    code="linked.death",
    path="/death",
    purpose="Liên thông đăng ký khai tử, xóa đăng ký thường trú, giải quyết mai táng phí, tử tuất",
    agency_code="G22.99.01",
    system_code="22",
    releases=("number", "name", "birth_date", "permanent_address", "temporary_address", "household"),
    guide=Guide(
        lead="death.lead",
        office="death.office",
        conditions=(
            "death.condition_kin",
            "death.condition_notice",
            "death.condition_time",
            "death.condition_papers",
        ),
        half_days=30,
    ),
    sections=SECTIONS,
    prefill=prefill,
    judge=judge,
    finish=finish,
    verifies=(),
    on_behalf=False,
)
