"""What a relying party believes and refuses, against a provider that signs with real keys."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request

from clients.assertions import KeyAssertion
from clients.portal_kit import levels
from clients.relying_party import LOGOUT_EVENT, RelyingParty, SignedIn, SignInFailed
from keys import KeyPurpose, KeyRing
from tests.clients.provider import ISSUER, Provider

CLIENT = "residence-portal"


@pytest.fixture
def party(provider: Provider, rings: dict[str, KeyRing]) -> RelyingParty:
    """The residence portal's relying party."""
    signer = rings["residence_portal"].signer(KeyPurpose.CLIENT_ASSERTION)
    return RelyingParty(
        issuer=ISSUER,
        client_id=CLIENT,
        redirect_uri="http://localhost:8202/callback",
        scopes=("openid", "pid"),
        id_token_claims=("pid",),
        resource="http://localhost:8100",
        sign=signer.sign,
        transport=provider.transport(),
    )


def browser(session: dict[str, Any], query: str = "") -> Request:
    """A request of the browser that holds ``session``."""
    scope = {"type": "http", "method": "GET", "path": "/callback", "headers": [], "session": session}
    return Request({**scope, "query_string": query.encode()})


async def signed_in(
    party: RelyingParty, provider: Provider, acr: str = levels.FILE, **changed: str
) -> SignedIn:
    """Begin, sign in at the provider, finish."""
    session: dict[str, Any] = {}
    answer = await party.begin(browser(session), acr=acr)
    query = provider.authorize(answer.headers["location"], **changed)
    return await party.finish(browser(session, query), acr_is_enough=levels.enough)


async def test_signing_in(party: RelyingParty, provider: Provider, rings: dict[str, KeyRing]) -> None:
    """Code flow with PKCE, state and nonce, acr demanded as essential, key assertion to the issuer alone."""
    found = await signed_in(party, provider)
    assert (found.subject, found.claims["pid"]) == ("pairwise-lan", "099194000101")
    asked = provider.asked
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["resource"] == "http://localhost:8100"
    wanted = json.loads(asked["claims"])["id_token"]
    assert wanted["acr"] == {"essential": True, "values": [levels.FILE]}
    (form,) = provider.posted
    assert "client_secret" not in form
    assertion = (
        rings["residence_portal"]
        .public_keys()
        .verify(form["client_assertion"], algorithms=("ES256",), typ="JWT")
    )
    assert (assertion["iss"], assertion["sub"], assertion["aud"]) == (CLIENT, CLIENT, ISSUER)
    assert assertion["exp"] - assertion["iat"] <= 60


@pytest.mark.attack
@pytest.mark.parametrize("iss", ["", "http://localhost:9000", ISSUER + "/"])
async def test_mixed_up_issuer(party: RelyingParty, provider: Provider, iss: str) -> None:
    """RFC 9207 section 2.4: a missing or other iss ends the flow before the code is sent anywhere (attack 17)."""
    with pytest.raises(SignInFailed) as refusal:
        await signed_in(party, provider, iss=iss)
    assert refusal.value.code == "mixed_up_issuer"
    assert provider.posted == []


@pytest.mark.attack
async def test_answer_without_our_state(party: RelyingParty, provider: Provider) -> None:
    """Login CSRF: an answer that this browser did not ask for is refused (attack 43, RFC 6749 section 10.12)."""
    for query in (f"code=stolen&iss={ISSUER}", f"code=stolen&state=other&iss={ISSUER}"):
        with pytest.raises(SignInFailed):
            await party.finish(browser({}, query), acr_is_enough=levels.enough)
    assert provider.posted == []


@pytest.mark.attack
async def test_an_answer_works_once(party: RelyingParty, provider: Provider) -> None:
    """The state is gone after its first use, whatever came of it (attack 42)."""
    session: dict[str, Any] = {}
    answer = await party.begin(browser(session), acr=levels.FILE)
    query = provider.authorize(answer.headers["location"])
    await party.finish(browser(session, query), acr_is_enough=levels.enough)
    with pytest.raises(SignInFailed):
        await party.finish(browser(session, query), acr_is_enough=levels.enough)
    assert len(provider.posted) == 1


@pytest.mark.attack
@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "of-somebody-else"},
        {"nonce": None},
        {"aud": "insurance-portal"},
        {"iss": "http://localhost:9000"},
        {"exp": 1_700_000_000},
        {"sub": None},
        {"iat": None},
    ],
)
async def test_id_tokens_that_do_not_hold(
    party: RelyingParty, provider: Provider, wrong: dict[str, Any]
) -> None:
    """OIDC Core 3.1.3.7: nonce, audience, issuer, times and subject are checked (attack 42)."""
    provider.id_token = wrong
    with pytest.raises(SignInFailed):
        await signed_in(party, provider)


@pytest.mark.attack
@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_id_tokens_signed_otherwise(party: RelyingParty, provider: Provider, algorithm: str) -> None:
    """Algorithm none and symmetric algorithms are refused (attacks 21 and 23)."""
    session: dict[str, Any] = {}
    answer = await party.begin(browser(session), acr=levels.FILE)
    query = provider.authorize(answer.headers["location"])
    payload = provider.signed_id_token().split(".")[1]
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).rstrip(b"=").decode()
    provider.raw_id_token = f"{header}.{payload}."
    with pytest.raises(SignInFailed):
        await party.finish(browser(session, query), acr_is_enough=levels.enough)


@pytest.mark.attack
async def test_no_id_token_no_sign_in(party: RelyingParty, provider: Provider) -> None:
    """A token answer without an ID token signs nobody in."""
    provider.token_answer = {"id_token": None}
    with pytest.raises(SignInFailed):
        await signed_in(party, provider)


@pytest.mark.attack
@pytest.mark.parametrize("reached", ["urn:example:vn:acr:l1-a2", "urn:example:vn:acr:l2-a1", "", None])
async def test_a_weaker_sign_in_than_asked(
    party: RelyingParty, provider: Provider, reached: str | None
) -> None:
    """The acr that was demanded is checked when the person comes back (OIDC Core 3.1.3.7, step 12; attack 36)."""
    provider.id_token = {"acr": reached}
    with pytest.raises(SignInFailed) as refusal:
        await signed_in(party, provider)
    assert refusal.value.code == "unmet_authentication_requirements"


async def test_a_stronger_sign_in_is_enough(party: RelyingParty, provider: Provider) -> None:
    """Levels are a partial order: both parts must reach what was asked."""
    provider.id_token = {"acr": "urn:example:vn:acr:l2-a3"}
    assert (await signed_in(party, provider)).subject == "pairwise-lan"
    assert levels.enough("urn:example:vn:acr:l2-a4", levels.LOOK)
    assert not levels.enough("urn:example:vn:acr:l9-a9", levels.LOOK)


async def test_refusals_of_the_provider(party: RelyingParty, provider: Provider) -> None:
    """The person's no, and a spent code, come back as their OAuth codes."""
    with pytest.raises(SignInFailed) as refusal:
        await signed_in(party, provider, error="access_denied", code="")
    assert refusal.value.code == "access_denied"
    with pytest.raises(SignInFailed) as refusal:
        await signed_in(party, provider, code="spent")
    assert refusal.value.code == "invalid_grant"


async def test_a_provider_that_is_away(party: RelyingParty, provider: Provider) -> None:
    """Every step says so in one way; nothing else escapes."""
    session: dict[str, Any] = {}
    answer = await party.begin(browser(session), acr=levels.FILE)
    query = provider.authorize(answer.headers["location"])
    token = provider.logout_token(CLIENT)
    provider.away = True
    steps = (
        party.finish(browser(session, query), acr_is_enough=levels.enough),
        party.refreshed(SignedIn("s", {}, "i", "a", "r", 0)),
        party.signed_out(token),
    )
    for step in steps:
        with pytest.raises(SignInFailed) as refusal:
            await step
        assert refusal.value.code == "provider_unreachable"


async def test_metadata_that_cannot_be_had(rings: dict[str, KeyRing], provider: Provider) -> None:
    """Beginning needs the provider's metadata; without them the person is told, not shown an error."""
    provider.away = True
    party = RelyingParty(
        issuer=ISSUER, client_id=CLIENT, redirect_uri="http://localhost:8202/callback", scopes=("openid",),
        sign=lambda claims: "", transport=provider.transport(),
    )  # a table, read by rows  # fmt: skip
    for step in (party.begin(browser({})), party.sign_out(browser({}), "hint", "http://localhost:8202/")):
        with pytest.raises(SignInFailed) as refusal:
            await step
        assert refusal.value.code == "provider_unreachable"


async def test_signing_out_leads_to_the_provider(party: RelyingParty) -> None:
    """RP-initiated logout: the hint, the client and an address that is registered, nothing from the request."""
    answer = await party.sign_out(browser({}), "the.id.token", "http://localhost:8202/signed-out")
    target = urlsplit(answer.headers["location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == f"{ISSUER}/logout"
    assert "id_token_hint=the.id.token" in target.query


async def test_logout_tokens(party: RelyingParty, provider: Provider) -> None:
    """Back-Channel Logout 2.6: a token of the provider for this client names a session or a subject."""
    found = await party.signed_out(provider.logout_token(CLIENT))
    assert (found.subject, found.sid) == ("pairwise-lan", "a-session")
    assert (await party.signed_out(provider.logout_token(CLIENT, sid=None))).sid is None


@pytest.mark.attack
@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "insurance-portal"},
        {"iss": "http://localhost:9000"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"nonce": "n"},
        {"events": {}},
        {"events": None},
        {"events": [LOGOUT_EVENT]},
        {"sub": None, "sid": None},
    ],
)
async def test_logout_tokens_that_do_not_hold(
    party: RelyingParty, provider: Provider, wrong: dict[str, Any]
) -> None:
    """Back-Channel Logout 2.6, steps 2 to 7: nobody can be signed out with another kind of token (attack 42)."""
    token = provider.logout_token(**{"audience": CLIENT} | wrong)
    with pytest.raises(SignInFailed) as refusal:
        await party.signed_out(token)
    assert refusal.value.code == "invalid_logout_token"


@pytest.mark.attack
async def test_an_id_token_is_no_logout_token(party: RelyingParty, provider: Provider) -> None:
    """Section 2.4: the typ keeps ID tokens from being used as logout tokens (attack 42)."""
    with pytest.raises(SignInFailed):
        await party.signed_out(provider.logout_token(CLIENT, typ="JWT"))


@pytest.mark.attack
async def test_unknown_keys_do_not_make_us_hammer(party: RelyingParty, provider: Provider) -> None:
    """A stranger's logout tokens cause one fetch of keys, not one each (attack 39)."""
    forged = provider.logout_token(CLIENT).split(".")
    forged[0] = (
        base64.urlsafe_b64encode(b'{"alg":"ES256","kid":"x","typ":"logout+jwt"}').rstrip(b"=").decode()
    )
    for _ in range(10):
        with pytest.raises(SignInFailed):
            await party.signed_out(".".join(forged))
    assert provider.jwks_fetched <= 2


async def test_assertions_are_fresh_each_time() -> None:
    """RFC 7523 section 3: every assertion has its own jti and lives a minute."""
    seen: list[dict[str, Any]] = []
    authenticate = KeyAssertion(lambda claims: str(seen.append(dict(claims))), ISSUER)

    class Auth:
        client_id = CLIENT

    began = int(time.time())
    for _ in range(2):
        authenticate(Auth(), "POST", f"{ISSUER}/token", {"Content-Length": "0"}, "")
    assert seen[0]["jti"] != seen[1]["jti"]
    assert began <= seen[0]["iat"] <= time.time()
