"""RFC 9396: the type vn_identity_verification, from the request to the token."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.domain.facts import Facts
from idp.domain.outcomes import Interact, IssuedTokens, JwtAccessClaims, OpaqueAccess, RedirectBack
from idp.domain.session import Interaction, Step
from idp.domain.writes import CreateGrant, UseRefresh
from idp.protocol import authorization, rfc9396_rich_requests, token
from idp.protocol.authorization import AuthorizationQuery, digest
from idp.protocol.offer import Offer
from tests.idp_protocol.acts import error_of, introspect, params_of, redeem, refresh, token_request, visit
from tests.idp_protocol.world import (
    ACCOUNT,
    CLIENT,
    GRANT,
    ISSUER,
    LOADED,
    NOW,
    POLICY,
    REFRESH,
    REGISTRY,
    basic,
    facts,
    parameters,
)

TYPE = "vn_identity_verification"
OTHER = "https://other.example"
DETAIL = {
    "type": TYPE,
    "locations": [REGISTRY],
    "procedure": "1.004194",
    "purpose": "Đăng ký tạm trú tại phường Bến Nghé",
    "dossier": "H29.50.05.13-261122-0975",
    "claims": ["name", "birth_date", "permanent_commune"],
}
BARE = {name: DETAIL[name] for name in ("type", "procedure", "purpose", "claims")}
RICH = replace(
    CLIENT,
    resources=frozenset({REGISTRY, OTHER}),
    authorization_details_types=frozenset({TYPE}),
    scopes=CLIENT.scopes | {"registry:verify"},
)
ASKING = replace(RICH, require_consent=True)
INVALID = "invalid_authorization_details"


def text(*details: Any) -> str:
    """The parameter."""
    return json.dumps(details, ensure_ascii=False)


def granted(*details: Any, client: Any = RICH, **changes: Any) -> Facts:
    """A grant with these details."""
    grant = replace(GRANT, authorization_details=details, **changes)
    return facts(client=client, grant=replace(LOADED, grant=grant))


def changed(**members: Any) -> dict[str, Any]:
    """The detail with other members; None leaves one out."""
    return {name: value for name, value in (DETAIL | members).items() if value is not None}


# ---------------------------------------------------------------- reading


def test_a_good_detail_is_granted_letter_for_letter() -> None:
    """Section 2 and 7: what was asked is what the grant holds."""
    for detail in (DETAIL, BARE):
        decision = visit(facts(client=RICH), authorization_details=text(detail))
        assert "code" in params_of(decision)
        (born,) = [write for write in decision.writes if isinstance(write, CreateGrant)]
        assert born.grant.authorization_details == (detail,)


@pytest.mark.parametrize(
    "detail",
    [
        "vn_identity_verification",
        {},
        {"type": "payment_initiation"},
        changed(type=["vn_identity_verification"]),
        changed(actions=["read"]),
        changed(identifier="097000000001"),
        *(changed(**{name: None}) for name in ("type", "procedure", "purpose", "claims")),
        changed(procedure="../etc"),
        changed(procedure=1.004194),
        changed(procedure="1" * 65),
        changed(procedure="1.004194\n"),
        changed(dossier="H29"),
        changed(dossier=7),
        changed(purpose="ok"),
        changed(purpose="x" * 501),
        changed(purpose="read me \u202e backwards"),
        changed(purpose="two\nlines"),
        changed(purpose={"vi": "Đăng ký"}),
        changed(claims=[]),
        changed(claims="name"),
        changed(claims=["name", "name"]),
        changed(claims=["religion"]),
        changed(claims=[["name"]]),
        changed(claims=[{"name": 1}]),
        changed(locations=[]),
        changed(locations=REGISTRY),
        changed(locations=["https://evil.example"]),
        changed(locations=[ISSUER]),
        changed(locations=[REGISTRY, REGISTRY]),
    ],
)
def test_what_does_not_conform_is_refused(detail: Any) -> None:
    """Section 5: unknown type, unknown, missing, ill-typed and invalid members: invalid_authorization_details."""
    decision = visit(facts(client=RICH), authorization_details=text(detail))
    assert isinstance(decision.outcome, RedirectBack)
    assert error_of(decision) == INVALID
    assert params_of(decision)["state"] == "st-1"
    assert params_of(decision)["iss"] == ISSUER
    assert error_of(visit(facts(client=RICH), authorization_details=text(DETAIL, detail))) == INVALID


@pytest.mark.parametrize(
    "value",
    [
        "[]",
        "{}",
        "null",
        "7",
        "[",
        "[" * 2_000 + "]" * 2_000,
        '[{"type":"vn_identity_verification","type":"x"}]',
        '[],"other":[]',
        text(DETAIL) + ',"other":[]',
        "[NaN]",
        "[1" + "0" * 400 + "]",
        text(*[DETAIL] * 17),
        text(changed(purpose="x" * 8_200)),
    ],
)
def test_what_is_no_array_of_few_objects_is_refused(value: str) -> None:
    """Section 2: a JSON array of objects, no member twice; bounded in length, number and depth."""
    assert error_of(visit(facts(client=RICH), authorization_details=value)) == INVALID


@pytest.mark.attack
def test_only_registered_types() -> None:
    """Section 10: a client without the type cannot ask, at either endpoint (CVE-2024-52287)."""
    assert error_of(visit(facts(client=CLIENT), authorization_details=text(DETAIL))) == INVALID
    known = granted(DETAIL, client=replace(RICH, authorization_details_types=frozenset()))
    assert error_of(redeem(known, authorization_details=text(DETAIL))) == INVALID


@pytest.mark.attack
def test_without_a_place_the_registry_must_be_the_clients() -> None:
    """Section 2.2: leaving ``locations`` out opens no resource that the client is not registered for."""
    elsewhere = replace(RICH, resources=frozenset({OTHER}))
    assert error_of(visit(facts(client=elsewhere), authorization_details=text(BARE))) == INVALID


# ---------------------------------------------------------------- consent


def asked(client: Any, **changes: Any) -> Any:
    """A visit that asks for a detail."""
    return visit(
        facts(client=client, account=replace(ACCOUNT, **changes)), authorization_details=text(DETAIL)
    )


def returned(consented_at: int) -> Any:
    """The return from the pages."""
    made = asked(ASKING)
    (saved,) = made.writes
    interaction: Interaction = replace(
        saved.interaction, step=Step.CONTINUE, consented_at=consented_at, account_id=ACCOUNT.account_id
    )
    cookie = made.outcome.cookie
    assert digest(cookie) == interaction.browser_hash
    query = AuthorizationQuery(parameters(), None, cookie, interaction_id=interaction.interaction_id)
    consents = {"portal": frozenset({"profile"})}
    account = replace(ACCOUNT, consents=consents)
    return authorization.decide(query, facts(client=ASKING, interaction=interaction, account=account), POLICY)


def test_consent_is_asked_for_each_dossier() -> None:
    """Section 12: what was agreed earlier covers scopes, never a detail; a yes in this interaction does."""
    consents = {"portal": frozenset({"profile", "registry:verify"})}
    assert "code" in params_of(visit(facts(client=ASKING, account=replace(ACCOUNT, consents=consents))))
    decision = asked(ASKING, consents=consents)
    assert isinstance(decision.outcome, Interact)
    assert decision.outcome.path == "/consent"
    assert "code" in params_of(returned(NOW))
    assert isinstance(returned(0).outcome, Interact)


def test_silence_is_no_consent() -> None:
    """OIDC Core 3.1.2.1: prompt=none with a detail answers consent_required."""
    consents = {"portal": frozenset({"profile"})}
    known = facts(client=ASKING, account=replace(ACCOUNT, consents=consents))
    assert error_of(visit(known, prompt="none", authorization_details=text(DETAIL))) == "consent_required"


# ---------------------------------------------------------------- tokens


def test_the_token_carries_what_was_granted() -> None:
    """Sections 7 and 9.1: in the answer and in the JWT; without a resource the token is for the details' place."""
    for act in (redeem, refresh):
        outcome = act(granted(DETAIL)).outcome
        assert isinstance(outcome.access, JwtAccessClaims)
        assert outcome.access.claims["aud"] == REGISTRY
        assert outcome.access.claims["authorization_details"] == (DETAIL,)
        assert outcome.authorization_details == (DETAIL,)
        assert act(granted(BARE)).outcome.access.claims["aud"] == REGISTRY, "no place means the registry"


def test_a_token_carries_only_the_details_of_its_audience() -> None:
    """Section 9.1: "filtered to the specific audience"."""
    there = changed(locations=[OTHER], dossier=None)
    both = changed(locations=[REGISTRY, OTHER])
    known = granted(DETAIL, there, both)
    outcome = redeem(known, resource=OTHER).outcome
    assert outcome.access.claims["authorization_details"] == (there, both)
    assert outcome.authorization_details == (there, both)
    assert error_of(redeem(known)) == "invalid_target", "two places: the request must choose"
    own = redeem(known, resource=ISSUER).outcome
    assert isinstance(own.access, OpaqueAccess)
    assert own.authorization_details == ()


def test_narrower_is_granted() -> None:
    """Section 6: fewer claims, details or places, one dossier of all; the refresh token keeps the whole."""
    few = changed(claims=["birth_date"])
    known = granted(DETAIL, changed(procedure="bhyt.household"))
    for act in (redeem, refresh):
        decision = act(known, authorization_details=text(few))
        assert decision.outcome.access.claims["authorization_details"] == (few,)
    assert isinstance(decision.writes[0], UseRefresh)
    assert refresh(known).outcome.authorization_details == known.grant.grant.authorization_details  # type: ignore[union-attr]  # made above
    assert isinstance(
        redeem(granted(BARE), authorization_details=text(BARE | {"dossier": DETAIL["dossier"]})).outcome,
        IssuedTokens,
    )
    both = changed(locations=[REGISTRY, OTHER])
    assert isinstance(redeem(granted(both), authorization_details=text(DETAIL)).outcome, IssuedTokens)


@pytest.mark.attack
@pytest.mark.parametrize(
    "wider",
    [
        changed(claims=[*DETAIL["claims"], "marital_status"]),
        changed(claims=["marital_status"]),
        changed(procedure="bhyt.household"),
        changed(dossier="H29.50.05.13-261122-0976"),
        changed(dossier=None),
        changed(purpose="Một mục đích khác"),
        changed(locations=[OTHER]),
        changed(locations=[REGISTRY, OTHER]),
    ],
)
def test_wider_is_refused(wider: Any) -> None:
    """Section 6: another dossier, purpose, procedure or place, or a claim more, is too much (CVE-2024-52287)."""
    for act in (redeem, refresh):
        for details in ((wider,), (DETAIL, wider)):
            decision = act(granted(DETAIL), authorization_details=text(*details))
            assert error_of(decision) == INVALID
            assert decision.writes == (), "nothing is spent"
        assert error_of(act(facts(client=RICH, grant=LOADED), authorization_details=text(wider))) == INVALID


@pytest.mark.attack
def test_a_detail_cannot_be_left_behind() -> None:
    """Section 6: a token that named no detail would open more than one that does, so none can be asked for."""
    assert error_of(redeem(granted(DETAIL), authorization_details="[]")) == INVALID
    assert redeem(granted(DETAIL), resource=REGISTRY).outcome.authorization_details == (DETAIL,)


def test_a_client_of_its_own_may_ask_too() -> None:
    """Section 6 with RFC 6749 section 4.4: the client's registration is the grant."""
    machine = replace(
        RICH, grant_types=frozenset({"client_credentials"}), scopes=frozenset({"registry:verify"})
    )

    def act(value: str) -> Any:
        form = parameters(grant_type="client_credentials", authorization_details=value)
        return token.decide(token_request(form, basic()), facts(client=machine), POLICY)

    decision = act(text(DETAIL))
    assert decision.outcome.access.claims["authorization_details"] == (DETAIL,)
    assert decision.writes[0].grant.authorization_details == (DETAIL,)
    assert error_of(act(text(changed(locations=["https://evil.example"])))) == INVALID


def test_introspection_tells_the_details() -> None:
    """Section 9.2: of a JWT what it says; of a refresh token what was granted."""
    known = granted(DETAIL)
    jwt = dict(redeem(known).outcome.access.claims)
    assert introspect(known, "no.handle", jwt=jwt).outcome.claims["authorization_details"] == (DETAIL,)
    told = introspect(replace(known, grant=replace(known.grant, access=None)), REFRESH)  # type: ignore[type-var]  # made above
    assert told.outcome.claims["authorization_details"] == (DETAIL,)


def test_metadata() -> None:
    """Section 10: authorization_details_types_supported."""
    assert rfc9396_rich_requests.metadata(Offer(POLICY)) == {"authorization_details_types_supported": [TYPE]}


# ---------------------------------------------------------------- properties

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        name: st.just(value) | JSON for name, value in (DETAIL | {"identifier": "x", "type": TYPE}).items()
    },
)
TEXTS = st.text(max_size=60) | st.lists(MEMBERS | JSON, max_size=3).map(json.dumps)
RUNS = settings(max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@RUNS
@given(TEXTS)
def test_any_text_gets_a_well_formed_answer(value: str) -> None:
    """Section 5: a redirect with a code or a registered error, tokens or a registered error; never an exception."""
    values = {"authorization_details": value}
    decision = visit(facts(client=RICH), **values)
    assert "code" in params_of(decision) or error_of(decision) == INVALID
    for act in (redeem, refresh):
        outcome = act(granted(DETAIL), **values).outcome
        if isinstance(outcome, IssuedTokens):
            assert rfc9396_rich_requests.within(outcome.authorization_details, (DETAIL,), POLICY)
        else:
            assert outcome.code == INVALID
