"""OIDC Core section 5.3 and RFC 6750: claims for a bearer of a token."""

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.account import AccountType
from idp.domain.audit import AuditKind
from idp.domain.authorization import ClaimRequest, ClaimsRequest
from idp.protocol.oidc_userinfo import decide
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6750_bearer import BearerRequest
from tests.idp_protocol.acts import error_of, userinfo
from tests.idp_protocol.world import (
    ACCESS,
    ACCESS_STATE,
    ACCOUNT,
    CLIENT,
    GRANT,
    GRANT_ID,
    LOADED,
    LOCKED,
    NOW,
    POLICY,
    REGISTRY,
    facts,
    parameters,
)

KNOWN = facts(grant=LOADED)


def test_claims_of_the_granted_scopes_and_no_other() -> None:
    """Section 5.4; the release is on the log with the names of the claims, never their values."""
    decision = userinfo(KNOWN)
    assert decision.outcome.claims == {
        "sub": "subject-of-the-portal",
        "vn_account_level": 2,
        "vn_auth_level": 1,
        "vn_account_type": "citizen",
        "name": "Nguyễn Văn An",
        "birthdate": "1990-02-03",
        "gender": "male",
    }
    (event,) = decision.audit
    assert event.kind is AuditKind.CLAIMS_RELEASED
    assert "name" in event.claims
    assert "Nguyễn" not in str(event)


def test_an_office_is_told_of_officers_alone() -> None:
    """Role and agency have a scope of their own (``office``): of an officer's account both, of a citizen nothing."""
    scoped = replace(LOADED, access=replace(ACCESS_STATE, scopes=("openid", "office")))
    client = replace(CLIENT, scopes=CLIENT.scopes | {"office"})
    clerk = replace(ACCOUNT, account_type=AccountType.OFFICER, role="counter_clerk", agency="Một cửa")
    told = userinfo(facts(grant=scoped, client=client, account=clerk)).outcome.claims
    assert (told["vn_role"], told["vn_agency"]) == ("counter_clerk", "Một cửa")
    citizen = replace(clerk, account_type=AccountType.CITIZEN)
    for grant, account in ((scoped, citizen), (LOADED, clerk)):
        told = userinfo(facts(grant=grant, client=client, account=account)).outcome.claims
        assert not {"vn_role", "vn_agency"} & set(told)


def test_the_personal_number_has_a_scope_of_its_own() -> None:
    """Decree 69/2024 Art. 19: pid only where it was granted, by scope or by name."""
    assert "pid" not in userinfo(KNOWN).outcome.claims
    scoped = replace(LOADED, access=replace(ACCESS_STATE, scopes=("openid", "pid")))
    client = replace(CLIENT, scopes=CLIENT.scopes | {"pid"})
    assert userinfo(facts(grant=scoped, client=client)).outcome.claims["pid"] == "097000000001"
    asked = ClaimsRequest(
        userinfo={"pid": ClaimRequest(), "gender": ClaimRequest(value="female"), "no": ClaimRequest()}
    )
    named = replace(
        LOADED, grant=replace(GRANT, claims=asked), access=replace(ACCESS_STATE, scopes=("openid",))
    )
    claims = userinfo(facts(grant=named, client=client)).outcome.claims
    assert claims["pid"] == "097000000001"
    assert "gender" not in claims, "asked for another value: left out"


def test_a_profile_cannot_speak_for_the_grant() -> None:
    """Section 5.3.2: sub equals the ID token's, whatever a profile holds."""
    odd = replace(ACCOUNT, profile={"sub": "evil", "acr": "evil", "name": "An"})
    claims = userinfo(facts(grant=LOADED, account=odd)).outcome.claims
    assert claims["sub"] == "subject-of-the-portal"
    assert "acr" not in claims


@pytest.mark.attack
@pytest.mark.parametrize(
    ("known", "text", "code", "status"),
    [
        (facts(grant=None), ACCESS, "invalid_token", 401),
        (KNOWN, "nonsense", "invalid_token", 401),
        (KNOWN, f"{GRANT_ID}.{'x' * 43}", "invalid_token", 401),
        (KNOWN, ACCESS[:-1], "invalid_token", 401),
        (facts(grant=replace(LOADED, access=None)), ACCESS, "invalid_token", 401),
        (
            facts(grant=replace(LOADED, access=replace(ACCESS_STATE, expires_at=NOW))),
            ACCESS,
            "invalid_token",
            401,
        ),
        (
            facts(grant=replace(LOADED, access=replace(ACCESS_STATE, audience=(REGISTRY,)))),
            ACCESS,
            "invalid_token",
            401,
        ),
        (
            facts(grant=replace(LOADED, access=replace(ACCESS_STATE, scopes=("profile",)))),
            ACCESS,
            "insufficient_scope",
            403,
        ),
        (facts(grant=LOADED, account=LOCKED), ACCESS, "invalid_token", 401),
        (facts(grant=LOADED, account=None), ACCESS, "invalid_token", 401),
        (facts(grant=LOADED, client=replace(CLIENT, disabled=True)), ACCESS, "invalid_token", 401),
    ],
)
def test_a_bad_token_gets_a_challenge(known: Any, text: str, code: str, status: int) -> None:
    """RFC 6750 section 3.1 (locked accounts: Zitadel CVE-2023-22492)."""
    decision = userinfo(known, text)
    assert error_of(decision) == code
    assert decision.outcome.status == status
    assert f'error="{code}"' in decision.outcome.challenge
    assert decision.audit == ()


def test_without_a_token_there_is_no_error_code() -> None:
    """RFC 6750 section 3.1: only the challenge."""
    outcome: Any = decide(BearerRequest.read(None, None, Parameters()), KNOWN, POLICY).outcome
    assert outcome.status == 401
    assert "error" not in outcome.challenge


@pytest.mark.parametrize(
    ("header", "body", "query"),
    [
        (f"Bearer {ACCESS}", parameters(access_token=ACCESS), Parameters()),
        (None, None, parameters(access_token=ACCESS)),
        (f"Bearer {ACCESS}", None, parameters(access_token=ACCESS)),
        (None, parameters(access_token=[ACCESS, ACCESS]), Parameters()),
        (None, Parameters(broken=True), Parameters()),
    ],
)
def test_a_token_travels_one_way_only_and_never_in_the_query(header: Any, body: Any, query: Any) -> None:
    """RFC 6750 section 2 and RFC 9700 section 4.3.2."""
    outcome: Any = decide(BearerRequest.read(header, body, query), KNOWN, POLICY).outcome
    assert outcome.code == "invalid_request"
    assert outcome.status == 400


def test_header_and_form_body_both_work() -> None:
    """RFC 6750 sections 2.1 and 2.2; the scheme's case does not matter (RFC 9110 section 11.1)."""
    for request in (
        BearerRequest.read(f"bearer {ACCESS}", None, Parameters()),
        BearerRequest.read(None, parameters(access_token=ACCESS), Parameters()),
    ):
        outcome: Any = decide(request, KNOWN, POLICY).outcome
        assert outcome.claims["sub"] == "subject-of-the-portal"
