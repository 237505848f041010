"""linked.birth as the counter asks it (liên thông khai sinh): who the parent is and where they live is typed here.

The national portal reads both from the parent's released record (`clients.national_portal.linked_birth`); at a desk
nobody's record is open before the parent agrees. The answers become the very same inputs, so the registry and the
three bodies behind it see no difference (Decree 63/2024/NĐ-CP). The parent who is here agrees to the dossier; the
other one is asked by the registry where the child will not live with both (Law on Residence 68/2020, Art. 12).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from clients.national_portal import linked_birth
from clients.national_portal.linked_birth import (
    KINDS,
    PARENTS,
    SEXES,
    SLIP_NUMBER,
    SYLLABLES,
    other_role,
)
from clients.portal_kit.portal import Portal
from clients.portal_kit.procedure import Answers, Choices, FormRead
from clients.portal_kit.question import Kind, Question, Section
from clients.portal_kit.questions.described import described
from clients.portal_kit.questions.offering import place_answers
from web import Form

ME: Final = "me"
"""Among the inputs: the parent who files, as the case names them."""


def options(prefix: str, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Values of a choice with their texts, which are the national portal's."""
    return tuple((value, f"{prefix}.{value}") for value in values)


SECTIONS: Final = (
    Section(
        "birth.child",
        (
            Question("family", Kind.TEXT, "birth.family", missing="birth.family_missing", longest=SYLLABLES),
            Question(
                "middle",
                Kind.TEXT,
                "birth.middle",
                missing="birth.family_missing",
                longest=SYLLABLES,
                optional=True,
            ),
            Question("given", Kind.TEXT, "birth.given", missing="birth.given_missing", longest=SYLLABLES),
            Question(
                "sex",
                Kind.CHOICE,
                "birth.sex",
                missing="birth.sex_missing",
                options=options("birth.sex", SEXES),
            ),
            Question("born", Kind.DAY, "birth.born", missing="birth.born_missing"),
            Question(
                "birth_place",
                Kind.TEXT,
                "birth.place",
                hint="birth.place_hint",
                missing="birth.place_missing",
            ),
            Question(
                "hometown",
                Kind.TEXT,
                "birth.hometown",
                hint="birth.hometown_hint",
                missing="birth.hometown_missing",
            ),
            Question(
                "slip_kind",
                Kind.CHOICE,
                "birth.slip",
                missing="birth.slip_missing",
                options=(("signed", "birth.slip.signed"), ("paper", "birth.slip_here")),
            ),
            Question(
                "slip_number",
                Kind.TEXT,
                "birth.slip_number",
                hint="birth.slip_number_hint",
                missing="birth.slip_number_missing",
                longest=SLIP_NUMBER,
            ),
        ),
    ),
    Section(
        "birth.parents",
        (
            Question(
                "role",
                Kind.CHOICE,
                "birth.role",
                missing="birth.role_missing",
                options=options("birth", PARENTS),
            ),
            Question(
                "other",
                Kind.HOLDER,
                "birth.other",
                hint="birth.other_here",
                missing="birth.other_name_missing",
                optional=True,
            ),
        ),
    ),
    Section(
        "birth.home",
        (
            Question("commune", Kind.COMMUNE, "form.commune", hint="birth.commune_hint"),
            Question(
                "live_with",
                Kind.CHOICE,
                "birth.live_with",
                hint="birth.live_with_hint",
                missing="birth.live_with_missing",
                options=options("birth", PARENTS),
            ),
            Question(
                "residence_kind",
                Kind.CHOICE,
                "birth.kind",
                hint="birth.kind_hint",
                missing="birth.kind_missing",
                options=options("birth.kind", KINDS),
            ),
        ),
        text="birth.home_here",
    ),
    Section(
        "birth.insurance",
        (
            Question(
                "facility",
                Kind.TEXT,
                "birth.facility",
                hint="birth.facility_hint",
                missing="form.facility_missing",
            ),
        ),
    ),
)


async def prefill(portal: Portal, own: Mapping[str, Any]) -> Answers:
    """Whoever files here for themselves finds all that their record says; of others at a desk nothing is known."""
    if "sex" not in own:
        return {}
    home = await place_answers(portal, own.get("permanent_address") or own.get("temporary_address"))
    place = {name: home[name] for name in ("province", "commune") if name in home}
    return {**await linked_birth.prefill(portal, own), "role": [linked_birth.role_of(own)], **place}


def judge(inputs: Mapping[str, Any], today: date) -> tuple[tuple[str, str], ...]:
    """A day that has not come; a child who lives with a parent whom nobody named."""
    wrong = []
    if inputs.get("born", "") > today.isoformat():
        wrong.append(("born", "birth.born_ahead"))
    if "other" not in inputs and inputs.get("live_with") not in {"", inputs.get("role")}:
        wrong.append(("live_with", "birth.live_with_missing"))
    return tuple(wrong)


def finish(inputs: dict[str, Any]) -> Mapping[str, Any]:
    """The registry's inputs, as the national portal files them."""
    child = ("family", "middle", "given", "sex", "born", "birth_place", "hometown")
    role = inputs["role"]
    other = {other_role(role): inputs["other"]} if "other" in inputs else {}
    return {
        "child": {name: inputs[name] for name in child if name in inputs},
        role: inputs[ME],
        **other,
        "birth_slip": {"number": inputs["slip_number"], "signed": inputs["slip_kind"] == "signed"},
        **{name: inputs[name] for name in ("commune", "live_with", "residence_kind", "facility")},
    }


DESCRIBED: Final = described(
    code=linked_birth.PROCEDURE.procedure_code,
    path=linked_birth.PROCEDURE.path,
    purpose=linked_birth.PROCEDURE.purpose,
    agency_code=linked_birth.PROCEDURE.agency_code,
    system_code=linked_birth.PROCEDURE.system_code,
    releases=linked_birth.PROCEDURE.releases,
    guide=linked_birth.PROCEDURE.guide,
    sections=SECTIONS,
    prefill=prefill,
    judge=judge,
    finish=finish,
    verifies=(),
    on_behalf=False,
)


def read(form: Form, choices: Choices, today: date) -> FormRead:
    """The answers, and who gives them: number and name as the registry compared them at reception."""
    found = DESCRIBED.read(form, choices, today)
    own = choices["own"]
    me = {"number": str(own["number"]), "name": str(own["name"]["full"])}
    return found if found.errors else FormRead({**found.inputs, ME: me})


PROCEDURE: Final = replace(DESCRIBED, read=read)
