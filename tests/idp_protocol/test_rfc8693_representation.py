"""RFC 8693 section 4.1 for parents and guardians, as pure decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.accounts.representation import FILE, USE
from idp.domain.account import Account, AccountStatus
from idp.domain.errors import ProtocolError
from idp.domain.facts import Facts
from idp.domain.representation import Authority
from idp.protocol import oidc_pairwise, rfc8693_token_exchange, token
from idp.protocol.rfc6749_framework.authentication import read
from idp.protocol.rfc8693_token_exchange import ACCESS_TOKEN, DEPENDANT, GRANT_TYPE
from idp.protocol.token import TokenRequest
from tests.idp_protocol.exchanges import (
    COUNTER,
    DEPUTY,
    DEPUTY_ACCOUNT,
    DEPUTY_GRANT,
    child,
    claims_of,
    party,
)
from tests.idp_protocol.world import FRESH, L2A2, NOW, POLICY, basic, parameters

CLIENT = replace(COUNTER, scopes=COUNTER.scopes | {"representation", "registry:dossiers"})
GRANTED = ("openid", "pid", "representation", "registry:dossiers", "registry:release")
PARENT = replace(DEPUTY_GRANT, scopes=GRANTED, acr=L2A2)
AUTHORITY = Authority("097000000099", "dependant:097000000099", None, "parent", USE, NOW + 9_000)


def acting(authority: Authority | None = AUTHORITY, grant: Any = PARENT, **values: Any) -> Any:
    """The parent asks for a token of the dependant; ``authority`` is what the registry said."""
    named = oidc_pairwise.subject(CLIENT, authority.key if authority else "x", POLICY)
    form = {
        "grant_type": GRANT_TYPE,
        "subject_token": named,
        "subject_token_type": DEPENDANT,
        "actor_token": DEPUTY,
        "actor_token_type": ACCESS_TOKEN,
    } | values
    made = parameters(**form)
    exchanged = rfc8693_token_exchange.read(made, lambda _: None)
    assert exchanged is not None
    request = TokenRequest(
        *(made, read(made, basic(CLIENT.client_id)), "192.0.2.1", None),
        exchanged=replace(exchanged, authority=authority),
    )
    facts = Facts(NOW, FRESH, client=CLIENT, beside=party(grant, DEPUTY, DEPUTY_ACCOUNT))
    return token.decide(request, facts, POLICY)


@pytest.mark.attack
@given(st.integers(-10, 40_000), st.integers(1, 40_000))
def test_neither_token_nor_grant_lives_into_the_birthday(left: int, grant_left: int) -> None:
    """Attack 52: whatever lifetimes say, exp and the grant's end lie at the birthday's first second or before."""
    grant = replace(PARENT, expires_at=NOW + grant_left)
    decision = acting(replace(AUTHORITY, ends_at=NOW + left), grant)
    if left <= 0:
        assert isinstance(decision.outcome, ProtocolError)
        assert not decision.writes
        return
    assert child(decision).expires_at <= NOW + min(left, grant_left)
    assert claims_of(decision)["exp"] <= NOW + min(left, grant_left, POLICY.jwt_access_lifetime)


@given(st.sets(st.sampled_from([*GRANTED, "delegation", "offline_access", "registry:verify"])), st.booleans())
def test_scopes_are_those_of_the_law_and_of_the_guardians_own_token(asked: set[str], young: bool) -> None:
    """Decree 69/2024 Art. 14(2): from 14 on a parent files, and nothing else."""
    rights = USE if young else FILE
    decision = acting(replace(AUTHORITY, scopes=rights), scope=" ".join(sorted(asked)) or None)
    if isinstance(decision.outcome, ProtocolError):
        assert asked - rights
        return
    assert set(claims_of(decision)["scope"].split()) == (asked or rights)


def test_the_number_is_the_dependants_and_the_act_the_parents() -> None:
    """4.1: nobody's number is said in the place of another's, with an own account or without."""
    claims = claims_of(acting())
    assert claims["pid"] == AUTHORITY.number
    assert claims["act"]["pid"] == DEPUTY_ACCOUNT.personal_number
    own = Account("child", 1, AccountStatus.ACTIVE, personal_number=AUTHORITY.number)
    decision = acting(replace(AUTHORITY, key="child", account=own))
    assert child(decision).account_id == "child"
    assert claims_of(decision)["pid"] == AUTHORITY.number
    assert {event.account_id for event in decision.audit} == {"child", DEPUTY_ACCOUNT.account_id}


@pytest.mark.attack
@pytest.mark.parametrize(
    ("authority", "changes"),
    [
        (None, {}),
        (AUTHORITY, {"subject_token": "another"}),
        (replace(AUTHORITY, account=Account("child", 1, AccountStatus.LOCKED)), {}),
        (replace(AUTHORITY, account=Account("child", 1, AccountStatus.CLOSED)), {}),
        (AUTHORITY, {"grant": replace(PARENT, scopes=("openid", "pid", "registry:dossiers"))}),
        (AUTHORITY, {"grant": replace(PARENT, actor={"sub": "another"})}),
        (AUTHORITY, {"grant": replace(PARENT, acr="urn:example:vn:acr:l2-a1")}),
    ],
)
def test_what_refuses(authority: Authority | None, changes: dict[str, Any]) -> None:
    """Attacks 28 and 52: no word of the registry, another pseudonym, a lock, no consent, a chain, one factor."""
    outcome = acting(authority, **changes).outcome
    assert isinstance(outcome, ProtocolError)
    assert outcome.code == "invalid_request"
