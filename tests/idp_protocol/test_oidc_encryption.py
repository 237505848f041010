"""OpenID Connect Core 1.0 section 10.2: which answers are encrypted, how, and that none ever leaks."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

import idp
from idp.domain.errors import PageProblem
from idp.domain.writes import CreateGrant, RedeemCode, SpendOnce
from idp.endpoints.signing import answer_text, completed, id_token_text
from idp.protocol import oidc_encryption, provider_metadata
from keys import CONTENT_ENCRYPTION, KEY_MANAGEMENT, KeyPurpose, KeyRing
from tests.idp_protocol.acts import error_of, introspect, redeem, refresh, userinfo, visit
from tests.idp_protocol.test_oidc_discovery import OFFER
from tests.idp_protocol.world import CLIENT, GRANT, ISSUER, LOADED, NOW, facts

JWKS = {"keys": [ECKey.generate_key("P-256", {"kid": "enc-1", "use": "enc"}).as_dict(private=False)]}
OPENID = replace(LOADED, grant=replace(GRANT, scopes=("openid", "profile")))
AT_URI = "https://portal.example/keys"


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    """A provider's keys."""
    return KeyRing.create(tmp_path_factory.mktemp("keys") / "idp", profile="idp", mode="demo")


def encrypting(**changes: Any) -> Any:
    """A client that has its ID token encrypted."""
    values = {"jwks": JWKS, "id_token_encrypted_response_alg": "ECDH-ES"} | changes
    return replace(CLIENT, **values)


@pytest.mark.parametrize("act", [redeem, refresh])
def test_each_grant_with_an_id_token_encrypts_it(act: Any) -> None:
    """Section 2: signed, "and optionally both signed and then encrypted"; refreshed ones too."""
    outcome = act(facts(client=encrypting(), grant=OPENID)).outcome
    envelope = outcome.id_token.envelope
    assert (envelope.recipient.kid, envelope.recipient.algorithm) == ("enc-1", "ECDH-ES")
    # Dynamic Client Registration 1.0 section 2: the default of an enc that was not registered.
    assert envelope.enc == "A128CBC-HS256"
    named = encrypting(id_token_encrypted_response_enc="A256GCM")
    assert act(facts(client=named, grant=OPENID)).outcome.id_token.envelope.enc == "A256GCM"
    assert act(facts(grant=OPENID)).outcome.id_token.envelope is None


@pytest.mark.attack
@pytest.mark.parametrize("act", [redeem, refresh])
@pytest.mark.parametrize(
    ("client", "published"),
    [
        (encrypting(jwks=None), None),
        (encrypting(jwks={"keys": []}), None),
        (encrypting(id_token_encrypted_response_alg="RSA-OAEP-256"), None),
        (encrypting(id_token_encrypted_response_alg="RSA1_5"), None),
        (encrypting(jwks_uri=AT_URI), None),
        (encrypting(jwks_uri=AT_URI), {"keys": [{**JWKS["keys"][0], "use": "sig"}]}),
    ],
)
def test_without_a_key_nothing_is_given_and_nothing_spent(act: Any, client: Any, published: Any) -> None:
    """What a client wants encrypted never goes out in the open; its code serves once its keys can be had."""
    decision = act(facts(client=client, grant=OPENID, fetched_keys=published))
    assert error_of(decision) == "temporarily_unavailable"
    assert decision.outcome.status == 503
    assert not [write for write in decision.writes if not isinstance(write, SpendOnce)]
    assert decision.audit == ()


def test_the_published_keys_of_a_jwks_uri_are_taken() -> None:
    """Section 10.2.1: the encrypting party selects from the keys at the recipient's jwks_uri, never from others."""
    client = encrypting(jwks={"keys": []}, jwks_uri=AT_URI)
    decision = redeem(facts(client=client, grant=OPENID, fetched_keys=JWKS))
    assert decision.outcome.id_token.envelope.recipient.kid == "enc-1"
    assert any(isinstance(write, RedeemCode) for write in decision.writes)


def test_a_recipient_is_imported_once_for_a_document() -> None:
    """The plain path costs nothing, the encrypted one imports a key once, and a new document is another one."""
    first, second = (oidc_encryption.envelope("ECDH-ES", None, JWKS) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.recipient is second.recipient
    other = oidc_encryption.envelope("ECDH-ES", None, {"keys": list(JWKS["keys"])})
    assert other is not None
    assert other.recipient is not first.recipient
    assert oidc_encryption.envelope(None, None, None) is None


def test_userinfo_is_signed_encrypted_or_both() -> None:
    """Section 5.3.2: signed with iss and aud; encrypted without a signature it holds the claims as they are."""
    plain = userinfo(facts(grant=OPENID)).outcome
    assert plain.jwt is None
    signing = replace(CLIENT, userinfo_signed_response_alg="PS256")
    signed = userinfo(facts(grant=OPENID, client=signing)).outcome.jwt
    assert (signed.algorithm, signed.envelope) == ("PS256", None)
    assert signed.claims == {**plain.claims, "iss": ISSUER, "aud": "portal"}
    sealed = replace(CLIENT, jwks=JWKS, userinfo_encrypted_response_alg="ECDH-ES+A256KW")
    sealed_only = userinfo(facts(grant=OPENID, client=sealed)).outcome.jwt
    assert (sealed_only.algorithm, sealed_only.claims) == (None, plain.claims)
    both = userinfo(facts(grant=OPENID, client=replace(sealed, userinfo_signed_response_alg="ES256"))).outcome
    assert both.jwt.algorithm == "ES256"
    assert both.jwt.envelope.recipient.algorithm == "ECDH-ES+A256KW"


@pytest.mark.attack
def test_userinfo_that_cannot_be_encrypted_is_not_released() -> None:
    """No claims, no line on the log that says they were released, and no answer in the open."""
    lost = replace(CLIENT, userinfo_encrypted_response_alg="RSA-OAEP-256")
    decision = userinfo(facts(grant=OPENID, client=lost))
    assert error_of(decision) == "temporarily_unavailable"
    assert decision.audit == ()


def test_nothing_unsigned_passes_for_a_jwt(ring: Any) -> None:
    """An answer without algorithm and without envelope is a mistake of ours, never an unsigned token (alg none)."""
    answer = userinfo(
        facts(grant=OPENID, client=replace(CLIENT, userinfo_signed_response_alg="ES256"))
    ).outcome
    with pytest.raises(RuntimeError):
        answer_text(replace(answer.jwt, algorithm=None), KeyPurpose.USERINFO, ring)


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "EdDSA"])
def test_the_id_token_is_signed_as_registered_before_it_is_encrypted(ring: Any, algorithm: str) -> None:
    """Section 16.14: "signed ... and then encrypted"; the inside verifies alone and carries its hash."""
    private = ECKey.generate_key("P-256", {"kid": "k", "use": "enc"})
    client = encrypting(
        jwks={"keys": [private.as_dict(private=False)]}, id_token_signed_response_alg=algorithm
    )
    made = redeem(facts(client=client, grant=OPENID)).outcome.id_token
    token = id_token_text(made, {"at_hash": "x"}, ring)
    opened = jwe.decrypt_compact(token, private, algorithms=["ECDH-ES", "A128CBC-HS256"])
    assert opened.protected["cty"] == "JWT"
    claims = ring.public_keys(KeyPurpose.ID_TOKEN).verify(
        opened.plaintext.decode(), algorithms=[algorithm], typ="JWT"
    )
    assert claims["at_hash"] == "x"
    assert claims["iat"] == NOW


def test_the_metadata_lists_what_the_code_uses() -> None:
    """Discovery 1.0 section 3: every list is the table itself."""
    document = provider_metadata.document(OFFER)
    for answer in ("id_token", "userinfo", "introspection", "authorization"):
        assert document[f"{answer}_encryption_alg_values_supported"] == list(KEY_MANAGEMENT)
        assert document[f"{answer}_encryption_enc_values_supported"] == list(CONTENT_ENCRYPTION)
        assert document[f"{answer}_signing_alg_values_supported"] == ["ES256", "EdDSA", "PS256", "RS256"]


def test_introspection_in_plain_json_stays_plain() -> None:
    """RFC 9701 section 4: the JWT comes only where it was asked for, whatever was registered."""
    assert introspect(facts(grant=LOADED, client=encrypting())).outcome.jwt is None


HYBRID = encrypting(
    response_types=frozenset({"code", "code id_token"}),
    grant_types=frozenset({"authorization_code", "implicit"}),
)


def test_an_id_token_beside_a_code_is_encrypted_too() -> None:
    """Section 3.3.2.5: the registered encryption holds at the authorization endpoint as at the token endpoint."""
    outcome = visit(facts(client=HYBRID), response_type="code id_token").outcome
    assert outcome.tokens.id_token.envelope.recipient.kid == "enc-1"
    assert "c_hash" in outcome.tokens.id_token.claims
    published = facts(client=replace(HYBRID, jwks=None, jwks_uri=AT_URI), fetched_keys=JWKS)
    assert visit(published, response_type="code id_token").outcome.tokens.id_token.envelope is not None


@pytest.mark.attack
def test_beside_a_code_nothing_goes_out_in_the_open_either() -> None:
    """Without a key there is an error and no grant, in the front channel too."""
    decision = visit(facts(client=replace(HYBRID, jwks=None)), response_type="code id_token")
    assert error_of(decision) == "temporarily_unavailable"
    assert not [write for write in decision.writes if isinstance(write, CreateGrant)]


JARM = encrypting(
    id_token_encrypted_response_alg=None,
    authorization_encrypted_response_alg="ECDH-ES+A128KW",
    authorization_encrypted_response_enc="A256GCM",
)


@pytest.mark.parametrize("changes", [{}, {"scope": "unknown"}])
def test_a_signed_answer_is_encrypted_where_registered(ring: KeyRing, changes: dict[str, Any]) -> None:
    """JARM 2.2: "the JWT is signed then encrypted, with the result being a Nested JWT", errors included."""
    private = ECKey.generate_key("P-256", {"kid": "k", "use": "enc"})
    client = replace(JARM, jwks={"keys": [private.as_dict(private=False)]})
    outcome = visit(facts(client=client), response_mode="query.jwt", **changes).outcome
    ((name, token),) = completed(outcome, ring).params
    opened = jwe.decrypt_compact(token, private, algorithms=["ECDH-ES+A128KW", "A256GCM"])
    assert (name, opened.protected["cty"]) == ("response", "JWT")
    inside = ring.public_keys(KeyPurpose.AUTHORIZATION_RESPONSE).verify(
        (opened.plaintext or b"").decode(), algorithms=["ES256"], typ="JWT"
    )
    assert ("error" if changes else "code") in inside
    assert visit(facts(client=client)).outcome.jwt is None, "a plain mode stays plain"


@pytest.mark.attack
@pytest.mark.parametrize("changes", [{}, {"scope": "unknown"}])
def test_a_signed_answer_without_a_key_is_none(changes: dict[str, Any]) -> None:
    """Neither code nor error leaves unencrypted: a page says that there is no answer now, and no code is born."""
    decision = visit(facts(client=replace(JARM, jwks=None)), response_mode="query.jwt", **changes)
    assert isinstance(decision.outcome, PageProblem)
    assert (decision.outcome.code, decision.outcome.status) == ("unavailable", 503)
    assert decision.writes == ()


def test_no_grant_can_forget_the_encryption() -> None:
    """A rule kept on one path and forgotten on another: every maker of ID tokens hands the client's keys on."""
    calls = [
        node
        for file in Path(idp.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"id_token", "oidc_id_token.id_token"}
    ]
    assert calls
    for call in calls:
        assert "published" in {keyword.arg for keyword in call.keywords}, ast.unparse(call)
