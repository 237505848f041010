"""Implicit and hybrid flows: off until a client registered them by name, and then exactly as Core says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from idp.domain.audit import AuditKind
from idp.domain.authorization import AuthorizationRequest
from idp.domain.errors import ProtocolError
from idp.domain.outcomes import JwtAccessClaims, OpaqueAccess
from idp.domain.session import Interaction, Step
from idp.domain.writes import CreateGrant
from idp.protocol import authorization, authorization_requests
from idp.protocol.authorization import AuthorizationQuery, digest
from idp.protocol.oidc_core.flows import HYBRID_TYPES, IMPLICIT_TYPES
from idp.protocol.oidc_id_token import half_hash
from idp.protocol.parameters import Parameters
from idp.protocol.rfc6749_framework.request import PreloadedRequest
from tests.idp_protocol.acts import error_of, params_of, visit
from tests.idp_protocol.world import CHALLENGE, CLIENT, POLICY, REDIRECT, REGISTRY, authorize, facts

EVERY = (*HYBRID_TYPES, *IMPLICIT_TYPES)
OLD = replace(
    CLIENT,
    response_types=frozenset(EVERY),
    grant_types=frozenset({"authorization_code", "refresh_token", "implicit"}),
)
WITH_ID_TOKEN = [kind for kind in EVERY if "id_token" in kind]


def ask(kind: str, client: Any = OLD, **values: Any) -> Any:
    """A request of an old client."""
    return visit(facts(client=client), response_type=kind, **values)


def birth(decision: Any) -> CreateGrant:
    """The one grant of an answer."""
    (write,) = [each for each in decision.writes if isinstance(each, CreateGrant)]
    return write


@pytest.mark.parametrize("kind", EVERY)
def test_an_answer_brings_exactly_what_the_type_names(kind: str) -> None:
    """3.2.2.5 and 3.3.2.5: code, ID token and access token, each only where asked; by default in the fragment."""
    decision, kinds = ask(kind), set(kind.split())
    outcome, born = decision.outcome, birth(decision)
    assert outcome.mode == "fragment"
    assert ("code" in params_of(decision)) is ("code" in kinds) is (born.code is not None)
    assert (outcome.tokens.access is not None) is ("token" in kinds) is (born.access is not None)
    assert (outcome.tokens.id_token is not None) is ("id_token" in kinds)
    assert params_of(decision)["state"] == "st-1"
    assert params_of(decision)["iss"]


@pytest.mark.parametrize("kind", WITH_ID_TOKEN)
def test_the_id_token_binds_the_code(kind: str) -> None:
    """3.3.2.11: c_hash of the code, with the nonce; at_hash joins when the access token has its text (3.2.2.9)."""
    decision = ask(kind)
    made = decision.outcome.tokens.id_token
    assert made.claims["nonce"] == "n-1"
    code = params_of(decision).get("code")
    assert made.claims.get("c_hash") == (half_hash(code, "ES256") if code else None)
    assert "at_hash" not in made.claims


@pytest.mark.parametrize("kind", EVERY)
def test_without_registration_by_name_there_is_nothing(kind: str) -> None:
    """Registration 2: the response type and the grant types that it needs; an ordinary client has neither."""
    assert error_of(ask(kind, CLIENT)) == "unauthorized_client"
    others = OLD.response_types - {kind}
    assert error_of(ask(kind, replace(OLD, response_types=others))) == "unauthorized_client"
    no_implicit = OLD.grant_types - {"implicit"}
    refused = ask(kind, replace(OLD, grant_types=no_implicit))
    assert error_of(refused) == "unauthorized_client"
    assert refused.writes == ()
    assert refused.outcome.mode == "fragment"


def test_a_hybrid_client_still_needs_the_code_grant() -> None:
    """Registration 2: "code id_token: authorization_code, implicit"."""
    assert error_of(ask("code id_token", replace(OLD, grant_types=frozenset({"implicit"})))) == (
        "unauthorized_client"
    )
    assert error_of(ask("id_token", replace(OLD, grant_types=frozenset({"implicit"})))) == ""


@pytest.mark.parametrize("profile", ["security", "message_signing"])
@pytest.mark.parametrize("kind", EVERY)
def test_a_fapi_client_never_gets_tokens_in_the_front_channel(kind: str, profile: str) -> None:
    """FAPI 2.0 Security Profile 5.3.2.2, even where somebody registered it so."""
    client = replace(OLD, fapi2_profile=profile)
    # As it is judged when it is pushed; unpushed it is refused before.
    preloaded = PreloadedRequest(authorize(response_type=kind), facts(client=client), POLICY)
    with pytest.raises(ProtocolError) as refused:
        authorization_requests.judged(preloaded, client, "fragment", None, signed=True)
    assert refused.value.code == "unsupported_response_type"
    assert error_of(ask(kind, client)) == "invalid_request"


@pytest.mark.attack
@pytest.mark.parametrize(
    "changes", [{"dpop_bound_access_tokens": True}, {"tls_client_certificate_bound_access_tokens": True}]
)
def test_a_client_whose_tokens_are_bound_gets_no_loose_one_here(changes: dict[str, bool]) -> None:
    """Esignet#2596: the required binding forgotten on one path; nobody proves a key in the front channel."""
    client = replace(OLD, **changes)
    for kind in ("code token", "id_token token", "code id_token token"):
        assert error_of(ask(kind, client)) == "unauthorized_client"
    assert error_of(ask("code id_token", client)) == ""


@pytest.mark.parametrize("kind", WITH_ID_TOKEN)
def test_a_nonce_is_required_with_an_id_token(kind: str) -> None:
    """3.2.2.1 and 3.3.2.11."""
    assert error_of(ask(kind, nonce=None)) == "invalid_request"
    assert error_of(ask("code token", nonce=None)) == ""


@pytest.mark.parametrize("kind", EVERY)
def test_the_query_is_no_way_for_tokens(kind: str) -> None:
    """Multiple Response Types 3 and 5; the error itself goes in the fragment."""
    refused = ask(kind, response_mode="query")
    assert error_of(refused) == "invalid_request"
    assert refused.outcome.mode == "fragment"
    assert ask(kind, response_mode="form_post").outcome.mode == "form_post"


@pytest.mark.parametrize(
    "kind", ["token", "none", "code code", "id_token  token", "code token x", "token code id"]
)
def test_other_types_are_unknown(kind: str) -> None:
    """RFC 9700 2.1.2 and Core 3.2: an access token alone is not offered; OAuth 2.0 3.1.1 for the rest."""
    assert error_of(ask(kind, replace(OLD, response_types=frozenset({kind})))) == "unsupported_response_type"


def test_the_order_of_the_values_does_not_matter() -> None:
    """Multiple Response Types 3: both in the request and in the registration."""
    assert "code" in params_of(ask("token id_token code"))
    client = replace(OLD, response_types=frozenset({"id_token code"}))
    assert "code" in params_of(ask("code id_token", client))


def test_an_id_token_needs_openid() -> None:
    """3.1.2.1: without the openid scope it is no OpenID Connect request."""
    assert error_of(ask("id_token", scope="profile")) == "invalid_scope"
    assert error_of(ask("code token", scope="profile")) == ""


def test_pkce_holds_wherever_there_is_a_code() -> None:
    """RFC 9700 2.1.1: the downgrade is refused in the hybrid flow too; without a code there is nothing to bind."""
    assert error_of(ask("code id_token", code_challenge=None)) == "invalid_request"
    assert error_of(ask("code id_token", code_challenge_method="plain")) == "invalid_request"
    assert birth(ask("code id_token")).grant.code_challenge == CHALLENGE
    assert error_of(ask("id_token", code_challenge=None, code_challenge_method=None)) == ""


def test_the_implicit_flow_needs_https() -> None:
    """3.2.2.1: "MUST NOT use the http scheme unless the Client is a native application"."""
    web = replace(OLD, redirect_uris=("http://127.0.0.1:7/cb",))
    assert error_of(ask("id_token", web, redirect_uri="http://127.0.0.1:7/cb")) == "invalid_request"
    native = replace(web, application_type="native")
    assert error_of(ask("id_token", native, redirect_uri="http://127.0.0.1:7/cb")) == ""


def test_claims_of_scopes_stand_in_the_id_token_only_where_no_access_token_is() -> None:
    """5.4: "when no Access Token is issued ... the resulting Claims are returned in the ID Token"; it is audited."""
    alone = ask("id_token")
    assert alone.outcome.tokens.id_token.claims["name"] == "Nguyễn Văn An"
    assert [event.claims for event in alone.audit if event.kind is AuditKind.CLAIMS_RELEASED] == [
        ("vn_account_level", "vn_auth_level", "vn_account_type", "name", "birthdate", "gender")
    ]
    for kind in ("code id_token", "id_token token", "code id_token token"):
        assert "name" not in ask(kind).outcome.tokens.id_token.claims


def test_offline_access_is_ignored_without_a_code() -> None:
    """11: "MUST ignore the offline_access request unless" a code is returned."""
    grant = birth(ask("id_token token", scope="openid offline_access")).grant
    assert "offline_access" not in grant.scopes
    assert not grant.offline


def test_an_access_token_for_the_registry_is_signed_at_the_endpoint() -> None:
    """RFC 8707 and RFC 9068 hold here too: the resource's token is a JWT, ours is opaque."""
    assert isinstance(ask("code token", resource=REGISTRY).outcome.tokens.access, JwtAccessClaims)
    assert isinstance(ask("code token").outcome.tokens.access, OpaqueAccess)


def test_the_log_says_what_was_issued() -> None:
    """A code and tokens are two lines, tokens alone are one."""
    kinds = [event.kind for event in ask("code id_token token").audit]
    assert kinds == [AuditKind.CODE_ISSUED, AuditKind.TOKENS_ISSUED]
    assert [event.kind for event in ask("id_token token").audit] == [AuditKind.TOKENS_ISSUED]


def resumed(client: Any, **changes: Any) -> Any:
    """The same request after the pages, as it was stored."""
    request = AuthorizationRequest(
        "portal",
        REDIRECT,
        "fragment",
        "code id_token token",
        nonce="n-1",
        code_challenge=CHALLENGE,
        **changes,
    )
    secret = "s" * 43
    waiting = Interaction("i", digest(secret) or b"", request, 1, 2**40, step=Step.CONTINUE)
    query = AuthorizationQuery(Parameters(), interaction_cookie=secret, interaction_id="i")
    return authorization.decide(query, facts(client=client, interaction=waiting), POLICY)


def test_the_pages_between_change_nothing() -> None:
    """3.3.2.5: response type, mode and nonce are those of the request that was validated."""
    outcome = resumed(OLD).outcome
    assert outcome.mode == "fragment"
    assert outcome.tokens.access is not None
    assert outcome.tokens.id_token.claims["nonce"] == "n-1"
    assert "code" in dict(outcome.params)


@pytest.mark.attack
def test_a_right_that_was_lost_while_the_person_typed_is_lost() -> None:
    """Keycloak CVE-2026-7571: the response type is judged again, and the visit's parameters change nothing."""
    assert error_of(resumed(CLIENT)) == "unauthorized_client"
    assert error_of(resumed(replace(OLD, fapi2_profile="security"))) == "unsupported_response_type"
