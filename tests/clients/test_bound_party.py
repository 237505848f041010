"""A relying party whose requests are pushed and whose tokens are bound: RFC 9126, RFC 9396, RFC 9449, RFC 9470."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.requests import Request

from clients.challenges import parameters
from clients.dpop import DpopKey, HeldToken
from clients.portal_kit.registry import RegistryClient, RegistryRefused
from clients.relying_party import RelyingParty, SignInFailed
from keys import KeyPurpose, KeyRing
from keys.proof import ExpectedProof, judge_proof, read_proof
from tests.clients.provider import ISSUER, Provider

REGISTRY = "http://localhost:8100"
DETAIL = {
    "type": "vn_identity_verification",
    "procedure": "1.004194",
    "purpose": "Đăng ký tạm trú",
    "claims": ["name"],
}


@pytest.fixture
def provider(folders) -> Provider:
    """A provider that binds tokens."""
    made = Provider(KeyRing.open(folders["idp"], mode="demo"))
    made.token_answer = {"token_type": "DPoP"}
    return made


@pytest.fixture
def party(provider: Provider, folders) -> RelyingParty:
    """The residence portal's relying party."""
    signer = KeyRing.open(folders["residence_portal"], mode="demo").signer(KeyPurpose.CLIENT_ASSERTION)
    return RelyingParty(
        issuer=ISSUER,
        client_id="residence-portal",
        redirect_uri="http://localhost:8202/callback",
        scopes=("openid", "registry:verify"),
        sign=signer.sign,
        resource=REGISTRY,
        transport=provider.transport(),
        bound=True,
    )


def browser(session: dict[str, Any], query: str = "") -> Request:
    """A request of the browser that holds this session."""
    scope = {"type": "http", "method": "GET", "path": "/callback", "headers": [], "session": session}
    return Request({**scope, "query_string": query.encode(), "server": ("localhost", 8202), "scheme": "http"})


async def signed_in(party: RelyingParty, provider: Provider, **asked: Any) -> Any:
    """Through the provider and back."""
    session: dict[str, Any] = {}
    sent = await party.begin(browser(session), **asked)
    answer = provider.authorize(sent.headers["location"])
    return await party.finish(browser(session, answer), acr_is_enough=lambda *_: True)


def judged(proof: str | None, method: str, uri: str, **expected: Any) -> Any:
    """The proof as the project's own judge sees it; the client made it with another library."""
    read = read_proof([proof] if proof else [])
    assert read is not None
    return judge_proof(read, ExpectedProof(method=method, uri=uri, now=int(time.time()), **expected))


async def test_the_browser_carries_a_reference_only(party: RelyingParty, provider: Provider) -> None:
    """RFC 9126 sections 2 and 4: the request goes behind its back, authenticated; details in it as JSON."""
    sent = await party.begin(browser({}), details=[DETAIL], max_age=600)
    query = parse_qs(urlsplit(sent.headers["location"]).query)
    assert query == {"client_id": ["residence-portal"], "request_uri": ["urn:pushed:1"]}
    (pushed,) = provider.pushed
    assert json.loads(pushed["authorization_details"]) == [DETAIL]
    assert pushed["client_assertion_type"].endswith("jwt-bearer")
    assert (pushed["code_challenge_method"], pushed["max_age"], pushed["resource"]) == (
        "S256",
        "600",
        REGISTRY,
    )


async def test_each_sign_in_has_a_key_of_its_own(party: RelyingParty, provider: Provider) -> None:
    """RFC 9449 section 5: the token request proves a fresh key; what is kept can prove it again."""
    first = await signed_in(party, provider)
    second = await signed_in(party, provider)
    proven = [judged(proof, "POST", f"{ISSUER}/token").jkt for proof in provider.proofs]
    assert proven == [first.held.key.jkt, second.held.key.jkt]
    assert len(set(proven)) == 2
    assert DpopKey.from_text(first.dpop_key).jkt == proven[0]
    assert first.dpop_key not in repr(first.held)


async def test_a_nonce_is_taken_up_and_kept(party: RelyingParty, provider: Provider) -> None:
    """RFC 9449 section 8: one more request with the nonce, a fresh assertion and proof; then it is known."""
    provider.nonce = "nonce-1"
    known = await signed_in(party, provider)
    assert [len(each or "") > 0 for each in provider.proofs] == [True, True]
    assert len({each["client_assertion"] for each in provider.posted}) == 2
    provider.nonce = "nonce-2"
    await party.refreshed(known)
    assert (
        judged(provider.proofs[-1], "POST", f"{ISSUER}/token", nonces={"nonce-2"}).jkt == known.held.key.jkt
    )


@pytest.mark.attack
async def test_a_bearer_token_is_not_taken(party: RelyingParty, provider: Provider) -> None:
    """RFC 9449 section 5: a provider (or whoever plays it) that gives an unbound token gets no session for it."""
    provider.token_answer = {"token_type": "Bearer"}
    with pytest.raises(SignInFailed, match="token_not_bound"):
        await signed_in(party, provider)


@pytest.mark.parametrize(("age", "enough"), [(100, True), (700, False), (None, False)])
async def test_an_old_sign_in_is_not_enough(
    party: RelyingParty, provider: Provider, age: int | None, enough: bool
) -> None:
    """RFC 9470 section 4, OIDC Core 3.1.3.7 step 13: whoever asked for max_age looks at auth_time."""
    provider.id_token = {"auth_time": None if age is None else int(time.time()) - age}
    if enough:
        assert (await signed_in(party, provider, max_age=600)).subject
        return
    with pytest.raises(SignInFailed, match="unmet_authentication_requirements"):
        await signed_in(party, provider, max_age=600)


def registry_that_wants(nonce: str, seen: list[httpx2.Request]) -> RegistryClient:
    """A registry that wants this nonce in every proof."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        try:
            judged(
                request.headers["DPoP"],
                request.method,
                str(request.url),
                nonces={nonce},
                access_token=request.headers["Authorization"].removeprefix("DPoP "),
            )
        except ValueError as refused:
            code = getattr(refused, "code", "x")
            challenge = f'DPoP error="{code}"'
            return httpx2.Response(
                401, json={"code": code}, headers={"DPoP-Nonce": nonce, "WWW-Authenticate": challenge}
            )
        return httpx2.Response(200, json={"entries": []})

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return RegistryClient(REGISTRY, "residence-portal", client)


async def test_the_registry_is_shown_a_proof_for_each_request() -> None:
    """RFC 9449 section 7: ath, htm and htu of this request without its query; its nonce once asked for."""
    seen: list[httpx2.Request] = []
    registry = registry_that_wants("of-the-registry", seen)
    held = HeldToken("a-token", DpopKey.new())
    await registry.who_looked(held, "a-cursor")
    await registry.who_looked(held)
    assert len(seen) == 3
    assert len({request.headers["DPoP"] for request in seen}) == 3


async def test_a_registry_that_is_never_content_is_left_alone() -> None:
    """One repetition, not a circle."""
    seen: list[httpx2.Request] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        headers = {"DPoP-Nonce": f"nonce-{len(seen)}", "WWW-Authenticate": 'DPoP error="use_dpop_nonce"'}
        return httpx2.Response(401, json={"code": "use-dpop-nonce"}, headers=headers)

    client = httpx2.AsyncClient(transport=httpx2.MockTransport(refuse))
    with pytest.raises(RegistryRefused, match="use-dpop-nonce"):
        await RegistryClient(REGISTRY, "residence-portal", client).who_looked(HeldToken("t", DpopKey.new()))
    assert len(seen) == 2


def test_a_challenge_is_read_for_its_parameters() -> None:
    """RFC 9470 section 3: acr_values and max_age; whatever else a header holds is no parameter."""
    said = 'DPoP realm="r", error="insufficient_user_authentication", acr_values="a b", max_age="600", algs="ES256"'
    refused = RegistryRefused(401, "insufficient-authentication", challenge=said)
    assert (refused.wanted["acr_values"], refused.max_age, refused.needs_sign_in) == ("a b", 600, True)
    for strange in ("", "Basic", 'x="', 'max_age="-1"', 'max_age="999999999"', 'max_age="٣"', "é" * 9000):
        assert RegistryRefused(401, "x", challenge=strange).max_age is None
    assert parameters("a" * 100_000) == {}
