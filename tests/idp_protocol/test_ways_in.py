"""Rules that were kept on one way in and forgotten on another: each of these succeeded once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.domain.writes import CountAttempt, OpenDecoupled
from idp.protocol import oidc_pairwise
from idp.protocol.client_requests import MOST_FAILURES, WINDOW
from idp.protocol.decoupled_grant import CIBA, DEVICE_CODE
from idp.protocol.oidc_ciba.reading import Asked
from idp.protocol.rfc7591_registration.sectors import SectorDocument
from tests.idp_protocol import holders
from tests.idp_protocol.acts import error_of, redeem, token_request, visit
from tests.idp_protocol.decoupled_world import DESK, POLICE, SUBJECT, TV, admit, ask, device, written
from tests.idp_protocol.registering import CALLBACK, JWKS, refusal_of, register, saved
from tests.idp_protocol.world import ACCOUNT, CLIENT, ISSUER, LOADED, NOW, POLICY, basic, facts, parameters

pytestmark = pytest.mark.attack
KEY = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
PUBLIC_KEYS = {"keys": [KEY.as_dict(private=False)]}
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECTOR = "https://victim.example/sector.json"


# ---------------------------------------------------------------- pairwise subjects


@pytest.mark.parametrize("grant", [DEVICE_CODE, CIBA])
def test_a_sectors_public_list_proves_nothing_for_grants_without_redirects(grant: str) -> None:
    """Attack 51, CIBA 4: a stranger names the portal's own document and gets the portal's pseudonyms by a device."""
    victims = "https://victim.example/callback"
    document = SectorDocument(SECTOR, [victims])
    more = {"backchannel_token_delivery_mode": "poll"} if grant == CIBA else {}
    asked = {
        "redirect_uris": [victims],
        "grant_types": ["authorization_code", grant],
        "sector_identifier_uri": SECTOR,
    } | more
    assert refusal_of(register(sector=document, **asked))[0] == "invalid_client_metadata"
    # Nor does an empty list, of which every client's redirect URIs are members.
    alone = asked | {"redirect_uris": None, "grant_types": [grant]}
    assert refusal_of(register(sector=SectorDocument(SECTOR, []), **alone))[0] == "invalid_client_metadata"
    # Nor keys that the document names, for somebody who does not prove them.
    keys = "https://victim.example/jwks"
    named = SectorDocument(SECTOR, [victims, keys])
    assert refusal_of(register(sector=named, **asked, jwks_uri=keys))[0] == "invalid_client_metadata"
    means = {"jwks_uri": keys, "token_endpoint_auth_method": "private_key_jwt"}
    assert refusal_of(register(sector=document, **asked, **means))[0] == "invalid_client_metadata"
    assert oidc_pairwise.sector(saved(register(sector=named, **asked, **means))) == "victim.example"
    # Where every token goes to a redirect URI of the list, the list is the proof.
    code = asked | {"grant_types": ["authorization_code"]}
    assert oidc_pairwise.sector(saved(register(sector=document, **code))) == "victim.example"


def test_a_private_scheme_borrows_nobodys_host() -> None:
    """Attacks 2 and 51: a scheme with an authority, but codes go to the owner of the scheme."""
    for mine in ("com.evil.app://victim.example/cb", "com.evil.app:/cb"):
        both = {"redirect_uris": ["https://victim.example/callback", mine], "application_type": "native"}
        assert refusal_of(register(**both))[0] == "invalid_client_metadata"
        turned = both | {"redirect_uris": [mine, "https://victim.example/callback"]}
        assert refusal_of(register(**turned))[0] == "invalid_client_metadata"


def test_a_pseudonym_of_another_sector_names_nobody() -> None:
    """Attacks 45 and 51: two clients that compare notes cannot join them, nor reach a person they never met."""
    elsewhere = replace(DESK, client_id="spy", sector_identifier="spy.example")
    theirs = oidc_pairwise.subject(elsewhere, ACCOUNT.account_id, POLICY)
    (own,) = written(ask(login_hint=SUBJECT), OpenDecoupled)
    assert own.request.account_id == ACCOUNT.account_id
    (foreign,) = written(ask(login_hint=theirs), OpenDecoupled)
    assert foreign.request.account_id == "", "it waits for nobody, and the client cannot tell"
    assert error_of(ask(facts(client=POLICE, session=None), login_hint=theirs)) == "unknown_user_id"


# ---------------------------------------------------------------- requests that must be signed


@pytest.mark.parametrize(
    "changes",
    [{"fapi2_profile": "message_signing"}, {"require_signed_request_object": True}],
)
def test_whoever_must_sign_must_sign_on_every_way_in(changes: dict[str, Any]) -> None:
    """FAPI 2.0 Message Signing 5.3, RFC 9101 10.5: at /bc-authorize and /device_authorization as at /authorize."""
    assert error_of(visit(facts(client=replace(CLIENT, **changes)))) == "invalid_request"
    way = {"token_endpoint_auth_method": "private_key_jwt", "jwks": PUBLIC_KEYS}
    desk = replace(DESK, **way, **changes)
    presented = {"client_assertion": made(iss="desk", sub="desk"), "client_assertion_type": ASSERTION_TYPE}
    assert isinstance(admit(facts(client=replace(DESK, **way)), auth=None, **presented).outcome, Asked)
    decision = admit(facts(client=desk), auth=None, **presented)
    assert error_of(decision) == "invalid_request"
    signing = replace(TV, require_signed_request_object=True)
    assert error_of(device(facts(client=signing, session=None, account=None))) == "unauthorized_client"


@pytest.mark.parametrize("grant", [DEVICE_CODE, CIBA])
def test_a_client_that_must_sign_cannot_register_an_unsigned_way_in(grant: str) -> None:
    """The registration says so, before the first request does."""
    asked = {
        "grant_types": ["authorization_code", grant],
        "require_signed_request_object": True,
        "jwks": JWKS,
        "backchannel_token_delivery_mode": "poll",
    }
    assert refusal_of(register(**asked))[0] == "invalid_client_metadata"
    if grant == CIBA:
        signing = "backchannel_authentication_request_signing_alg"
        assert saved(register(**asked, **{signing: "ES256"})).backchannel_authentication_request_signing_alg
        assert refusal_of(register(**asked, **{signing: "RS256"}))[0] == "invalid_client_metadata"


# ---------------------------------------------------------------- one JWT for another


def made(typ: str | None = None, **changes: Any) -> str:
    """A JWT of the client with every claim that any kind of them needs."""
    claims = {
        "iss": "signer", "sub": None, "aud": ISSUER, "iat": NOW, "nbf": NOW, "exp": NOW + 60, "jti": "j-1",
    } | changes  # a table, read by rows  # fmt: skip
    header = {"alg": "ES256", "kid": "k1"} | ({} if typ is None else {"typ": typ})
    return jwt.encode(header, {name: each for name, each in claims.items() if each is not None}, KEY)


def assert_as(text: str, client: Any) -> Any:
    """Redeem the code with this text as the client's assertion."""
    form = {"client_assertion": text, "client_assertion_type": ASSERTION_TYPE}
    return redeem(facts(client=client, grant=LOADED), auth=None, **form)


SIGNER = replace(
    CLIENT, token_endpoint_auth_method="private_key_jwt", secret_hash=None, jwks=PUBLIC_KEYS
)  # a table, read by rows  # fmt: skip
OTHER_KINDS = ("oauth-authz-req+jwt", "dpop+jwt", "at+jwt", "logout+jwt", "token-introspection+jwt", "kb+jwt")


@pytest.mark.parametrize("typ", OTHER_KINDS)
def test_a_jwt_of_another_kind_is_no_assertion(typ: str) -> None:
    """RFC 8725 3.11, RFC 9101 10.8: a request object, which browsers carry, is no proof of the client."""
    own = {"iss": "portal", "sub": "portal"}
    assert error_of(assert_as(made(typ, **own), SIGNER)) == "invalid_client"
    assert error_of(assert_as(made(f"application/{typ.upper()}", **own), SIGNER)) == "invalid_client"
    for good in (None, "JWT", "client-authentication+jwt", "application/client-authentication+jwt"):
        assert error_of(assert_as(made(good, **own), SIGNER)) != "invalid_client"


DESK_SIGNER = replace(DESK, jwks=PUBLIC_KEYS, backchannel_authentication_request_signing_alg="ES256")


def by_request(text: str) -> Any:
    """A back-channel request that is this text."""
    return admit(facts(client=DESK_SIGNER), scope=None, login_hint=None, request=text)


def by_hint(text: str) -> Any:
    """A back-channel request whose person is named by this text."""
    plain = replace(DESK_SIGNER, backchannel_authentication_request_signing_alg=None)
    return admit(facts(client=plain), login_hint=None, login_hint_token=text)


REQUEST = {"iss": "desk", "scope": "openid", "login_hint": SUBJECT, "binding_message": "4821"}
HINT = {"iss": "desk", "sub_id": {"format": "opaque", "id": SUBJECT}}


@pytest.mark.parametrize("typ", [*OTHER_KINDS, "client-authentication+jwt"])
@pytest.mark.parametrize(("way", "claims"), [(by_request, REQUEST), (by_hint, HINT)])
def test_a_jwt_of_another_kind_starts_nothing_at_a_persons_telephone(
    way: Any, claims: dict[str, Any], typ: str
) -> None:
    """The same at /bc-authorize, for signed requests and for login_hint_token."""
    assert isinstance(way(made(**claims)).outcome, Asked)
    assert isinstance(way(made("JWT", **claims)).outcome, Asked)
    if way is by_request and typ == "oauth-authz-req+jwt":
        # CIBA names no type and the certification suite sends this one: what a browser carries asks for a redirect.
        claims = claims | {"response_type": "code"}
    assert error_of(way(made(typ, **claims))) == "invalid_request"


@pytest.mark.parametrize(("way", "claims"), [(by_request, REQUEST), (by_hint, HINT)])
def test_what_could_be_an_assertion_too_is_neither(way: Any, claims: dict[str, Any]) -> None:
    """RFC 9101 10.8: the client as ``sub`` makes an assertion of it, whatever else it says."""
    assert error_of(way(made(**claims, sub="desk"))) == "invalid_request"


@pytest.mark.parametrize("member", ["response_type", "redirect_uri", "response_mode"])
def test_what_was_signed_for_a_browser_is_no_backchannel_request(member: str) -> None:
    """A request object without ``typ`` travels through browsers, and may hold a login_hint as well."""
    assert error_of(by_request(made(**REQUEST, **{member: "code"}))) == "invalid_request"


# ---------------------------------------------------------------- throttles


def test_an_ipv6_network_is_one_guesser() -> None:
    """Attack 38, decision 0005: a /64 has 2^64 addresses and one bucket, at every endpoint that counts."""
    values = parameters(grant_type="client_credentials")
    first, second, other = (
        replace(token_request(values, basic()), address=address)
        for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    )
    assert first.bucket == second.bucket
    assert first.bucket != other.bucket
    assert "192.0.2.1" in replace(first, address="::ffff:192.0.2.1").bucket
    registering = [
        written(register_from(each), CountAttempt)[0].bucket for each in ("2001:db8::1", "2001:db8::2")
    ]
    assert len(set(registering)) == 1


def register_from(address: str) -> Any:
    """A registration from an address."""
    from idp.protocol.rfc7591_registration import deciding
    from idp.protocol.rfc7591_registration.deciding import RegistrationRequest
    from tests.idp_protocol.registering import OPEN, terms

    request = RegistrationRequest({"redirect_uris": [CALLBACK]}, terms(), None, address)
    return deciding.decide(request, facts(client=None), OPEN)


def test_parallel_guesses_of_a_secret_cannot_outrun_the_limit() -> None:
    """Attack 38: the count has its limit in the atomic step, so that 200 guesses at once are 20 guesses."""
    (count,) = written(redeem(auth=basic(secret="wrong")), CountAttempt)
    assert (count.window, count.limit) == (WINDOW, MOST_FAILURES)


# ---------------------------------------------------------------- sizes and letters


def test_words_of_a_request_are_bounded_before_it_is_kept() -> None:
    """Attack 24: twenty words of 60 kB each would be kept sealed for every visit of a stranger."""
    decision = visit(facts(session=None, account=None), acr_values="x" * 60_000)
    (kept,) = [write.interaction for write in decision.writes if hasattr(write, "interaction")]
    assert sum(map(len, kept.request.acr_values)) <= 256
    assert error_of(visit(prompt="x" * 60_000)) == "invalid_request"


def test_a_port_of_other_digits_is_no_port() -> None:
    """Attacks 2 and 3: a pattern took the digits of every script; browsers and headers do not."""
    native = replace(CLIENT, application_type="native", redirect_uris=("http://127.0.0.1/cb",))
    known = facts(client=native)
    assert error_of(visit(known, redirect_uri="http://127.0.0.1:8080/cb")) == ""
    outcome = visit(known, redirect_uri="http://127.0.0.1:٨٠٨٠/cb").outcome
    assert outcome.code == "redirect_uri_unregistered"


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token", "client_credentials", DEVICE_CODE])
def test_whoever_is_nobody_fills_no_store(grant: str) -> None:
    """Attack 59: proofs cost a stranger nothing to make, so those of nobody are not remembered; at /par neither."""
    by_its_owner = holders.ask("authorization_code", holders.showing(holders.proof()))
    assert holders.spent(by_its_owner)
    refused = holders.ask(grant, holders.showing(holders.proof()), auth=basic(secret="wrong"))
    assert error_of(refused) == "invalid_client"
    assert holders.spent(refused) == []
    assert written(refused, CountAttempt), "the guess itself is counted"
