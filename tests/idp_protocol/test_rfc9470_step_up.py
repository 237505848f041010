"""RFC 9470 and OpenID Connect Core 5.5.1.1: which level is wished for, and whether it can be reached."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.assurance import BY_ACR, SUPPORTED
from idp.domain.authorization import AuthorizationRequest, ClaimRequest, ClaimsRequest
from idp.protocol.rfc9470_step_up import UNMET, wish
from tests.idp_protocol.world import ACCOUNT, L1A1, L2A1, L2A2

REQUEST = AuthorizationRequest("portal", "https://portal.example/callback")
REACHED = BY_ACR[L2A1]


def asking(*values: str, essential: bool = False) -> AuthorizationRequest:
    """A request for these levels through ``claims``."""
    wished = ClaimRequest(essential=essential, values=values)
    return replace(REQUEST, claims=ClaimsRequest(id_token={"acr": wished}))


def test_acr_values_are_wishes() -> None:
    """OIDC Core 3.1.2.1: acr_values are "requested as a Voluntary Claim": nothing fails for them."""
    assert wish(replace(REQUEST, acr_values=("urn:nobody:knows",))).judged(ACCOUNT, REACHED) is None
    assert wish(replace(REQUEST, acr_values=(L2A2,))).judged(ACCOUNT, REACHED) == 2


def test_an_essential_level_that_nobody_knows_is_unmet() -> None:
    """OIDC Core 5.5.1.1: "the Authorization Server MUST treat that outcome as a failed authentication attempt"."""
    assert wish(asking("urn:nobody:knows", essential=True)).judged(ACCOUNT, REACHED) == UNMET


def test_a_level_one_account_never_becomes_level_two_by_signing_in() -> None:
    """Decree 69/2024 Art. 9: level 2 needs a visit in person, so an essential wish for it is unmet (section 5)."""
    lower = replace(ACCOUNT, level=1)
    assert wish(asking(L2A2, essential=True)).judged(lower, BY_ACR[L1A1]) == UNMET
    assert wish(asking(L2A2)).judged(lower, BY_ACR[L1A1]) is None


def test_one_of_several_is_enough() -> None:
    """OIDC Core 5.5.1.1: "one of" the values; a level that is reached already asks nothing more."""
    assert wish(asking(L2A2, L2A1, essential=True)).judged(ACCOUNT, REACHED) is None


@pytest.mark.parametrize("value", [None, 7, "", L2A1 + " "])
def test_odd_values_are_unknown_levels(value: object) -> None:
    """OIDC Core 5.5.1: what is not understood cannot be met, and never raises."""
    odd = ClaimsRequest(id_token={"acr": ClaimRequest(essential=True, value=value, values=(value,))})
    assert wish(replace(REQUEST, claims=odd)).judged(ACCOUNT, REACHED) in {None, UNMET}


@given(st.lists(st.sampled_from([level.acr for level in SUPPORTED] + ["x"]), max_size=5), st.booleans())
def test_nothing_is_ever_weakened(values: list[str], essential: bool) -> None:
    """RFC 9470 section 5: an answer without a step means that a wished level is reached, or none was essential."""
    verdict = wish(asking(*values, essential=essential)).judged(ACCOUNT, REACHED)
    satisfied = any(REACHED.satisfies(BY_ACR[value]) for value in values if value in BY_ACR)
    if verdict is None and essential and values:
        assert satisfied
