"""RFC 9396 at the registry: what a person agreed to bounds what a token opens; and RFC 9470's age of a sign-in."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from population_registry.verification.asking import Context
from population_registry.verification.catalogue import Catalogue, CatalogueError, read_catalogue
from population_registry.verification.refusals import Refusal, RefusalCode
from population_registry.verification.releasing import read_release
from population_registry.verification.rich_requests import DETAIL_TYPE, read_details, require_within
from tests.registry_verification.people import AN, CATALOGUE, CONTEXT, IDENTITY, NOW, PORTAL, ask

HERE = "https://registry.example"
AGREED = {
    "type": DETAIL_TYPE,
    "procedure": CONTEXT.procedure_code,
    "purpose": CONTEXT.purpose,
    "dossier": CONTEXT.dossier_code,
    "claims": ["name", "birth_date", "permanent_commune"],
}
CODE = CONTEXT.procedure_code


def holder(*details: dict[str, Any], **changed: Any) -> Any:
    """The portal with a person's token that carries these details."""
    read = read_details(list(details), HERE) if details else None
    values = {"person_number": AN, "acr": "urn:example:vn:acr:l2-a2", "details": read}
    return dataclasses.replace(PORTAL, **values | changed)


def changed_catalogue(**changed: Any) -> Catalogue:
    """The catalogue with another entry for temporary residence."""
    return Catalogue({**CATALOGUE.procedures, CODE: dataclasses.replace(CATALOGUE.get(CODE), **changed)})


def refused(details: list[dict[str, Any]], context: Context = CONTEXT, names: Any = IDENTITY) -> str | None:
    """The member at which a question is outside; None when it is within."""
    try:
        require_within(read_details(details, HERE), context, names)
    except Refusal as refusal:
        return refusal.member
    return None


def test_a_question_within_the_details_is_answered() -> None:
    """Same procedure, purpose and dossier, at most the agreed claims; one detail without a dossier fits any."""
    assert ask(AN, IDENTITY, caller=holder(AGREED)).results
    assert refused([AGREED], names={"name"}) is None
    assert refused([{name: value for name, value in AGREED.items() if name != "dossier"}]) is None
    assert refused([AGREED | {"procedure": "bhyt.household"}, AGREED]) is None
    assert refused([AGREED | {"locations": ["https://elsewhere.example", HERE]}]) is None


@pytest.mark.attack
@pytest.mark.parametrize(
    ("changed", "member"),
    [
        ({"procedure": "bhyt.household"}, "procedure_code"),
        ({"purpose": "Another purpose"}, "purpose"),
        ({"dossier": "G01.899.05-261121-999999"}, "dossier_code"),
        ({"claims": ["name"]}, "claims"),
        ({"claims": []}, "claims"),
        ({"locations": ["https://elsewhere.example"]}, "procedure_code"),
        ({"locations": []}, "procedure_code"),
    ],
)
def test_a_question_outside_the_details_is_refused(changed: dict[str, Any], member: str) -> None:
    """A token for one dossier opens no other question, whatever its scopes and the catalogue would allow."""
    assert refused([AGREED | changed]) == member
    with pytest.raises(Refusal) as raised:
        ask(AN, IDENTITY, caller=holder(AGREED | changed))
    assert raised.value.code is RefusalCode.OUTSIDE_AUTHORIZATION_DETAILS


@pytest.mark.attack
def test_two_details_do_not_add_up() -> None:
    """Claims agreed to in two details were agreed to apart: no question takes some from each."""
    assert refused([AGREED | {"claims": ["name"]}, AGREED | {"claims": ["birth_date"]}]) == "claims"


@pytest.mark.attack
def test_a_question_without_a_dossier_is_outside_one_with() -> None:
    """Leaving the dossier out does not widen what was agreed for it."""
    assert refused([AGREED], dataclasses.replace(CONTEXT, dossier_code=None)) == "dossier_code"


def test_details_never_open_what_the_catalogue_closes() -> None:
    """The two intersect: an agreed claim outside the catalogue stays refused by the catalogue."""
    asked = IDENTITY | {"health_insurance": True}
    with pytest.raises(Refusal) as raised:
        ask(AN, asked, caller=holder(AGREED | {"claims": [*AGREED["claims"], "health_insurance"]}))
    assert raised.value.code is RefusalCode.CLAIM_NOT_ALLOWED


def test_releases_are_bounded_too() -> None:
    """Fields of a release are claims of the detail."""
    body = {
        "purpose": CONTEXT.purpose,
        "procedure_code": CODE,
        "dossier_code": CONTEXT.dossier_code,
        "fields": ["name", "birth_date"],
    }
    releaser = holder(AGREED, scopes=frozenset({"registry:release"}))
    assert read_release(body, releaser, CATALOGUE, NOW).fields == ("name", "birth_date")
    with pytest.raises(Refusal) as raised:
        read_release(body | {"fields": ["name", "current_address"]}, releaser, CATALOGUE, NOW)
    assert raised.value.code is RefusalCode.OUTSIDE_AUTHORIZATION_DETAILS


def test_details_of_other_types_say_nothing_here() -> None:
    """RFC 9396 section 2: a type belongs to its resource; where only others are, the scopes decide as ever."""
    assert read_details([{"type": "payment_initiation", "amount": 1}], HERE) is None
    assert read_details(None, HERE) is None
    assert refused([{"type": "payment_initiation"}, AGREED | {"claims": ["name"]}]) == "claims"


def test_a_procedure_may_demand_details() -> None:
    """`details_required`: a token without them is refused, whoever holds it; with them it is judged as above."""
    catalogue = changed_catalogue(details_required=True)
    for caller in (holder(), PORTAL):
        with pytest.raises(Refusal) as raised:
            ask(AN, IDENTITY, caller=caller, catalogue=catalogue)
        assert raised.value.code is RefusalCode.AUTHORIZATION_DETAILS_REQUIRED
    assert ask(AN, IDENTITY, caller=holder(AGREED), catalogue=catalogue).results


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(DETAIL_TYPE),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "claims", "dossier", "purpose", "locations", "x"]), inner)
    ),
    max_leaves=12,
)


@given(values)
def test_whatever_the_claim_holds_it_is_read_or_refused(claim: object) -> None:
    """Never an exception that the gate does not turn into invalid_token."""
    try:
        read_details(claim, HERE)
    except (TypeError, KeyError):
        return


@pytest.mark.parametrize(
    ("age", "enough"), [(0, True), (600, True), (601, False), (None, False), (-60, True)]
)
def test_an_old_sign_in_is_challenged_with_max_age(age: int | None, enough: bool) -> None:
    """RFC 9470 section 3: the challenge names level and age together; a token without auth_time is too old."""
    catalogue = changed_catalogue(maximum_age=600)
    caller = holder(auth_time=None if age is None else int(NOW.timestamp()) - age)
    if enough:
        assert ask(AN, IDENTITY, caller=caller, catalogue=catalogue).results
        return
    with pytest.raises(Refusal) as raised:
        ask(AN, IDENTITY, caller=caller, catalogue=catalogue)
    refusal = raised.value
    assert (refusal.code, refusal.wanted, refusal.max_age) == (
        RefusalCode.INSUFFICIENT_AUTHENTICATION,
        "urn:example:vn:acr:l2-a2",
        600,
    )


def test_a_client_of_its_own_has_no_sign_in_to_be_old() -> None:
    """Neither level nor age binds a token in which no person signed in."""
    assert ask(AN, IDENTITY, catalogue=changed_catalogue(maximum_age=600)).results


@pytest.mark.parametrize("age", ["600", 0, -1, True, 1.5])
def test_a_catalogue_with_a_strange_age_is_not_read(age: object) -> None:
    """A service must not start with an age that nobody understands."""
    entry = {"code": "x", "name_vi": "x", "name_en": "x", "legal_basis": "x", "maximum_age": age}
    with pytest.raises(CatalogueError):
        read_catalogue([entry], claims=frozenset(), fields=frozenset())
