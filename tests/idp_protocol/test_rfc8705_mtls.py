"""RFC 8705: clients known by their certificate, and tokens bound to one, rule by rule and grant by grant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from idp.domain.client import Client
from idp.protocol import provider_metadata, rfc8705_mtls
from idp.protocol.sender_constraint import NOTHING
from keys import Algorithm
from keys.material import public_jwk
from keys.proof import ClientCertificate, TrustAnchors
from tests.idp_protocol.acts import error_of, introspect
from tests.idp_protocol.holders import FORMS, as_client, ask, look, proof, showing, written
from tests.idp_protocol.test_oidc_discovery import OFFER
from tests.idp_protocol.world import (
    ACCESS_STATE,
    CLIENT,
    GRANT,
    LOADED,
    NOW,
    POLICY,
    PUBLIC,
    REFRESH_STATE,
    facts,
)
from tests.keys_proof.certificates import DN, Authority, pem

MOMENT = datetime.fromtimestamp(NOW, UTC)
START = MOMENT - timedelta(days=1)


class Recent(Authority):
    """An authority of the rules' own days."""

    def _begun(
        self, subject: x509.Name, public: Any, start: datetime = MOMENT - timedelta(days=40), days: int = 80
    ) -> x509.CertificateBuilder:
        return super()._begun(subject, public, start, days)


AUTHORITY, STRANGER = Recent("Cơ quan gốc"), Recent("Người lạ")
POLICY_WITH = replace(
    POLICY, client_certificates=True, client_anchors=TrustAnchors.from_pem(pem(AUTHORITY.root))
)
KEY = ec.generate_private_key(ec.SECP256R1())
EVERY = replace(
    CLIENT,
    grant_types=frozenset(FORMS),
    backchannel_token_delivery_mode="poll",
    scopes=CLIENT.scopes | {"registry:verify"},
    secret_hash=None,
)
GRANTS = tuple(FORMS)


def shown(subject: str = DN, authority: Authority = AUTHORITY, **options: Any) -> ClientCertificate:
    """A client's certificate of this week."""
    return authority.client(subject, **({"start": START} | options))


MINE, OTHER = shown(names=(x509.DNSName("client.example.vn"),), key=KEY), shown("CN=Khác,C=VN")
PKI = replace(EVERY, token_endpoint_auth_method="tls_client_auth", tls_client_auth_subject_dn=DN)
OWN = replace(
    EVERY,
    token_endpoint_auth_method="self_signed_tls_client_auth",
    jwks={"keys": [public_jwk(KEY.public_key(), Algorithm.ES256)]},
)


def come(
    client: Client,
    certificate: ClientCertificate | None,
    grant_type: str = "client_credentials",
    **values: Any,
) -> Any:
    """A token request that names its client and shows a certificate."""
    known = values.pop("known", None) or as_client(client)
    return ask(
        grant_type,
        showing(certificate=certificate) if certificate is not None else NOTHING,
        known,
        **({"policy": POLICY_WITH, "auth": None, "client_id": client.client_id} | values),
    )


# ---------------------------------------------------------------- client authentication


@pytest.mark.parametrize("grant_type", GRANTS)
@pytest.mark.parametrize("client", [PKI, OWN], ids=["by authority", "by own key"])
def test_a_certificate_is_the_authentication(client: Client, grant_type: str) -> None:
    """Sections 2.1 and 2.2: client_id and the connection's certificate, on every grant."""
    assert come(client, MINE, grant_type).outcome.token_type == "Bearer"


WRONG: dict[str, tuple[Client, ClientCertificate | None]] = {
    "none": (PKI, None),
    "another subject": (PKI, OTHER),
    "another authority": (PKI, shown(authority=STRANGER)),
    "expired": (PKI, shown(start=MOMENT - timedelta(days=31))),
    "not yet": (PKI, shown(start=MOMENT + timedelta(days=1))),
    "no subject registered": (replace(PKI, tls_client_auth_subject_dn=None), MINE),
    "two subjects registered": (replace(PKI, tls_client_auth_san_dns="client.example.vn"), MINE),
    "a wildcard registered": (
        replace(PKI, tls_client_auth_subject_dn=None, tls_client_auth_san_dns="*.example.vn"),
        MINE,
    ),
    "a disabled client": (replace(PKI, disabled=True), MINE),
    "own key, none shown": (OWN, None),
    "own key, another's": (OWN, OTHER),
    "own key, expired": (OWN, shown(key=KEY, start=MOMENT - timedelta(days=31))),
    "own key, none registered": (replace(OWN, jwks=None), MINE),
}


@pytest.mark.attack
@pytest.mark.parametrize("grant_type", GRANTS)
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_certificate_is_nobody(name: str, grant_type: str) -> None:
    """Sections 2.1 and 2.2 (attack 30, CN and SAN checks): 401 invalid_client, and nothing happens."""
    client, certificate = WRONG[name]
    decision = come(client, certificate, grant_type)
    assert (error_of(decision), decision.outcome.status) == ("invalid_client", 401)
    assert decision.writes == ()


@pytest.mark.parametrize(
    "subject",
    [
        {"tls_client_auth_san_dns": "CLIENT.example.vn"},
        {"tls_client_auth_san_uri": "urn:vn:client:1"},
        {"tls_client_auth_san_email": "van-thu@example.vn"},
    ],
)
def test_a_subject_may_be_an_alternative_name(subject: dict[str, str]) -> None:
    """Section 2.1.2: each kind of name, whole."""
    named = shown(
        names=(
            x509.DNSName("client.example.vn"),
            x509.UniformResourceIdentifier("urn:vn:client:1"),
            x509.RFC822Name("van-thu@example.vn"),
        )
    )
    client = replace(PKI, tls_client_auth_subject_dn=None, **subject)
    assert error_of(come(client, named)) == ""
    assert error_of(come(client, OTHER)) == "invalid_client"


@pytest.mark.attack
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"])
def test_a_certificate_opens_no_other_clients_door(method: str) -> None:
    """Section 2: only clients that registered a TLS method are known by a certificate."""
    client = replace(PKI, token_endpoint_auth_method=method, client_id="portal")
    assert error_of(come(client, MINE)) == "invalid_client"


@pytest.mark.attack
def test_no_other_method_stands_in_for_the_certificate() -> None:
    """RFC 6749 2.3: a client of tls_client_auth with a right secret and no certificate is refused."""
    client = replace(PKI, secret_hash=CLIENT.secret_hash)
    decision = ask("client_credentials", NOTHING, as_client(client), policy=POLICY_WITH)
    assert error_of(decision) == "invalid_client"
    posted = come(client, MINE, client_secret="s3cret-of-the-portal")
    assert error_of(posted) == "invalid_client"


@pytest.mark.attack
def test_without_authorities_nobody_is_trusted() -> None:
    """Section 2.1: a deployment that names no authority refuses tls_client_auth, whoever signed."""
    policy = replace(POLICY_WITH, client_anchors=None)
    assert error_of(come(PKI, MINE, policy=policy)) == "invalid_client"
    assert error_of(come(OWN, MINE, policy=policy)) == ""


def test_keys_of_a_jwks_uri_count() -> None:
    """Section 2.2.2: self-signed clients may publish their keys; without them nobody comes in."""
    client = replace(OWN, jwks=None, jwks_uri="https://portal.example/jwks")
    assert error_of(come(client, MINE, known=as_client(client, fetched_keys=OWN.jwks))) == ""
    assert error_of(come(client, MINE)) == "invalid_client"


# ---------------------------------------------------------------- bound tokens

BOUND = replace(EVERY, tls_client_certificate_bound_access_tokens=True, secret_hash=CLIENT.secret_hash)


@pytest.mark.parametrize("grant_type", GRANTS)
def test_a_token_is_bound_to_the_certificate(grant_type: str) -> None:
    """Section 3: x5t#S256 beside an opaque token; the type stays Bearer; other clients' tokens are not bound."""
    decision = ask(grant_type, showing(certificate=MINE), as_client(BOUND))
    assert decision.outcome.token_type == "Bearer"
    assert written(decision, "access").x5t_s256 == MINE.x5t_s256
    plain = ask(
        grant_type, showing(certificate=MINE), as_client(replace(EVERY, secret_hash=CLIENT.secret_hash))
    )
    assert written(plain, "access").x5t_s256 is None


@pytest.mark.attack
@pytest.mark.parametrize("grant_type", GRANTS)
def test_a_client_of_bound_tokens_gets_no_other(grant_type: str) -> None:
    """Section 3.4 (attack 29, a flag skipped on one path): no certificate, no token, also with a DPoP proof."""
    for keys in (NOTHING, showing(proof())):
        decision = ask(grant_type, keys, as_client(BOUND))
        assert error_of(decision) == "invalid_request"


def test_both_bindings_at_once() -> None:
    """RFC 7800 3.1: a client of both is bound to both."""
    client = replace(BOUND, dpop_bound_access_tokens=True)
    state = written(
        ask("client_credentials", showing(proof(), certificate=MINE), as_client(client)), "access"
    )
    assert state.jkt is not None
    assert state.x5t_s256 == MINE.x5t_s256


def test_a_jwt_names_the_certificate() -> None:
    """Section 3.1: the cnf claim."""
    client = replace(BOUND, resources=frozenset({"https://registry.example"}))
    decision = ask(
        "client_credentials",
        showing(certificate=MINE),
        as_client(client),
        resource="https://registry.example",
    )
    assert decision.outcome.access.claims["cnf"] == {"x5t#S256": MINE.x5t_s256}


def test_introspection_names_the_certificate() -> None:
    """Section 3.2."""
    loaded = replace(LOADED, access=replace(ACCESS_STATE, x5t_s256=MINE.x5t_s256))
    claims = introspect(facts(grant=loaded)).outcome.claims
    assert (claims["cnf"], claims["token_type"]) == ({"x5t#S256": MINE.x5t_s256}, "Bearer")


@pytest.mark.attack
def test_userinfo_answers_only_the_certificates_owner() -> None:
    """Section 3: "the resource server MUST ... verify that the certificate matches"; 401 invalid_token."""
    loaded = facts(grant=replace(LOADED, access=replace(ACCESS_STATE, x5t_s256=MINE.x5t_s256)))
    assert look("Bearer", showing(certificate=MINE), loaded).outcome.claims["sub"] == GRANT.subject
    for keys in (NOTHING, showing(certificate=OTHER), showing(proof())):
        decision = look("Bearer", keys, loaded)
        assert (error_of(decision), decision.outcome.status) == ("invalid_token", 401)


@pytest.mark.attack
def test_a_public_clients_refresh_token_stays_with_its_certificate() -> None:
    """Section 4: refresh tokens of public clients are bound; those of others are not."""
    client = replace(PUBLIC, tls_client_certificate_bound_access_tokens=True)
    born = ask("refresh_token", showing(certificate=MINE), as_client(client), auth=None, client_id="app")
    assert written(born, "refresh").x5t_s256 == MINE.x5t_s256
    family = replace(
        LOADED, grant=replace(GRANT, client_id="app"), refresh=replace(REFRESH_STATE, x5t_s256=MINE.x5t_s256)
    )
    known = as_client(client, grant=family)
    stolen = ask("refresh_token", showing(certificate=OTHER), known, auth=None, client_id="app")
    assert error_of(stolen) == "invalid_grant"
    own = ask("refresh_token", showing(certificate=MINE), as_client(BOUND))
    assert written(own, "refresh").x5t_s256 is None


# ---------------------------------------------------------------- metadata


def test_the_metadata_says_only_what_can_be_checked() -> None:
    """Sections 3.3 and 5: nothing without certificates; no tls_client_auth without authorities; aliases of a host."""
    silent = provider_metadata.document(OFFER)
    assert not any("tls" in name for name in silent)
    assert "self_signed_tls_client_auth" not in silent["token_endpoint_auth_methods_supported"]  # type: ignore[operator]  # a list
    some = provider_metadata.document(replace(OFFER, policy=replace(POLICY, client_certificates=True)))
    assert some["tls_client_certificate_bound_access_tokens"] is True
    methods: Any = some["token_endpoint_auth_methods_supported"]
    assert "self_signed_tls_client_auth" in methods
    assert "tls_client_auth" not in methods
    whole: Any = provider_metadata.document(
        replace(OFFER, policy=replace(POLICY_WITH, mtls_url="https://mtls.dinhdanh.example"))
    )
    for member in ("token", "introspection", "revocation"):
        assert set(rfc8705_mtls.METHODS) <= set(whole[f"{member}_endpoint_auth_methods_supported"])
    aliases = whole["mtls_endpoint_aliases"]
    assert aliases["token_endpoint"] == "https://mtls.dinhdanh.example/token"
    assert {"userinfo_endpoint", "pushed_authorization_request_endpoint"} <= set(aliases)
    assert not {"authorization_endpoint", "end_session_endpoint"} & set(aliases)


def test_a_proof_may_name_the_alias() -> None:
    """Section 5 with RFC 9449 4.3: htu is the address that was called, and both are the provider's."""
    policy = replace(POLICY_WITH, mtls_url="https://mtls.dinhdanh.example")
    for base, expected in (
        ("https://mtls.dinhdanh.example", ""),
        ("https://mtls.evil.example", "invalid_dpop_proof"),
    ):
        decision = come(PKI, None, policy=policy)
        decision = ask(
            "client_credentials",
            showing(proof(htu=f"{base}/token"), certificate=MINE),
            as_client(PKI),
            policy=policy,
            auth=None,
            client_id="portal",
        )
        assert error_of(decision) == expected
