"""RFC 8693 under attack: stolen, dead, bound, delegated and chained tokens (attacks 13, 18, 28, 29 and 52)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.grant import LoadedGrant
from idp.domain.outcomes import Interact, IssuedTokens
from idp.protocol import sender_constraint
from idp.protocol.rfc8693_token_exchange import delegation
from keys.proof import Presented
from tests.idp_protocol.acts import error_of, visit
from tests.idp_protocol.exchanges import (
    CITIZEN,
    CITIZEN_GRANT,
    COUNTER,
    DEPUTY,
    DEPUTY_ACCOUNT,
    DEPUTY_GRANT,
    SCOPES,
    again,
    child,
    claims_of,
    exchange,
    jwt_of,
    party,
    passed_on,
)
from tests.idp_protocol.test_rfc9396_rich_requests import OTHER
from tests.idp_protocol.world import (
    ACCOUNT,
    LOCKED,
    NOW,
    REGISTRY,
    facts,
)

# ---------------------------------------------------------------- attacks 13, 18, 28, 29 and 52


@pytest.mark.attack
@pytest.mark.parametrize("place", ["subject", "actor"])
@pytest.mark.parametrize(
    "change",
    [
        {"grant": {"client_id": "other"}},
        {"grant": {"expires_at": NOW}},
        {"grant": {"account_id": ""}},
        {"access": {"expires_at": NOW}},
        {"access": {"token_hash": b"x" * 32}},
        {"account": LOCKED},
        {"account": None},
        {"account": replace(ACCOUNT, account_id="somebody")},
        {"dead": True},
    ],
)
def test_neither_token_may_be_another_clients_dead_or_of_a_locked_person(
    place: str, change: dict[str, Any]
) -> None:
    """Attacks 13 and 28 (GHSA-xqxv-4jc2-x56x, CVE-2023-22492): judged for both parties alike."""
    grant, secret = (CITIZEN_GRANT, CITIZEN) if place == "subject" else (DEPUTY_GRANT, DEPUTY)
    account: Any = ACCOUNT if place == "subject" else DEPUTY_ACCOUNT
    if "account" in change:
        account = change["account"] and replace(change["account"], account_id=account.account_id)
        if change["account"] and change["account"].account_id == "somebody":
            account = change["account"]
    known = party(
        replace(grant, **change.get("grant", {})),
        secret,
        account,
        scopes=grant.scopes,
        **change.get("access", {}),
    )
    if "dead" in change:
        known = replace(known, grant=None)
    decision = exchange(**{place: known})
    assert error_of(decision) == "invalid_request"
    assert decision.writes == ()


@pytest.mark.attack
def test_delegation_needs_the_persons_own_word() -> None:
    """Attack 52: without ``delegation`` in the citizen's token, no deputy; the deputy's own scope is no word."""
    silent = replace(CITIZEN_GRANT, scopes=("openid", "registry:verify"))
    deputy = party(replace(DEPUTY_GRANT, scopes=SCOPES), DEPUTY, DEPUTY_ACCOUNT)
    assert error_of(exchange(party(silent, CITIZEN, ACCOUNT), deputy)) == "invalid_request"
    narrowed = party(CITIZEN_GRANT, CITIZEN, ACCOUNT, scopes=("openid", "registry:verify"))
    assert error_of(exchange(narrowed)) == "invalid_request"


def test_the_persons_word_is_asked_for_each_time() -> None:
    """Decree 69/2024, Art. 19: ``delegation`` always asks, whatever the client, and is never kept."""
    consents = {"portal": frozenset({"profile", "delegation"})}
    known = facts(client=COUNTER, account=replace(ACCOUNT, consents=consents))
    decision = visit(known, scope="openid profile delegation")
    assert isinstance(decision.outcome, Interact)
    assert decision.outcome.path == "/consent"
    assert error_of(visit(known, scope="openid delegation", prompt="none")) == "consent_required"


@pytest.mark.attack
def test_nobody_acts_for_themselves_and_no_machine_for_anybody() -> None:
    """Section 1.1: an actor is another person; a client's own token stands for none."""
    self_made = party(replace(DEPUTY_GRANT, account_id="account-1"), DEPUTY, ACCOUNT)
    assert error_of(exchange(actor=self_made)) == "invalid_request"
    machine = party(replace(DEPUTY_GRANT, account_id=""), DEPUTY, None)
    assert error_of(exchange(actor=machine)) == "invalid_request"


@pytest.mark.attack
@pytest.mark.parametrize(
    "scope", ["registry:release", "address", "openid", "offline_access", "profile address", "x"]
)
def test_scope_never_widens(scope: str) -> None:
    """Attack 18 and 52: beyond the citizen's token is invalid_scope; signing in is never passed on."""
    decision = exchange(scope=scope)
    assert error_of(decision) == "invalid_scope"
    assert decision.writes == ()


def test_scope_narrows() -> None:
    """RFC 6749 section 3.3: what is asked for, in the order asked; what the client has lost is gone."""
    assert claims_of(exchange(scope="registry:verify"))["scope"] == "registry:verify"
    assert "pid" not in claims_of(exchange(scope="registry:verify"))
    lost = replace(COUNTER, scopes=COUNTER.scopes - {"pid"})
    assert claims_of(exchange(client=lost))["scope"] == "profile registry:verify"


@pytest.mark.attack
def test_life_never_passes_the_parents() -> None:
    """Attack 52: the earliest end of both tokens and both grants, and five minutes at most."""
    assert claims_of(exchange())["exp"] == NOW + 300
    short = {"expires_at": NOW + 40}
    for place, grant, secret, account in (
        ("subject", CITIZEN_GRANT, CITIZEN, ACCOUNT),
        ("actor", DEPUTY_GRANT, DEPUTY, DEPUTY_ACCOUNT),
    ):
        for known in (
            party(grant, secret, account, **short),
            party(replace(grant, **short), secret, account),
        ):
            decision = exchange(**{place: known})
            assert claims_of(decision)["exp"] == NOW + 40
            assert decision.outcome.expires_in == 40
            assert child(decision).expires_at == NOW + 40


# ---------------------------------------------------------------- JWT access tokens and chains


@pytest.mark.attack
def test_chains_are_wished_nested_and_bounded() -> None:
    """Section 4.1 and attack 52: passing on is asked for; earlier actors stay inside; three at most, no circle."""
    assert error_of(again(exchange())) == "invalid_request", "delegation was not asked for"
    first = exchange(scope="delegation registry:verify")
    second = passed_on(first, "third")
    assert claims_of(second)["act"] == {"sub": "subject-third", "act": {"sub": "subject-of-the-deputy"}}
    assert set(child(first).parents) < set(child(second).parents), "cut anywhere, dead everywhere"
    third = passed_on(second, "fourth")
    assert [*delegation.actors(claims_of(third)["act"])] == [
        "subject-fourth",
        "subject-third",
        "subject-of-the-deputy",
    ]
    assert error_of(passed_on(third, "fifth")) == "invalid_request"
    assert error_of(passed_on(second, "third")) == "invalid_request"
    claims, known = jwt_of(first)
    deputy = replace(
        known, account=DEPUTY_ACCOUNT, grant=LoadedGrant(replace(child(first), account_id="account-2"))
    )
    refused = exchange(actor=deputy, jwts={"jwt": claims}, actor_token="jwt")
    assert error_of(refused) == "invalid_request", "who acts for somebody is no actor"


@pytest.mark.attack
def test_a_jwt_says_no_more_than_it_says() -> None:
    """Attack 52: its own scope, details, end and audience count, not its grant's."""
    first = exchange(scope="delegation registry:verify")
    assert error_of(again(first, exp=NOW)) == "invalid_request"
    assert error_of(again(first, exp="never")) == "invalid_request"
    assert error_of(again(first, aud=["x"])) == "invalid_request"
    assert error_of(again(first, iss="https://evil.example")) == "invalid_request"
    assert error_of(again(first, scope="registry:verify")) == "invalid_request", "no delegation in it"
    assert error_of(again(first, jti="other.jti")) == "invalid_request"
    assert error_of(again(first, aud="https://elsewhere.example")) == "invalid_target"
    assert claims_of(again(first, exp=NOW + 9))["exp"] == NOW + 9
    claims, known = jwt_of(first)
    third = party(replace(DEPUTY_GRANT, subject="subject-third"), DEPUTY, DEPUTY_ACCOUNT)
    two = replace(COUNTER, resources=frozenset({REGISTRY, OTHER}))
    values = {"client": two, "jwts": {"jwt": claims}, "subject_token": "jwt"}
    assert claims_of(exchange(known, third, resource=REGISTRY, **values))["aud"] == REGISTRY
    assert error_of(exchange(known, third, resource=OTHER, **values)) == "invalid_target"


def test_may_act_names_the_only_actor() -> None:
    """Section 4.4."""
    first = exchange(scope="delegation registry:verify")
    assert claims_of(again(first, may_act={"sub": "subject-third"}))["act"]["sub"] == "subject-third"
    for other in (
        {"sub": "subject-x"},
        {},
        "subject-third",
        {"sub": "subject-third", "iss": "https://evil.example"},
    ):
        assert error_of(again(first, may_act=other)) == "invalid_request"


# ---------------------------------------------------------------- sender constraint


@pytest.mark.attack
@pytest.mark.parametrize("place", ["subject", "actor"])
def test_a_bound_token_is_shown_with_its_key(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Section 5 with RFC 9449 and RFC 8705, attack 29: a stolen bound token is worth nothing here either."""
    grant, secret, account = (
        (CITIZEN_GRANT, CITIZEN, ACCOUNT) if place == "subject" else (DEPUTY_GRANT, DEPUTY, DEPUTY_ACCOUNT)
    )
    by_certificate = party(grant, secret, account, x5t_s256="c" * 43)
    assert error_of(exchange(**{place: by_certificate})) == "invalid_request"
    by_key = party(grant, secret, account, jkt="k" * 43)
    assert error_of(exchange(**{place: by_key})) in {"invalid_dpop_proof", "invalid_request"}
    monkeypatch.setattr(sender_constraint, "proven", lambda *_, **__: Presented(None, "c" * 43))
    assert isinstance(exchange(**{place: by_certificate}).outcome, IssuedTokens)
    monkeypatch.setattr(sender_constraint, "proven", lambda *_, **__: Presented(None, "d" * 43))
    assert error_of(exchange(**{place: by_certificate})) == "invalid_request"


@pytest.mark.attack
def test_a_bound_jwt_too() -> None:
    """RFC 7800 section 3.1: by its cnf; a binding that we do not know is no licence."""
    first = exchange(scope="delegation registry:verify")
    for cnf in ({"x5t#S256": "c" * 43}, {"jkt": "k" * 43}, {"kid": "?"}, "x", {}):
        assert error_of(again(first, cnf=cnf)) in {"invalid_request", "invalid_dpop_proof"}
