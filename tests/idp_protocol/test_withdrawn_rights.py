"""What an operator takes from a client, its old grants lose too: by every grant type, and at UserInfo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.authorization import ClaimRequest, ClaimsRequest
from idp.domain.outcomes import IssuedTokens
from tests.idp_protocol.acts import error_of, redeem, refresh, userinfo
from tests.idp_protocol.decoupled_world import DEVICE, TV, poll, yes
from tests.idp_protocol.world import ACCESS_STATE, CLIENT, GRANT, LOADED, REGISTRY, facts

pytestmark = pytest.mark.attack
ONCE = replace(CLIENT, scopes=CLIENT.scopes | {"pid"}, authorization_details_types=frozenset({"vn_x"}))
WIDE = replace(LOADED, grant=replace(GRANT, scopes=("openid", "profile", "pid")))
DETAILED = replace(LOADED, grant=replace(GRANT, authorization_details=({"type": "vn_x"},)))


@pytest.mark.parametrize("act", [redeem, refresh])
def test_a_scope_that_was_taken_away_is_in_no_new_token(act: Any) -> None:
    """RFC 7592 2.2, attack list 18: the number of a person goes to nobody who may not ask for it any more."""
    before = act(facts(grant=WIDE, client=ONCE), resource=REGISTRY).outcome
    assert before.access.claims["pid"]
    after = act(facts(grant=WIDE), resource=REGISTRY).outcome
    assert isinstance(after, IssuedTokens)
    assert after.scopes == ("openid", "profile")
    assert "pid" not in after.access.claims
    assert after.access.claims["scope"] == "openid profile"


def test_a_device_that_was_approved_for_more_gets_less() -> None:
    """The same by RFC 8628: the registration changed between the yes and the poll."""
    asked = replace(DEVICE, request=replace(DEVICE.request, scopes=("openid", "pid")))
    issued = poll(facts(client=TV, decoupled=yes(asked), session=None)).outcome
    assert issued.scopes == ("openid",)


@pytest.mark.parametrize("act", [redeem, refresh])
def test_with_no_scope_left_there_is_no_token(act: Any) -> None:
    """RFC 6749 5.2: invalid_scope."""
    none = replace(CLIENT, scopes=frozenset({"email"}))
    assert error_of(act(facts(grant=WIDE, client=none))) == "invalid_scope"


@pytest.mark.parametrize("act", [redeem, refresh])
def test_details_of_a_type_that_was_taken_away_end_the_grant(act: Any) -> None:
    """RFC 9396 section 10: also where the token request names none, which was the way around the check."""
    assert error_of(act(facts(grant=DETAILED))) == "invalid_authorization_details"


def test_claims_by_name_end_with_their_scope() -> None:
    """OIDC Core 5.5: a claim by name is of its scope, at UserInfo and in refreshed ID tokens."""
    asked = ClaimsRequest(
        id_token={"pid": ClaimRequest(), "name": ClaimRequest(), "acr": ClaimRequest()},
        userinfo={"pid": ClaimRequest(), "name": ClaimRequest()},
        verified_userinfo=({"verification": {"trust_framework": None}, "claims": {"name": None}},),
    )
    grant = replace(LOADED, grant=replace(GRANT, claims=asked))
    assert userinfo(facts(grant=grant, client=ONCE)).outcome.claims["pid"]
    told = userinfo(facts(grant=grant)).outcome.claims
    assert "pid" not in told
    assert "verified_claims" not in told
    assert told["name"]
    refreshed = refresh(facts(grant=grant)).outcome.id_token.claims
    assert "pid" not in refreshed
    assert refreshed["name"]
    assert refreshed["acr"]
    assert refresh(facts(grant=grant, client=ONCE)).outcome.id_token.claims["pid"]


def test_a_token_that_lives_on_opens_no_claim_that_was_taken_away() -> None:
    """UserInfo: the scopes of an opaque token count as far as its client still has them."""
    scoped = replace(LOADED, access=replace(ACCESS_STATE, scopes=("openid", "pid")))
    assert userinfo(facts(grant=scoped, client=ONCE)).outcome.claims["pid"]
    assert "pid" not in userinfo(facts(grant=scoped)).outcome.claims
