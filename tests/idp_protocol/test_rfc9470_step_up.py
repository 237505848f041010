"""RFC 9470 and OpenID Connect Core 5.5.1.1: which level is wished for, and whether it can be reached."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.assurance import BY_ACR, SUPPORTED, Assurance, authentication_level, reached
from idp.domain.authorization import AuthorizationRequest, ClaimRequest, ClaimsRequest
from idp.protocol.rfc9470_step_up import UNMET, national, wish
from tests.idp_protocol.world import ACCOUNT, GRANT, L1A1, L2A1, L2A2

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


HOLDER = replace(ACCOUNT, resistance=1)
CODE, KEY, HARD = ["pwd", "otp"], ["pop", "user", "mfa"], ["hwk", "pop", "user", "mfa"]


@given(*[st.builds(Assurance, st.integers(1, 2), st.integers(1, 4), st.integers(0, 2))] * 3)
def test_the_order_of_levels_is_partial(one: Assurance, two: Assurance, three: Assurance) -> None:
    """Domain facts, section 6: reflexive, transitive, and equal where each satisfies the other."""
    assert one.satisfies(one)
    assert not (one.satisfies(two) and two.satisfies(three)) or one.satisfies(three)
    assert not (one.satisfies(two) and two.satisfies(one)) or one == two


@pytest.mark.parametrize(
    ("amr", "level", "met"),
    [
        (["pwd"], 1, set()),
        (CODE, 2, set()),
        (["pop", "user"], 1, {"phr"}),
        (KEY, 2, {"phr"}),
        (["pwd", "swk", "pop", "user", "mfa"], 2, {"phr"}),
        (HARD, 2, {"phr", "phrh"}),
        (["hwk"], 1, set()),
        (["face", "pop"], 3, {"phr"}),
    ],
)
def test_phr_says_how_and_the_levels_say_how_strongly(amr: list[str], level: int, met: set[str]) -> None:
    """EAP ACR Values 1.0 section 2: phrh is phr too; neither follows from a level, nor a level from them."""
    assert authentication_level(amr) == level
    for account_level in (1, 2):
        proven = reached(account_level, amr)
        assert {value for value in ("phr", "phrh") if proven.satisfies(BY_ACR[value])} == met
    assert not BY_ACR["phr"].satisfies(BY_ACR[L2A1])


@pytest.mark.parametrize(
    ("values", "essential", "amr", "said"),
    [
        ((), False, KEY, L2A2),
        (("phr",), False, KEY, "phr"),
        (("phr",), False, CODE, L2A2),
        (("phrh", "phr"), False, KEY, "phr"),
        (("phr", "phrh"), False, HARD, "phr"),
        ((L2A1, "phr"), False, KEY, L2A2),
        ((L2A1, "phr"), True, KEY, L2A1),
        (("urn:example:vn:acr:l2-a3", "phr"), True, KEY, "phr"),
    ],
)
def test_the_answer_is_what_was_asked_for(
    values: tuple[str, ...], essential: bool, amr: list[str], said: str
) -> None:
    """Core 5.5.1.1: an essential acr "MUST" match a requested value; phr is said to who asked, in their order."""
    assert wish(asking(*values, essential=essential)).said(reached(2, amr)) == said
    if not essential:
        assert wish(replace(REQUEST, acr_values=values)).said(reached(2, amr)) == said


def test_phr_is_asked_of_whoever_has_a_passkey() -> None:
    """Core 5.5.1.1: a demand out of reach is unmet at once, a wish is let go, a passkey is asked for."""
    once = reached(2, CODE)
    assert wish(asking("phr", essential=True)).judged(ACCOUNT, once) == UNMET
    assert wish(asking("phr")).judged(ACCOUNT, once) is None
    assert wish(asking("phr", essential=True)).judged(HOLDER, once) == 1
    assert wish(asking("phrh", essential=True)).judged(HOLDER, reached(2, KEY)) == UNMET
    assert wish(asking("phr", essential=True)).judged(HOLDER, reached(2, KEY)) is None
    assert wish(asking("urn:example:vn:acr:l2-a3", essential=True)).judged(HOLDER, reached(2, KEY)) == UNMET


def test_a_resource_of_the_country_reads_its_own_levels() -> None:
    """RFC 9068 2.2.1: the registry's rules are about lX-aY, whatever value the ID token named."""
    assert national(replace(GRANT, acr="phr", amr=tuple(KEY)), ACCOUNT) == L2A2
    assert national(replace(GRANT, acr=L2A1, amr=tuple(KEY)), ACCOUNT) == L2A1
    assert national(replace(GRANT, acr="phr"), None) == "phr"
