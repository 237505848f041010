"""RFC 7591 and OpenID Connect Dynamic Client Registration 1.0: what may be registered, by whom, as what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.client import PartyKind
from idp.domain.errors import ProtocolError
from idp.domain.facts import InitialAccess
from idp.domain.policy import Registration
from idp.domain.writes import CountAttempt, UseInitialAccess
from idp.protocol.offer import Offer
from idp.protocol.oidc_pairwise import sector
from idp.protocol.provider_metadata import document
from idp.protocol.rfc7591_registration.deciding import sound, token_hash
from idp.protocol.rfc7591_registration.documents import ClientInformation
from idp.protocol.rfc7591_registration.members import BY_NAME, MEMBERS
from idp.protocol.rfc7591_registration.sectors import AskSector, SectorDocument
from idp.protocol.rfc7591_registration.terms import of_operators
from tests.idp_protocol.registering import BY_TOKEN, CALLBACK, EC, JWKS, OPEN, refusal_of, register, saved
from tests.idp_protocol.world import CLIENT, NOW, POLICY, facts

CIBA = "urn:openid:params:grant-type:ciba"
SECTOR = "https://app.example/sector.json"


def test_the_least_that_can_be_said_becomes_a_whole_client() -> None:
    """RFC 7591 sections 2 and 3.2.1, OpenID 2: every default is filled in and told; only hashes are kept."""
    decision = register()
    client, told = saved(decision), decision.outcome.document
    assert decision.outcome.created
    assert told["client_id"] == client.client_id
    assert (told["grant_types"], told["response_types"]) == (["authorization_code"], ["code"])
    assert told["token_endpoint_auth_method"] == "client_secret_basic"
    assert told["application_type"] == "web"
    assert told["id_token_signed_response_alg"] == "RS256"
    assert told["client_secret_expires_at"] == 0
    assert told["client_id_issued_at"] == NOW
    assert told["registration_client_uri"].endswith("/register/" + client.client_id)
    assert client.secret_hash == token_hash(told["client_secret"])
    assert client.registration_token_hash == token_hash(told["registration_access_token"])
    assert client.shared_secret is None
    assert len({told["client_id"], told["client_secret"], told["registration_access_token"]}) == 3
    assert len(told["client_secret"]) == len(told["registration_access_token"]) == 43


EVERYTHING: dict[str, Any] = {
    "redirect_uris": [CALLBACK, "https://app.example/other?kept=1"],
    "response_types": ["code"],
    "grant_types": ["authorization_code", "refresh_token"],
    "application_type": "web",
    "scope": "email openid profile",
    "contacts": ["ky-thuat@app.example"],
    "client_uri": "https://app.example/",
    "logo_uri": "https://app.example/logo.png",
    "policy_uri": "https://app.example/chinh-sach",
    "tos_uri": "https://app.example/dieu-khoan",
    "software_id": "app",
    "software_version": "2.1",
    "jwks": JWKS,
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_signing_alg": "ES256",
    "subject_type": "pairwise",
    "id_token_signed_response_alg": "PS256",
    "id_token_encrypted_response_alg": "RSA-OAEP-256",
    "id_token_encrypted_response_enc": "A256GCM",
    "userinfo_signed_response_alg": "ES256",
    "userinfo_encrypted_response_alg": "ECDH-ES",
    "userinfo_encrypted_response_enc": "A128GCM",
    "request_object_signing_alg": "ES256",
    "request_object_encryption_alg": "RSA-OAEP-256",
    "request_object_encryption_enc": "A128CBC-HS256",
    "request_uris": ["https://app.example/request.jwt#abc_123"],
    "default_max_age": 3600,
    "require_auth_time": True,
    "default_acr_values": ["urn:example:vn:acr:l2-a1"],
    "initiate_login_uri": "https://app.example/login",
    "post_logout_redirect_uris": ["https://app.example/bye"],
    "backchannel_logout_uri": "https://app.example/backchannel",
    "backchannel_logout_session_required": True,
    "frontchannel_logout_uri": "https://app.example/frontchannel",
    "frontchannel_logout_session_required": True,
    "require_pushed_authorization_requests": True,
    "require_signed_request_object": True,
    "authorization_signed_response_alg": "ES256",
    "authorization_encrypted_response_alg": "ECDH-ES+A128KW",
    "authorization_encrypted_response_enc": "A128CBC-HS256",
    "introspection_signed_response_alg": "ES256",
    "introspection_encrypted_response_alg": "ECDH-ES+A256KW",
    "introspection_encrypted_response_enc": "A256CBC-HS512",
    "dpop_bound_access_tokens": True,
    "tls_client_certificate_bound_access_tokens": True,
    "backchannel_token_delivery_mode": "poll",
    "backchannel_authentication_request_signing_alg": "ES256",
    "backchannel_user_code_parameter": True,
    "fapi2_profile": "security",
}


def test_every_accepted_member_is_kept_and_told() -> None:
    """RFC 7591 section 3.2.1: "the authorization server MUST return all registered metadata about this client"."""
    decision = register(**EVERYTHING)
    assert isinstance(decision.outcome, ClientInformation), decision.outcome
    told = decision.outcome.document
    assert {name: told.get(name) for name in EVERYTHING} == EVERYTHING
    client = saved(decision)
    for member in MEMBERS:
        assert hasattr(client, member.field)
    assert "client_secret" not in told
    assert "client_secret_expires_at" not in told


def test_what_was_told_can_be_registered_again() -> None:
    """RFC 7592 section 2.2: an update repeats what the client was told; so each value passes its own reader."""
    for decision in (register(), register(**EVERYTHING)):
        told = dict(decision.outcome.document)
        again = register(document=told)
        assert isinstance(again.outcome, ClientInformation), again.outcome
        assert {name: again.outcome.document.get(name) for name in BY_NAME if name in told} == {
            name: value for name, value in told.items() if name in BY_NAME
        }


@pytest.mark.parametrize(
    ("application", "uri", "good"),
    [
        ("web", "https://app.example/callback?a=b", True),
        ("web", "http://127.0.0.1/callback", False),
        ("web", "http://localhost:3000/callback", False),
        ("web", "com.example.app:/callback", False),
        ("native", "com.example.app:/callback", True),
        ("native", "com.example.app://callback", True),
        ("native", "myapp:/callback", False),
        ("native", "http://127.0.0.1/callback", True),
        ("native", "http://[::1]:5000/callback", True),
        ("native", "http://localhost/callback", True),
        ("native", "https://app.example/callback", True),
        ("native", "http://app.example/callback", False),
    ],
)
def test_the_application_type_says_which_redirects_may_be(application: str, uri: str, good: bool) -> None:
    """OpenID 2 (application_type), RFC 8252 sections 7.1 to 7.3 and 8.4."""
    decision = register(redirect_uris=[uri], application_type=application)
    if good:
        assert saved(decision).redirect_uris == (uri,)
    else:
        assert refusal_of(decision)[0] == "invalid_redirect_uri"


def test_a_demo_lets_web_clients_of_this_machine_in() -> None:
    """Only there: plain http to this very machine, and confidential clients that know no PKCE."""
    demo = replace(OPEN, demo=True)
    client = saved(register(demo, redirect_uris=["http://localhost:3000/callback"]))
    assert not client.require_pkce
    assert saved(register(demo, token_endpoint_auth_method="none")).require_pkce
    assert saved(register(redirect_uris=[CALLBACK])).require_pkce
    assert (
        refusal_of(register(demo, redirect_uris=["http://app.example/callback"]))[0] == "invalid_redirect_uri"
    )


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"jwks": JWKS, "jwks_uri": "https://app.example/jwks"}, "jwks"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks"),
        ({"token_endpoint_auth_method": "client_secret_plain"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_signing_alg": "none"}, "token_endpoint_auth_signing_alg"),
        ({"token_endpoint_auth_signing_alg": "HS512"}, "token_endpoint_auth_signing_alg"),
        ({"token_endpoint_auth_signing_alg": "HS256"}, "token_endpoint_auth_signing_alg"),
        (
            {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "ES256"},
            "token_endpoint_auth_signing_alg",
        ),
        ({"tls_client_auth_san_dns": "app.example"}, "tls_client_auth_subject_dn"),
        ({"response_types": ["token"]}, "response_types"),
        ({"response_types": []}, "response_types"),
        ({"grant_types": ["refresh_token"], "response_types": ["code"]}, "grant_types"),
        ({"grant_types": ["password"]}, "grant_types"),
        ({"grant_types": ["authorization_code", "client_credentials"]}, "grant_types"),
        (
            {"grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"]},
            "grant_types",
        ),
        ({"id_token_signed_response_alg": "none"}, "id_token_signed_response_alg"),
        ({"id_token_signed_response_alg": "HS256"}, "id_token_signed_response_alg"),
        ({"id_token_encrypted_response_alg": "RSA1_5", "jwks": JWKS}, "id_token_encrypted_response_alg"),
        ({"id_token_encrypted_response_alg": "RSA-OAEP", "jwks": JWKS}, "id_token_encrypted_response_alg"),
        ({"id_token_encrypted_response_alg": "dir", "jwks": JWKS}, "id_token_encrypted_response_alg"),
        ({"id_token_encrypted_response_alg": "RSA-OAEP-256"}, "id_token_encrypted_response_alg"),
        ({"userinfo_encrypted_response_enc": "A128GCM"}, "userinfo_encrypted_response_alg"),
        ({"request_object_signing_alg": "none", "jwks": JWKS}, "request_object_signing_alg"),
        ({"require_signed_request_object": True}, "jwks"),
        ({"request_object_encryption_enc": "A128GCM"}, "request_object_encryption_alg"),
        ({"application_type": "desktop"}, "application_type"),
        ({"subject_type": "secret"}, "subject_type"),
        ({"default_max_age": -1}, "default_max_age"),
        ({"default_max_age": True}, "default_max_age"),
        ({"default_max_age": "60"}, "default_max_age"),
        ({"require_auth_time": "true"}, "require_auth_time"),
        ({"contacts": "a@b.example"}, "contacts"),
        ({"contacts": ["x"] * 21}, "contacts"),
        ({"contacts": [7]}, "contacts"),
        ({"client_name": "a" * 201}, "client_name"),
        ({"client_name": 7}, "client_name"),
        ({"client_name": "Bộ \u202eCông an"}, "client_name"),
        ({"client_name#vi": "a\u0000b"}, "client_name"),
        ({"client_name": "\u200b"}, "client_name"),
        ({"scope": ["openid"]}, "scope"),
        ({"frontchannel_logout_uri": "https://other.example/out"}, "frontchannel_logout_uri"),
        ({"backchannel_token_delivery_mode": "push"}, "backchannel_token_delivery_mode"),
        ({"backchannel_token_delivery_mode": "ping"}, "backchannel_client_notification_endpoint"),
        ({"authorization_details_types": ["vn_identity_verification"]}, "authorization_details_types"),
        ({"request_uris": ["https://app.example/r#a b"]}, "request_uris"),
        ({"fapi2_profile": "none"}, "fapi2_profile"),
        ({"fapi2_profile": "security"}, "token_endpoint_auth_method"),
        (
            {"fapi2_profile": "security", "token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS},
            "dpop_bound_access_tokens",
        ),
        (
            {
                "fapi2_profile": "security",
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": JWKS,
                "dpop_bound_access_tokens": True,
                "id_token_signed_response_alg": "RS256",
            },
            "id_token_signed_response_alg",
        ),
    ],
)
def test_a_value_that_no_client_may_have_is_named(members: dict[str, Any], named: str) -> None:
    """RFC 7591 sections 2.1 and 3.2.2: invalid_client_metadata says which member, never its value."""
    code, description = refusal_of(register(**members))
    assert code == "invalid_client_metadata"
    assert description == f"The value of {named} cannot be registered"


def test_redirecting_clients_must_say_where_to() -> None:
    """RFC 7591 section 2: "Clients using flows with redirection MUST register their redirection URI values"."""
    for nothing in (None, []):
        assert refusal_of(register(redirect_uris=nothing))[0] == "invalid_redirect_uri"


def test_software_statements_are_never_taken_for_granted() -> None:
    """RFC 7591 section 3.2.2: nobody's statement is approved here; what is none is said to be none."""
    assert refusal_of(register(software_statement="a.b.c"))[0] == "unapproved_software_statement"
    assert refusal_of(register(software_statement={"a": 1}))[0] == "invalid_software_statement"


def test_null_means_absent_and_unknown_members_mean_nothing() -> None:
    """RFC 7591 section 2: "MUST ignore any client metadata sent by the client that it does not understand"."""
    body = {"redirect_uris": [CALLBACK], "jwks": None, "x-anything": {"deep": [1]}, "client_name": "Ứng dụng"}
    told = register(document=body).outcome.document
    assert "x-anything" not in told
    assert told["client_name"] == "Ứng dụng"


def test_names_come_in_vietnamese_and_english() -> None:
    """RFC 7591 section 2.2: language tags; without any name people see where they will be sent."""
    client = saved(register(**{"client_name": "Shop", "client_name#vi": "Cửa hàng"}))
    assert (client.name_vi, client.name_en) == ("Cửa hàng", "Shop")
    assert saved(register()).name_vi == "app.example"
    composed = saved(register(client_name="Cu\u031b\u0309a")).name_vi
    assert composed == "Cửa"


def test_a_shared_secret_for_hmac_is_kept_itself_and_no_other() -> None:
    """OIDC Core section 9: only client_secret_jwt needs the secret back."""
    decision = register(token_endpoint_auth_method="client_secret_jwt")
    client, secret = saved(decision), decision.outcome.document["client_secret"]
    assert (client.shared_secret, client.secret_hash) == (secret.encode(), None)
    public = register(token_endpoint_auth_method="none")
    assert (saved(public).shared_secret, saved(public).secret_hash) == (None, None)
    assert "client_secret" not in public.outcome.document


def test_an_initial_access_token_is_asked_for_and_used_up() -> None:
    """RFC 7591 section 3: the token is spent with the client that it let in, and only then."""
    living = facts(client=None, initial_access=InitialAccess(NOW + 10, 1))
    decision = register(BY_TOKEN, living, token="initial")
    assert UseInitialAccess(token_hash("initial"), NOW) in decision.writes
    assert saved(decision)
    for known, token in (
        (living, None),
        (facts(client=None), "unknown"),
        (facts(client=None, initial_access=InitialAccess(NOW, 1)), "initial"),
        (facts(client=None, initial_access=InitialAccess(NOW + 10, 0)), "initial"),
    ):
        decision = register(BY_TOKEN, known, token=token)
        assert refusal_of(decision)[0] == "invalid_token"
        assert decision.outcome.status == 401
        assert decision.outcome.challenge.startswith("Bearer")
    assert (
        refusal_of(register(BY_TOKEN, living, token="initial", jwks_uri="x"))[0] == "invalid_client_metadata"
    )


def test_registration_is_slowed_down_and_bounded() -> None:
    """RFC 7591 section 5: each attempt counts, good or bad; and there is room for so many clients."""
    for decision in (register(), register(jwks_uri="x"), register(document=None)):
        (counted,) = [each for each in decision.writes if isinstance(each, CountAttempt)]
        assert counted.limit == OPEN.registrations_an_hour
    busy = facts(client=None, throttles={"registration:192.0.2.1": OPEN.registrations_an_hour})
    decision = register(OPEN, busy)
    assert (refusal_of(decision)[0], decision.outcome.status, decision.writes) == ("slow_down", 429, ())
    full = register(OPEN, facts(client=None, registered_clients=OPEN.most_registered))
    assert (refusal_of(full)[0], full.outcome.status) == ("temporarily_unavailable", 503)


def test_several_hosts_need_a_document_that_lists_them() -> None:
    """OpenID 5, OIDC Core 8.1: it is fetched once everything else is right, and must name every redirect URI."""
    several = ["https://app.example/callback", "https://app2.example/callback"]
    assert "sector_identifier_uri" in refusal_of(register(redirect_uris=several))[1]
    asked = register(redirect_uris=several, sector_identifier_uri=SECTOR)
    assert asked.outcome == AskSector(SECTOR)
    assert [type(each) for each in asked.writes] == [CountAttempt]
    decision = register(
        redirect_uris=several, sector_identifier_uri=SECTOR, sector=SectorDocument(SECTOR, [*several, "x"])
    )
    assert sector(saved(decision)) == "app.example"
    assert not any(isinstance(each, CountAttempt) for each in decision.writes)
    for value in (None, {}, "x", several[:1], [], [[]], several * 600):
        refused = register(
            redirect_uris=several, sector_identifier_uri=SECTOR, sector=SectorDocument(SECTOR, value)
        )
        assert "sector_identifier_uri" in refusal_of(refused)[1]
    # A document of another address proves nothing.
    other = SectorDocument("https://app.example/other", several)
    assert isinstance(
        register(redirect_uris=several, sector_identifier_uri=SECTOR, sector=other).outcome, AskSector
    )


@pytest.mark.attack
def test_the_endpoint_is_advertised_only_where_it_is_open() -> None:
    """Discovery 3: derived from the deployment's choice; closed says nothing."""
    for choice in Registration:
        made = document(Offer(replace(POLICY, registration=choice)))
        assert ("registration_endpoint" in made) == (choice is not Registration.CLOSED)


def test_an_operators_client_meets_the_same_rules_with_more_room() -> None:
    """Trusted means more scopes, grants and detail types, not unsound values."""
    sound(CLIENT, of_operators())
    sound(
        replace(CLIENT, authorization_details_types=frozenset({"vn_identity_verification"})), of_operators()
    )
    for unsound in (
        replace(CLIENT, redirect_uris=("javascript:alert(1)",)),
        replace(CLIENT, redirect_uris=("http://portal.example/callback",)),
        replace(CLIENT, token_endpoint_auth_method="private_key_jwt", jwks=None),
        replace(CLIENT, jwks={"keys": [EC.as_dict(private=True)]}),
        replace(CLIENT, logo_uri="data:image/png;base64,x"),
    ):
        with pytest.raises(ProtocolError):
            sound(unsound, of_operators())


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
TEXTS = st.sampled_from(
    [CALLBACK, "https://app.example/x", "openid", "code", "ES256", "RSA-OAEP-256", "ping", "native"]
)
NAMES = st.sampled_from([*BY_NAME, "client_name", "client_name#vi", "software_statement", "client_id"])


@given(st.dictionaries(NAMES, JSON | TEXTS | st.lists(TEXTS, max_size=3), max_size=8), st.booleans())
def test_any_json_gets_a_well_formed_answer(body: dict[str, Any], redirecting: bool) -> None:
    """RFC 7591 section 3.2: a client, a question, or an error in plain ASCII; never an exception."""
    decision = register(document=body | ({"redirect_uris": [CALLBACK]} if redirecting else {}))
    outcome = decision.outcome
    if isinstance(outcome, ProtocolError):
        refusal_of(decision)
        assert outcome.description.isascii()
        assert '"' not in outcome.description
    elif isinstance(outcome, ClientInformation):
        assert orjson.loads(orjson.dumps(outcome.document))["client_id"]
        client = saved(decision)
        assert client.party_kind is PartyKind.PRIVATE
        assert client.scopes <= OPEN.registration_scopes
    else:
        assert isinstance(outcome, AskSector)
